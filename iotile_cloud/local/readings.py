"""The routes that read readings: `/data/` and `/stream/<slug>/data/`.

Knows queries, order and what a row shows.  Knows nothing of how readings come in.
"""

from __future__ import annotations

import math
from typing import Any

from .errors import detail, forbidden, not_found
from .fields import Call
from .messages import Reply, json_reply
from .paging import LARGE, SUPER, paged
from .scopes import fetch_stream
from .series import Series, Spans
from .sources import Source, readable_source
from .store import Record, Store
from .values import display_value, output_value
from .windows import last_n, narrowed, second_text, spans, stream_last_n, stream_spans

__all__ = [
    "list_data",
    "list_stream_data",
    "requested",
    "retrieve_data",
    "row_number",
    "show_row",
]

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
        wanted = narrowed(wanted, _mask_of(call.store, source))
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


def _mask_of(store: Store, source: Source) -> Record | None:
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
        "value": _finite(reading["value"]),
        "streamer_local_id": reading["streamer_local_id"],
        "dirty_ts": reading["dirty_ts"],
        "status": reading["status"],
    }


def _finite(value: float | None) -> float | None:
    """Return `value`; JSON has no text for infinity and not-a-number."""
    return value if value is not None and math.isfinite(value) else None


def list_stream_data(call: Call) -> Reply:
    """Answer GET `/stream/<slug>/data/`: the rows of a stream with a record, by time."""
    stream = fetch_stream(call)
    variable = call.store.get("variable", stream["variable"])
    wanted = narrowed(stream_spans(call.args), _mask_of(call.store, ("stream", stream["slug"])))
    series = call.store.series(stream["slug"])
    rows = series.cut(series.by_time(), wanted) if series else ()
    count = stream_last_n(call.args)

    def show(row: int) -> Record:
        reading: dict[str, Any] = series.reading(row) if series else {}
        value, raw = reading["value"], reading["int_value"]
        return {
            "type": reading["type"],
            "timestamp": second_text(reading["timestamp"]),
            "int_value": raw,
            "value": _finite(value),
            "display_value": display_value(value, raw, stream, variable),
            "output_value": _finite(output_value(value, stream)),
            "streamer_local_id": reading["streamer_local_id"],
        }

    return paged(call.request, rows if count is None else rows[-count:], SUPER, show)


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
