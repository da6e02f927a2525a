"""What kind of column each field of a reading is, and how its values become one.

Numbers take eight bytes.  Null has a stand-in and is noted in a mask.  Knows no rows and no JSON.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Any, Callable, Union

from ..api.exceptions import HttpUnexpectedReplyError
from .stamps import NO_TIME, nanoseconds

__all__ = [
    "EVENT_NAMES",
    "RAW_NAMES",
    "STREAM_NAMES",
    "Data",
    "Kind",
    "checked_names",
    "column",
    "kind_of",
]

Data = Union["array[int]", "array[float]", "list[str | None]"]


@dataclass(frozen=True)
class Kind:
    """A kind of column.

    Attributes:
        json: the type of its values in JSON.
        pack: makes a column of values without null; TypeError, ValueError, OverflowError if it
            cannot.
        whole: makes what `pack` can take of one odd value.
        null: stands where the value is null.
        words: what its values are, for an error.
    """

    json: type
    pack: Callable[[Sequence[Any]], Data]
    whole: Callable[[Any], Any]
    null: Any
    words: str


def _integers(values: Sequence[Any]) -> Data:
    return array("q", values)


def _doubles(values: Sequence[Any]) -> Data:
    return array("d", values)


def _texts(values: Sequence[Any]) -> Data:
    if not all(isinstance(value, str) for value in values):
        raise TypeError
    one: dict[str, str] = {}  # of equal texts one is kept
    return [one.setdefault(value, value) for value in values]


def _flags(values: Sequence[Any]) -> Data:
    if not all(isinstance(value, bool) for value in values):
        raise TypeError
    return array("b", values)


def _objects(values: Sequence[Any]) -> Data:
    if not all(isinstance(value, dict) for value in values):
        raise TypeError
    return [json.dumps(value) for value in values]


def _integer(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _itself(value: Any) -> Any:
    return value


INTEGER = Kind(int, _integers, _integer, 0, "a whole number of 64 bits at the most")
DOUBLE = Kind(float, _doubles, _itself, nan, "a number")
TIME = Kind(str, nanoseconds, _itself, NO_TIME, "a time of the years 1678 to 2261")
TEXT = Kind(str, _texts, _itself, None, "a text")
FLAG = Kind(bool, _flags, _itself, 0, "true or false")
OBJECT = Kind(dict, _objects, _itself, None, "a JSON object")
_KINDS = {
    "timestamp": TIME,
    "int_value": INTEGER,
    "value": DOUBLE,
    "output_value": DOUBLE,
    "streamer_local_id": INTEGER,
    "device_timestamp": INTEGER,
    "id": INTEGER,
    "stream": TEXT,
    "has_raw_data": FLAG,
    "extra_data": OBJECT,
}
STREAM_NAMES = tuple(_KINDS)[:5]
RAW_NAMES = tuple(name for name in tuple(_KINDS)[:8] if name != "output_value")
EVENT_NAMES = (
    *("timestamp", "id", "stream", "streamer_local_id", "device_timestamp"),
    *("has_raw_data", "extra_data"),
)


def kind_of(name: str) -> Kind:
    """Return the kind of a column."""
    return _KINDS[name]


def column(name: str, values: Sequence[Any]) -> tuple[Data, bytearray | None]:
    """Return `values` as a column, and the mask of those that are None, if any is.

    Raises:
        HttpUnexpectedReplyError: a value is of another kind.

    >>> column("value", [1, None])
    (array('d', [1.0, nan]), bytearray(b'\\x00\\x01'))
    """
    kind = _KINDS[name]
    try:
        return kind.pack(values), None
    except (OverflowError, TypeError, ValueError):
        pass  # a null, or something odd
    mask = bytearray(value is None for value in values)
    try:
        known = kind.pack([kind.whole(value) for value in values if value is not None])
    except (OverflowError, TypeError, ValueError):
        raise HttpUnexpectedReplyError(_complaint(name, kind, values)) from None
    if 1 not in mask:
        return known, None
    left = iter(known)
    filled: Any = [kind.null if null else next(left) for null in mask]
    return (filled if kind.null is None else array(known.typecode, filled)), mask  # type: ignore[union-attr]


def _complaint(name: str, kind: Kind, values: Sequence[Any]) -> str:
    for value in values:
        try:
            kind.pack([] if value is None else [kind.whole(value)])
        except (OverflowError, TypeError, ValueError):
            return f"{name} should be {kind.words}, not {value!r:.200}"
    return f"{name} should be {kind.words}"


def checked_names(wanted: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return the columns to read: all `known` ones, or the time and those that are `wanted`.

    Raises:
        ValueError: there is no such column; the message tells those that there are.

    >>> checked_names(("value", "value"), STREAM_NAMES)
    ('timestamp', 'value')
    """
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"no column {unknown[0]!r}; there are {', '.join(known)}")
    return tuple(dict.fromkeys(("timestamp", *wanted))) if wanted else tuple(known)
