"""The readings of a stream with a record, by time.

Knows nothing of how readings come in.
"""

from __future__ import annotations

from typing import Any

from ..fields import Call, Route
from ..messages import Reply
from ..paging import SUPER, paged
from ..store import Record
from ..values import display_value, output_value
from ..windows import (
    narrowed,
    second_text,
    stream_last_n,
    stream_spans,
)
from .data import finite, mask_of
from .stream import fetch_stream


def list_stream_data(call: Call) -> Reply:
    """Answer GET `/stream/<slug>/data/`: the rows of a stream with a record, by time."""
    stream = fetch_stream(call)
    variable = call.store.get("variable", stream["variable"])
    wanted = narrowed(stream_spans(call.args), mask_of(call.store, ("stream", stream["slug"])))
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
            "value": finite(value),
            "display_value": display_value(value, raw, stream, variable),
            "output_value": finite(output_value(value, stream)),
            "streamer_local_id": reading["streamer_local_id"],
        }

    return paged(call.request, rows if count is None else rows[-count:], SUPER, show)


ROUTES = (Route("/stream/<key>/data/", {"GET": list_stream_data}),)
