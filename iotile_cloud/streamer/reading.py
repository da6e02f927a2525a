"""What a device reports: a reading, which is one number, or an event, which is a dictionary.

Knows the ranges of their fields.  Knows no bytes, and not when the device was started.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..utils.basic import as_utc

__all__ = ["UNKNOWN", "Event", "Reading", "checked_before", "number", "signed_64"]

UNKNOWN = 0xFFFFFFFF  # the raw time of a device that did not know the time

_INT64 = (-(1 << 63), (1 << 63) - 1)
_UNSIGNED = (("stream", 16), ("raw_time", 32), ("reading_id", 32))


def number(name: str, value: object, lowest: int, highest: int) -> int:
    """Return `value` as a plain int.

    Raises:
        ValueError: it is none, or out of its range; the message begins with `name`.

    >>> number("selector", 70000, 0, 65535)
    Traceback (most recent call last):
        ...
    ValueError: selector is 70000; expected an int from 0 to 65535
    """
    if type(value) is int and lowest <= value <= highest:
        return value
    try:
        plain = None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        plain = None
    if plain is None or not lowest <= plain <= highest:
        text = f"{value!r:.80}"
        raise ValueError(f"{name} is {text}; expected an int from {lowest} to {highest}")
    return plain


def signed_64(name: str, value: object) -> int:
    """Return `value` as a plain int of 64 bits with a sign; raises like `number`."""
    return number(name, value, *_INT64)


def _check(item: Any) -> None:
    for name, bits in _UNSIGNED:
        object.__setattr__(item, name, number(name, getattr(item, name), 0, (1 << bits) - 1))
    if item.timestamp is not None:
        object.__setattr__(item, "timestamp", as_utc(item.timestamp))


@dataclass(frozen=True)
class Reading:
    """One number of a device.

    Args:
        stream: local id of the stream, 16 bits, such as 0x5001.
        value: the raw number; whether its 32 bits are signed is a matter of the stream.  Only a
            flexible dictionary has room for others, up to 64 signed bits.
        raw_time: seconds since the device started; with bit 31 set, since 2000-01-01 UTC;
            0xFFFFFFFF is unknown.
        reading_id: counts up on the device; 0 is none.
        timestamp: when it was taken, in UTC; None: not known.

    Raises:
        ValueError: a field is no int or out of its range.

    >>> Reading(0x5001, 42, raw_time=100)
    Reading(stream=20481, value=42, raw_time=100, reading_id=0, timestamp=None)
    """

    stream: int
    value: int
    raw_time: int = 0
    reading_id: int = 0
    timestamp: datetime | None = None

    def __post_init__(self) -> None:
        _check(self)
        object.__setattr__(self, "value", signed_64("value", self.value))


def checked_before(
    stream: int, value: int, raw_time: int, reading_id: int, timestamp: datetime | None
) -> Reading:
    """Return a reading of fields that come out of arrays of their width: a million need no check.

    >>> checked_before(1, 2, 3, 4, None) == Reading(1, 2, 3, 4)
    True
    """
    reading = object.__new__(Reading)
    reading.__dict__.update(
        stream=stream, value=value, raw_time=raw_time, reading_id=reading_id, timestamp=timestamp
    )
    return reading


@dataclass(frozen=True)
class Event:
    """One event of a device, as only a flexible dictionary holds it.

    Args:
        stream: local id of the stream, 16 bits.
        extra_data: the summary, a dictionary of what JSON can hold.
        data: all of it, or None.
        raw_time: as in a `Reading`; unknown unless it is given.
        reading_id: counts up on the device, together with the readings; 0 is none.
        timestamp: when it happened, in UTC; None: not known.

    Raises:
        ValueError: a field is no int or out of its range.

    >>> Event(0x5002, {"peak": 3}, reading_id=7).extra_data
    {'peak': 3}
    """

    stream: int
    extra_data: dict[str, Any] | None = field(default=None, hash=False)  # no dictionary has a hash
    data: Any = field(default=None, hash=False)
    raw_time: int = UNKNOWN
    reading_id: int = 0
    timestamp: datetime | None = None

    def __post_init__(self) -> None:
        _check(self)
        extra: object = self.extra_data
        if not isinstance(extra, (dict, type(None))):
            text = f"{extra!r:.80}"
            raise ValueError(f"extra_data is {text}; expected a dictionary or None")
