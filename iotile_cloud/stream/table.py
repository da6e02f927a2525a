"""The columns of a stream from the table that `/df/` makes of it: fewer and smaller replies.

The table has the stored value, in another order and with fractions of seconds.  It is taken only
where it is provably what the pages of the stream would give: the number of rows is the same, and
the first page, row for row.  Knows the two routes' habits.  Knows nothing of sockets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from operator import le
from typing import Any, Callable

from ..api._paging import Page
from ..utils.mdo import MdoHelper
from ._decode import cells_of, floats_of
from .columns import Columns, ColumnTimes
from .query import Query
from .stamps import NO_TIME, nanoseconds
from .windows import Window, cut

__all__ = [
    "can_be_table",
    "in_order_of_time",
    "read_table",
    "same_rows",
    "table_arguments",
    "unit_of",
]

_NAMES = frozenset({"timestamp", "value", "output_value", "streamer_local_id"})
_ARGUMENTS = frozenset({"start", "end"})
_SECOND = 10**9
_CHUNK = 1 << 20  # bytes of text that are taken apart at a time
_HEAD = ("row", "value", "stream_slug")
_LONG_HEAD = (*_HEAD, "device_timestamp", "streamer_local_id")
Unit = Callable[[Sequence[Any]], Sequence[Any]]


def can_be_table(query: Query, names: Sequence[str]) -> bool:
    """Tell whether the table has these columns and knows what the query asks for.

    >>> can_be_table(Query({"start": "2018-01-01T00:00:00Z"}), ("timestamp", "output_value"))
    True
    """
    return _NAMES.issuperset(names) and _ARGUMENTS.issuperset(query.arguments)


def table_arguments(record: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return what is asked of `/df/`, whose mask, unlike that of pages, has to be asked for."""
    arguments = {"filter": record["slug"], "format": "csv", "mask": 1}
    return {**arguments, "extended": 1} if "streamer_local_id" in names else arguments


def unit_of(record: Any) -> Unit | None:
    """Return what makes output values of values, for the record of a stream; None: they are.

    Raises:
        ValueError: this cannot be told: the stream is derived, or its unit makes no sense.

    >>> unit_of({"slug": "s--1", "output_unit": {"m": 9, "d": 5, "o": 32.0}})([100.0, None])
    [212.0, None]
    """
    if not isinstance(record, dict) or not record.get("slug") or record.get("derived_stream"):
        raise ValueError("a table needs a stream with a record that is not derived")
    unit = record.get("output_unit")
    if unit is None:
        return None
    try:
        m, d, o = unit["m"], unit["d"], unit["o"]
        MdoHelper(m, d, o)  # its formula, below in one piece: a call for each value takes longer
    except (KeyError, TypeError) as error:
        raise ValueError(f"no unit: {unit!r:.200}") from error
    o = o or 0.0

    def shown(values: Sequence[Any]) -> Sequence[Any]:
        try:
            return [o + value * m / d for value in values]
        except TypeError:
            return [None if value is None else o + value * m / d for value in values]

    return shown


def read_table(content: Any, slug: str, names: Sequence[str], unit: Unit | None) -> Columns:
    """Return the table of one stream as its pages show it: whole seconds, in order of time.

    Args:
        content: the CSV of `/df/`.
        slug: the stream's slug, which every line has.
        names: the columns wanted.
        unit: what makes the output value of a value; None: they are the same.

    Raises:
        ValueError: it is another table.

    >>> text = b"row,value,stream_slug\\n1970-01-01 00:00:01.5+00:00,2.5,s--1\\n,,s--1\\n"
    >>> read_table(text, "s--1", ("timestamp", "value"), None).tolist("timestamp")
    [1000000000, None]
    """
    if not isinstance(content, bytes):
        raise ValueError("a table is text")
    head = ",".join(_LONG_HEAD if "streamer_local_id" in names else _HEAD) + "\n"
    if not content.startswith(head.encode()):
        raise ValueError(f"a table of other columns: {content[:100]!r}")
    whole = Columns.made(dict.fromkeys(names, ()))
    for chunk in _chunks(content, len(head)):
        whole.extend(_rows(chunk, names, slug, unit))
    return in_order_of_time(whole)


