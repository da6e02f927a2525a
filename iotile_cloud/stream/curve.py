"""The outline of a stream: few readings that are drawn like all of them.  Pure; memory is constant.

Of each slice of time it keeps the first, the lowest, the highest and the last reading, so a line
through them looks like a line through all, and no extreme is lost.  Blocks may come in any order.
Once all have come, sixteen bytes a point are held.  Knows nothing of pictures.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from math import isfinite, nan
from typing import Optional

from .columns import Columns
from .table import in_order_of_time

__all__ = ["Curve", "Point"]

Point = tuple[int, Optional[float]]
"""A time, nanoseconds since 1970 in UTC, and a value; None where the line is broken."""
_SLICES = 600


class Curve:
    """The outline of the readings of one column.

    Attributes:
        drawn: readings that the line stands for.
        nulls: readings without a value, where it is broken.
        odd: readings whose value is NaN or infinite, likewise.
        undated: readings without a time, which no line can show.

    >>> times = ["1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z", "1970-01-01T00:00:02Z"]
    >>> columns = Columns.made({"timestamp": times, "output_value": [1.0, None, 3.0]})
    >>> curve = Curve.of([columns], "output_value")
    >>> curve.points, curve.drawn
    ([(0, 1.0), (1000000000, None), (2000000000, 3.0)], 2)
    """

    def __init__(self) -> None:
        self.drawn = self.nulls = self.odd = self.undated = 0
        self._slices: dict[int, list[Point]] = {}
        self._bits = 0  # a slice is 2**_bits nanoseconds long
        self._times, self._values = array("q"), array("d")  # of the points, NaN for None

    @classmethod
    def of(cls, blocks: Iterable[Columns], name: str) -> Curve:
        """Return the outline of the column `name`."""
        curve = cls()
        for _ in curve.watching(blocks, name):
            pass
        return curve

    def watching(self, blocks: Iterable[Columns], name: str) -> Iterator[Columns]:
        """Yield `blocks` as they are, and take each in; there are points when all have passed."""
        for block in blocks:
            self._add(in_order_of_time(block), name)
            yield block
        points = [point for place in sorted(self._slices) for point in self._slices[place]]
        self._times = array("q", [time for time, _ in points])
        self._values = array("d", [nan if value is None else value for _, value in points])
        self._slices = {}

    @property
    def points(self) -> list[Point]:
        """What is drawn, in order of time."""
        values = (value if isfinite(value) else None for value in self._values)
        return list(zip(self._times, values))

    def _add(self, block: Columns, name: str) -> None:
        times, values = block["timestamp"], block[name]
        dated = len(times) - block.nulls("timestamp")
        self.undated += len(times) - dated
        nulls = block.nulls(name)
        broken: bytearray | None = None
        if nulls or not all(map(isfinite, values)):
            mask = block.mask(name)
            broken = bytearray(not isfinite(value) for value in values)
            self.nulls += mask[:dated].count(1)
            self.odd += broken[:dated].count(1) - mask[:dated].count(1)
        self.drawn += dated - (broken[:dated].count(1) if broken else 0)
        begin = 0
        while begin < dated:
            place = times[begin] >> self._bits
            end = bisect_left(times, (place + 1) << self._bits, begin, dated)
            gone = None if broken is None else broken[begin:end]
            points = _outline(times[begin:end], values[begin:end], gone)
            self._put(place, points)
            begin = end

    def _put(self, place: int, points: list[Point]) -> None:
        there = self._slices.get(place)
        self._slices[place] = points if there is None else _merged(there + points)
        if len(self._slices) > _SLICES:
            self._widen()

    def _widen(self) -> None:
        """Make the slices so wide that few enough span all of the time."""
        first, last, wider = min(self._slices), max(self._slices), 1
        while (last >> wider) - (first >> wider) >= _SLICES:
            wider += 1
        self._bits += wider
        gathered: dict[int, list[Point]] = {}
        for place in sorted(self._slices):
            gathered.setdefault(place >> wider, []).extend(self._slices[place])
        self._slices = {place: _merged(points) for place, points in gathered.items()}


def _merged(points: list[Point]) -> list[Point]:
    points = sorted(points, key=lambda point: point[0])
    broken = bytearray(value is None for _, value in points)
    times, values = zip(*((time, value or 0.0) for time, value in points))
    return _outline(times, values, broken if any(broken) else None)


def _outline(
    times: Sequence[int], values: Sequence[float], broken: bytearray | None
) -> list[Point]:
    """Return first, lowest, highest and last of readings in order of time.

    Readings that are `broken` break the line before or behind all others, and so at the most the
    width of a slice from where they are.
    """
    if not broken or not any(broken):
        low, high = values.index(min(values)), values.index(max(values))
        return [(times[at], values[at]) for at in sorted({0, low, high, len(values) - 1})]
    known = [not gone for gone in broken]
    whole = [*compress(times, known)], [*compress(values, known)]
    before: list[Point] = [(times[0], None)] if broken[0] else []
    behind: list[Point] = [(times[-1], None)] if any(broken[broken.find(0) + 1 :]) else []
    return [*before, *_outline(*whole, None), *behind] if any(known) else before
