"""The two ways to write a flexible dictionary: msgpack, and JSON.

Content comes out as plain data with text, never bytes.  Knows no key of the dictionary.
"""

from __future__ import annotations

import json
from typing import Any, cast

from ..utils._extras import needed
from .errors import FormatError, LengthError, ReportError, TrailingBytesError

__all__ = ["is_json", "json_of", "msgpack_of", "plain", "unpack"]

_MAPS = frozenset([*range(0x80, 0x90), 0xDE, 0xDF])  # the first byte of a msgpack map
# To skip takes nothing, so no length is too large for it; what is not there is then found out.
_UNLIMITED = dict.fromkeys(
    [f"max_{kind}_len" for kind in ("str", "bin", "array", "map", "ext")], 0x7FFFFFFF
)
_DEEPEST = 100  # levels of lists and dictionaries: less than any writer or recursion can do
_BLANK = " \t\r\n"  # what may stand around JSON
_LOOK = 64  # bytes in which the text of JSON must have begun


def is_json(data: bytes) -> bool:
    """Tell whether this is a JSON object, as far as its beginning tells."""
    return data[:_LOOK].lstrip(_BLANK.encode())[:1] == b"{"


def unpack(data: bytes) -> dict[str, Any]:
    """Return the content of msgpack or JSON; old packers wrote bytes for text.

    Raises:
        LengthError, TrailingBytesError, FormatError: it is cut short, goes on, or is neither.
        ImportError: it is msgpack, and the extra `msgpack` is not installed.
    """
    try:
        if is_json(data):
            return _from_json(data.decode().strip(_BLANK))
        if data[:1] and data[0] not in _MAPS:
            raise FormatError(f"first byte is {data[0]:#04x}; expected a map of msgpack, or JSON")
        return _from_msgpack(data)
    except (ValueError, RecursionError) as error:
        if isinstance(error, ReportError):
            raise
        raise FormatError(f"not readable as msgpack or JSON: {error!s:.200}") from None


def _from_json(text: str) -> dict[str, Any]:
    try:
        content, end = json.JSONDecoder(parse_constant=_refuse).raw_decode(text)
    except json.JSONDecodeError as error:
        if error.pos < len(text) and text.endswith("}"):
            raise
        raise LengthError(f"cut short: {len(text)} characters of JSON are not the whole") from None
    if end < len(text):
        sizes = f"the object has {end} characters, there are {len(text)}"
        raise TrailingBytesError(f"trailing bytes: {sizes}")
    return cast("dict[str, Any]", content)


def _from_msgpack(data: bytes) -> dict[str, Any]:
    msgpack = needed("msgpack", "msgpack")
    unpacker = msgpack.Unpacker(max_buffer_size=len(data) or 1, **_UNLIMITED)
    unpacker.feed(data)
    try:
        # A stated length makes `unpackb` reserve memory.  To skip does not, and it finds out
        # whether all that is stated is there.
        unpacker.skip()
    except msgpack.OutOfData:
        raise LengthError(f"cut short: {len(data)} bytes of msgpack are not the whole") from None
    except msgpack.UnpackException as error:
        raise FormatError(f"not readable as msgpack: {type(error).__name__}") from None
    if unpacker.tell() < len(data):
        text = f"trailing bytes: the map has {unpacker.tell()} bytes, there are {len(data)}"
        raise TrailingBytesError(text)
    try:
        content = msgpack.unpackb(data, strict_map_key=False)
    except (TypeError, msgpack.UnpackException) as error:  # a list as key, or a bad extension
        raise FormatError(f"not readable as msgpack: {type(error).__name__}") from None
    old = any(isinstance(key, bytes) for key in content)
    return cast("dict[str, Any]", plain(content) if old else content)


def plain(value: Any, levels: int = _DEEPEST) -> Any:
    """Return `value` with text for bytes.

    Raises:
        FormatError: JSON has no such value, or it is nested deeper than `levels`.

    >>> plain({b"stream": [b"5001", 1.5, None]})
    {'stream': ['5001', 1.5, None]}
    """
    if isinstance(value, bytes):
        return value.decode()
    if not levels:
        raise FormatError(f"a value is nested deeper than {_DEEPEST} levels")
    if isinstance(value, list):
        return [plain(item, levels - 1) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, (str, bytes)) for key in value):
            raise FormatError("a dictionary has a key that is no text")
        return {plain(key): plain(item, levels - 1) for key, item in value.items()}
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise FormatError(f"a value is of type {type(value).__name__}, which JSON does not have")


def msgpack_of(content: dict[str, Any]) -> bytes:
    """Return content as msgpack.

    Raises:
        ImportError: the extra `msgpack` is not installed.
        ValueError: msgpack has no such value.
    """
    try:
        return cast(bytes, needed("msgpack", "msgpack").packb(content))
    except (OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"msgpack has no room for a value of an event: {error}") from None


def json_of(content: dict[str, Any]) -> bytes:
    """Return content as JSON text.

    Raises:
        ValueError: JSON has no such value.
    """
    try:
        return json.dumps(content, allow_nan=False).encode()
    except (RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"JSON has no room for a value of an event: {error}") from None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
