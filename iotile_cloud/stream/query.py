"""What is asked of a stream: a window, a number of rows, filters, as one value.  Pure.

Knows which arguments are times and checks them, because the server ignores a time it cannot read
and would send everything.  Does not know pages or where the rows come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import inf
from operator import index
from typing import Any, Callable

from ..utils.basic import parse_utc, utc_text

__all__ = ["MOST_LAST", "Query", "checked_time"]

_TIMES = ("start", "end", "timestamp")
MOST_LAST = 100_000  # rows: of more, one data route sends this many and the other none
_NUMBERS: Mapping[str, float] = {"lastn": MOST_LAST, "page_size": inf}


def checked_time(text: str) -> str:
    """Return `text` as it is when it is a time that the server can read.

    Raises:
        ValueError: it is none; the message shows it and the form expected.
    """
    parse_utc(text)
    return text


@dataclass(frozen=True)
class Query:
    """The arguments of a download, ready for the server.

    Attributes:
        arguments: names and values as they are sent; times are ISO 8601 text.

    >>> from datetime import datetime
    >>> Query.of({"start": datetime(2018, 1, 1), "lastn": None}).arguments
    {'start': '2018-01-01T00:00:00Z'}
    """

    arguments: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, params: Mapping[str, Any], read_time: Callable[[str], str] = checked_time) -> Query:
        """Return the query that `params` ask for.

        Args:
            params: `start` is inclusive, `end` exclusive; a datetime becomes UTC, text is sent
                as it is; None and empty text is as good as absent.
            read_time: returns what is sent for a time that is text.

        Raises:
            TypeError: a time is neither text nor a datetime.
            ValueError: a time is no ISO 8601 text, `lastn` is not a whole number from 1 to
                100,000, `page_size` none from 1 on, or `page` is given.
        """
        known = {name: value for name, value in params.items() if value is not None}
        for name in _TIMES:
            if known.get(name) == "":
                del known[name]
            elif name in known:
                known[name] = _time(name, known[name], read_time)
        if "page" in known:
            raise ValueError("a download takes all pages; leave `page` out")
        for name, most in _NUMBERS.items():
            if name in known:
                known[name] = _number(name, known[name], most)
        return cls(known)


def _time(name: str, value: object, read_time: Callable[[str], str]) -> str:
    if isinstance(value, date):
        return utc_text(value)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a datetime or ISO 8601 text, not {value!r}")
    return read_time(value)


def _number(name: str, value: Any, most: float) -> int:
    # What is no plain number the server ignores: it sends all rows, or pages of another size.
    try:
        number = int(value) if isinstance(value, str) and _is_digits(value) else index(value)
    except TypeError:
        number = 0
    if isinstance(value, bool) or not 0 < number <= most:
        limit = "on" if most == inf else f"to {most}"
        raise ValueError(f"{name} must be a whole number from 1 {limit}, not {value!r}")
    return number


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
