"""Texts of times to 64-bit nanoseconds since 1970 in UTC and back, many at once.

The server writes one form, so a text is the hour and what follows it: both are looked up, and
worked out once each.  Any other form takes the long way.  Pure; knows nothing of rows.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Callable

from ..utils.basic import parse_utc, utc_text

__all__ = ["NO_TIME", "nanoseconds", "nanoseconds_of", "text_of", "texts_of"]

NO_TIME = -(2**63)  # stands for a time that is null, as it does in numpy and pandas
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_HOUR_FORM = re.compile(r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3])", re.ASCII)
_REST_FORM = re.compile(r"(:\d\d:\d\d(?:\.\d{6})?)(?:Z|\+00:00)", re.ASCII)
_HOUR = 13  # characters of YYYY-MM-DDTHH
_HOUR_LONG = 3_600 * 10**9  # nanoseconds
_IN_HOUR = [f":{second // 60:02}:{second % 60:02}Z" for second in range(3_600)]
_MOST = 20_000  # texts remembered


class _Known(dict[str, int]):
    """Remembers what `read` made of a text."""

    def __init__(self, read: Callable[[str], int]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> int:
        number = self._read(text)
        if len(self) >= _MOST:
            self.clear()
        self[text] = number
        return number


def _hour(text: str) -> int:
    if not _HOUR_FORM.fullmatch(text):
        raise ValueError(f"not a date and hour: {text!r}")
    return _since_epoch(datetime.fromisoformat(text + ":00:00+00:00"))


def _rest(text: str) -> int:
    found = _REST_FORM.fullmatch(text)
    if not found:
        return nanoseconds_of("1970-01-01T00" + text)
    return _since_epoch(datetime.fromisoformat("1970-01-01T00" + found[1] + "+00:00"))


def _since_epoch(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


_rests = _Known(_rest)
_whole_rests = _Known(lambda text: _rest(text) // 10**9 * 10**9)


@lru_cache(maxsize=8)
def _hours_behind(before: str) -> _Known:
    def read(text: str) -> int:
        if not text.startswith(before):
            raise ValueError(f"not behind {before!r}: {text!r}")
        return _hour(text[len(before) :])

    return _Known(read)


def nanoseconds_of(text: str) -> int:
    """Return the time that ISO 8601 `text` names, in nanoseconds since 1970 in UTC.

    Digits beyond the microsecond are cut.

    Raises:
        ValueError: it is no time, as `parse_utc` has it.

    >>> nanoseconds_of("1970-01-01T00:00:01.5Z")
    1500000000
    """
    return _since_epoch(parse_utc(text))


def nanoseconds(texts: Sequence[str], behind: str = "", whole: bool = False) -> array[int]:
    """Return what `nanoseconds_of` returns for each of `texts`, as 64-bit numbers.

    Args:
        behind: what stands before the time in each of them.
        whole: fractions of seconds are cut.

    Raises:
        OverflowError: a time is outside of the years 1678 to 2261.
        TypeError, ValueError: a text is no time, or begins with something else.

    >>> nanoseconds(["1970-01-01T00:00:01Z", "1970-01-01 02:00:00+02:00"])
    array('q', [1000000000, 0])
    >>> nanoseconds(["at 1970-01-01T00:00:01Z"], behind="at ")
    array('q', [1000000000])
    """
    hours, to = _hours_behind(behind), len(behind) + _HOUR
    rests = _whole_rests if whole else _rests
    try:
        return array("q", [hours[text[:to]] + rests[text[to:]] for text in texts])
    except (TypeError, ValueError):
        if behind or whole:
            raise
        return array("q", list(map(nanoseconds_of, texts)))


def texts_of(times: Iterable[int]) -> list[str | None]:
    """Return what `text_of` returns for each of `times`, None for `NO_TIME`.

    >>> texts_of([0, NO_TIME])
    ['1970-01-01T00:00:00Z', None]
    """
    hours: dict[int, str] = {}
    texts: list[str | None] = []
    for time in times:
        hour, rest = divmod(time, _HOUR_LONG)
        second, below = divmod(rest, 10**9)
        if below or time == NO_TIME:
            texts.append(None if time == NO_TIME else text_of(time))
            continue
        if hour not in hours:
            hours[hour] = text_of(hour * _HOUR_LONG)[:_HOUR]
        texts.append(hours[hour] + _IN_HOUR[second])
    return texts


def text_of(time: int) -> str:
    """Return a time as the server writes it; digits below the microsecond are cut.

    >>> text_of(1_000_000_000)
    '1970-01-01T00:00:01Z'
    """
    return utc_text(_EPOCH + timedelta(microseconds=time // 1000))
