"""Which rows a query wants: from arguments to spans of times and numbers.

Pure.  Knows nothing of readings, events or HTTP; times are microseconds since 1970 in UTC.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from ...utils.basic import parse_utc
from ..rules.fields import INT64
from ..rules.validate import MOMENT, check_moment
from ..storage.rows import Spans
from ..web.errors import ApiError, bad_fields, bad_request

__all__ = [
    "last_n",
    "micros",
    "moment_text",
    "narrowed",
    "required_micros",
    "required_number",
    "second_text",
    "spans",
    "stream_last_n",
    "stream_spans",
]

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NAIVE_EPOCH = EPOCH.replace(tzinfo=None)  # printing without a zone is faster
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BAD_MOMENT = ["Enter a valid date/time."]
_MOST_ROWS = 100_000
_GREATEST = 1e50  # greater ones, written with an exponent, would take all memory as integers

# Argument -> (column, which end of its span it sets).
_RANGES = {
    f"{argument}_{suffix}": (argument, column, end)
    for argument, column in (
        ("id", "id"),
        ("streamer_id", "streamer_local_id"),
        ("streamer_ts", "device_timestamp"),
    )
    for suffix, end in (("0", 0), ("min", 0), ("1", 1), ("max", 1))
}


def micros(text: str | datetime) -> int:
    """Return a time (ISO 8601 text or an aware datetime) as microseconds since 1970 in UTC.

    >>> micros("1970-01-01T00:00:01.5Z")
    1500000
    """
    moment = parse_utc(text) if isinstance(text, str) else text
    return (moment - EPOCH) // _MICROSECOND


def moment_text(moment: int | None) -> str | None:
    """Return microseconds as ISO 8601 text, with its fraction when there is one.

    >>> moment_text(1500000), moment_text(None)
    ('1970-01-01T00:00:01.500000Z', None)
    """
    if moment is None:
        return None
    return (_NAIVE_EPOCH + timedelta(microseconds=moment)).isoformat() + "Z"


def second_text(moment: int | None) -> str | None:
    """Return microseconds as ISO 8601 text of whole seconds: fractions are cut, not rounded.

    >>> second_text(1999999)
    '1970-01-01T00:00:01Z'
    """
    return None if moment is None else moment_text(moment // _SECOND * _SECOND)


def spans(args: Mapping[str, str]) -> Spans:
    """Return what `/data/` and `/event/` read from their arguments.

    Raises:
        ApiError: 400, with all the arguments that are no time or no number.
    """
    known = _read_all(args)
    found = _time_span(known)
    for name, (_, column, end) in _RANGES.items():
        if name in known:
            limit = _in_column(math.floor(known[name]) if end else math.ceil(known[name]))
            least, most = found.get(column, (None, None))
            found[column] = (least, limit) if end else (limit, most)
    return found


def _read_all(args: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments that say a time or a number, read."""
    known: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name, (read, argument) in _READERS.items():
        if args.get(name):
            try:
                known[name] = read(args[name], argument)
            except ApiError as error:
                errors.update(error.args[1])
    if errors:
        raise bad_fields(errors)
    return known


def _in_column(number: int) -> int:
    """Return the nearest number that a column may hold."""
    least, most = INT64
    return max(least, min(number, most))


def _time_span(known: Mapping[str, int]) -> Spans:
    start, end, exact = map(known.get, ("start", "end", "timestamp"))
    after = None if exact is None else exact + 1
    return _span(_tighter(max, start, exact), _tighter(min, end, after))


def _span(start: int | None, end: int | None) -> Spans:
    if start is None and end is None:
        return {}
    return {"timestamp": (start, None if end is None else end - 1)}


def required_micros(text: str, name: str) -> int:
    """Return the time that the argument `name` says, with a date and a time of day.

    Raises:
        ApiError: 400, it is no time.
    """
    moment = check_moment(text)
    if moment is None:
        raise bad_fields({name: _BAD_MOMENT})
    return micros(moment)


def required_number(text: str, name: str) -> Decimal:
    """Return the number that the argument `name` says.

    Raises:
        ApiError: 400, it is no number.
    """
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise bad_fields({name: ["Enter a number."]})
    if number.copy_abs() > _GREATEST:
        raise bad_fields({name: [f"Ensure this value is less than or equal to {_GREATEST}."]})
    return number


# Argument -> (what reads it, the name under which its error stands).
_READERS: dict[str, tuple[Callable[[str, str], Any], str]] = {
    **{name: (required_micros, name) for name in ("start", "end", "timestamp")},
    **{name: (required_number, argument) for name, (argument, _, _) in _RANGES.items()},
    "lastn": (required_number, "lastn"),
}


def last_n(args: Mapping[str, str]) -> int | None:
    """Return how many of the newest rows `/data/` and `/event/` are asked for; None: all.

    Raises:
        ApiError: 400, it is no number or out of range.
    """
    if not args.get("lastn"):
        return None
    count = math.ceil(required_number(args["lastn"], "lastn"))
    if count < 1:
        raise bad_request("lastn must be greater than 0")
    if count > _MOST_ROWS:
        raise bad_request(f"lastn limit is {_MOST_ROWS}")
    return count


def stream_spans(args: Mapping[str, str]) -> Spans:
    """Return what `/stream/<slug>/data/` reads: it takes bare dates and ignores nonsense.

    Raises:
        ApiError: 400, a date that looks right and does not exist.
    """
    return _span(*(_loose_moment(args, name) for name in ("start", "end")))


def _loose_moment(args: Mapping[str, str], name: str) -> int | None:
    text = args.get(name, "").strip()
    if _DATE.fullmatch(text):
        text += "T00:00Z"
    return required_micros(text, name) if MOMENT.fullmatch(text) else None


def stream_last_n(args: Mapping[str, str]) -> int | None:
    """Return how many of the newest rows `/stream/<slug>/data/` is asked for; None: all."""
    text = args.get("lastn", "")
    if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
        return None
    count = int(text)
    return _MOST_ROWS if count > _MOST_ROWS // 10 else max(1, count)


def narrowed(wanted: Spans, mask: Mapping[str, Any] | None) -> Spans:
    """Return `wanted` limited to the time of a device's mask (its `start` and `end`, as text)."""
    if not mask:
        return wanted
    least, most = wanted.get("timestamp", (None, None))
    start = micros(mask["start"]) if mask["start"] else None
    end = micros(mask["end"]) - 1 if mask["end"] else None
    bounds = (_tighter(max, least, start), _tighter(min, most, end))
    return {**wanted, "timestamp": bounds}


def _tighter(choose: Any, one: int | None, other: int | None) -> int | None:
    known = [limit for limit in (one, other) if limit is not None]
    return choose(known) if known else None
