"""Where reports come from: bytes, a path or an open file; and what their first byte tells.

Knows no format beyond that byte.
"""

from __future__ import annotations

import io
import os
from typing import Any

from .errors import FormatError

__all__ = ["checked_format", "content_of"]


def content_of(source: Any) -> bytes:
    """Return the bytes of a report.

    Args:
        source: bytes, the path of a file, or a file that is open for reading bytes.

    Raises:
        OSError: the file cannot be read.
        FormatError: it is none of these, or the file is open for reading text.
    """
    if isinstance(source, (str, os.PathLike)):
        with open(source, "rb") as file:
            return file.read()
    if isinstance(source, io.TextIOBase):
        raise FormatError("a report is bytes; the file is open for text: open it with 'rb'")
    if hasattr(source, "read"):
        source = source.read()
    if not isinstance(source, (bytes, bytearray, memoryview)):
        raise FormatError(f"a report is bytes, not {type(source).__name__}")
    return bytes(source)


def checked_format(content: Any, expected: int, name: str) -> bytes:
    """Return a report as bytes when its first byte, if any, is the right one.

    Raises:
        FormatError: it is another format, or no bytes.
    """
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise FormatError(f"a report is bytes, not {type(content).__name__}")
    data = bytes(content)
    if data and data[0] != expected:
        raise FormatError(f"format byte is {data[0]}; expected {expected}, {name}")
    return data
