"""Events: a summary (`extra_data`) and, some, raw data as a file.

The raw data lives in the record itself; `s3key` only says that there is some.  Knows nothing of
device reports.
"""

from __future__ import annotations

import json
import time
import zlib
from typing import Any
from uuid import uuid4

from ..bodies import FORMS, JSON, File
from ..crud import show
from ..errors import (
    ApiError,
    bad_fields,
    bad_request,
    forbidden,
    not_found,
)
from ..fields import Call, Field, R, Route, W, read_only
from ..intake import check_writable, owner_of
from ..messages import Reply, json_reply, no_content
from ..paging import LARGE, paged
from ..permissions import can
from ..series import Spans
from ..sources import org_of_stream
from ..store import Record, Store
from ..validate import check, validate
from ..windows import (
    micros,
    moment_text,
)
from .data import ROW, requested, row_number


def _time(store: Store, event: Record) -> str | None:
    return moment_text(event["timestamp"])


def _has_raw_data(store: Store, event: Record) -> bool:
    return event["s3key"] is not None


FIELDS = (
    *read_only("id"),
    Field("stream", required=True),
    *read_only("project", "device", "variable"),
    Field("s3bucket", access=R, default="iotile-cloud-stream-event-data"),
    *read_only("s3key"),
    Field("ext", "choice", null=True, blank=True, options=("json", "json.gz", "csv")),
    Field("has_raw_data", access=R, show=_has_raw_data),
    *(f for f in ROW if f.name == "device_timestamp"),
    Field("timestamp", "moment", required=True, show=_time),
    *(f for f in ROW if f.name in ("streamer_local_id", "dirty_ts", "status")),
    Field("data", "json", access=W),
    Field("extra_data", "object", null=True),
)


_CHANGEABLE = tuple(f for f in FIELDS if f.name in ("extra_data", "data"))


_UPLOAD = (
    *(f for f in FIELDS if f.name in ("stream", "timestamp", "streamer_local_id")),
    Field("device_timestamp", "int", null=True),
    Field("encoded_extra_data", blank=True),
)


_MOST_UNPACKED = 64 << 20  # bytes of a gzipped file, unpacked


_LATEST = 1 << 63


def _show(call: Call, event: Record) -> Record:
    return show(call.store, FIELDS, event)


def list_events(call: Call) -> Reply:
    """Answer GET `/event/`: the events of one source, by stream, streamer_local_id and time."""
    source, wanted, count = requested(call)
    if source is None:
        return paged(call.request, (), LARGE, dict)
    field, slug = source
    errors = call.user["is_staff"] and call.args.get("with_errors") == "1"
    rows = [
        event
        for event in call.store.all("event")
        if event[field] == slug
        and (errors or "error" not in (event["extra_data"] or ()))
        and _inside(event, wanted)
    ]
    rows.sort(key=lambda e: (e["stream"], e["streamer_local_id"], _moment(e)))
    if count is not None:
        rows = sorted(rows, key=_moment)[-count:]
    return paged(call.request, rows, LARGE, lambda event: _show(call, event))


def _moment(event: Record) -> int:
    return _LATEST if event["timestamp"] is None else int(event["timestamp"])


def _inside(event: Record, wanted: Spans) -> bool:
    return all(
        event[name] is not None
        and (least is None or event[name] >= least)
        and (most is None or event[name] <= most)
        for name, (least, most) in wanted.items()
    )


