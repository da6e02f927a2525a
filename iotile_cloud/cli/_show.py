"""Puts values on stdout: readable on a terminal, JSON otherwise, bytes as they are.

Knows streams, terminals and their width; how a table is laid out is in `_layout`.  Nothing is cut
in silence: what a table leaves out is told on stderr.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Callable

from ..utils._ending import say
from ..utils.basic import utc_text
from ._layout import Layout, record, rows_of

__all__ = ["is_terminal", "json_text", "note", "request_text", "show", "show_pages", "write"]

# Legal in JSON, but a terminal obeys them, reorders by them or cannot write them.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_CUT = "'...' stands for what was cut; --json shows all"

Tell = Callable[[str], None]


def note(text: str) -> None:
    """Say something on stderr."""
    say("iotile-cloud", text)


def show(value: Any, as_json: bool = False, tell: Tell = note) -> None:
    """Put `value` on stdout.

    Args:
        value: what JSON can hold, also with datetimes and slugs; bytes; None for nothing at all.
        as_json: also on a terminal.
        tell: says what a table leaves out.
    """
    rows = rows_of(value)
    if isinstance(value, bytes):
        _write_bytes(value)
    elif value is not None and (as_json or not is_terminal() or not _is_readable(value)):
        write(json_text(value) + "\n")
    elif rows is not None:
        _show_table([rows], tell)
        _tell_count(value, len(rows), tell)
    elif isinstance(value, Mapping):
        text, cut = record(value, _width())
        write(text + "\n")
        if cut:
            tell(_CUT)


def show_pages(pages: Iterable[list[Any]], as_json: bool = False, tell: Tell = note) -> None:
    """Put the rows of all pages on stdout while they come: one JSON array, or one table.

    Args:
        pages: no more than one of them is held at a time.
        as_json: also on a terminal.
        tell: says what a table leaves out.
    """
    if not as_json and is_terminal():
        _show_table(pages, tell)
        return
    # An error before the first row leaves nothing on stdout, one in the middle an open array.
    opening = "["
    for rows in pages:
        for row in rows:
            write(f"{opening}\n{json_text(row, indent=None)}")
            opening = ","
    write("[]\n" if opening == "[" else "\n]\n")


def json_text(value: Any, indent: int | None = 2) -> str:
    """Return `value` as JSON that stdout can write and any terminal can show.

    >>> print(json_text({"name": "Meter", "bell": "\\x9b"}, indent=None))
    {"name": "Meter", "bell": "\\u009b"}
    """
    few = "utf" not in (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    text = json.dumps(value, ensure_ascii=few, indent=indent, default=_plain)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def request_text(request: Mapping[str, Any]) -> str:
    """Return a request that was not sent as it would stand on the wire.

    >>> print(request_text({"method": "GET", "url": "http://h/", "headers": {}, "body": None}))
    GET http://h/
    """
    lines = [f"{request['method']} {request['url']}"]
    lines += [f"{name}: {value}" for name, value in request["headers"].items()]
    body = request["body"]
    if body is not None:
        lines += ["", body if isinstance(body, str) else json_text(body)]
    return "\n".join(lines)


def write(text: str) -> None:
    """Put text on stdout, with escapes for letters that it does not have."""
    if sys.stdout is None:  # the caller has closed it
        return
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        few = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.encode(few, "backslashreplace").decode(few))


def _write_bytes(content: bytes) -> None:
    if sys.stdout is None:
        return
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:  # a stand-in that takes text only
        sys.stdout.write(content.decode("utf-8", "backslashreplace"))
    else:
        binary.write(content)


def _show_table(pages: Iterable[list[Any]], tell: Tell) -> None:
    layout = None
    for rows in pages:
        if rows and layout is None:
            layout = Layout.of(rows, _width())
            write(layout.head() + "\n")
        if layout is not None:
            for row in rows:
                write(layout.line(row) + "\n")
    if layout is None:
        tell("no rows")
        return
    if layout.left_out:
        tell(f"not shown: {', '.join(layout.left_out)}; --json shows all")
    if layout.shortened:
        tell(_CUT)


def _tell_count(value: Any, shown: int, tell: Tell) -> None:
    """Say which rows of a listing these are, when there are more."""
    if isinstance(value, Mapping) and (value.get("next") or value.get("previous")):
        count = value.get("count")
        total = f"{count:,}" if isinstance(count, int) else "more"
        tell(f"one page: {shown:,} of {total} rows; --all reads them all")


def is_terminal() -> bool:
    """Tell whether a person reads stdout."""
    return sys.stdout is not None and sys.stdout.isatty()


def _width() -> int:
    return shutil.get_terminal_size().columns


def _plain(value: Any) -> str:
    return utc_text(value) if isinstance(value, datetime) else str(value)


def _is_readable(value: Any) -> bool:
    return isinstance(value, list) or (isinstance(value, Mapping) and bool(value))
