"""Tests for iotile_cloud.stream.estimate, and for estimate() of downloads."""

from __future__ import annotations

import json

import pytest

from iotile_cloud.local.demo import demo_facts
from iotile_cloud.stream.data import BaseData, RawData, StreamData
from iotile_cloud.stream.estimate import Estimate, estimated

STREAM = demo_facts().upload.stream


class SmallPages(StreamData):
    """Takes several pages for what the demo data holds."""

    _page_size = 100


def test_one_small_request_tells_how_much_there_is(api, pages):
    """The count of a small page is the number of rows, and nothing else is asked."""
    StreamData("s--1", pages({"count": 45_000, "next": "x", "results": [{}] * 10})).estimate()
    assert [(one["page_size"], "page" in one) for one in pages.asked()] == [("10", True)]


def test_a_server_that_tells_nothing_is_not_guessed(pages):
    """Without a count all numbers are None."""
    data = StreamData("s--1", pages({"results": [{}]}))
    assert data.estimate() == Estimate(None, None, None)


def test_lastn_limits_the_rows(api):
    """No more rows are announced than are wanted."""
    assert StreamData(STREAM, api).estimate(lastn=7).rows == 7


def test_an_estimate_comes_close(api):
    """Rows are exact; requests and bytes are right within a half."""
    data = SmallPages(STREAM, api, workers=1)
    told = data.estimate(start=None)
    data.initialize_from_server()
    size = len(json.dumps(data.data, separators=(",", ":")))
    assert told.rows == len(data.data)
    assert told.requests == pytest.approx(data.receipt.requests, rel=0.5)
    assert told.bytes == pytest.approx(size, rel=0.5)


def test_rows_of_a_device_can_be_estimated(api):
    """Raw readings are counted in the same way."""
    data = RawData(api)
    told = data.estimate(filter="d--0000-0000-0000-2001")
    data.initialize_from_server(filter="d--0000-0000-0000-2001")
    assert told.rows == len(data.data)


def test_an_estimate_changes_nothing(api):
    """Rows and receipt are those of the download before."""
    data = StreamData(STREAM, api)
    data.initialize_from_server(lastn=3)
    rows, receipt = data.data, data.receipt
    data.estimate()
    assert (data.data, data.receipt) == (rows, receipt)


def test_a_smaller_page_takes_more_requests(api):
    """`page_size` counts, as it does in a download."""
    data = StreamData(STREAM, api)
    assert data.estimate(page_size=10).requests > data.estimate().requests


def test_a_bad_time_is_refused_unasked():
    """The query is checked as it is for a download."""
    with pytest.raises(ValueError, match="not a time"):
        BaseData(None).estimate(start="yesterday")


@pytest.mark.parametrize("rows", [0, 1, 100])
def test_what_fits_one_page_is_one_request(rows):
    """Even nothing has to be asked for."""
    assert estimated(rows, [], 100).requests == 1
