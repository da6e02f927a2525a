"""Notes on a device, project, data block or stream, each with at most one attached file.

The list shows the notes of any target to anybody, as the server does.  Knows nothing of what they
are about.
"""

from __future__ import annotations

from uuid import uuid4

from ..access.scopes import numbered
from ..readings.windows import last_n, micros, spans
from ..rules.crud import resource_routes
from ..rules.fields import Call, Field, R, Resource, Route, read_only
from ..rules.makers import allow
from ..rules.paging import LARGE
from ..rules.targets import allowed_target, of_target, target_record
from ..rules.validate import validate
from ..shared.avatars import user_info
from ..shared.files import MEDIA, new_file, show_file, upload_form
from ..storage.store import Record
from ..web.errors import bad_fields
from ..web.messages import Reply, json_reply

__all__ = ["FIELDS", "RESOURCE", "ROUTES"]

FIELDS = (
    *read_only("id"),
    Field("target", required=True),
    Field("timestamp", "moment", required=True),
    Field("note", null=True, blank=True),
    Field("type", access=R, default="ui"),
    Field("user_info", access=R, show=user_info),
    *read_only("attachment"),
)
_UPLOAD = (Field("name", required=True),)
_UPLOADED = (*_UPLOAD, Field("uuid", "uuid", required=True))


def fetch_note(call: Call) -> Record:
    """Return the note that the URL names by its number."""
    note = numbered(call, "note")
    allowed_target(call, note["target"], "can_read_notes")
    return note


def create_note(call: Call, values: Record) -> Record:
    """Make a note of the caller's."""
    _check_target(call, values["target"])
    number = call.store.new_id("note")
    return {"id": number, "note": None, "type": "ui", "created_by": call.user["slug"], **values}


def change_note(call: Call, note: Record, values: Record) -> None:
    """Let a note move only to a target whose notes the caller may read too."""
    if "target" in values:
        _check_target(call, values["target"])


def delete_note(call: Call, note: Record) -> None:
    """Remove a note."""
    call.store.remove("note", note)


def _check_target(call: Call, slug: str) -> None:
    if target_record(call.store, slug) is None:
        raise bad_fields({"target": [f"Object with slug={slug} does not exist."]})
    allowed_target(call, slug, "can_read_notes")


def wanted_notes(call: Call, notes: list[Record]) -> list[Record]:
    """Return the notes that the times, ids and `lastn` of the query leave, oldest first."""
    limits = spans(call.args)
    count = last_n(call.args)

    def inside(name: str, value: int) -> bool:
        least, most = limits.get(name, (None, None))
        return (least is None or value >= least) and (most is None or value <= most)

    found = [
        note
        for note in notes
        if inside("id", note["id"]) and inside("timestamp", micros(note["timestamp"]))
    ]
    return found if count is None else found[-count:]


def _key(uuid: str, name: str) -> str:
    return f"dev/s3file/note/{uuid}/{name}"


def upload_url(call: Call) -> Reply:
    """Answer POST `/note/<id>/uploadurl/`: where to send a file, and with which form fields."""
    fetch_note(call)
    name = validate(call.store, _UPLOAD, call.body.data)["name"]
    uuid = str(uuid4())
    return json_reply(upload_form(call, MEDIA, _key(uuid, name), uuid, "note"), 202)


def upload_success(call: Call) -> Reply:
    """Answer POST `/note/<id>/uploadsuccess/`: attach the file that was sent."""
    note = fetch_note(call)
    sent = validate(call.store, _UPLOADED, call.body.data)
    key = _key(sent["uuid"], sent["name"])
    note["attachment"] = new_file(call, MEDIA, key, sent["uuid"], sent["name"])
    call.store.put("note", note)
    return json_reply(show_file(call, note["attachment"]), 202)


RESOURCE = Resource(
    "note",
    FIELDS,
    visible=of_target,
    fetch=fetch_note,
    order=lambda note: (micros(note["timestamp"]), note["id"]),
    filters={},
    paging=LARGE,
    may_write=allow,
    create=create_note,
    many=lambda call, notes: {"count": len(notes)},
    change=change_note,
    delete=delete_note,
    cut=wanted_notes,
    present=lambda call, note: {**note, "attachment": show_file(call, note["attachment"])},
)

ROUTES = (
    *resource_routes(RESOURCE),
    Route("/note/<key>/uploadurl/", {"POST": upload_url}, fields=_UPLOAD),
    Route("/note/<key>/uploadsuccess/", {"POST": upload_success}, fields=_UPLOADED),
)
