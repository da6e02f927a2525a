"""Large tables of `/df/` to columns, with pyarrow where it is installed (the extra `frames`).

What is not plain it leaves, by a ValueError, to the standard library.  Knows nothing of requests.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from importlib import import_module
from math import nan
from typing import Any

from .columns import Columns
from .stamps import NO_TIME

__all__ = ["arrow_columns"]

_MUCH = 8 << 20  # bytes; of less, loading pyarrow would take longer than it saves


def arrow_columns(content: bytes, slug: str, names: Sequence[str]) -> Columns | None:
    """Return these columns of a table; None where pyarrow is not there, or not worth while.

    Args:
        content: CSV with a header, of which `row` is the time and the numbers have no holes.
        slug: what each line has as its `stream_slug`.
        names: `timestamp` and columns of numbers.

    Raises:
        ValueError: it is not plain.
    """
    if len(content) < _MUCH and "pyarrow" not in sys.modules:
        return None
    try:
        arrow, csv = import_module("pyarrow"), import_module("pyarrow.csv")
    except ImportError:
        return None
    integer = arrow.int64()
    kinds = {
        "row": arrow.timestamp("ns", "UTC"),
        "value": arrow.float64(),
        "streamer_local_id": integer,
        "stream_slug": arrow.dictionary(arrow.int32(), arrow.string()),
    }
    sources = {name: "row" if name == "timestamp" else name for name in names}
    options = csv.ConvertOptions(
        column_types=kinds,
        include_columns=[*sources.values(), "stream_slug"],
        null_values=[""],
        strings_can_be_null=False,
    )
    table = csv.read_csv(arrow.BufferReader(content), convert_options=options)
    if table["stream_slug"].unique().to_pylist() != [slug]:
        raise ValueError("a line of the table is of another stream")
    made = {name: _column(table[source], integer) for name, source in sources.items()}
    data = {name: one for name, (one, _) in made.items()}
    return Columns(data, {name: mask for name, (_, mask) in made.items() if mask is not None})


def _column(chunks: Any, integer: Any) -> tuple[Any, bytearray | None]:
    """Return an Arrow column as an array, and its mask if there are nulls."""
    null: Any = nan
    mask = bytearray(chunks.is_null().to_pylist()) if chunks.null_count else None
    double = str(chunks.type) == "double"
    if not double:
        chunks, null = chunks.cast(integer), NO_TIME
    one: Any = array("d" if double else "q")
    for chunk in chunks.fill_null(null).chunks:
        data = memoryview(chunk.buffers()[1])[chunk.offset * 8 : (chunk.offset + len(chunk)) * 8]
        one.frombytes(data)
    return one, mask
