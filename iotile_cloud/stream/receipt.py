"""What a download tells about itself when it is over.  Pure; does not know how rows come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Receipt", "ordered_span", "span"]


@dataclass(frozen=True)
class Receipt:
    """The account of one download.

    Attributes:
        expected: rows that the server announced at the beginning, None if it did not say.
        received: rows that came.
        dropped: rows that came twice and were left out; 0, since no two questions overlap.
        nulls: rows without a timestamp.
        first, last: earliest and latest timestamp, as the server wrote them; None without any.
        requests: pages that were asked for.
        retries: repetitions that these requests needed.
        moved: whether more came than was announced: rows were added while it went on.
        how: how the rows were read: "page" (one held them all), "windows" of time, "ranges" of
            ids, the "table" of `/df/`, or "pages" by number, which is not exact where rows tie.
        complete: whether everything that was announced came.
    """

    expected: int | None = None
    received: int = 0
    dropped: int = 0
    nulls: int = 0
    first: str | None = None
    last: str | None = None
    requests: int = 0
    retries: int = 0
    moved: bool = False
    how: str = ""
    complete: bool = False


def span(rows: Iterable[Any]) -> tuple[str | None, str | None, int]:
    """Return the earliest and the latest timestamp among `rows`, and how many have none.

    >>> span([{"timestamp": "2018-01-02T00:00:00Z"}, {"timestamp": None}])
    ('2018-01-02T00:00:00Z', '2018-01-02T00:00:00Z', 1)
    """
    times = [row.get("timestamp") if isinstance(row, dict) else None for row in rows]
    known = [str(time) for time in times if time]
    first, last = min(known, key=_order, default=None), max(known, key=_order, default=None)
    return first, last, len(times) - len(known)


def ordered_span(rows: Any) -> tuple[str | None, str | None, int]:
    """Return what `span` returns, of rows that are in order of time, those without one last."""
    dated = len(rows)
    try:
        while dated and rows[dated - 1].get("timestamp") is None:
            dated -= 1
        ends = [rows[0]["timestamp"], rows[dated - 1]["timestamp"]] if dated else [None, None]
    except (AttributeError, KeyError):  # these are no readings, whatever else they are
        return span(rows)
    if dated and not all(isinstance(time, str) for time in ends):
        return span(rows)
    return ends[0], ends[1], len(rows) - dated


def _order(time: str) -> str:
    # A fraction sorts after its whole second only when the zone is not in the way.
    return time.rstrip("Z")
