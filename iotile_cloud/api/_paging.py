"""Walking the pages of a listing to their end, never short and never for ever.

`walk` decides; it is given a function that fetches a page by its number and does not know where
pages come from.  `Listing` is the face of it that resources hand out.

A page's `next` only tells that there is more: its link may name another host or scheme, so the
next page is always asked for by number at our own URL.  The first page's `count` is a promise:
fewer rows are an error.  More rows are not, since lists grow while they are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Callable

import requests

from ._reply import first_words, unexpected
from .exceptions import HttpNotFoundError, HttpUnexpectedReplyError, PartialDataError

__all__ = ["LARGEST_PAGE", "Listing", "Page", "read_page", "walk"]

LARGEST_PAGE = 20_000  # rows; a larger wish than its own maximum the server clamps silently


@dataclass(frozen=True)
class Page:
    """One page: its rows, how many there are in all (None: it does not say), and if more follow.

    The rows are a list, or whatever a caller has made of them that has a length and slices.
    """

    rows: Any
    count: int | None
    more: bool


def read_page(value: Any, where: str, response: requests.Response | None = None) -> Page:
    """Return the page that a decoded reply is.

    Args:
        value: `{"count", "next", "results"}`, of which only the rows are needed, or a plain list.
        where: what was asked, in words for the error.
        response: the reply, if it is at hand.

    Raises:
        HttpUnexpectedReplyError: it is no page.
    """
    if isinstance(value, list):
        return Page(value, len(value), False)
    if isinstance(value, dict) and isinstance(value.get("results"), list):
        count = value.get("count")
        more = value.get("next") or value.get("next_page")  # searches number their pages
        known = isinstance(count, int) and not isinstance(count, bool) and count >= 0
        return Page(value["results"], count if known else None, bool(more))
    content = value if isinstance(value, bytes) else json.dumps(value, default=str).encode("ascii")
    text = f"a page of rows was expected from {where}, not {first_words(content)!r}"
    if response is not None:
        raise unexpected(response, text)
    raise HttpUnexpectedReplyError(text, content=content)


def walk(fetch: Callable[[int], Page]) -> Iterator[Page]:
    """Yield page 1, 2, ... until one says that it is the last.

    Args:
        fetch: returns the page of a number.

    Raises:
        PartialDataError: fewer rows came than the first page announced, or pages repeat.
    """
    received, expected, number = 0, None, 1
    seen: set[int] = set()
    while True:
        try:
            page = fetch(number)
        except HttpNotFoundError as error:
            if number == 1:
                raise
            # The page that was named is gone: rows went away while the list was read.
            if expected is not None and received >= expected:
                break
            raise PartialDataError(
                f"page {number} was announced and is gone; {received} rows came before it",
                expected=expected,
                received=received,
            ) from error
        expected = page.count if number == 1 else expected
        received += len(page.rows)
        yield page
        if not page.more:
            break
        # Equal pages can be real, so they count as a circle only beyond what is announced; empty
        # ones would never get there.
        if received > (expected or 0) or not page.rows:
            mark = hash(repr(page.rows))
            if mark in seen:
                raise PartialDataError(
                    f"page {number} repeats an earlier one and still names a next page",
                    expected=expected,
                    received=received,
                )
            seen.add(mark)
        number += 1
    if expected is not None and received < expected:
        raise PartialDataError(
            f"{received} rows came although the first page announced {expected}",
            expected=expected,
            received=received,
        )


class Listing:
    """All rows of a listing, fetched page by page as they are read; can be read again.

    `len()` is the server's count; when it does not give one, TypeError as for any iterator.
    """

    def __init__(self, fetch: Callable[[int], Page]) -> None:
        self._fetch = fetch
        self._first: Page | None = None

    def __iter__(self) -> Iterator[Any]:
        for rows in self.pages():
            yield from rows

    def pages(self) -> Iterator[list[Any]]:
        """Yield the rows of each page."""
        for page in walk(self._page):
            yield page.rows

    def __len__(self) -> int:
        # list() asks for the length before it reads: that page is kept, not asked for twice.
        self._first = self._page(1)
        if self._first.count is None:
            raise TypeError("the server does not tell how many rows this listing has")
        return self._first.count

    def _page(self, number: int) -> Page:
        if number == 1 and self._first is not None:
            first, self._first = self._first, None
            return first
        return self._fetch(number)
