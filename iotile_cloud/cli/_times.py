"""Times as people type them: ISO 8601, `yesterday`, `-2d`.  All of it is UTC.  Pure.

| typed                               | means                                        |
|-------------------------------------|----------------------------------------------|
| `2018-01-31`, `2018-01-31T23:59:59` | that moment; another zone is converted       |
| `now`                               | the moment at which the command was started  |
| `today`, `yesterday`, `tomorrow`    | the midnight with which that day begins      |
| `-90s`, `-30m`, `-3h`, `-2d`, `-1w` | so long before now                           |
"""

from __future__ import annotations

import argparse
import re
from datetime import datetime, timedelta, timezone

from ..utils.basic import as_utc, parse_utc

__all__ = ["add_time", "add_times", "when"]

_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"-(\d+)([smhdw])", re.ASCII)
_FORMS = "or now, today, yesterday, tomorrow, -90s, -30m, -3h, -2d, -1w"


def when(text: str, now: datetime) -> datetime:
    """Return the moment that `text` names, aware and in UTC.

    Args:
        text: one of the forms at the top of this file.
        now: the moment that the others are counted from; naive is UTC.

    Raises:
        ValueError: it is none of them, or before the year 1; the message shows it and the forms.

    >>> now = datetime(2018, 1, 31, 12, 30, tzinfo=timezone.utc)
    >>> [f"{when(text, now):%d %H:%M}" for text in ("yesterday", "-2d", "-30m", "2018-01-05")]
    ['30 00:00', '29 12:30', '31 12:00', '05 00:00']
    """
    now = as_utc(now)
    ago = _AGO.fullmatch(text)
    try:
        if text in _DAYS:
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            return midnight + timedelta(days=_DAYS[text])
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    except (OverflowError, ValueError):  # the latter for an endless number
        raise ValueError(f"{text!r} leaves the calendar, counted from {now:%Y-%m-%d}") from None
    if text == "now":
        return now
    try:
        return parse_utc(text)
    except ValueError as error:
        raise ValueError(f"{error}, {_FORMS}") from None


def add_times(parser: argparse.ArgumentParser, now: datetime | None = None) -> None:
    """Give `parser` the options `--start` and `--end`, whose values become datetimes in UTC.

    Args:
        parser: a `CommandParser`, since another one refuses `--start -2d`.
        now: what relative times are counted from; the current time when left out.
    """
    now = now or datetime.now(timezone.utc)
    forms = "UTC: 2018-01-31T23:59:59, today, yesterday, -2d, -3h"
    add_time(parser, "--start", f"first moment, included; {forms}", now)
    add_time(parser, "--end", "last moment, not included", now)


def add_time(
    parser: argparse.ArgumentParser, option: str, about: str, now: datetime | None = None
) -> None:
    """Give `parser` one option for a time, one of `TIMES` in `_parser`, as `add_times` does.

    Args:
        about: the help of the option.
    """
    now = now or datetime.now(timezone.utc)

    def moment(text: str) -> datetime:
        try:
            return when(text, now)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    parser.add_argument(option, metavar="TIME", type=moment, help=about)
