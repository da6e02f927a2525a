"""Bodies of replies to rows or columns, with msgspec where it is installed (the extra `fast`).

What is not plain it leaves, by a ValueError, to the ordinary way of the api; so the extra changes
the speed and never a result.  Knows what pages look like.  Knows nothing of requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any, Callable, Optional

from ..api._paging import Page, read_page
from .columns import Columns
from .kinds import kind_of

try:
    import msgspec  # type: ignore[import-not-found,unused-ignore]
except ImportError:  # the standard library serves, only slower
    msgspec = None  # type: ignore[assignment,unused-ignore]

__all__ = ["Decode", "cells_of", "columns_decoder", "floats_of", "page_of_columns", "rows_decoder"]

Decode = Callable[[bytes], Any]
_ZONE = "+00:00,"  # ends the time in a line of a table
_PAGE = ("count", "next", "next_page")


def rows_decoder() -> Decode | None:
    """Return what decodes a body as the standard library does, only faster; None: nothing."""
    return None if msgspec is None else _decoded


def columns_decoder(names: Sequence[str]) -> Decode | None:
    """Return what decodes the body of a page to a `Page` of `Columns`; None: nothing."""
    return None if msgspec is None else partial(_page, tuple(names))


def page_of_columns(value: Any, names: Sequence[str], where: str) -> Page:
    """Return a decoded page, whichever way it came, as one of `Columns`.

    Raises:
        HttpUnexpectedReplyError: it is no page, or what is in it are no readings.
    """
    if isinstance(value, Page):
        return value
    page = read_page(value, where)
    return replace(page, rows=Columns.of(page.rows, names))


def cells_of(lines: str) -> list[Any]:
    """Return the cells of lines of a table, one after the other; none where they are not plain.

    A plain line is a time in UTC and numbers, so a pair of quotation marks makes it JSON.
    """
    if msgspec is None or lines.count(_ZONE) != lines.count("\n"):  # some have no time
        return []
    quoted = lines[:-1].replace(_ZONE, '+00:00",').replace("\n", ',"')
    try:
        cells: list[Any] = _read(msgspec.json.decode, f'["{quoted}]')
    except ValueError:
        return []
    return cells


def floats_of(texts: Sequence[str]) -> list[float]:
    """Return the numbers that texts write.

    Raises:
        ValueError: one writes no number.

    >>> floats_of(["1.5", "2"])
    [1.5, 2.0]
    """
    if msgspec is not None:
        try:
            numbers: list[float] = _read(_floats().decode, f"[{','.join(texts)}]")
        except ValueError:
            numbers = []  # what JSON has no text for, perhaps
        if len(numbers) == len(texts):
            return numbers
    return list(map(float, texts))


@lru_cache(maxsize=1)
def _floats() -> Any:
    return msgspec.json.Decoder(list[float])


def _decoded(content: bytes) -> Any:
    value = _read(msgspec.json.decode, content)
    if isinstance(value, (dict, list)):
        return value
    raise ValueError("neither an object nor a list")


def _read(decode: Callable[[Any], Any], text: bytes | str) -> Any:
    try:
        return decode(text)
    except (msgspec.DecodeError, RecursionError) as error:  # neither is always a ValueError
        raise ValueError(str(error)) from None


def _page(names: tuple[str, ...], content: bytes) -> Page:
    if not content.isascii():
        content.decode()  # in what it skips, msgspec would not see that it is no text
    page = _read(_typed(names).decode, content)
    values = {name: list(map(attrgetter(name), page.results)) for name in names}
    known = {name: getattr(page, name) for name in _PAGE}
    return replace(read_page({**known, "results": []}, ""), rows=Columns.made(values))


@lru_cache(maxsize=32)
def _typed(names: tuple[str, ...]) -> Any:
    """Return a decoder that makes only what is in `names`."""
    fields: Any = [(name, Optional[kind_of(name).json], None) for name in names]
    row: Any = msgspec.defstruct("Row", fields, gc=False)
    wanted: Any = [("results", list[row]), *((name, Any, None) for name in _PAGE)]
    return msgspec.json.Decoder(msgspec.defstruct("PageOfRows", wanted))
