"""Streamers: how far the reports of a device have been stored.

Knows nothing of what is in a report.
"""

from __future__ import annotations

from ..access.scopes import Test, mine, visible
from ..readings.report_intake import SYSTEM
from ..readings.slugs import full_slug, grouped
from ..rules.crud import resource_routes
from ..rules.fields import UINT31, Call, Field, R, Resource, read_only
from ..rules.filters import (
    equals,
    of_number,
)
from ..rules.makers import completed
from ..rules.paging import STANDARD
from ..storage.store import Record, Store
from ..web.errors import (
    bad_request,
    detail,
    forbidden,
    not_found,
)

FIELDS = (
    *read_only("id", "slug"),
    Field("device", "related", required=True, options=("device", "slug")),
    Field("process_engine_ver", access=R, default=0),
    Field("index", "int", default=0, limits=(0, 0xFFFF)),
    Field("last_id", "int", default=0),
    Field("last_reboot_ts", "moment", null=True),
    Field("is_system", access=R, show=lambda store, streamer: streamer["selector"] == SYSTEM),
    Field("selector", "int", default=0xFFFF, limits=UINT31),
)


def sees_streamers(call: Call) -> Test:
    """A user sees the streamers of his organisations' devices."""
    own, get = mine(call), call.store.get
    return lambda streamer: own(get("device", streamer["device"]) or {})


def fetch_streamer(call: Call) -> Record:
    """Return the streamer that the URL names."""
    return visible(call.store.get("streamer", call.path["key"]), sees_streamers(call))


def streamers_of_device(call: Call, text: str) -> Test:
    """Keep the streamers of a device, which must exist; a short slug will do."""
    slug = full_slug(text)
    if slug is None:
        raise detail(400, f"Illegal device format. Expected HEX number. Got {text}")
    if call.store.get("device", slug) is None:
        raise not_found()
    return lambda streamer: bool(streamer["device"] == slug)


def check_staff(call: Call, record: Record | None = None) -> None:
    """Check that the caller is a member of staff: nobody else writes streamers or reports."""
    if not call.user.get("is_staff"):
        raise forbidden()


def reports_of(store: Store, streamer: Record) -> list[Record]:
    """Return the records of the reports of a streamer, oldest first."""
    return [r for r in store.all("streamer/report") if r["streamer"] == streamer["slug"]]


def create_streamer(call: Call, values: Record) -> Record:
    """Make a streamer: staff only."""
    check_staff(call)
    return new_streamer(call.store, values["device"], values)


def move_streamer(call: Call, streamer: Record, values: Record) -> None:
    """Let the slug, and the reports, follow a change of device or index."""
    after = {**streamer, **values}
    slug = _slug(after["device"], after["index"])
    if slug != streamer["slug"]:
        _check_free(call.store, slug)
        for report in reports_of(call.store, streamer):
            call.store.put("streamer/report", {**report, "streamer": slug})
        call.store.remove("streamer", streamer)
        values["slug"] = slug


def delete_streamer(call: Call, streamer: Record) -> None:
    """Remove a streamer with the records of its reports: staff only."""
    check_staff(call)
    for report in reports_of(call.store, streamer):
        call.store.remove("streamer/report", report)
    call.store.remove("streamer", streamer)


def new_streamer(store: Store, device: str, values: Record) -> Record:
    """Return a new streamer of a device."""
    slug = _slug(device, values.get("index", 0))
    _check_free(store, slug)
    return completed(FIELDS, {"id": store.new_id("streamer"), "slug": slug, **values})


def _slug(device: str, index: int) -> str:
    return f"t{device[1:]}--{grouped(index, 1)}"


def _check_free(store: Store, slug: str) -> None:
    if store.get("streamer", slug):
        raise bad_request(f"Streamer {slug} already exists.")


RESOURCE = Resource(
    "streamer",
    FIELDS,
    visible=sees_streamers,
    fetch=fetch_streamer,
    order=lambda streamer: int(streamer["id"]),
    filters={
        "device": streamers_of_device,
        "selector": of_number("selector"),
        "slug": equals("slug"),
    },
    paging=STANDARD,
    create=create_streamer,
    may_write=check_staff,
    change=move_streamer,
    delete=delete_streamer,
)

ROUTES = resource_routes(RESOURCE)
