"""Events: a summary (`extra_data`) and, some, raw data.

The raw data lives in the row itself; `s3key` only says that there is some.  Knows nothing of
device reports, nor of files (`event_files.py`).
"""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from ..access.permissions import can
from ..readings.intake import check_writable, owner_of
from ..readings.sources import org_of_stream
from ..readings.windows import (
    micros,
    moment_text,
)
from ..rules.crud import show
from ..rules.fields import Call, Field, R, Route, W, read_only
from ..rules.paging import LARGE, paged
from ..rules.validate import check, validate
from ..storage.store import Record, Store
from ..storage.tables import BY_STREAM
from ..web.bodies import JSON, MSGPACK
from ..web.errors import (
    bad_fields,
    forbidden,
    not_found,
)
from ..web.messages import Reply, json_reply, removed
from ..web.render import PACKED_API
from .data import ROW, requested, row_number

BUCKET = "iotile-cloud-stream-event-data"


def _time(store: Store, event: Record) -> str | None:
    return moment_text(event["timestamp"])


def _has_raw_data(store: Store, event: Record) -> bool:
    return event["s3key"] is not None


FIELDS = (
    *read_only("id"),
    Field("stream", required=True),
    *read_only("project", "device", "variable"),
    Field("s3bucket", access=R, default=BUCKET),
    *read_only("s3key"),
    Field("ext", "choice", null=True, blank=True, options=("json", "json.gz", "csv")),
    Field("has_raw_data", access=R, show=_has_raw_data),
    *(f for f in ROW if f.name == "device_timestamp"),
    Field("timestamp", "moment", required=True, show=_time),
    *(f for f in ROW if f.name in ("streamer_local_id", "dirty_ts", "status")),
    Field("data", "json", access=W),
    Field("extra_data", "object", null=True),
)
CHANGEABLE = tuple(f for f in FIELDS if f.name in ("extra_data", "data"))
_NOTHING = Reply(201, content_type="")


def _show(call: Call, event: Record) -> Record:
    return show(call.store, FIELDS, event)


def list_events(call: Call) -> Reply:
    """Answer GET `/event/`: the events of one source, by stream, streamer_local_id and time."""
    all_of_them = call.user["is_staff"] and call.args.get("with_errors") == "1"
    rows = requested(
        call, call.store.events, BY_STREAM, None if all_of_them else {"failed": (0, 0)}
    )
    return paged(call.request, rows, LARGE, lambda event: _show(call, event))


def new_event(call: Call, values: Record) -> Record:
    """Keep a new event and return it.

    Args:
        values: stream, timestamp (text, datetime or None), and what else is known; `data` is the
            raw data.
    """
    moment = values["timestamp"]
    event = {
        **owner_of(values["stream"]),
        "timestamp": None if moment is None else micros(moment),
        "device_timestamp": values.get("device_timestamp"),
        "streamer_local_id": values.get("streamer_local_id", 0),
        "dirty_ts": values.get("dirty_ts", False),
        "status": values.get("status", "unk"),
        "ext": values.get("ext", "json"),
        "uuid": str(uuid4()),
        "s3key": None,
        "extra_data": values.get("extra_data"),
        "raw_data": None,
    }
    if values.get("data") is not None:
        _attach(call, event, values["data"])
    return call.store.events.add(event)


def _attach(call: Call, event: Record, data: Any) -> None:
    hour = time.strftime("%Y/%m/%d/%H", time.gmtime(call.clock()))
    event["s3key"] = f"dev/{hour}/{event['uuid']}.{event['ext'] or 'json'}"
    event["raw_data"] = data


def post_events(call: Call) -> Reply:
    """Answer POST `/event/`: one event, or a list of which all are stored or none."""
    data = call.body.data
    many = isinstance(data, list)
    items = data if many else [data]
    checked = [check(call.store, FIELDS, item) for item in items]
    if any(errors for _, errors in checked):
        raise bad_fields([errors for _, errors in checked] if many else checked[0][1])
    for values, _ in checked:
        check_stream(call, values["stream"])
    events = [new_event(call, values) for values, _ in checked]
    if many:  # the server answers an empty list with an empty body
        return json_reply({"count": len(events)}, 201) if events else _NOTHING
    return json_reply(_show(call, events[0]), 201)


def check_stream(call: Call, slug: str) -> None:
    """Check that the caller may add events to the stream, and that it is enabled."""
    check_writable(call, slug)
    if not (call.store.get("stream", slug) or {"enabled": True})["enabled"]:
        raise bad_fields({"stream": [f"Stream {slug} is disabled"]})


def fetch_event(call: Call) -> Record:
    """Return the event that the URL names, for those who may write events."""
    event = call.store.events.get(row_number(call))
    if event is None:
        raise not_found()
    org = org_of_stream(call.store, event["stream"])
    if not can(call.store, call.user, org, "can_create_stream_data"):
        raise forbidden()
    return event


def retrieve_event(call: Call) -> Reply:
    """Answer GET `/event/<id>/`; whoever may write events may read one."""
    return json_reply(_show(call, fetch_event(call)))


def update_event(call: Call) -> Reply:
    """Answer PUT and PATCH `/event/<id>/`: new extra_data, raw data, or both."""
    event = fetch_event(call)
    values = validate(call.store, CHANGEABLE, call.body.data, partial=True)
    if "extra_data" in values:
        event["extra_data"] = values["extra_data"]
    if values.get("data") is not None:
        _attach(call, event, values["data"])
    return json_reply(_show(call, call.store.events.put(event)))


def delete_event(call: Call) -> Reply:
    """Answer DELETE `/event/<id>/`."""
    call.store.events.remove(fetch_event(call))
    return removed()


_RECORD = {"GET": retrieve_event, "PUT": update_event, "PATCH": update_event}
_FORMS: dict[str, Any] = {"accepted": (*JSON, MSGPACK), "renderers": PACKED_API, "fields": FIELDS}
ROUTES = (
    Route("/event/", {"GET": list_events, "POST": post_events}, **_FORMS),
    Route("/event/<key>/", {**_RECORD, "DELETE": delete_event}, **_FORMS),
)
