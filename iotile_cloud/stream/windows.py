"""Windows of time: which rows of a page are certain, and which windows hold the rest.  Pure.

The server sorts the readings of a stream by time, and those that share a time come in any order,
anew for each page.  So a page is certain up to the last time that it shows; the rest begins at
that time again.  Times here are microseconds since 1970 in UTC; a row shows whole seconds.
Knows nothing of requests, threads or how rows are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ..utils.basic import as_utc, parse_utc, utc_text

__all__ = ["Cut", "Window", "micros", "split", "window_of"]

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NEVER = (datetime.max.replace(tzinfo=timezone.utc) - _EPOCH) // timedelta(microseconds=1)
_FILL = 0.9  # of a page: windows of equal length do not hold equally many rows


def micros(time: str | datetime) -> int:
    """Return a time as microseconds since 1970.

    >>> micros("1970-01-01T00:00:01Z")
    1000000
    """
    moment = parse_utc(time) if isinstance(time, str) else as_utc(time)
    return (moment - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Window:
    """A span of time: `start` is inclusive, `end` exclusive, None is open.

    Rows without a time are in no window that has a start or an end.
    """

    start: int | None = None
    end: int | None = None

    @property
    def arguments(self) -> dict[str, str]:
        """The window as arguments of the server.

        >>> Window(0, 1_500_000).arguments
        {'start': '1970-01-01T00:00:00Z', 'end': '1970-01-01T00:00:01.500000Z'}
        """
        limits = {"start": self.start, "end": self.end}
        given = {name: limit for name, limit in limits.items() if limit is not None}
        # No row is later than the last time that can be written.
        return {name: _text(limit) for name, limit in given.items() if limit <= _NEVER}

    def shows(self, time: int | None) -> bool:
        """Tell whether a row of this window can show `time`, a whole second or none."""
        if time is None:
            return self.start is self.end is None
        after = self.start is None or time + SECOND > self.start
        return after and (self.end is None or time < self.end)


def window_of(arguments: Mapping[str, Any]) -> Window:
    """Return the window that the arguments of a query name.

    >>> window_of({"start": "1970-01-01T00:00:01Z", "lastn": 3})
    Window(start=1000000, end=None)
    """
    given = (arguments.get(name) for name in ("start", "end"))
    return Window(*(micros(limit) if limit else None for limit in given))


def _text(moment: int) -> str:
    return utc_text(_EPOCH + timedelta(microseconds=moment))


@dataclass(frozen=True)
class Cut:
    """What a full page is good for.

    Attributes:
        kept: how many rows from its beginning are certain.
        rest: windows for all other rows, in order of time.
        crowd: a window of one microsecond that holds more rows than a page, in front of `rest`.
    """

    kept: int
    rest: tuple[Window, ...]
    crowd: Window | None = None


def cut(window: Window, times: Sequence[int | None]) -> Cut:
    """Return what a page of `window` is good for that does not hold all rows of it.

    Args:
        times: what its rows show, ascending, None last.

    >>> cut(Window(), [0, 1_000_000, 1_000_000])
    Cut(kept=1, rest=(Window(start=1000000, end=None),), crowd=None)
    """
    dated = len(times)
    while dated and times[dated - 1] is None:
        dated -= 1
    if dated < len(times) or not dated:  # the undated come last: all dated ones are here
        return Cut(dated, ())
    last = times[dated - 1] or 0
    kept = dated
    while kept and times[kept - 1] == last:
        kept -= 1
    if kept:
        return Cut(kept, (replace(window, start=last),))
    return _within_second(window, last)


def _within_second(window: Window, second: int) -> Cut:
    """Return the cut of a page on which every row shows the same second."""
    least = second if window.start is None else max(second, window.start)
    most = second + SECOND if window.end is None else min(second + SECOND, window.end)
    last = _NEVER if window.end is None else window.end
    after = () if most >= last else (Window(most, window.end),)
    if most - least <= 1:
        return Cut(0, after, crowd=Window(least, most))
    # Devices count whole seconds, so a crowd is most likely at the second itself.
    middle = least + 1 if least == second else (least + most) // 2
    return Cut(0, (Window(least, middle), Window(middle, most), *after))


def split(window: Window, rows: int, page: int, density: float, most: int) -> list[Window]:
    """Return `window` in pieces that hold about a page each; the last one holds the rest.

    Args:
        rows: how many rows it holds.
        page: how many rows a page holds at the most.
        density: rows per microsecond just before it.
        most: how many pieces; a guess that is wrong costs no more requests than these.

    >>> split(Window(0), 18, 10, 18 / 100_000_000, 4)
    [Window(start=0, end=50000000), Window(start=50000000, end=None)]
    """
    start, wanted = window.start or 0, max(1, int(page * _FILL))
    length = max(SECOND, int(wanted / density) // SECOND * SECOND)
    pieces = min(-(-rows // wanted), most)
    edges = [start + length * piece for piece in range(1, pieces)]
    end = _NEVER if window.end is None else window.end
    edges = [edge for edge in edges if edge < end]
    return [Window(a, b) for a, b in zip([start, *edges], [*edges, window.end])]
