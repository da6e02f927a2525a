"""How a reading comes in: POST `/data/`, and the storing that device reports share with it.

Knows the value rules and who may write.  Knows nothing of how readings are listed.
"""

from __future__ import annotations

from .errors import bad_fields, forbidden, not_found
from .fields import Call
from .permissions import can
from .rows import Row
from .slugs import full_slug, stream_parts
from .sources import org_of_stream
from .store import Record, Store
from .values import stored_value
from .windows import micros

__all__ = ["check_writable", "new_reading", "owner_of"]

NO_DEVICE = "d--0000-0000-0000-0000"
_NOT_A_STREAM = "Not a stream slug; expected s--<prj>--<dev>--<var> with all its groups."


def check_writable(call: Call, stream: str) -> None:
    """Check that the caller may add readings and events to `stream` (a slug).

    Raises:
        ApiError: 400, it is no slug; 404, short, archived or unknown; 403, not for this user.
    """
    parts = stream_parts(stream)
    if parts is None and full_slug(stream) is None:
        raise bad_fields({"stream": [_NOT_A_STREAM]})
    org = org_of_stream(call.store, stream)
    if parts is None or not parts[0] or not call.store.find("project", slug=parts[0]):
        raise not_found()
    if org is None and not (parts[1] and call.store.get("device", parts[1])):
        raise not_found()
    if not can(call.store, call.user, org, "can_create_stream_data"):
        raise forbidden()


def owner_of(stream: str) -> dict[str, str]:
    """Return what the rows of a stream say of it: stream, project, device and variable."""
    project, device, variable = stream_parts(stream) or ("", "", "")
    device = device or NO_DEVICE
    return {"stream": stream, "project": project, "device": device, "variable": variable}


def new_reading(store: Store, values: Record) -> Row:
    """Return the row for `store.readings` of a new reading, with its `value` worked out.

    Args:
        values: stream, timestamp (text, datetime or None), int_value or value, and what else is
            known.

    Raises:
        ApiError: 400, the stream's raw value format does not fit.
    """
    stream = store.get("stream", values["stream"])
    raw, moment = values.get("int_value"), values["timestamp"]
    reading = {
        **owner_of(values["stream"]),
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
        variable = store.get("variable", (stream or {}).get("variable"))
        try:
            reading["type"], reading["value"] = stored_value(raw, stream, variable)
        except ValueError as error:
            raise bad_fields({"int_value": [f"Does not fit its stream: {error}"]}) from None
    return reading
