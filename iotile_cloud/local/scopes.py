"""Who sees which records: the tests behind every listing, and the fetch behind every URL.

Somebody else's record is 404 on some resources and 403 on others; which is which is said here.
Knows nothing of fields or of how records change.
"""

from __future__ import annotations

from collections.abc import Callable

from .errors import bad_fields, bad_request, detail, forbidden, not_found
from .fields import Call
from .permissions import can, orgs_of
from .slugs import full_slug
from .store import Record
from .validate import uuid_text

Test = Callable[[Record], bool]


def _mine(call: Call, field: str = "org") -> Test:
    """Return the test for records of the caller's organisations (staff=1: of all)."""
    if call.all_orgs:
        return lambda record: True
    orgs = orgs_of(call.store, call.user)
    return lambda record: record.get(field) in orgs


# --- account, org, project: somebody else's is 404


def sees_accounts(call: Call) -> Test:
    """Everybody sees only himself; staff with any `staff=` see all."""
    if call.user["is_staff"] and "staff" in call.args:
        return lambda user: True
    return lambda user: bool(user["slug"] == call.user["slug"])


def fetch_account(call: Call) -> Record:
    """Return the account that the URL names."""
    return _visible(call.store.get("account", call.path["key"]), sees_accounts(call))


def sees_orgs(call: Call) -> Test:
    """A user sees the organisations he belongs to."""
    return _mine(call, "slug")


def fetch_org(call: Call) -> Record:
    """Return the organisation that the URL names."""
    return _visible(call.store.get("org", call.path["key"]), sees_orgs(call))


def sees_projects(call: Call) -> Test:
    """A user sees the projects of his organisations."""
    return _mine(call)


def fetch_project(call: Call) -> Record:
    """Return the project that the URL names by its UUID."""
    key = uuid_text(call.path["key"])
    if key is None:
        raise bad_request("Project ID must be a UUID")
    return _visible(call.store.get("project", key), sees_projects(call))


def _visible(record: Record | None, test: Test) -> Record:
    if record is None or not test(record):
        raise not_found()
    return record


# --- device, variable, stream: somebody else's is 403


def sees_devices(call: Call) -> Test:
    """A user sees the active devices of his organisations; `all=1` shows the others too."""
    mine = _mine(call)
    every = call.all_orgs or call.args.get("all") == "1"
    return lambda device: mine(device) and (every or bool(device["active"]))


def fetch_device(call: Call) -> Record:
    """Return the device that the URL names, by a short slug or by its data block's too."""
    slug = full_slug(call.path["key"]) or ""
    if slug[:1] in ("d", "b"):
        slug = "d--0000-" + slug[8:]
    return _allowed(call, call.store.get("device", slug))


def sees_variables(call: Call) -> Test:
    """A user sees the variables of his organisations."""
    return _mine(call)


def fetch_variable(call: Call) -> Record:
    """Return the variable that the URL names, by a short slug too."""
    return _allowed(call, call.store.get("variable", full_slug(call.path["key"])))


def sees_streams(call: Call) -> Test:
    """A user sees the streams of his active devices, unless the arguments ask for others."""
    mine, args = _mine(call), call.args
    if args.get("all") == "1" or args.get("device") or args.get("block"):
        return mine
    if args.get("archived") == "1":
        return lambda stream: mine(stream) and stream["block"] is not None
    if args.get("virtual") == "1":
        return lambda stream: mine(stream) and stream["device"] is None
    active = {device["slug"] for device in call.store.all("device") if device["active"]}
    return lambda s: mine(s) and s["block"] is None and s["device"] in active


def of_device(call: Call, text: str) -> Test:
    """Keep the streams of a device or data block; `d--0001-...` means the block.

    Only full slugs are taken: the real server breaks on short ones.
    """
    slug = full_slug(text)
    if slug is None or slug[:1] not in ("d", "b"):
        raise forbidden()
    if slug != text:
        raise bad_fields({"device": [f"Give the full slug: {slug}"]})
    if slug.startswith("d--0000-"):
        return lambda stream: stream["device"] == slug and stream["block"] is None
    return lambda stream: bool(stream["block"] == "b" + slug[1:])


def fetch_stream(call: Call) -> Record:
    """Return the stream that the URL names, by a short slug too."""
    slug = full_slug(call.path["key"])
    return _allowed(call, call.store.get("stream", slug), "can_read_stream_data")


def _allowed(call: Call, record: Record | None, permission: str = "") -> Record:
    if record is None:
        raise not_found()
    if not can(call.store, call.user, record.get("org"), permission):
        raise forbidden()
    return record


# --- streamer and its reports: somebody else's is 404


def sees_streamers(call: Call) -> Test:
    """A user sees the streamers of his organisations' devices."""
    mine, get = _mine(call), call.store.get
    return lambda streamer: mine(get("device", streamer["device"]) or {})


def fetch_streamer(call: Call) -> Record:
    """Return the streamer that the URL names."""
    return _visible(call.store.get("streamer", call.path["key"]), sees_streamers(call))


def streamers_of_device(call: Call, text: str) -> Test:
    """Keep the streamers of a device, which must exist; a short slug will do."""
    slug = full_slug(text)
    if slug is None:
        raise detail(400, f"Illegal device format. Expected HEX number. Got {text}")
    if call.store.get("device", slug) is None:
        raise not_found()
    return lambda streamer: bool(streamer["device"] == slug)


def sees_reports(call: Call) -> Test:
    """A user sees the reports of the streamers he sees."""
    seen, get = sees_streamers(call), call.store.get

    def test(report: Record) -> bool:
        streamer = get("streamer", report["streamer"])
        return streamer is not None and seen(streamer)

    return test


def fetch_report(call: Call) -> Record:
    """Return the streamer report that the URL names by its UUID."""
    key = uuid_text(call.path["key"])
    if key is None:
        raise bad_request("Streamer Report ID must be a UUID")
    return _visible(call.store.get("streamer/report", key), sees_reports(call))
