"""Adds up the readings of one stream, block by block: exact sums, extremes, first and last.  Pure.

Knows columns and nothing of where they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from math import fsum, isfinite
from operator import neg
from typing import Any

from .columns import Columns
from .stamps import NO_TIME, text_of

__all__ = ["Tally", "exact_parts", "total_of"]


def exact_parts(values: Sequence[float]) -> list[float]:
    """Return few numbers whose sum is exactly that of `values`, so that sums can be added up.

    >>> exact_parts([1e100, 1.0, 0.1]) == [1e100, 1.1, 0.1 - (1.1 - 1.0)]
    True
    """
    parts: list[float] = []
    while True:
        try:
            part = fsum(chain(values, map(neg, parts)))
        except (OverflowError, ValueError):  # beyond all doubles, or infinities among them
            part = sum(values)
        if not part:
            return parts
        parts.append(part)
        if not isfinite(part):
            return [part]


def total_of(values: Iterable[float]) -> float:
    """Return the sum of `values`, rounded once; an infinity where it is beyond all doubles."""
    held = list(values)
    try:
        return fsum(held)
    except (OverflowError, ValueError):
        return sum(held)


class Tally:
    """What a report tells of one column of a stream.

    Attributes:
        count: readings that have a value.
        nulls: readings that have none.
        least, most: the extremes; None without a value.
        first, last: the values of the earliest and the latest reading that have a value and a
            time; None if there are none.
        first_time, last_time: their times, nanoseconds since 1970 in UTC.

    >>> columns = Columns.made({"timestamp": ["1970-01-01T00:00:01Z"], "output_value": [2.5]})
    >>> Tally.of([columns, columns], "output_value").statistics["mean"]
    2.5
    """

    def __init__(self) -> None:
        self.count = self.nulls = 0
        self.least: float | None = None
        self.most: float | None = None
        self.first: float | None = None
        self.last: float | None = None
        self.first_time: int | None = None
        self.last_time: int | None = None
        self._parts: list[float] = []

    @classmethod
    def of(cls, blocks: Iterable[Columns], name: str) -> Tally:
        """Return what blocks in order of time make for the column `name`."""
        tally = cls()
        for block in blocks:
            tally._add(block, name)
        return tally

    def _add(self, block: Columns, name: str) -> None:
        values, times = block[name], block["timestamp"]
        nulls = block.nulls(name)
        if nulls:
            self.nulls += nulls
            mask = block.mask(name)
            known = [place for place in range(len(block)) if not mask[place]]
            values, times = [values[place] for place in known], [times[place] for place in known]
        if not len(values):
            return
        self.count += len(values)
        self._parts += exact_parts(values)
        least, most = min(values), max(values)
        self.least = least if self.least is None else min(self.least, least)
        self.most = most if self.most is None else max(self.most, most)
        self._add_times(values, times)

    def _add_times(self, values: Sequence[float], times: Sequence[int]) -> None:
        dated = len(times)
        while dated and times[dated - 1] == NO_TIME:  # those without a time come last
            dated -= 1
        if not dated:
            return
        if self.first_time is None:
            self.first, self.first_time = values[0], times[0]
        self.last, self.last_time = values[dated - 1], times[dated - 1]

    @property
    def total(self) -> float:
        """The sum of all values, rounded once."""
        return total_of(self._parts)

    @property
    def statistics(self) -> dict[str, Any]:
        """All of it as plain values, without nulls; times are texts of the server's form."""
        return {
            "count": self.count,
            "min": self.least,
            "max": self.most,
            "mean": self.total / self.count if self.count else None,
            "first": self.first,
            "last": self.last,
            "first_time": _text(self.first_time),
            "last_time": _text(self.last_time),
        }


def _text(time: int | None) -> str | None:
    return None if time is None else text_of(time)
