"""Tests for iotile_cloud.stream.data and iotile_cloud.stream.receipt."""

from __future__ import annotations

import pytest

from iotile_cloud.api.exceptions import (
    HttpNotFoundError,
    HttpPermissionError,
    HttpUnexpectedReplyError,
    PartialDataError,
)
from iotile_cloud.local.demo import demo_facts
from iotile_cloud.stream.data import BaseData, RawData, StreamData, StreamRawData
from iotile_cloud.stream.receipt import Receipt, span
from iotile_cloud.utils.gid import IOTileStreamSlug

FACTS = demo_facts()
STREAM = FACTS.upload.stream


def row(second, value=1):
    return {"timestamp": f"2018-01-01T00:00:{second:02}Z", "output_value": value}


def page(rows, count, more=False):
    return {"count": count, "next": "http://elsewhere/?page=9" if more else None, "results": rows}


def test_a_whole_stream_is_downloaded_in_time_order(api):
    """A download without arguments brings every reading of the stream."""
    readings = StreamData(STREAM, api)
    assert readings.initialize_from_server() is None
    times = [one["timestamp"] for one in readings.data]
    assert len(times) == FACTS.counts[STREAM]
    assert times == sorted(times)


def test_a_small_page_changes_no_row(api):
    """A small page size leads to windows and more requests, and changes nothing else."""
    small, large = StreamData(STREAM, api), StreamData(STREAM, api)
    small.initialize_from_server(page_size=1000)
    large.initialize_from_server()
    assert small.data == large.data
    assert (small.receipt.how, large.receipt.how) == ("windows", "page")
    assert 6 <= small.receipt.requests <= 12
    assert large.receipt.requests == 1


def test_the_receipt_of_a_complete_download(api):
    """The receipt tells what was promised and what came."""
    readings = StreamData(STREAM, api)
    readings.initialize_from_server(lastn=10, page_size=4)
    assert readings.receipt == Receipt(
        expected=10,
        received=10,
        first="2024-03-07T23:50:00Z",
        last="2024-03-07T23:59:00Z",
        requests=readings.receipt.requests,
        how="windows",
        complete=True,
    )
    assert 4 <= readings.receipt.requests <= 6  # one for each page, and one for undated rows


def test_start_is_inclusive_and_end_exclusive(api):
    """A window holds its first moment and not its last."""
    readings = StreamData(STREAM, api)
    readings.initialize_from_server(start="2024-03-05T00:00:00Z", end="2024-03-05T00:02:00Z")
    assert [one["timestamp"] for one in readings.data] == [
        "2024-03-05T00:00:00Z",
        "2024-03-05T00:01:00Z",
    ]


def test_a_slug_object_names_the_stream(api):
    """A stream is named by a slug object as well as by text."""
    readings = StreamData(IOTileStreamSlug(STREAM), api)
    readings.initialize_from_server(lastn=1)
    assert len(readings.data) == 1


def test_any_text_is_a_stream_id(pages):
    """The server decides what a stream id is, so any text is passed on."""
    StreamData("stream one", pages(page([row(1)], 1))).initialize_from_server()
    assert pages.paths() == ["/api/v1/stream/stream%20one/data/"]


def test_an_unknown_stream_raises_the_servers_words(api):
    """An unknown stream is an error and leaves no data."""
    readings = StreamData("s--0000-0101--0000-0000-0000-2001--5fff", api)
    with pytest.raises(HttpNotFoundError):
        readings.initialize_from_server()
    assert readings.data == []
    assert not readings.receipt.complete


def test_raw_data_reads_whatever_the_filter_names(api):
    """RawData downloads the stored rows of a device."""
    readings = RawData(api)
    readings.initialize_from_server(filter=FACTS.upload.device)
    assert len(readings.data) == FACTS.upload.first_id - 1


def test_stream_raw_data_reads_the_stored_rows_of_its_stream(api):
    """StreamRawData needs no filter and has the rows of one stream only."""
    readings = StreamRawData(STREAM, api)
    readings.initialize_from_server(lastn=3)
    assert {one["stream"] for one in readings.data} == {STREAM}


