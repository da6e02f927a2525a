"""The latest so many stored rows, of rows whose times are shown in whole seconds only.

Where not all rows of the earliest second are wanted, the server counts how many of them are how
late in it.  Knows nothing of routes and pages.
"""

from __future__ import annotations

from typing import Any, Callable

from ..api.exceptions import HttpUnexpectedReplyError
from .windows import SECOND, Window, micros

__all__ = ["latest", "moment"]

Rows = list[Any]


def moment(shown: str) -> int:
    """Return the time that a row shows, in microseconds since 1970.

    Raises:
        HttpUnexpectedReplyError: it is none.
    """
    try:
        return micros(shown)
    except ValueError as error:
        raise HttpUnexpectedReplyError(f"a reading should have a time, not {shown!r}") from error


def latest(
    rows: Rows,
    wanted: int,
    within: Window,
    count: Callable[[Window], int],
    read: Callable[[Window], Rows],
) -> Rows:
    """Return the latest `wanted` of `rows`, in order of time.

    Args:
        rows: the wanted ones and some before them, by the time that they show, None last.
        within: the window that they were asked for.
        count: tells how many rows are in a window.
        read: returns the rows of a window.

    >>> rows = [{"timestamp": "1970-01-01T00:00:00Z", "id": number} for number in (2, 1)]
    >>> late = Window(400_000, 1_000_000)
    >>> latest(rows, 1, Window(), lambda part: part.start <= 400_000, lambda part: rows[:1])
    [{'timestamp': '1970-01-01T00:00:00Z', 'id': 2}]
    """
    surplus = len(rows) - wanted
    if surplus <= 0:
        return rows
    shown = rows[surplus]["timestamp"]
    if shown is None or rows[surplus - 1]["timestamp"] != shown:
        return rows[surplus:]
    after = surplus
    while after < len(rows) and rows[after]["timestamp"] == shown:
        after += 1
    second = _second(shown, within)
    start, end = second.start or 0, second.end
    if not count(Window(start + 1, end)):  # nothing is later than the others
        return rows[surplus:]
    edge = _edge(second, after - surplus, count)
    some = [*read(Window(edge, edge + 1)), *read(Window(edge + 1, end))]
    return [*some[surplus - after :], *rows[after:]]


def _second(shown: str, within: Window) -> Window:
    start = moment(shown)
    end = start + SECOND
    return Window(
        start if within.start is None else max(start, within.start),
        end if within.end is None else min(end, within.end),
    )


def _edge(second: Window, wanted: int, count: Callable[[Window], int]) -> int:
    """Return the last moment of `second` from which on there are as many rows as `wanted`."""
    least, most = second.start or 0, second.end or 0
    while most - least > 1:
        middle = (least + most) // 2
        if count(Window(middle, second.end)) >= wanted:
            least = middle
        else:
            most = middle
    return least
