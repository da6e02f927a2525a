"""Downloads from a server whose pages are not what the real one's are: noticed, and told."""

from __future__ import annotations

import pytest

from iotile_cloud.api.exceptions import (
    HttpUnexpectedReplyError,
    PartialDataError,
    RestBaseException,
)
from iotile_cloud.stream.data import RawData, StreamData


def row(second, **more):
    stored = {"id": second + 1, "streamer_local_id": second + 1, "stream": "s", "type": "Num"}
    return {**stored, "timestamp": f"2018-01-01T00:00:{second:02}Z", "value": 1.0, **more}


def page(rows, count, more=False):
    return {"count": count, "next": "http://elsewhere/" if more else None, "results": rows}


def test_a_start_that_is_ignored_is_told(pages, caplog):
    """A stand-in that ignores times is read as published; log and receipt tell of it."""
    readings = StreamData("s", pages(page([row(1), row(5)], 2)))
    readings.initialize_from_server(start="2018-01-01T00:00:03Z")
    assert (readings.data, readings.receipt.how) == ([row(1), row(5)], "pages")
    assert "a row of another time" in caplog.text


def test_windows_that_are_ignored_are_walked_by_page(pages, caplog):
    """A stand-in that knows pages only is asked for page 1, 2, ... as published."""
    first, second = page([row(1), row(2)], 4, more=True), page([row(3), row(4)], 4)
    readings = StreamData("s", pages(first, first, second), workers=1)
    readings.initialize_from_server()
    assert readings.data == [row(1), row(2), row(3), row(4)]
    assert (readings.receipt.how, [one["page"] for one in pages.asked()]) == ("pages", [*"112"])
    assert "another time" in caplog.text


@pytest.mark.parametrize("workers", [1, 3])
def test_pages_that_repeat_themselves_end(pages, workers):
    """A server that sends the same rows whatever it is asked is not asked for ever."""
    api = pages(always=page([row(1), row(2)], 9, more=True))
    readings = StreamData("s", api, workers=workers)
    with pytest.raises(PartialDataError, match="repeats an earlier one"):
        readings.initialize_from_server()
    assert not readings.receipt.complete


def test_ranges_that_are_ignored_are_noticed(pages):
    """So it is with ranges of ids."""
    readings = RawData(pages(always=page([row(1), row(2)], 9, more=True)))
    with pytest.raises(PartialDataError, match="another row than {'streamer_id_min': 3}"):
        readings.initialize_from_server(filter="s")
    assert readings.data == [row(1)]


def test_stored_rows_in_another_order_are_noticed(pages):
    """Ranges are cut where the server's order says, so it has to be the promised one."""
    readings = RawData(pages(page([row(3), row(1), row(2)], 9, more=True)))
    with pytest.raises(PartialDataError, match="not in the order of the ids"):
        readings.initialize_from_server(filter="s")
    assert readings.data == []


@pytest.mark.parametrize("odd", [{"value": 1}, row(3, timestamp="soon"), row(3, timestamp=3), 7])
def test_a_row_without_a_time_on_a_later_page_raises(pages, odd):
    """What is no reading is an error of the reply."""
    first = page([row(1), row(2)], 4, more=True)
    with pytest.raises(HttpUnexpectedReplyError, match="a reading should have a time"):
        StreamData("s", pages(first, always=page([odd], 1))).initialize_from_server()


def test_a_stored_row_without_ids_on_a_later_page_raises(pages):
    """So it is with stored rows."""
    readings = RawData(pages(page([row(1), row(2)], 4, more=True), page([{"value": 1}], 1)))
    with pytest.raises(PartialDataError, match="another row"):
        readings.initialize_from_server(filter="s")
    assert readings.data == [row(1)]


@pytest.mark.parametrize("kind", ["stream", "raw"])
def test_an_empty_page_that_names_a_next_one_raises(pages, kind):
    """A window or a range without rows cannot have more of them."""
    api = pages(page([row(1), row(2)], 4, more=True), always=page([], 2, more=True))
    readings = StreamData("s", api) if kind == "stream" else RawData(api)
    with pytest.raises(PartialDataError, match="an empty page"):
        readings.initialize_from_server()


@pytest.mark.parametrize("make", [lambda api: StreamData("s", api), RawData])
def test_a_count_below_the_rows_is_walked_as_published(pages, make):
    """Where `count` and `next` disagree, pages are walked, and the receipt says so."""
    readings = make(pages(page([row(1), row(2)], 1, more=True), page([row(3)], 1)))
    readings.initialize_from_server()
    assert readings.data == [row(1), row(2), row(3)]
    assert readings.receipt.how == "pages"


@pytest.mark.parametrize("make", [lambda api: StreamData("s", api), RawData])
def test_a_page_without_next_and_with_a_larger_count_raises(pages, make):
    """A listing that ends too early is told, with its rows."""
    with pytest.raises(PartialDataError) as caught:
        make(pages(page([row(1)], 3))).initialize_from_server()
    assert (caught.value.rows, caught.value.expected) == ([row(1)], 3)


ODD = [
    7,
    "x",
    None,
    [],
    {},
    {"timestamp": 5},
    {"timestamp": "soon"},
    {"id": 1},
    {**row(1), "id": "1"},
]


@pytest.mark.parametrize("make", [lambda api: StreamData("s", api), RawData], ids=["stream", "raw"])
@pytest.mark.parametrize("query", [{}, {"start": "2017-01-01"}])
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_what_is_no_reading_is_kept_or_refused(pages, make, query, odd):
    """Rows of any kind on one page are passed on, and never lead to another kind of error."""
    readings = make(pages(page([row(1), odd], 2)))
    readings.initialize_from_server(**query)
    assert readings.data == [row(1), odd]
    assert readings.receipt.received == 2


@pytest.mark.parametrize("make", [lambda api: StreamData("s", api), RawData], ids=["stream", "raw"])
@pytest.mark.parametrize("query", [{}, {"lastn": 3}])
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_what_is_no_reading_leads_to_no_other_error(pages, make, query, place, odd):
    """On any of several pages it is passed on or refused, and the receipt tells which."""
    replies = [page([row(1), row(2)], 3, more=True) for _ in range(3)]
    replies[place]["results"][1] = odd
    readings = make(pages(*replies, always=page([odd], 1)))
    complete = True
    try:
        readings.initialize_from_server(**query)
    except RestBaseException:
        complete = False
    assert readings.receipt.complete == complete
    assert readings.receipt.received == len(readings.data)