def test_raw_data_asks_the_data_route(pages):
    """RawData sends its arguments to `data/`."""
    RawData(pages(page([], 0))).initialize_from_server(filter="x")
    assert (pages.paths(), pages.asked()[0]["filter"]) == (["/api/v1/data/"], "x")


def test_stream_raw_data_takes_a_short_slug(api):
    """A short slug, for which the server would find nothing, is completed."""
    readings = StreamRawData("s--0101--2001--5001", api)
    readings.initialize_from_server(lastn=3)
    assert len(readings.data) == 3


@pytest.mark.parametrize("slug", [None, "", "d--2001", "stream one"])
def test_stream_raw_data_refuses_what_is_no_stream(slug):
    """What would be no filter, or that of another object, is refused before anything is asked."""
    with pytest.raises(ValueError, match="not a stream slug"):
        StreamRawData(slug, api=None)


def test_stream_data_needs_a_stream():
    """None, which would ask for another resource, is refused."""
    with pytest.raises(ValueError, match="needs the id of a stream"):
        StreamData(None, api=None)


def test_the_constructors_arguments_can_be_reached():
    """Derived classes find the api and the stream's id where they always were."""
    api = object()
    readings = StreamData(stream_id="s", api=api)
    assert (readings._api, readings._stream_id) == (api, "s")


def test_a_lastn_that_the_server_exceeds_is_kept(pages):
    """For more than 10,000 rows the server sends up to 100,000; the latest so many are kept."""
    rows = [{"timestamp": None, "value": number} for number in range(10_005)]
    readings = StreamData("s", pages(page(rows, len(rows))))
    readings.initialize_from_server(lastn=10_001)
    assert readings.data == rows[4:]
    assert (readings.receipt.expected, readings.receipt.complete) == (10_001, True)


def test_fractions_do_not_disturb_first_and_last():
    """The earliest and latest time are right when some have fractions."""
    times = ["2018-01-01T00:00:00.500000Z", "2018-01-01T00:00:00Z"]
    assert span([{"timestamp": time} for time in times]) == (times[1], times[0], 0)


def test_a_second_download_replaces_the_first(api):
    """Data and receipt are those of the last download."""
    readings = StreamData(STREAM, api)
    readings.initialize_from_server(lastn=5)
    readings.initialize_from_server(lastn=2)
    assert (len(readings.data), readings.receipt.received) == (2, 2)


def test_two_objects_do_not_share_their_data(api):
    """Each object holds rows of its own."""
    one, other = StreamData(STREAM, api), StreamData(STREAM, api)
    one.initialize_from_server(lastn=5)
    assert other.data == []


def test_fewer_rows_than_promised_raise_and_are_kept(pages):
    """A short download raises, and its error carries the rows and the receipt."""
    readings = StreamData("s", pages(page([row(1), row(2)], 3)))
    with pytest.raises(PartialDataError, match="2 rows came .* announced 3") as caught:
        readings.initialize_from_server()
    assert caught.value.rows == readings.data == [row(1), row(2)]
    assert caught.value.receipt == readings.receipt
    assert (readings.receipt.expected, readings.receipt.complete) == (3, False)


def test_more_rows_than_promised_are_all_kept(pages):
    """A page that repeats the first one counts, when `next` had said that there is more."""
    readings = StreamData("s", pages(page([row(1)] * 3, 3, more=True), page([row(1)] * 3, 3)))
    readings.initialize_from_server()
    assert len(readings.data) == 6
    assert readings.receipt.complete


def test_rows_without_timestamps_are_walked_by_page(pages):
    """Rows without any timestamp take exactly the pages that the server has."""
    readings = StreamData("s", pages(page([{"value": 1}], 2, more=True), page([{"value": 2}], 2)))
    readings.initialize_from_server()
    assert [asked["page"] for asked in pages.asked()] == ["1", "2"]
    assert readings.receipt.nulls == 2