def _chunks(body: bytes, begin: int) -> Iterator[str]:
    """Yield the lines of `body` that follow `begin`, as many at a time as make up a chunk."""
    while begin < len(body):
        end = body.find(b"\n", begin + _CHUNK) + 1 or len(body)
        yield body[begin:end].decode()
        begin = end


def _rows(chunk: str, names: Sequence[str], slug: str, unit: Unit | None) -> Columns:
    times, values, ids = _short(chunk, slug) or _taken_apart(chunk, names, slug)
    known: dict[str, Sequence[Any]] = {"value": values}
    if "output_value" in names:
        known["output_value"] = values if unit is None else unit(values)
    if ids:
        known["streamer_local_id"] = ids
    return times.beside(Columns.made(known)).only(names)


def _short(chunk: str, slug: str) -> tuple[Columns, Any, Any] | None:
    """Return the times and values of lines with nothing else and no holes; None: they are not.

    Between two commas stands a value, or the slug of one line with the time of the next: so a
    time is looked up together with the slug before it, which proves that too.
    """
    cells = chunk.split(",")
    if len(cells) != 2 * chunk.count("\n") + 1 or cells.pop() != slug + "\n":
        return None
    before = slug + "\n"
    cells[0] = before + cells[0]
    try:
        times = Columns({"timestamp": nanoseconds(cells[0::2], before, whole=True)})
        return times, floats_of(cells[1::2]), ()
    except (OverflowError, ValueError):
        return None


def _taken_apart(chunk: str, names: Sequence[str], slug: str) -> tuple[Columns, Any, Any]:
    bare = chunk.replace("," + slug, "")
    lines = chunk.count("\n")
    if len(chunk) - len(bare) != lines * (len(slug) + 1):
        raise ValueError("a line of the table is of another stream")
    fields = 4 if "streamer_local_id" in names else 2
    cells = cells_of(bare) or _cells(bare, fields)
    if len(cells) != lines * fields:
        raise ValueError("a line of the table is cut")
    times = _in_seconds(Columns.made({"timestamp": cells[0::fields]}))
    return times, cells[1::fields], cells[3::fields] if fields > 2 else ()


def _cells(lines: str, fields: int) -> list[Any]:
    """Return the cells of lines, one after the other; an empty one is None."""
    cells: list[Any] = lines.replace("\n", ",").split(",")[:-1]
    if "" in cells:
        cells = [cell or None for cell in cells]
    for field, number in ((1, float), (3, int)):
        if field < fields:
            given = cells[field::fields]
            cells[field::fields] = [cell if cell is None else number(cell) for cell in given]
    return cells


def in_order_of_time(columns: Columns) -> Columns:
    """Return readings in order of time, those without one last; what ties keeps its order."""
    times = columns["timestamp"]
    if not columns.nulls("timestamp") and all(map(le, times, times[1:])):
        return columns
    keys = [2**63 if time == NO_TIME else time for time in times]
    return columns.take(sorted(range(len(keys)), key=keys.__getitem__))


def _in_seconds(columns: Columns) -> Columns:
    times = columns["timestamp"]
    if any(map(_SECOND.__rmod__, times)):  # NO_TIME is no whole second either
        for place, time in enumerate(times):
            if time != NO_TIME:
                times[place] = time - time % _SECOND
    return columns


def same_rows(table: Columns, page: Page) -> bool:
    """Tell whether the rows that the first page of a stream shows for certain begin the table.

    A page that shows no row for certain proves nothing.
    """
    kept = cut(Window(), ColumnTimes(page.rows)).kept
    return kept > 0 and _counted(table[:kept]) == _counted(page.rows[:kept].only(table.names))


def _counted(columns: Columns) -> Counter[Any]:
    return Counter(zip(*(columns.tolist(name) for name in columns)))
