"""Readings as a table (CSV, JSON or text), also pivoted and summed up: `/df/`.

Knows which rows and columns are asked for.  Knows nothing of how a table is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from ..readings.frames import Frame, csv_text, json_text, pivoted, summed_up
from ..readings.sources import masked, readable_pieces
from ..readings.values import output_value
from ..readings.windows import stream_spans
from ..rules.fields import Call, Route
from ..storage.rows import Row, Selection
from ..storage.store import Store
from ..storage.tables import BY_STREAMER_ID
from ..web.errors import bad_request
from ..web.messages import Reply
from ..web.render import error_text
from ..web.zones import UTC

_TYPES = {"csv": "text/csv", "json": "application/json", "txt": "text/plain"}
_SLUG = re.compile("[a-z]--")
_EXTENDED = ("device_timestamp", "streamer_local_id")


def list_df(call: Call) -> Reply:
    """Answer GET `/df/`: the readings of a stream, a device or a data block as one table."""
    column = _value_column(call)
    frame = _frame(call, _rows(call), column)
    if call.args.get("pivot") == "1":
        try:
            frame = pivoted(frame, column)
        except ValueError as error:
            raise bad_request(str(error)) from None
        if call.args.get("stats") == "1" and call.args.get("apply_mdo") == "1":
            frame = summed_up(frame)
    text = json_text(frame) if call.form == "json" else csv_text(frame)
    return Reply(200, text.encode(), f"{_TYPES[call.form]}; charset=utf-8")


def _value_column(call: Call) -> str:
    """Return the column of the numbers: raw ones where there is no record to tell their unit."""
    slug = call.args.get("filter", "")
    if slug.startswith("s--"):
        return "value" if call.store.get("stream", slug) else "int_value"
    return "value" if _SLUG.match(slug) else "int_value"


def _rows(call: Call) -> Selection:
    """Return the rows of the source, in the order of `/data/`; none of any other source."""
    taken = call.args.get("filter", "").startswith(("s--", "d--", "b--"))
    pieces = readable_pieces(call) if taken else []
    if call.args.get("mask") == "1":
        pieces = [masked(call.store, piece) for piece in pieces]
    return call.store.readings.select(pieces, stream_spans(call.args), BY_STREAMER_ID)


def _frame(call: Call, rows: Selection, column: str) -> Frame:
    more = _EXTENDED if call.args.get("extended") == "1" else ()
    frame: Frame = {name: [] for name in ("row", column, "stream_slug", *more)}
    converted = call.args.get("apply_mdo") == "1" and column == "value"
    shown = _in_output_units(call.store) if converted else itemgetter(column)
    for row in rows:
        frame["row"].append(row["timestamp"])
        frame[column].append(shown(row))
        frame["stream_slug"].append(row["stream"])
        for name in more:
            frame[name].append(row[name])
    return frame


def _in_output_units(store: Store) -> Callable[[Row], float | None]:
    """Return what shows a reading in the output unit of its stream, else of its variable."""
    units: dict[str, Any] = {}

    def shown(row: Row) -> float | None:
        slug = row["stream"]
        if slug not in units:
            stream = store.get("stream", slug) or {}
            variable = store.get("variable", stream.get("variable")) or {}
            units[slug] = {"output_unit": stream.get("output_unit") or variable.get("output_unit")}
        return output_value(row["value"], units[slug])

    return shown


FORMS = tuple(error_text(form, media_type) for form, media_type in _TYPES.items())
ROUTES = (Route("/df/", {"GET": list_df}, renderers=FORMS, times=UTC),)
