"""Walking the pages of a listing."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.api._paging import Listing, Page, read_page, walk
from iotile_cloud.api.exceptions import HttpUnexpectedReplyError, PartialDataError


def pager(pages: list[Page]) -> Any:
    """Return a function that fetches pages by number, as a server would."""
    return lambda number: pages[number - 1]


@pytest.mark.parametrize(
    ("value", "page"),
    [
        ({"count": 2, "next": "x", "results": [1]}, Page([1], 2, True)),
        ({"count": 1, "next": None, "results": [1]}, Page([1], 1, False)),
        ({"results": [1]}, Page([1], None, False)),
        ({"results": [], "count": None, "next": ""}, Page([], None, False)),
        ({"count": 11, "next_page": 2, "prev_page": None, "results": [1]}, Page([1], 11, True)),
        ([1, 2], Page([1, 2], 2, False)),
        ([], Page([], 0, False)),
    ],
)
def test_the_forms_of_a_page(value: Any, page: Page) -> None:
    """A page may come without count and next, number its pages, or be a plain list."""
    assert read_page(value, "here") == page


@pytest.mark.parametrize(
    "value", [None, {}, {"results": None}, {"results": {}}, {"slug": "x"}, "text", b"<p>Log in</p>"]
)
def test_what_is_no_page_is_an_error_with_its_first_words(value: Any) -> None:
    """The error names the place and shows what came instead."""
    with pytest.raises(HttpUnexpectedReplyError, match="a page of rows was expected from here"):
        read_page(value, "here")


def test_the_words_of_a_page_of_markup_are_its_text() -> None:
    """Of HTML the error shows what a reader would see."""
    with pytest.raises(HttpUnexpectedReplyError, match="not 'Log in'"):
        read_page(b"<html><style>p {}</style><p>Log in</p></html>", "here")


def test_an_error_of_a_page_keeps_the_reply() -> None:
    """Where the reply is at hand, its status, bytes and URL are those of the error."""
    response = requests.Response()
    response.status_code, response._content, response.url = 200, b"<p>Log in", "http://h/x/?page=1"
    with pytest.raises(HttpUnexpectedReplyError) as caught:
        read_page(b"<p>Log in", "here", response)
    error = caught.value
    assert (error.status_code, error.content, error.url) == (200, b"<p>Log in", "http://h/x/")


@pytest.mark.parametrize("count", [-1, True, "3", None])
def test_a_count_that_is_no_number_is_none(count: Any) -> None:
    """What does not count rows is as good as absent."""
    assert read_page({"count": count, "results": [1]}, "here").count is None


@given(st.lists(st.integers(0, 2)), st.integers(1, 4), st.booleans())
def test_any_honest_listing_is_walked_exactly(rows: list[int], size: int, counted: bool) -> None:
    """Whatever the rows and the size of pages, all rows come in order, and the walk ends."""
    total = len(rows) if counted else None
    pieces = [rows[at : at + size] for at in range(0, len(rows), size)] or [[]]
    pages = [Page(piece, total, more=True) for piece in pieces]
    pages[-1] = Page(pieces[-1], total, more=False)
    if not counted and len({str(piece) for piece in pieces}) < len(pieces):
        return  # without a count, equal pages cannot be told from a circle
    assert [row for page in walk(pager(pages)) for row in page.rows] == rows


def test_fewer_rows_than_announced_are_an_error() -> None:
    """The error tells what was announced and what came."""
    with pytest.raises(PartialDataError, match="2 rows came although .* announced 3") as caught:
        list(walk(pager([Page([1], 3, True), Page([2], 3, False)])))
    assert (caught.value.expected, caught.value.received) == (3, 2)


def test_more_rows_than_announced_are_not_an_error() -> None:
    """A list may grow while it is read, and counts may lie."""
    pages = [Page([1, 2, 3], 3, True), Page([1, 2, 3], 3, False)]
    assert sum(len(page.rows) for page in walk(pager(pages))) == 6


def test_the_first_count_is_the_promise() -> None:
    """A count that shrinks on the way does not make a short listing whole."""
    with pytest.raises(PartialDataError):
        list(walk(pager([Page([1], 3, True), Page([2], 2, False)])))


def test_equal_pages_within_the_count_are_rows() -> None:
    """Pages may be equal by chance, as long as more rows are due."""
    pages = [Page([0], 3, True), Page([0], 3, True), Page([0], 3, False)]
    assert sum(len(page.rows) for page in walk(pager(pages))) == 3


@pytest.mark.parametrize(
    "page",
    [
        Page([1], 1, True),
        Page([1], None, True),
        Page([1], 3, True),
        Page([], 5, True),
        Page([], None, True),
    ],
)
def test_a_page_that_repeats_without_end_is_an_error(page: Page) -> None:
    """A server that always names a next page is found out."""
    with pytest.raises(PartialDataError, match="repeats an earlier one"):
        list(islice(walk(lambda _: page), 100))


def test_pages_that_alternate_without_end_are_an_error() -> None:
    """A circle of several pages is found out too."""
    with pytest.raises(PartialDataError):
        list(islice(walk(lambda number: Page([number % 3], 4, True)), 100))


def test_pages_are_fetched_as_they_are_read() -> None:
    """A page that nobody reads is not asked for."""
    asked: list[int] = []

    def fetch(number: int) -> Page:
        asked.append(number)
        return Page([number], 9, True)

    assert [page.rows for page in islice(walk(fetch), 2)] == [[1], [2]]
    assert asked == [1, 2]


class Counted:
    """Two pages of a listing, and how often each was asked for."""

    def __init__(self, count: int | None = 3) -> None:
        self.asked: list[int] = []
        self.count = count

    def __call__(self, number: int) -> Page:
        self.asked.append(number)
        return Page([1, 2], self.count, True) if number == 1 else Page([3], self.count, False)


def test_a_listing_can_be_read_again() -> None:
    """Each reading asks the server anew."""
    fetch = Counted()
    listing = Listing(fetch)
    assert [*listing] == [*listing] == [1, 2, 3]
    assert fetch.asked == [1, 2, 1, 2]


def test_the_length_of_a_listing_costs_no_extra_page() -> None:
    """The page asked for its count is the first one read, so a list needs each page once."""
    fetch = Counted()
    listing = Listing(fetch)
    assert len(listing) == 3
    assert list(listing) == [1, 2, 3]
    assert fetch.asked == [1, 2]


def test_a_listing_without_count_has_no_length() -> None:
    """`len` says why, and `list` works all the same."""
    listing = Listing(Counted(None))
    with pytest.raises(TypeError, match="does not tell how many rows"):
        len(listing)
    assert list(listing) == [1, 2, 3]
