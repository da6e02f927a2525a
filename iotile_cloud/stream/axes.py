"""Where the lines of a grid stand, and what is written at them: round values and round times, UTC.

Pure; knows nothing of pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import NamedTuple

__all__ = ["Tick", "moment_text", "time_ticks", "value_ticks"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SECOND = 10**9
_DAY = 86_400 * _SECOND
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_DAYS = (1, 2, 7, 14)
_MONTH_STEPS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
_PARTS = [unit * 10**power for power in range(9) for unit in (1, 2, 5)]  # below a second
_STEPS = [*_PARTS, *(s * _SECOND for s in _SECONDS), *(d * _DAY for d in _DAYS)]
_LONG = 12  # characters of a value that is written without an exponent


class Tick(NamedTuple):
    """A line of a grid."""

    at: float
    """The value, or the time in nanoseconds since 1970."""
    text: str
    below: str = ""
    """The second line of its text: the day or the year, where it is another one."""


def value_ticks(low: float, high: float, most: int = 5) -> list[Tick]:
    """Return round values that begin at or below `low` and end at or above `high`, both finite.

    >>> [tick.text for tick in value_ticks(0.3, 17.0)]
    ['0', '5', '10', '15', '20']
    """
    bottom, top = Decimal(low), Decimal(high)
    if bottom == top:
        half = abs(bottom) / 10 or Decimal(1)
        bottom, top = bottom - half, top + half
    raw = (top - bottom) / (most - 1)
    power = Decimal(1).scaleb(raw.adjusted())
    steps = (power * unit for unit in (1, 2, 5, 10, 20))
    step = next(step for step in steps if _count(bottom, top, step) <= most + 1)
    first = (bottom / step).to_integral_value("ROUND_FLOOR")
    values = [((first + n) * step).normalize() for n in range(_count(bottom, top, step))]
    short = all(-_LONG < value.adjusted() < _LONG for value in values)
    texts = [f"{value:,f}" for value in values] if short else []
    if not short or max(map(len, texts)) > _LONG + 6:
        texts = [f"{value:e}" if value else "0" for value in values]
    return [Tick(_finite(value), text) for value, text in zip(values, texts)]


def _count(bottom: Decimal, top: Decimal, step: Decimal) -> int:
    above = (top / step).to_integral_value("ROUND_CEILING")
    return int(above - (bottom / step).to_integral_value("ROUND_FLOOR")) + 1


def _finite(value: Decimal) -> float:
    most = 1.7976931348623157e308
    return max(-most, min(most, float(value)))


def time_ticks(first: int, last: int, most: int = 6) -> list[Tick]:
    """Return round times from `first` to `last`, nanoseconds since 1970 in UTC.

    >>> [tick.text for tick in time_ticks(0, 10**9 * 3600 * 5)]
    ['00:00', '01:00', '02:00', '03:00', '04:00', '05:00']
    >>> time_ticks(0, 10**9 * 86400 * 2)[0]
    Tick(at=0, text='00:00', below='1 Jan 1970')
    """
    step = next((step for step in _STEPS if last // step - -(-first // step) < most), 0)
    if step:
        times = range(-(-first // step) * step, last + 1, step)
    else:
        times = list(_months(first, last, most))  # type: ignore[assignment]
    ticks: list[Tick] = []
    known = ""
    for time in times:
        text, below = _time_texts(time, step)
        ticks.append(Tick(time, text, "" if below == known else below))
        known = below
    return ticks


def _months(first: int, last: int, most: int) -> Iterator[int]:
    begin, end = (_month(time) for time in (first - 1, last))
    begin += 1
    step = next(step for step in _MONTH_STEPS if end // step - -(-begin // step) < most)
    for month in range(-(-begin // step) * step, end + 1, step):
        start = datetime(month // 12, month % 12 + 1, 1, tzinfo=timezone.utc)
        yield (start - _EPOCH) // timedelta(microseconds=1) * 1000


def _month(time: int) -> int:
    moment = _moment(time)
    return moment.year * 12 + moment.month - 1


def _moment(time: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time // 1000)


def _time_texts(time: int, step: int) -> tuple[str, str]:
    moment = _moment(time)
    day = f"{moment.day} {_MONTHS[moment.month - 1]}"
    if not step:
        return _MONTHS[moment.month - 1], str(moment.year)
    if step >= _DAY:
        return day, str(moment.year)
    seconds = f":{moment.second:02}" if step < 60 * _SECOND else ""
    below = f".{time % _SECOND:09}".rstrip("0.") if step < _SECOND else ""
    return f"{moment:%H:%M}{seconds}{below}", f"{day} {moment.year}"


def moment_text(time: int) -> str:
    """Return a time for people.

    >>> moment_text(10**9 * 90)
    '1 Jan 1970 00:01:30 UTC'
    """
    moment = _moment(time)
    seconds = f":{moment.second:02}" if moment.second else ""
    day = f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    return f"{day} {moment:%H:%M}{seconds} UTC"
