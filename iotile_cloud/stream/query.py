"""What is asked of a stream: a window, a number of rows, filters, as one value.  Pure.

Knows which arguments are times and checks them, because the server ignores a time it cannot read
and would send everything.  Does not know pages or where the rows come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Callable

from ..utils.basic import utc_text

__all__ = ["Query"]

_TIMES = ("start", "end", "timestamp")


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
    def of(cls, params: Mapping[str, Any], check: Callable[[str], object] = str) -> Query:
        """Return the query that `params` ask for.

        Args:
            params: `start` is inclusive, `end` exclusive; a datetime becomes UTC, text is sent
                as it is; None and empty text is as good as absent.
            check: is called with each time that is text, and raises if it is none.

        Raises:
            TypeError: a time is neither text nor a datetime.
            ValueError: a time is no ISO 8601 text, or `lastn` is not a positive whole number.
        """
        known = {name: value for name, value in params.items() if value is not None}
        for name in _TIMES:
            if known.get(name) == "":
                del known[name]
            elif name in known:
                known[name] = _time(name, known[name], check)
        if "page" in known:
            raise ValueError("a download takes all pages; leave `page` out")
        if "lastn" in known:
            _check_lastn(known["lastn"])
        return cls(known)


def _time(name: str, value: object, check: Callable[[str], object]) -> str:
    if isinstance(value, date):
        return utc_text(value)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a datetime or ISO 8601 text, not {value!r}")
    check(value)
    return value


def _check_lastn(value: Any) -> None:
    # The two data routes answer a bad number differently: 400, one row, or all rows.
    try:
        good = not isinstance(value, bool) and int(value) == float(value) and int(value) > 0
    except (TypeError, ValueError):
        good = False
    if not good:
        raise ValueError(f"lastn must be a positive whole number, not {value!r}")