def new_event(call: Call, values: Record) -> Record:
    """Keep a new event and return it.

    Args:
        values: stream and timestamp (text), and what else is known; `data` is the raw data.
    """
    event = {
        "id": call.store.new_id("event"),
        **owner_of(values["stream"]),
        "timestamp": micros(values["timestamp"]),
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
    return call.store.put("event", event)


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
        _check_stream(call, values["stream"])
    events = [new_event(call, values) for values, _ in checked]
    if many:  # the server answers an empty list with an empty body
        return json_reply({"count": len(events)}, 201) if events else Reply(201)
    return json_reply(_show(call, events[0]), 201)


def _check_stream(call: Call, slug: str) -> None:
    check_writable(call, slug)
    if not (call.store.get("stream", slug) or {"enabled": True})["enabled"]:
        raise bad_fields({"stream": [f"Stream {slug} is disabled"]})


def upload_event(call: Call) -> Reply:
    """Answer POST `/event/upload/`: an event whose raw data is a JSON file."""
    values = _upload_values(call)
    extra = values.pop("encoded_extra_data", None)
    checked = {"extra_data": extra, "data": values["data"]}
    event = new_event(call, {**values, **validate(call.store, _CHANGEABLE, checked)})
    names = ("id", "stream", "device_timestamp")
    answer = {name: event[name] for name in names}
    answer["timestamp"] = moment_text(event["timestamp"])
    answer["streamer_local_id"] = event["streamer_local_id"]
    answer["encoded_extra_data"] = None if extra is None else str(extra)
    return json_reply(answer, 201)


def _upload_values(call: Call) -> Record:
    file = call.body.files.get("file")
    if file is None:
        raise ApiError(400, {"error": "missing request.data['file']"})
    ext = next((ext for ext in ("json", "json.gz") if file.name.endswith(f".{ext}")), None)
    if ext is None:
        raise bad_request("Unsupported extension for Stream Event")
    values = validate(call.store, _UPLOAD, call.body.data)
    if "encoded_extra_data" in values:
        values["encoded_extra_data"] = _decoded(values["encoded_extra_data"])
    _check_stream(call, values["stream"])
    return {**values, "ext": ext, "data": _content(file, ext)}


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        text = f"Failed to deserialize value: {error}"
        raise bad_fields({"encoded_extra_data": [text]}) from None


def _content(file: File, ext: str) -> Any:
    content = file.content
    try:
        if ext == "json.gz":
            unpacker = zlib.decompressobj(wbits=31)
            content = unpacker.decompress(content, _MOST_UNPACKED)
            if not unpacker.eof:
                raise ValueError("cut short, or too big")
        return json.loads(content)
    except (ValueError, zlib.error, RecursionError) as error:
        raise bad_request(f"{file.name} is not readable as {ext}: {error}") from None


def _fetch(call: Call) -> Record:
    event = call.store.get("event", row_number(call))
    if event is None:
        raise not_found()
    org = org_of_stream(call.store, event["stream"])
    if not can(call.store, call.user, org, "can_create_stream_data"):
        raise forbidden()
    return event


def retrieve_event(call: Call) -> Reply:
    """Answer GET `/event/<id>/`; whoever may write events may read one."""
    return json_reply(_show(call, _fetch(call)))


def update_event(call: Call) -> Reply:
    """Answer PUT and PATCH `/event/<id>/`: new extra_data, raw data, or both."""
    event = _fetch(call)
    values = validate(call.store, _CHANGEABLE, call.body.data, partial=True)
    if "extra_data" in values:
        event["extra_data"] = values["extra_data"]
    if values.get("data") is not None:
        _attach(call, event, values["data"])
    return json_reply(_show(call, call.store.put("event", event)))


def delete_event(call: Call) -> Reply:
    """Answer DELETE `/event/<id>/`."""
    call.store.remove("event", _fetch(call))
    return no_content()


def event_data(call: Call) -> Reply:
    """Answer GET `/event/<id>/data/`: the raw data."""
    event = _fetch(call)
    if event["s3key"] is None:
        raise ApiError(404, {"error": "Event has no data"})
    return json_reply(event["raw_data"])


_RECORD = {"GET": retrieve_event, "PUT": update_event, "PATCH": update_event}


ROUTES = (
    Route("/event/", {"GET": list_events, "POST": post_events}, accepted=JSON),
    Route("/event/upload/", {"POST": upload_event}, accepted=FORMS),
    Route("/event/<key>/", {**_RECORD, "DELETE": delete_event}, accepted=JSON),
    Route("/event/<key>/data/", {"GET": event_data}),
)
