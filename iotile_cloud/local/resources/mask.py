"""Data masks: the span of time to which the readings of a device or data block are limited.

The server keeps a mask as an event and tells of it in a note.  Knows nothing of how readings are
cut to a mask.
"""

from __future__ import annotations

from collections.abc import Callable

from ..readings.windows import micros, second_text
from ..rules.fields import Call, Field, Route
from ..rules.makers import add_note, now_text
from ..rules.validate import validate
from ..shared.belongings import MASK, stream_slug
from ..storage.rows import Piece
from ..storage.store import Record, Store
from ..web.errors import bad_fields
from ..web.messages import Reply, json_reply, no_content
from .datablock import fetch_datablock
from .device import fetch_device, fetch_idle_device
from .event import new_event

__all__ = ["ROUTES"]

FIELDS = (Field("start", "moment"), Field("end", "moment"))
_PERMISSION = "can_reset_device"
_EMPTY = "A mask needs a start, an end, or both"


def _shown(mask: Record) -> Record:
    return {f.name: second_text(micros(mask[f.name])) if mask[f.name] else None for f in FIELDS}


def _of(store: Store, slug: str) -> Record:
    return store.get("mask", slug) or {"target": slug, "start": None, "end": None}


def _forget(store: Store, target: Record, stream: str) -> None:
    """Remove the mask of `target`, and the event that keeps it."""
    mask = store.get("mask", target["slug"])
    if mask is not None:
        store.remove("mask", mask)
    store.events.select([Piece("stream", stream)]).delete()


def _set(call: Call, target: Record) -> Record:
    """Put a mask in place of the one that `target` has, and return what the server answers."""
    values = validate(call.store, FIELDS, call.body.data, partial=True)
    if not values:
        raise bad_fields({"non_field_errors": [_EMPTY]})
    slug, stream = target["slug"], stream_slug(call.store, target, MASK)
    _forget(call.store, target, stream)
    mask = call.store.put("mask", {"target": slug, "start": None, "end": None, **values})
    shown = {**_shown(mask), "events": [], "data": []}
    now = now_text(call)
    event = {"stream": stream, "timestamp": now, "status": "cln", "extra_data": shown}
    new_event(call, event)
    limits = "".join(f" {name}: {shown[name]}" for name in ("start", "end") if shown[name])
    add_note(call, slug, f"Data mask set ({limits} )", "ui")
    return shown


def mask_routes(
    kind: str, fetch: Callable[[Call, str], Record], fetch_idle: Callable[[Call, str], Record]
) -> Route:
    """Return the route of the masks of one kind of record.

    Args:
        fetch: returns the record that the URL names when the caller has a permission, or raises.
        fetch_idle: the same for a mask that changes.
    """

    def read(call: Call) -> Reply:
        return json_reply(_shown(_of(call.store, fetch(call, _PERMISSION)["slug"])))

    def change(call: Call) -> Reply:
        return json_reply(_set(call, fetch_idle(call, _PERMISSION)), 202)

    def remove(call: Call) -> Reply:
        target = fetch(call, _PERMISSION)
        _forget(call.store, target, stream_slug(call.store, target, MASK))
        return no_content()

    return Route(f"/{kind}/<key>/mask/", {"GET": read, "PATCH": change, "DELETE": remove})


ROUTES = (
    mask_routes("device", fetch_device, fetch_idle_device),
    mask_routes("datablock", fetch_datablock, fetch_datablock),
)
