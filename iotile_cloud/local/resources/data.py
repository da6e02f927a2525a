"""Readings of any source, in and out: `/data/`.

Knows queries, order and what a row shows.  Knows nothing of stream records.
"""

from __future__ import annotations

import math
from typing import Any

from ..errors import (
    bad_fields,
    detail,
    forbidden,
    not_found,
)
from ..fields import UINT31, Call, Field, Route, read_only
from ..intake import check_writable, new_reading
from ..messages import Reply, json_reply
from ..paging import LARGE, paged
from ..series import STATUSES, TYPES, Series, Spans
from ..sources import Source, readable_source
from ..store import Record, Store
from ..validate import check
from ..windows import (
    last_n,
    narrowed,
    second_text,
    spans,
)


def _second(store: Store, reading: Record) -> str | None:
    return second_text(reading["timestamp"])


ROW = (
    Field("device_timestamp", "int", null=True),
    Field("timestamp", "moment", required=True, show=_second),
    Field("int_value", "int", null=True),
    Field("value", "float", null=True),
    Field("streamer_local_id", "int", default=0, limits=UINT31),
    Field("dirty_ts", "bool", default=False),
    Field("status", "choice", options=STATUSES, default="unk"),
)
FIELDS = (
    *read_only("id"),
    Field("stream", required=True),
    *read_only("project", "device", "variable"),
    Field("type", "choice", options=TYPES, default="Num"),
    *ROW,
)


Row = tuple[Series, int]


def list_data(call: Call) -> Reply:
    """Answer GET `/data/`: rows of one source, by streamer_local_id, stream and time."""
    source, wanted, count = requested(call)
    if source is None:
        return paged(call.request, (), LARGE, show_row)
    rows = select(call.store, source, wanted)
    if count is not None:
        rows = sorted(rows, key=lambda row: row[0].time_key(row[1]))[-count:]
    return paged(call.request, rows, LARGE, show_row)


def requested(call: Call) -> tuple[Source | None, Spans, int | None]:
    """Return what `/data/` and `/event/` are asked for: a source, its spans, how many at most.

    Raises:
        ApiError: 400, an argument cannot be read.
    """
    source = readable_source(call.store, call.user, call.args)
    wanted, count = spans(call.args), last_n(call.args)
    if source is not None and call.args.get("mask") == "1":
        wanted = narrowed(wanted, mask_of(call.store, source))
    return source, wanted, count


def select(store: Store, source: Source, wanted: Spans) -> list[Row]:
    """Return the rows of a source, in the order of `/data/`."""
    field, slug = source
    if field == "stream":
        one = store.series(slug)
        found = [one] if one else []
    else:
        found = [s for s in store.all_series() if getattr(s, field) == slug]
    rows = [(s, row) for s in found for row in s.cut(s.by_streamer_id(), wanted)]
    if len(found) > 1:
        rows.sort(key=_data_order)
    return rows


def _data_order(row: Row) -> tuple[int, str, int]:
    series, index = row
    number, moment = series.streamer_key(index)
    return number, series.stream, moment


def mask_of(store: Store, source: Source) -> Record | None:
    """Return the mask of the device (or data block) that a source belongs to, if it has one."""
    field, slug = source
    if field == "stream":
        stream = store.get("stream", slug) or {}
        slug = str(stream.get("block") or stream.get("device"))
    return store.get("mask", slug)


def show_row(row: Row) -> Record:
    """Return a row as `/data/` shows it."""
    series, index = row
    reading = series.reading(index)
    return {
        "id": reading["id"],
        "stream": series.stream,
        "project": series.project,
        "device": series.device,
        "variable": series.variable,
        "type": reading["type"],
        "device_timestamp": reading["device_timestamp"],
        "timestamp": second_text(reading["timestamp"]),
        "int_value": reading["int_value"],
        "value": finite(reading["value"]),
        "streamer_local_id": reading["streamer_local_id"],
        "dirty_ts": reading["dirty_ts"],
        "status": reading["status"],
    }


def finite(value: float | None) -> float | None:
    """Return `value`; JSON has no text for infinity and not-a-number."""
    return value if value is not None and math.isfinite(value) else None


def row_number(call: Call) -> int:
    """Return the number that the URL of a reading or an event names.

    Raises:
        ApiError: 400, it is no number.
    """
    key = call.path["key"]
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise detail(400, "Bad Request: Expected an integer database ID")
    return int(key)


def retrieve_data(call: Call) -> Reply:
    """Answer GET `/data/<id>/`: for staff only."""
    if not call.user["is_staff"]:
        raise forbidden()
    number = row_number(call)
    for series in call.store.all_series():
        row = series.row_of(number)
        if row is not None:
            return json_reply(show_row((series, row)))
    raise not_found()


def post_data(call: Call) -> Reply:
    """Answer POST `/data/`: one reading, or a list of which all are stored or none."""
    data = call.body.data
    many = isinstance(data, list)
    checked = [_checked(call.store, item) for item in (data if many else [data])]
    if any(errors for _, errors in checked):
        raise bad_fields([errors for _, errors in checked] if many else checked[0][1])
    for stream in {values["stream"]: None for values, _ in checked}:
        check_writable(call, stream)
    readings = [new_reading(call.store, values) for values, _ in checked]
    rows = [call.store.add_reading(*reading) for reading in readings]
    return json_reply({"count": len(rows)} if many else show_row(rows[0]), 201)


def _checked(store: Store, item: Any) -> tuple[Record, Record]:
    values, errors = check(store, FIELDS, item)
    if not errors:
        text = _value_error(store, values)
        if text:
            errors = {"non_field_errors": [text]}
    return values, errors


def _value_error(store: Store, values: Record) -> str:
    """Return what is wrong with a reading's numbers, or ""."""
    raw, value, kind = (values.get(name) for name in ("int_value", "value", "type"))
    if raw is not None and value is not None:
        return "Only int_value or value should be used"
    if raw is None and value is None:
        return "Either int_value or value must be used"
    if raw is not None and kind not in (None, "Num"):
        return "type should be 'Num' if int_value is used"
    if value is not None and kind != "ITR":
        return "type should be 'ITR' or None if value is used"
    if value is not None and store.get("stream", values["stream"]):
        return "value is only for streams without a record; use int_value"
    return ""


def refuse(call: Call) -> Reply:
    """Refuse what only staff of the real server may do."""
    raise forbidden()


_RECORD = {"GET": retrieve_data, "PUT": refuse, "PATCH": refuse, "DELETE": refuse}
ROUTES = (
    Route("/data/", {"GET": list_data, "POST": post_data}),
    Route("/data/<key>/", _RECORD),
)