def test_a_reply_without_results_raises(pages):
    """A reply that is no page is an error and not an endless loop."""
    with pytest.raises(HttpUnexpectedReplyError, match="a page of rows was expected"):
        StreamData("s", pages({"detail": "maintenance"})).initialize_from_server()


def test_a_web_page_raises_with_its_first_words(pages, scripted):
    """A proxy's page with status 200 is an error that shows what it says."""
    html = b"<html><body>Please log in to the Wi-Fi</body></html>"
    portal = scripted.reply(200, html, Content_Type="text/html")
    with pytest.raises(HttpUnexpectedReplyError, match="Please log in to the Wi-Fi"):
        StreamData("s", pages(portal)).initialize_from_server()


def test_an_endless_listing_raises(pages):
    """A server that repeats a page and always names a next one is not followed for ever."""
    with pytest.raises(PartialDataError, match="repeats an earlier one"):
        StreamData("s", pages(always=page([row(1)], 1, more=True))).initialize_from_server()


def test_an_error_on_a_later_page_is_raised_and_the_rows_before_it_kept(pages, scripted):
    """What came before the last second of a page is held: of that second there may be more."""
    refused = scripted.reply(403, {"detail": "Not any more."})
    first = page([row(1), row(2), row(3), row(3)], 6, more=True)
    readings = StreamData("s", pages(first, refused), workers=1)
    with pytest.raises(HttpPermissionError):
        readings.initialize_from_server()
    assert readings.data == [row(1), row(2)]
    assert (readings.receipt.received, readings.receipt.expected) == (2, 6)
    assert (readings.receipt.requests, readings.receipt.complete) == (2, False)


def test_bad_arguments_ask_nothing(pages):
    """A bad time raises before the first request, and the data of before are kept."""
    readings = StreamData("s", pages(page([row(1)], 1)))
    readings.initialize_from_server()
    with pytest.raises(ValueError, match="not a time: 'soon'"):
        readings.initialize_from_server(start="soon")
    assert len(pages.asked()) == 1
    assert readings.data == [row(1)]


def test_repetitions_are_in_the_receipt(pages, scripted):
    """The receipt tells how often a request had to be repeated."""
    busy, cut = scripted.reply(503), scripted.Cut(scripted.reply(200, page([row(1)], 1))[:-5])
    readings = StreamData("s", pages(busy))
    scripted.play(busy, cut, scripted.reply(200, page([row(1)], 1)))
    readings.initialize_from_server()
    assert (readings.receipt.received, readings.receipt.retries) == (1, 2)


def test_fetch_data_can_be_overridden():
    """A derived class that fetches elsewhere gets the arguments and the page number."""

    asked = []

    class Elsewhere(BaseData):
        def _fetch_data(self, **params):
            asked.append(params)
            return page([params["page"]], 2, more=params["page"] < 2)

    readings = Elsewhere(api=None)
    readings.initialize_from_server(colour="red")
    assert readings.data == [1, 2]
    assert [(one["colour"], one["page"]) for one in asked] == [("red", 1), ("red", 2)]


def test_get_args_dict_can_be_overridden(pages):
    """A derived class may decide the arguments of each page."""

    class Narrow(StreamData):
        def _get_args_dict(self, page, **params):
            return {"page": page, "lastn": 7}

    Narrow("s", pages(page([row(1)], 1))).initialize_from_server()
    assert pages.asked() == [{"page": "1", "lastn": "7"}]


def test_date_format_can_be_overridden(pages):
    """A derived class may accept other times than ISO 8601."""

    class Relaxed(StreamData):
        def _date_format(self, text):
            return {"yesterday": "2018-01-01T00:00:00Z"}[text]

    Relaxed("s", pages(page([row(1)], 1))).initialize_from_server(start="yesterday")
    assert pages.asked()[0]["start"] == "2018-01-01T00:00:00Z"


def test_base_data_itself_cannot_fetch():
    """The base class says which method is missing."""
    with pytest.raises(NotImplementedError, match="_fetch_data"):
        BaseData(api=None).initialize_from_server()
