"""How a reading comes in: POST `/data/`, and the storing that device reports share with it.

Knows the value rules and who may write.  Knows nothing of how readings are listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from ..access.permissions import can
from ..rules.fields import Call
from ..storage.rows import Row
from ..storage.store import Record, Store
from ..web.errors import bad_fields, forbidden, not_found
from .slugs import full_slug, stream_parts
from .values import stored_value
from .windows import micros

__all__ = ["check_writable", "new_readings", "owner_of"]

NO_DEVICE = "d--0000-0000-0000-0000"
_WRITE = "can_create_stream_data"
_NOT_A_STREAM = "Not a stream slug; expected s--<prj>--<dev>--<var> with all its groups."


def check_writable(call: Call, stream: str) -> None:
    """Check that the caller may add readings and events to `stream` (a slug).

    Both its project and its device must let him.

    Raises:
        ApiError: 400, it is no slug; 404, short, archived or unknown; 403, not for this user.
    """
    parts = stream_parts(stream)
    if parts is None and full_slug(stream) is None:
        raise bad_fields({"stream": [_NOT_A_STREAM]})
    project, device, _ = parts or ("", "", "")
    owners = [call.store.find("project", slug=project)]
    if device:
        owners.append(call.store.get("device", device))
    orgs = [owner.get("org") for owner in owners if owner]
    if len(orgs) < len(owners):
        raise not_found()
    if not all(can(call.store, call.user, org, _WRITE) for org in orgs):
        raise forbidden()


def owner_of(stream: str) -> dict[str, str]:
    """Return what the rows of a stream say of it: stream, project, device and variable."""
    project, device, variable = stream_parts(stream) or ("", "", "")
    device = device or NO_DEVICE
    return {"stream": stream, "project": project, "device": device, "variable": variable}


def new_readings(store: Store, many: Iterable[Record]) -> list[Row]:
    """Return the rows for `store.readings` of new readings, with each `value` worked out.

    Args:
        many: of each reading its stream, timestamp (text, datetime or None), int_value or value,
            and what else is known.

    Raises:
        ApiError: 400, the stream's raw value format does not fit.
    """

    @cache  # once for all readings of a stream: reports bring thousands
    def source(slug: str) -> tuple[dict[str, str], Record | None, Record | None]:
        stream = store.get("stream", slug)
        variable = store.get("variable", (stream or {}).get("variable"))
        return owner_of(slug), stream, variable

    return [_reading(values, *source(values["stream"])) for values in many]


def _reading(
    values: Record, owner: dict[str, str], stream: Record | None, variable: Record | None
) -> Row:
    raw, moment = values.get("int_value"), values["timestamp"]
    reading = {
        **owner,
        "device_timestamp": values.get("device_timestamp"),
        "timestamp": None if moment is None else micros(moment),
        "int_value": raw,
        "value": values.get("value"),
        "streamer_local_id": values.get("streamer_local_id", 0),
        "dirty_ts": values.get("dirty_ts", False),
        "status": values.get("status", "unk"),
        "type": "ITR",
    }
    if raw is not None:
        try:
            reading["type"], reading["value"] = stored_value(raw, stream, variable)
        except ValueError as error:
            raise bad_fields({"int_value": [f"Does not fit its stream: {error}"]}) from None
    return reading
