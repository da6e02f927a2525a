"""The readings and events of a flexible dictionary, as dictionaries and back.

Knows the names that they have there.  Knows not how the dictionary is written.
"""

from __future__ import annotations

import re
from array import array
from datetime import datetime, timezone
from typing import Any

from ..utils.basic import parse_utc, utc_text
from .clock import micros, moment
from .errors import FieldError, ReportError
from .packing import plain
from .reading import UNKNOWN, Event, number, signed_64
from .readings import Readings, narrow

__all__ = ["event_dict", "events_of", "reading_dict", "readings_of", "stated", "stream_number"]

_HEX = re.compile("[0-9a-fA-F]{1,4}")
_COMMON = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)  # a time as devices write it


def stated(content: dict[str, Any], name: str, bits: int, null: int | None = None) -> int:
    """Return a number of the dictionary.

    Args:
        null: what null stands for; None: it is not taken.

    Raises:
        FieldError: it is missing, no int or out of its range.
    """
    if name not in content:
        raise FieldError(f"{name} is missing")
    value = content[name]
    try:
        return number(name, null if value is None else value, 0, (1 << bits) - 1)
    except ValueError as error:
        raise FieldError(str(error)) from None


def readings_of(content: dict[str, Any]) -> Readings:
    """Return the readings of a dictionary.

    Raises:
        FieldError: there is no list of them, or one of them is not right.
    """
    columns = array("H"), array("I"), array("I"), array("q")
    values: list[int] = []
    for at, item in enumerate(_listed(content, "data")):
        try:
            stream, raw_time, reading_id, time = _common(item)
            values.append(signed_64("value", _field(item, "value")))
        except ValueError as error:
            raise FieldError(f"reading {at}: {error}") from None
        for column, field in zip(columns, (stream, reading_id, raw_time, micros(time))):
            column.append(field)
    streams, ids, raw_times, said = columns
    return Readings(streams, ids, raw_times, narrow(values), said)


def events_of(content: dict[str, Any]) -> tuple[Event, ...]:
    """Return the events of a dictionary.

    Raises:
        FieldError: there is no list of them, or one of them is not right.
    """
    return tuple(_event(at, item) for at, item in enumerate(_listed(content, "events")))


def reading_dict(
    stream: int, raw_time: int, reading_id: int, time: int, value: int
) -> dict[str, Any]:
    """Return a reading as it stands in the dictionary; its time has no zone there."""
    said = moment(time)
    return {
        "stream": stream,
        "device_timestamp": raw_time,
        "streamer_local_id": reading_id,
        "timestamp": None if said is None else said.replace(tzinfo=None).isoformat(),
        "value": value,
    }


def event_dict(event: Event) -> dict[str, Any]:
    """Return an event as it stands in the dictionary."""
    return {
        "stream": event.stream,
        "device_timestamp": event.raw_time,
        "streamer_local_id": event.reading_id,
        "timestamp": None if event.timestamp is None else utc_text(event.timestamp),
        "extra_data": event.extra_data,
        "data": event.data,
    }


def stream_number(stream: object) -> int:
    """Return the local id of a stream, given as number or as hex text.

    Raises:
        ValueError: it is neither, or has more than 16 bits.

    >>> stream_number("5001") == stream_number(0x5001) == 0x5001
    True
    """
    if isinstance(stream, str) and _HEX.fullmatch(stream):
        return int(stream, 16)
    return number("stream", stream, 0, 0xFFFF)


def _listed(content: dict[str, Any], name: str) -> list[Any]:
    items = content.get(name)
    if not isinstance(items, (list, type(None))):
        raise FieldError(f"{name} is a {type(items).__name__}; expected a list")
    return items or []


def _event(at: int, item: Any) -> Event:
    try:
        item = plain(item)
        stream, raw_time, reading_id, time = _common(item)
        extra, data = item.get("extra_data"), item.get("data")
        return Event(stream, extra, data, raw_time, reading_id, time)
    except ValueError as error:
        raise FieldError(f"event {at}: {error}") from None


def _common(item: Any) -> tuple[int, int, int, datetime | None]:
    if not isinstance(item, dict):
        raise FieldError(f"it is a {type(item).__name__}; expected a map")
    raw_time = item.get("device_timestamp")
    return (
        stream_number(_field(item, "stream")),
        UNKNOWN if raw_time is None else number("device_timestamp", raw_time, 0, UNKNOWN),
        number("streamer_local_id", _field(item, "streamer_local_id"), 0, 0xFFFFFFFF),
        _time(item.get("timestamp")),
    )


def _field(item: dict[str, Any], name: str) -> Any:
    if name not in item:
        raise FieldError(f"{name} is missing")
    return item[name]


def _time(text: Any) -> datetime | None:
    if text is None:
        return None
    if isinstance(text, str) and _COMMON.fullmatch(text):
        return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
    try:
        return parse_utc(text)
    except ValueError as error:
        raise ReportError(f"timestamp is {error!s:.200}") from None
