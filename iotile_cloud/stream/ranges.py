"""Ranges of ids: which rows of a page of `/data/` are certain, and which ranges hold the rest.

`/data/` sorts by the id that the device gave (`streamer_local_id`), and within it by stream and
time; what ties comes in any order, anew for each page.  Pure.  Knows nothing of requests or how
rows are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Range", "by_stream", "by_time", "cut", "halves", "order"]


@dataclass(frozen=True)
class Range:
    """Rows whose local id and own id lie between limits, both inclusive; None is open."""

    least: int | None = None
    most: int | None = None
    id_least: int | None = None
    id_most: int | None = None

    @property
    def arguments(self) -> dict[str, int]:
        """The range as arguments of the server."""
        limits = {
            "streamer_id_min": self.least,
            "streamer_id_max": self.most,
            "id_min": self.id_least,
            "id_max": self.id_most,
        }
        return {name: limit for name, limit in limits.items() if limit is not None}

    @property
    def crowd(self) -> bool:
        """Whether all rows have one local id, so that they come in no order that can be cut."""
        return self.least is not None and self.least == self.most

    def holds(self, row: Any) -> bool:
        """Tell whether a row is in this range."""
        within = _lies(row["streamer_local_id"], self.least, self.most)
        return within and _lies(row["id"], self.id_least, self.id_most)


def _lies(number: int, least: int | None, most: int | None) -> bool:
    return (least is None or number >= least) and (most is None or number <= most)


def cut(part: Range, rows: Sequence[Any]) -> tuple[int, list[Range]]:
    """Return how many rows of a page are certain, and the ranges of all others, in order.

    Args:
        part: the range of which this is the first page; it holds more rows than the page, and
            not all of one local id.
        rows: those of the page.

    >>> cut(Range(), [{"id": 7, "streamer_local_id": n} for n in (1, 2, 2)])[0]
    1
    """
    last = rows[-1]["streamer_local_id"]
    kept = len(rows)
    while kept and rows[kept - 1]["streamer_local_id"] == last:
        kept -= 1
    if kept:
        return kept, [replace(part, least=last)]
    rest = [] if part.most == last else [replace(part, least=last + 1)]
    return 0, [replace(part, least=last, most=last), *rest]


def halves(part: Range, rows: Sequence[Any]) -> list[Range]:
    """Return `part` in pieces by id, about equally large, whatever the order of rows.

    Args:
        part: a range that holds more rows than a page.
        rows: those of one page.

    >>> [piece.arguments for piece in halves(Range(), [{"id": 7}, {"id": 5}])]
    [{'id_max': 6}, {'id_min': 7}]
    """
    ids = sorted({row["id"] for row in rows})
    middle = ids[len(ids) // 2]
    below = replace(part, id_most=middle - 1)
    if len(ids) > 1:
        return [below, replace(part, id_least=middle)]
    one = replace(part, id_least=middle, id_most=middle)
    return [below, one, replace(part, id_least=middle + 1)]


def order(row: Any) -> tuple[Any, ...]:
    """Return what sorts rows as `/data/` does, rows without a time last.

    >>> row = {"streamer_local_id": 0, "stream": "s", "id": 1}
    >>> rows = [{**row, "timestamp": time} for time in (None, "2")]
    >>> [row["timestamp"] for row in sorted(rows, key=order)]
    ['2', None]
    """
    return (row["streamer_local_id"], row["stream"], *by_time(row), row["id"])


def by_stream(row: Any) -> tuple[Any, ...]:
    """Return what sorts rows as `/event/` does, rows without a time last."""
    return (row["stream"], row["streamer_local_id"], *by_time(row), row["id"])


def by_time(row: Any) -> tuple[bool, str]:
    """Return what sorts rows by time, those without one last.

    >>> rows = [{"timestamp": f"2018-01-01T00:00:00{more}Z"} for more in (".5", "")]
    >>> [row["timestamp"] for row in sorted(rows, key=by_time)]
    ['2018-01-01T00:00:00Z', '2018-01-01T00:00:00.5Z']
    """
    time = row["timestamp"]
    return time is None, (time or "").rstrip("Z")
