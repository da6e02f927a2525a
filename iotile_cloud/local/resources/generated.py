"""Reports that users had made of their data, and their files: `/report/generated/`.

The files are what a user uploads.  Knows nothing of what is in them, nor of how a report is asked
for (`analytics.py`).
"""

from __future__ import annotations

from uuid import uuid4

from ..access.permissions import can, orgs_of
from ..access.scopes import Test, allowed
from ..rules.crud import create, resource_routes
from ..rules.fields import Call, Field, R, Resource, Route, W, read_only
from ..rules.filters import equals, existing, of_author
from ..rules.makers import completed, stamp
from ..rules.validate import uuid_text, validate
from ..shared.avatars import user_info
from ..shared.files import REPORTS, new_file, show_file, upload_form
from ..storage.store import Record
from ..web.errors import bad_fields, bad_request
from ..web.messages import Reply, json_reply

READ, WRITE = "can_access_reports", "can_create_reports"
SCHEDULED, EMPTY, READY, FAILED = STATUSES = ("GS", "G0", "G1", "GE")


FIELDS = (
    *read_only("id"),
    Field("label", required=True, most=50),
    Field("source_ref", null=True, most=39),
    Field("user_info", access=R, show=user_info),
    *read_only("url"),
    Field("report", "related", null=True, options=("report", "id")),
    # A description need not say when; the server always does.
    Field("created_on", access=R, default="1970-01-01T00:00:00Z"),
    *read_only("created_by"),
    Field("org", "related", required=True, options=("org", "slug")),
    *read_only("index_file"),
    Field("status", "choice", blank=True, options=STATUSES, default=EMPTY),
    Field("key", access=W),
)
CONTENT_TYPES = (
    *("text/plain", "text/html", "text/csv", "image/png", "image/jpeg", "application/zip"),
    *("application/javascript", "application/json", "application/octet-stream"),
)
_NAME = Field("name", required=True)
_UPLOAD = (
    _NAME,
    Field("acl", "choice", options=("public-read", "private")),
    Field("content_type", "choice", options=CONTENT_TYPES),
)


def sees_generated(call: Call) -> Test:
    """A user sees the reports of the organisations that let him read reports."""
    if call.all_orgs:
        return lambda report: True
    mine = orgs_of(call.store, call.user)
    orgs = {org for org in mine if can(call.store, call.user, org, READ)}
    return lambda report: report["org"] in orgs


def fetch_generated(call: Call) -> Record:
    """Return the report that the URL names by its UUID."""
    return find_report(call, call.path["key"], READ)


def find_report(call: Call, key: str, permission: str) -> Record:
    """Return the report with this UUID, if the caller has the permission for it."""
    uuid = uuid_text(key)
    if uuid is None:
        raise bad_request("Report ID must be a UUID")
    return allowed(call, call.store.get("report/generated", uuid), permission)


def check_writable(call: Call, report: Record) -> None:
    """Check that the caller may make reports for the organisation of this one."""
    allowed(call, report, WRITE)


def create_generated(call: Call, values: Record) -> Record:
    """Make a report that has no file yet."""
    check_writable(call, values)
    values.pop("key", None)
    return completed(FIELDS, {"id": str(uuid4()), **stamp(call), **values})


def post_generated(call: Call) -> Reply:
    """Answer POST `/report/generated/`; its header is what the server sends."""
    return create(RESOURCE, call).adding(("Location", "None"))


def change_generated(call: Call, report: Record, values: Record) -> None:
    """Check that a report goes only to an organisation that may have it; `key` is not kept."""
    check_writable(call, {**report, **values})
    values.pop("key", None)


def delete_generated(call: Call, report: Record) -> None:
    """Remove a report; its files stay in the storage."""
    check_writable(call, report)
    call.store.remove("report/generated", report)


def of_status(call: Call, text: str) -> Test:
    """Keep the reports with a status, which must be one."""
    if text not in STATUSES:
        text = f"Select a valid choice. {text} is not one of the available choices."
        raise bad_fields({"status": [text]})
    return lambda report: bool(report["status"] == text)


def _file_key(report: Record, name: str) -> str:
    return f"dev/shared/{report['org']}/{report['id']}/{name.rpartition('/')[2]}"


def upload_url(call: Call) -> Reply:
    """Answer POST `/report/generated/<id>/uploadurl/`: the form for a file of the report."""
    report = find_report(call, call.path["key"], WRITE)
    values = validate(call.store, _UPLOAD, call.body.data)
    key, kind = _file_key(report, values["name"]), values.get("content_type")
    acl = values.get("acl", "private")
    return json_reply(upload_form(call, REPORTS, key, report["id"], "report", kind, acl), 202)


def upload_success(call: Call) -> Reply:
    """Answer POST `/report/generated/<id>/uploadsuccess/`: the report is ready to be read."""
    report = find_report(call, call.path["key"], WRITE)
    name = validate(call.store, (_NAME,), call.body.data)["name"]
    key = _file_key(report, name)
    report["index_file"] = new_file(call, REPORTS, key, report["id"], report["label"])
    report["status"] = READY
    call.store.put("report/generated", report)
    return json_reply(show_file(call, report["index_file"]), 202)


RESOURCE = Resource(
    "report/generated",
    FIELDS,
    visible=sees_generated,
    fetch=fetch_generated,
    order=lambda report: str(report["created_on"]),
    filters={
        "org": existing("org", "org"),
        "source_ref": equals("source_ref"),
        "status": of_status,
        "created_by": of_author,
    },
    create=create_generated,
    post=post_generated,
    may_write=check_writable,
    change=change_generated,
    delete=delete_generated,
    present=lambda call, shown: {**shown, "index_file": show_file(call, shown["index_file"])},
)

ROUTES = (
    *resource_routes(RESOURCE),
    Route("/report/generated/<key>/uploadurl/", {"POST": upload_url}, fields=_UPLOAD),
    Route("/report/generated/<key>/uploadsuccess/", {"POST": upload_success}, fields=(_NAME,)),
)
