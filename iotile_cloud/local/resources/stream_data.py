"""The readings and events of a stream with a record, by time: as pages, as CSV, and for tables.

Knows nothing of how readings come in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from ..readings.sources import masked
from ..readings.values import display_value, output_value
from ..readings.windows import second_text, stream_last_n, stream_spans
from ..rules.fields import Call, Route
from ..rules.paging import SUPER, paged
from ..storage.rows import Piece, Row, Selection
from ..storage.store import Record
from ..web.messages import Reply, json_reply
from ..web.zones import LABELLED_Z
from .data import finite
from .stream import fetch_stream

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_TABLE_LENGTH = 10
_MOST_OF_TABLE = 20_000


def list_stream_data(call: Call) -> Reply:
    """Answer GET `/stream/<slug>/data/`: the rows of a stream with a record, by time."""
    stream = fetch_stream(call)
    return paged(call.request, _wanted(call, stream), SUPER, _shown(call, stream))


def _wanted(call: Call, stream: Record) -> Selection:
    """Return the rows that the arguments ask for; the device's mask always counts here."""
    piece = masked(call.store, Piece("stream", stream["slug"]))
    last = stream_last_n(call.args)
    return call.store.readings.select([piece], stream_spans(call.args), last=last)


def _shown(call: Call, stream: Record) -> Callable[[Row], Record]:
    variable = call.store.get("variable", stream["variable"])

    def show(reading: Row) -> Record:
        value, raw = reading["value"], reading["int_value"]
        return {
            "type": reading["type"],
            "timestamp": second_text(reading["timestamp"]),
            "int_value": raw,
            "value": finite(value),
            "display_value": display_value(value, raw, stream, variable),
            "output_value": finite(output_value(value, stream)),
            "streamer_local_id": reading["streamer_local_id"],
        }

    return show


def stream_csv(call: Call) -> Reply:
    """Answer GET `/stream/<slug>/csv/`: all rows that `data/` would give, as a file.

    Like the real server it puts the raw number, not the value, into the output unit.
    """
    stream = fetch_stream(call)

    def line(reading: Row) -> str:
        moment, number = reading["timestamp"], reading["int_value"]
        if stream["output_unit"]:
            number = output_value(number, stream)
        when = "" if moment is None else _wall_clock(moment, call.zone)
        return f"{when},{'' if number is None else number}\r\n"

    text = "".join(["Timestamp,Value\r\n", *map(line, _wanted(call, stream))])
    name = f'attachment; filename="{stream["slug"]}.csv"'
    kind = "text/html; charset=utf-8"  # sic
    return Reply(200, text.encode(), kind, (("Content-Disposition", name),))


def _wall_clock(moment: int, zone: tzinfo | None) -> str:
    when = _EPOCH + timedelta(microseconds=moment)
    with suppress(OverflowError):  # the first or the last day there is
        when = when.astimezone(zone or timezone.utc)
    return when.replace(tzinfo=None).isoformat(" ", "seconds").replace("-", "/")


def stream_datatable(call: Call) -> Reply:
    """Answer GET `/stream/<slug>/datatable/`: a piece of the readings."""
    stream = fetch_stream(call)
    rows = call.store.readings.select([Piece("stream", stream["slug"])])
    return _table(call, rows, _shown(call, stream))


def stream_eventtable(call: Call) -> Reply:
    """Answer GET `/stream/<slug>/eventtable/`: a piece of the events, failed ones too."""
    stream = fetch_stream(call)
    rows = call.store.events.select([Piece("stream", stream["slug"])])
    return _table(call, rows, _shown_event)


def _shown_event(event: Row) -> Record:
    return {"timestamp": second_text(event["timestamp"]), "extra_data": str(event["extra_data"])}


def _table(call: Call, rows: Selection, show: Callable[[Row], Any]) -> Reply:
    """Answer what a table in a page asks for: `length` rows from `start` on, by time."""
    total = len(rows)
    start = min(_whole(call, "start", 0), total)
    stop = min(start + min(_whole(call, "length", _TABLE_LENGTH), _MOST_OF_TABLE), total)
    if call.args.get("order[0][dir]") == "desc":
        found = rows[total - stop : total - start][::-1]
    else:
        found = rows[start:stop]
    shown = [show(row) for row in found]
    draw = call.args.get("draw", "1")
    return json_reply(
        {"draw": draw, "recordsTotal": total, "recordsFiltered": total, "data": shown}
    )


def _whole(call: Call, name: str, usual: int) -> int:
    text = call.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else usual


_ACTIONS = {
    "data": list_stream_data,
    "csv": stream_csv,
    "datatable": stream_datatable,
    "eventtable": stream_eventtable,
}
ROUTES = tuple(
    Route(f"/stream/<key>/{name}/", {"GET": answer}, times=LABELLED_Z)
    for name, answer in _ACTIONS.items()
)
