"""One rule for time: it is UTC, and a naive value is UTC already.

Datetimes and the server's text for them, both ways.  Knows nothing of queries, rows or HTTP.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timezone

from dateutil import parser as _parser

__all__ = ["as_utc", "datetime_to_str", "parse_utc", "utc_text"]

# The part of ISO 8601 that the server reads as well; of 20180101T000000Z it sees nothing.
_FORM = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?)?", re.ASCII
)


def as_utc(moment: date) -> datetime:
    """Return `moment` as an aware datetime in UTC.

    Args:
        moment: a datetime, naive (read as UTC) or aware (converted); a bare date is its midnight.

    >>> from datetime import timedelta
    >>> noon = datetime(2018, 1, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    >>> as_utc(noon)
    datetime.datetime(2018, 1, 1, 7, 0, tzinfo=datetime.timezone.utc)
    """
    if not isinstance(moment, date):
        raise TypeError(f"expected a datetime, got {moment!r}")
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=timezone.utc)
    if moment.utcoffset() is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)


def datetime_to_str(dt: datetime) -> str:
    """Return `dt` in UTC as the server writes stream times: whole seconds, fractions cut.

    >>> datetime_to_str(datetime(2018, 1, 1, 12, 0, 0, 999999))
    '2018-01-01T12:00:00Z'
    """
    # isoformat, not strftime: `%Y` does not pad years below 1000 everywhere.
    return as_utc(dt).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def utc_text(moment: date) -> str:
    """Return `moment` in UTC as ISO 8601 text that loses nothing: fractions when there are any.

    >>> utc_text(datetime(2018, 1, 1, 12, 0, 0, 250000))
    '2018-01-01T12:00:00.250000Z'
    >>> utc_text(date(2018, 1, 1))
    '2018-01-01T00:00:00Z'
    """
    return as_utc(moment).replace(tzinfo=None).isoformat() + "Z"


def parse_utc(text: str) -> datetime:
    """Return the moment that ISO 8601 `text` names, aware and in UTC; without a zone it is UTC.

    Raises:
        ValueError: `text` is not a date, or date and time, with dashes and colons; the message
            shows it and the form expected.

    >>> parse_utc("2018-01-01T12:00:00+05:00")
    datetime.datetime(2018, 1, 1, 7, 0, tzinfo=datetime.timezone.utc)
    """
    try:
        if _FORM.fullmatch(text):
            return as_utc(_parser.isoparse(text))
    except (OverflowError, TypeError, ValueError):
        pass  # no text at all, or no such day or hour
    raise ValueError(f"not a time: {text!r}; expected ISO 8601, such as 2018-01-31T23:59:59Z")
