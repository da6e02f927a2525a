"""Readings of any source, in and out: `/data/`.

Knows queries, order and what a row shows.  Knows nothing of stream records.
"""

from __future__ import annotations

import math
from typing import Any

from ..readings.intake import check_writable, new_readings, owner_of
from ..readings.sources import masked, readable_pieces
from ..readings.windows import last_n, micros, second_text, spans
from ..rules.fields import UINT31, Call, Field, Route, read_only
from ..rules.paging import LARGE, paged
from ..rules.validate import check, validate
from ..storage.rows import Row, Rows, Selection, Spans
from ..storage.store import Record, Store
from ..storage.tables import BY_STREAMER_ID, BY_TIME, STATUSES, TYPES
from ..web.errors import (
    bad_fields,
    detail,
    forbidden,
    not_found,
)
from ..web.messages import Reply, json_reply, removed
from ..web.zones import LABELLED_Z


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


def list_data(call: Call) -> Reply:
    """Answer GET `/data/`: rows of one source, by streamer_local_id, stream and time."""
    rows = requested(call, call.store.readings, BY_STREAMER_ID)
    return paged(call.request, rows, LARGE, show_row)


def requested(
    call: Call, rows: Rows, order: tuple[str, ...], more: Spans | None = None
) -> Selection:
    """Return those of `rows` that the arguments of `/data/` and `/event/` ask for.

    Args:
        order: how they are sorted when neither `lastn` nor an alias sorts them by time.
        more: what else they must lie in.

    Raises:
        ApiError: 400, an argument cannot be read.
    """
    pieces = readable_pieces(call)
    if call.args.get("mask") == "1":
        pieces = [masked(call.store, piece) for piece in pieces]
    wanted, count = {**spans(call.args), **(more or {})}, last_n(call.args)
    by_time = count is not None or call.args.get("filter", "").startswith("a--")
    return rows.select(pieces, wanted, BY_TIME if by_time else order, count)


_SHOWN = tuple(field.name for field in FIELDS)


def show_row(row: Row) -> Record:
    """Return a row as `/data/` shows it."""
    shown = {name: row[name] for name in _SHOWN}
    return {**shown, "timestamp": second_text(row["timestamp"]), "value": finite(row["value"])}


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


def _staffs_row(call: Call) -> Row:
    """Return the row that the URL names: single rows are for staff only."""
    if not call.user["is_staff"]:
        raise forbidden()
    row = call.store.readings.get(row_number(call))
    if row is None:
        raise not_found()
    return row


def retrieve_data(call: Call) -> Reply:
    """Answer GET `/data/<id>/`."""
    return json_reply(show_row(_staffs_row(call)))


def change_data(call: Call) -> Reply:
    """Answer PUT and PATCH `/data/<id>/`: `value` is not worked out again."""
    row = _staffs_row(call)
    some = call.request.method == "PATCH"
    values = validate(call.store, FIELDS, call.body.data, partial=some)
    if "timestamp" in values:
        values["timestamp"] = micros(values["timestamp"])
    if values.get("stream", row["stream"]) != row["stream"]:
        check_writable(call, values["stream"])
        values |= owner_of(values["stream"])
    return json_reply(show_row(call.store.readings.put({**row, **values})))


def remove_data(call: Call) -> Reply:
    """Answer DELETE `/data/<id>/`."""
    call.store.readings.remove(_staffs_row(call))
    return removed()


def post_data(call: Call) -> Reply:
    """Answer POST `/data/`: one reading, or a list of which all are stored or none."""
    data = call.body.data
    many = isinstance(data, list)
    checked = [_checked(call.store, item) for item in (data if many else [data])]
    if any(errors for _, errors in checked):
        raise bad_fields([errors for _, errors in checked] if many else checked[0][1])
    for stream in {values["stream"]: None for values, _ in checked}:
        check_writable(call, stream)
    rows = new_readings(call.store, (values for values, _ in checked))
    if not many:
        return json_reply(show_row(call.store.readings.add(rows[0])), 201)
    call.store.readings.add_many(rows)
    return json_reply({"count": len(rows)}, 201)


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


_RECORD = {
    "GET": retrieve_data,
    "PUT": change_data,
    "PATCH": change_data,
    "DELETE": remove_data,
}
ROUTES = (
    Route("/data/", {"GET": list_data, "POST": post_data}, fields=FIELDS, times=LABELLED_Z),
    Route("/data/<key>/", _RECORD, fields=FIELDS, times=LABELLED_Z),
)
