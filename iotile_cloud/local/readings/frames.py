"""Readings as tables of text: CSV, JSON, pivoted by stream, and summed up.

A table is a dict of columns of one length.  Its first column, `row`, holds times (microseconds
since 1970 in UTC, or None) or, when it is summed up, names.  Pure: knows no store, no request.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from statistics import median
from typing import Any

__all__ = ["Frame", "csv_text", "json_text", "pivoted", "summed_up"]

Frame = dict[str, list[Any]]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_PLACES = 10  # of a float in JSON
_PLAIN = 1e16  # from here on floats are written with an exponent
_DUPLICATE = "Index contains duplicate entries, cannot reshape"


def csv_text(table: Frame) -> str:
    """Return `table` as CSV: missing cells are empty, times have a fraction when there is one.

    >>> print(csv_text({"row": [0, 1500000], "value": [1.0, None]}), end="")
    row,value
    1970-01-01 00:00:00+00:00,1.0
    1970-01-01 00:00:01.500000+00:00,
    """
    cells = (map(_csv_cell(name), _one_type(column)) for name, column in table.items())
    return "\n".join([",".join(table), *map(",".join, zip(*cells)), ""])


def json_text(table: Frame) -> str:
    """Return `table` as JSON, a list of objects: times in milliseconds, ten decimal places.

    >>> json_text({"row": [0], "value": [1 / 3]})
    '[{"row":"1970-01-01T00:00:00.000Z","value":0.3333333333}]'
    """
    cells = (map(_json_cell(name), _one_type(column)) for name, column in table.items())
    return "[" + ",".join(map("{{{}}}".format, map(",".join, zip(*cells)))) + "]"


def _one_type(column: list[Any]) -> Iterable[Any]:
    """Return a column; one of integers with holes becomes one of floats."""
    if None not in column:
        return column
    return (float(cell) if isinstance(cell, int) else cell for cell in column)


def _csv_cell(name: str) -> Callable[[Any], str]:
    return _csv_row if name == "row" else _csv_value


def _csv_value(cell: Any) -> str:
    return "" if cell is None or cell != cell else str(cell)


def _csv_row(cell: Any) -> str:
    if cell is None or isinstance(cell, str):
        return cell or ""
    return (_EPOCH + timedelta(microseconds=cell)).isoformat(" ")


def _json_cell(name: str) -> Callable[[Any], str]:
    key = json.dumps(name)
    show = _json_row if name == "row" else _json_value
    return lambda cell: f"{key}:{show(cell)}"


def _json_value(cell: Any) -> str:
    if not isinstance(cell, float):
        return json.dumps(cell)
    if not math.isfinite(cell):
        return "null"
    if abs(cell) >= _PLAIN:
        return repr(cell)
    text = f"{cell:.{_PLACES}f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def _json_row(cell: Any) -> str:
    if cell is None or isinstance(cell, str):
        return json.dumps(cell)
    moment = _EPOCH + timedelta(microseconds=cell)
    return f'"{moment.replace(tzinfo=None).isoformat(timespec="milliseconds")}Z"'


def pivoted(table: Frame, value: str) -> Frame:
    """Return `table` with one column for each of its streams, and one row for each time.

    Args:
        table: with the columns `row`, `stream_slug` and `value`.
        value: the name of the column that goes into the cells.

    Raises:
        ValueError: a stream has two rows of one time.
    """
    streams = {slug: place for place, slug in enumerate(sorted(set(table["stream_slug"])))}
    places = map(streams.__getitem__, table["stream_slug"])
    moments: dict[int | None, dict[int, Any]] = {}
    for moment, place, cell in zip(table["row"], places, table[value]):
        cells = moments.setdefault(moment, {})
        if place in cells:
            raise ValueError(_DUPLICATE)
        cells[place] = cell
    order = sorted(moments, key=lambda moment: (moment is not None, moment or 0))
    rows = [moments[moment] for moment in order]
    columns = {slug: [cells.get(place) for cells in rows] for slug, place in streams.items()}
    return {"row": list(order), **columns}


def summed_up(table: Frame) -> Frame:
    """Return count, sum, mean, deviation (of a sample), least, median and greatest of each column.

    >>> summed_up({"row": [0, 1], "s": [1.0, 3.0]})["s"]
    [2.0, 4.0, 2.0, 1.4142135623730951, 1.0, 2.0, 3.0]
    """
    columns = {name: _summary(column) for name, column in table.items() if name != "row"}
    return {"row": ["count", "sum", "mean", "std", "min", "median", "max"], **columns}


def _summary(column: list[Any]) -> list[float | None]:
    known = [float(cell) for cell in column if cell is not None and cell == cell]
    count, total = len(known), _sum(known)
    if not count:
        return [0.0, 0.0, None, None, None, None, None]
    mean = total / count
    squares = _sum([(cell - mean) * (cell - mean) for cell in known])
    deviation = math.sqrt(squares / (count - 1)) if count > 1 else None
    return [float(count), total, mean, deviation, min(known), median(known), max(known)]


def _sum(numbers: list[float]) -> float:
    """Return the exact sum; where there is none, what plain addition makes of it."""
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):  # too great, or infinity minus infinity
        return float(sum(numbers))
