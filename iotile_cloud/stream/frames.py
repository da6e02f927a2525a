"""Columns to pandas and Arrow, which take the numbers over without a copy (the extra `frames`).

The kind of a column never depends on what is in it.  Knows nothing of downloads or files.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from typing import Any

from ..utils._extras import needed
from ..utils._frames import time_index
from .columns import Columns
from .meta import KEY

__all__ = ["data_frame", "metadata", "table"]


def data_frame(columns: Columns, tz: Any, about: Mapping[str, Any]) -> Any:
    """Return columns as a DataFrame by `timestamp`.

    Args:
        columns: with a `timestamp`.
        tz: zone of the index; UTC if None.
        about: becomes its `attrs`.
    """
    pandas, numpy = needed("pandas", "frames"), needed("numpy", "frames")
    index = time_index(columns["timestamp"], tz)
    names = [name for name in columns if name != "timestamp"]
    data = {name: _series(columns, name, pandas, numpy) for name in names}
    frame = pandas.DataFrame(data, index=index, columns=names, copy=False)
    frame.attrs.update(about)
    return frame


def _series(columns: Columns, name: str, pandas: Any, numpy: Any) -> Any:
    one = columns[name]
    if not isinstance(one, array):
        return pandas.array(one, dtype="string")
    if one.typecode == "d":
        return numpy.asarray(one)
    null = numpy.asarray(memoryview(columns.mask(name))).view("bool")
    if one.typecode == "b":
        return pandas.arrays.BooleanArray(numpy.asarray(one).view("bool"), null)
    return pandas.arrays.IntegerArray(numpy.asarray(one), null)


def table(columns: Columns) -> Any:
    """Return columns as an Arrow table; null is null, and a NaN of the server is NaN."""
    arrow = needed("pyarrow", "frames")
    return arrow.table({name: _arrow(columns, name, arrow) for name in columns})


def metadata(about: Mapping[str, Any]) -> dict[str, str]:
    """Return what goes into the metadata of Arrow and Parquet."""
    return {KEY: json.dumps(about)}


def _arrow(columns: Columns, name: str, arrow: Any) -> Any:
    one = columns[name]
    if not isinstance(one, array):
        return arrow.array(one, arrow.string()).dictionary_encode()
    kind = arrow.float64() if one.typecode == "d" else arrow.int64()
    if name == "timestamp":
        kind = arrow.timestamp("ns", "UTC")
    if one.typecode == "b":
        kind = arrow.int8()
    values = arrow.Array.from_buffers(kind, len(one), [None, arrow.py_buffer(one)])
    if one.typecode == "b":
        kind, values = arrow.bool_(), values.cast(arrow.bool_())
    if not columns.nulls(name):
        return values
    mask = arrow.py_buffer(columns.mask(name))
    null = arrow.Array.from_buffers(arrow.uint8(), len(one), [None, mask]).cast(arrow.bool_())
    return needed("pyarrow.compute", "frames").if_else(null, arrow.scalar(None, kind), values)
