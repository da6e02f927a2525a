"""Tests for iotile_cloud.stream.base."""

from __future__ import annotations

import copy
import pickle
from unittest import mock

import pytest

from iotile_cloud.api.connection import Api
from iotile_cloud.api.exceptions import HttpServerError, PartialDataError
from iotile_cloud.local.demo import demo_facts
from iotile_cloud.stream.data import RawData, StreamData, StreamRawData

FACTS = demo_facts()
STREAM = FACTS.upload.stream
FIRST = {
    "count": 2,
    "next": "page 2",
    "results": [{"timestamp": "2018-01-01T00:00:00Z", "value": 1.0}],
}
SECOND = {
    "count": 2,
    "next": None,
    "results": [{"timestamp": "2018-01-02T00:00:00Z", "value": 2.0}],
}


def test_a_patched_class_is_asked_for_page_after_page():
    """A test that puts its own pages into the class gets them asked for by their numbers."""
    with mock.patch.object(StreamData, "_fetch_data", side_effect=[FIRST, SECOND]) as fetched:
        data = StreamData("s", api=None)
        data.initialize_from_server()
    assert data.data == FIRST["results"] + SECOND["results"]
    assert [call.kwargs["page"] for call in fetched.call_args_list] == [1, 2]


def test_a_patched_object_gives_columns_too():
    """A test that puts its own pages into one object gets them as columns, without a request."""
    data = StreamData("s", api=None)
    with mock.patch.object(data, "_fetch_data", side_effect=[FIRST, SECOND]):
        assert data.columns("value", start=None).tolist("value") == [1.0, 2.0]


@pytest.mark.parametrize("kind", [StreamData, StreamRawData])
def test_readings_can_be_pickled_with_their_account(kind, api):
    """Readings go to another process, and can be downloaded anew there."""
    data = kind(STREAM, api)
    data.initialize_from_server(lastn=2)
    again = pickle.loads(pickle.dumps(data))
    assert (again.data, again.receipt) == (data.data, data.receipt)
    again.initialize_from_server(lastn=3)
    assert len(again.data) == 3


def test_a_copy_that_was_never_filled_downloads_by_itself(api):
    """A deep copy remembers that nothing was downloaded yet."""
    assert next(copy.deepcopy(StreamData(STREAM, api)).rows())["timestamp"] is not None


def test_two_downloads_of_one_object_can_alternate(api):
    """Each of two downloads in turn keeps its own account of requests."""
    data = StreamData(STREAM, api, workers=1)
    first = data.rows(start=FACTS.start, end=FACTS.end, page_size=100)
    next(first)
    assert len(list(data.rows(lastn=1))) == 1
    requests = data.receipt.requests
    list(first)
    alone = StreamData(STREAM, api, workers=1)
    list(alone.rows(start=FACTS.start, end=FACTS.end, page_size=100))
    assert (requests, data.receipt) == (1, alone.receipt)


def test_a_reader_that_stops_early_ends_the_download(api):
    """When the rows are closed, so is what brings them: the account is there at once."""
    data = StreamData(STREAM, api, workers=3)
    rows = data.rows(page_size=100)
    next(rows)
    rows.close()
    assert 0 < data.receipt.received < data.receipt.expected
    assert not data.receipt.complete


def test_a_deadline_keeps_the_retries_of_the_api(scripted):
    """Under a deadline an `Api` that repeats nothing goes on to repeat nothing."""
    scripted.play(always=scripted.reply(503))
    data = StreamData("s", Api(scripted.url, retries=0), deadline=60)
    with pytest.raises(HttpServerError):
        data.initialize_from_server()
    assert len(scripted.requests) == 1


def test_a_deadline_only_shortens_the_timeouts_of_the_api():
    """Of two limits for a request the smaller one holds."""
    resource = Api("http://127.0.0.1:1", timeout=(3, None)).stream
    assert resource._within(20.0)._options.timeout == (3, 20.0)
    assert resource.with_options(timeout=50)._within(20.0)._options.timeout == (20.0, 20.0)


def test_raw_data_that_is_patched_is_walked_by_pages():
    """What holds for the readings of a stream holds for stored ones."""
    with mock.patch.object(RawData, "_fetch_data", side_effect=[FIRST, SECOND]):
        data = StreamRawData("s--1--2--3", api=None)
        data.initialize_from_server()
    assert (len(data.data), data.receipt.how) == (2, "pages")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_request_that_the_deadline_ends_is_partial_data(scripted, workers):
    """A server that does not answer in time leaves an error with what came before."""
    scripted.play(scripted.reply(200, {**FIRST, "count": 3}), None, None, None)
    data = StreamData("s", Api(scripted.url), workers=workers, deadline=0.2)
    with pytest.raises(PartialDataError, match=r"the deadline of 0\.2 s is over") as caught:
        data.initialize_from_server()
    assert (caught.value.rows, caught.value.receipt) == (data.data, data.receipt)
    assert not data.receipt.complete
