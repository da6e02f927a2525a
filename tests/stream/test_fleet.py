"""Tests for iotile_cloud.stream.fleet."""

from __future__ import annotations

import json
import re
import threading

import pytest

from iotile_cloud.api.connection import Api
from iotile_cloud.api.exceptions import (
    HttpNotFoundError,
    HttpPermissionError,
    HttpServerError,
    HttpUnexpectedReplyError,
    PartialDataError,
)
from iotile_cloud.local.demo import demo_facts
from iotile_cloud.stream.data import StreamData
from iotile_cloud.stream.fleet import FleetData
from iotile_cloud.stream.meter import Meter

FACTS = demo_facts()
WINDOW = {"start": FACTS.start, "end": FACTS.end}
PATH = re.compile(r"/api/v1/stream/(s--[-0-9a-f]+)/data/")


def slug_of(number):
    return f"s--0000-0001--0000-0000-0000-{number:04x}--5001"


class Many:
    """A project of streams with one reading each; `answers` has the replies of some others."""

    def __init__(self, scripted, count):
        self.slugs = [slug_of(number) for number in range(1, count + 1)]
        self.answers = {}
        self.meet = None  # a barrier where requests for readings wait for each other
        self.read = []
        self._scripted = scripted
        scripted.play(always=self._answer)

    @property
    def api(self):
        return Api(self._scripted.url, retries=0)

    def _answer(self, request):
        asked = PATH.match(request.path)
        if not asked:
            found = [{"slug": slug, "output_unit": None} for slug in self.slugs]
            return self._scripted.reply(200, {"count": len(found), "next": None, "results": found})
        self.read.append(asked[1])
        if self.meet:
            self.meet.wait(10)
        row = {"timestamp": "2018-01-01T00:00:00Z", "value": 1.0, "output_value": 2.0}
        page = {"count": 1, "next": None, "results": [row]}
        return self.answers.get(asked[1], self._scripted.reply(200, page))


@pytest.fixture
def many(scripted):
    return lambda count: Many(scripted, count)


def single(api, slug, **query):
    readings = StreamData(slug, api)
    readings.initialize_from_server(**query)
    return [{**row, "stream": slug} for row in readings.data]


def test_rows_are_those_of_the_streams_one_after_the_other(api):
    """A fleet gives what its streams give, and says which one a row is of."""
    fleet = FleetData(api, FACTS.water_project, workers=3)
    rows = list(fleet.rows(**WINDOW))
    assert rows == [row for slug in fleet.streams() for row in single(api, slug, **WINDOW)]


def test_data_holds_all_rows(api):
    """The list is filled as that of a stream is."""
    fleet = FleetData(api, ["d--2001"])
    fleet.initialize_from_server(lastn=5)
    assert fleet.data == [row for slug in fleet.streams() for row in single(api, slug, lastn=5)]


def test_columns_say_which_stream_they_are_of(api):
    """Columns of a fleet are those of its streams with their slug beside them."""
    fleet = FleetData(api, ["d--2001"])
    columns = fleet.columns("output_value", "stream", **WINDOW)
    parts = [StreamData(slug, api).columns("output_value", **WINDOW) for slug in fleet.streams()]
    assert columns.names == ("timestamp", "output_value", "stream")
    assert columns.tolist("output_value") == [v for p in parts for v in p.tolist("output_value")]
    assert columns["stream"] == [s for s, p in zip(fleet.streams(), parts) for _ in p["timestamp"]]


def test_streams_of_several_pages_come_in_order_and_whole(api, monkeypatch):
    """A stream that needs many requests does not mix with the next one."""
    monkeypatch.setattr(FleetData, "_small_page", 70)
    monkeypatch.setattr("iotile_cloud.stream.parts._SMALL", 100)
    fleet = FleetData(api, FACTS.water_project, workers=3)
    rows = list(fleet.rows(**WINDOW))
    assert rows == [row for slug in fleet.streams() for row in single(api, slug, **WINDOW)]
    assert {one.how for one in fleet.receipts.values()} >= {"windows"}


def test_a_stream_counts_once(api):
    """A stream that several sources name is read once."""
    whole = FleetData(api, FACTS.water_project).streams()
    named = [*list(whole)[:1], "d--2001", FACTS.water_project]
    assert set(FleetData(api, named).streams()) == set(whole)


def test_streams_are_looked_up_once(many):
    """A second download does not ask again which streams there are."""
    world = many(2)
    fleet = FleetData(world.api, "p--1")
    for _ in range(2):
        fleet.initialize_from_server()
    assert len(world._scripted.requests) == 1 + 2 * 2


def test_streams_are_read_at_the_same_time(many):
    """As many streams are on their way as there are workers."""
    world = many(6)
    world.meet = threading.Barrier(3)
    assert len(list(FleetData(world.api, "p--1", workers=3).rows(start=None))) == 6


def test_no_more_is_read_than_the_workers_hold(many):
    """A caller who stops early has not set off the whole fleet."""
    world = many(30)
    rows = FleetData(world.api, "p--1", workers=2).rows(start=None)
    next(rows)
    rows.close()
    assert len(world.read) <= 4


def test_each_worker_keeps_its_connection(many):
    """The session keeps as many connections as workers use."""
    world = many(40)
    world.meet = threading.Barrier(40)
    fleet = FleetData(world.api, "p--1", workers=40)
    fleet.initialize_from_server()
    before = world._scripted.connections
    fleet.initialize_from_server()
    assert world._scripted.connections == before


def test_the_first_error_ends_a_download(many, scripted):
    """By default a stream that cannot be read raises, and rows before it were given."""
    world = many(3)
    world.answers[world.slugs[1]] = scripted.reply(403, {"detail": "Not yours."})
    fleet = FleetData(world.api, "p--1")
    with pytest.raises(HttpPermissionError):
        fleet.initialize_from_server()
    assert [row["stream"] for row in fleet.data] == world.slugs[:1]
    assert not fleet.receipt.complete


def test_errors_can_be_collected(many, scripted):
    """One failing stream is told and does not keep the others away."""
    world = many(3)
    world.answers[world.slugs[1]] = scripted.reply(500)
    fleet = FleetData(world.api, "p--1", errors="collect")
    fleet.initialize_from_server()
    assert [row["stream"] for row in fleet.data] == [world.slugs[0], world.slugs[2]]
    assert isinstance(fleet.errors.pop(world.slugs[1]), HttpServerError)
    assert fleet.errors == {}
    assert not fleet.receipt.complete


def test_what_came_before_an_error_is_given(many, scripted):
    """A stream that ends too early gives what it sent, and the error says that it is not all."""
    world = many(2)
    page = {"count": 2, "next": None, "results": [{"timestamp": "2018-01-01T00:00:00Z"}]}
    world.answers[world.slugs[0]] = scripted.reply(200, page)
    fleet = FleetData(world.api, "p--1", errors="collect")
    fleet.initialize_from_server()
    assert [row["stream"] for row in fleet.data] == world.slugs
    assert isinstance(fleet.errors[world.slugs[0]], PartialDataError)
    assert fleet.receipts[world.slugs[0]].received == 1


def test_a_bad_source_raises(api):
    """A source that is no slug, or that the server does not know, is an error."""
    with pytest.raises(ValueError, match="not a slug"):
        FleetData(api, ["x--1"]).streams()
    with pytest.raises(HttpNotFoundError):
        FleetData(api, ["s--0000-0101--0000-0000-0000-2001--5fff"]).streams()


def test_bad_sources_can_be_collected(api):
    """Of sources that cannot be used, the others are read."""
    unknown = "s--0000-0101--0000-0000-0000-2001--5fff"
    fleet = FleetData(api, ["x--1", unknown, "d--2001"], errors="collect")
    fleet.initialize_from_server(lastn=1)
    assert len(fleet.data) == 2
    assert sorted(fleet.errors) == [unknown, "x--1"]


def test_a_deadline_is_no_error_of_a_stream(many):
    """When the time for all is over the download ends, also where errors are collected."""
    world = many(3)
    fleet = FleetData(world.api, "p--1", errors="collect", deadline=1e-9)
    with pytest.raises(PartialDataError, match="deadline"):
        fleet.initialize_from_server()
    assert world.read == []


def test_the_receipt_adds_up(api):
    """The account of all is the sum of those of the streams."""
    fleet = FleetData(api, FACTS.water_project)
    fleet.initialize_from_server(**WINDOW)
    ones = fleet.receipts.values()
    assert fleet.receipt.complete
    assert fleet.receipt.received == fleet.receipt.expected == len(fleet.data)
    assert fleet.receipt.received == sum(one.received for one in ones)
    assert fleet.receipt.requests == sum(one.requests for one in ones)
    assert set(fleet.receipts) == set(fleet.streams())


def test_empty_streams_are_told(many, scripted):
    """A stream without readings in the window is named."""
    world = many(3)
    world.answers[world.slugs[2]] = scripted.reply(200, {"count": 0, "next": None, "results": []})
    fleet = FleetData(world.api, "p--1")
    assert len(fleet.columns("value", start=None)) == 2
    assert fleet.empty == world.slugs[2:]


def test_a_fleet_without_streams_is_empty(many):
    """No streams give no rows and a complete account."""
    fleet = FleetData(many(0).api, "p--1")
    fleet.initialize_from_server()
    assert (fleet.data, fleet.receipt.complete) == ([], True)


def test_a_file_tells_stream_and_units(api, tmp_path):
    """A file of a fleet has a column for the stream, and the units of each beside it."""
    fleet = FleetData(api, "d--2001")
    fleet.to_csv(tmp_path / "a.csv", "value", "stream", lastn=1)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    about = json.loads((tmp_path / "a.csv.meta.json").read_text())
    assert lines[0] == "timestamp,value,stream"
    assert [line.rpartition(",")[2] for line in lines[1:]] == list(fleet.streams())
    assert set(about["units"]) == set(fleet.streams())


def test_an_estimate_asks_each_stream_a_little(api):
    """What a fleet will cost is the sum of what its streams will cost."""
    fleet = FleetData(api, FACTS.water_project)
    cost = fleet.estimate(**WINDOW)
    fleet.initialize_from_server(**WINDOW)
    assert (cost.rows, cost.requests) == (len(fleet.data), fleet.receipt.requests)


def test_what_to_do_with_errors_is_checked(api):
    """Only two words are known."""
    with pytest.raises(ValueError, match="'raise' or 'collect', not 'ignore'"):
        FleetData(api, "p--1", errors="ignore")


def test_a_bad_query_asks_nothing(many):
    """A time that makes no sense is told before any request."""
    world = many(1)
    with pytest.raises(ValueError, match="soon"):
        FleetData(world.api, "p--1").columns(start="soon")
    assert world._scripted.requests == []


def test_an_estimate_is_not_under_the_deadline_of_a_download_before(api):
    """A deadline is that of one download; what is asked later has its own."""
    fleet = FleetData(api, "d--2001", deadline=60)
    fleet.columns("value", lastn=1)
    fleet._meter = Meter(1e-9)  # as if that download were long ago
    assert fleet.estimate(lastn=1).rows == len(fleet.streams())


def test_workers_can_be_left_to_the_fleet(api):
    """None is as good as no number."""
    assert len(FleetData(api, "d--2001", workers=None).columns("value", lastn=1)) == 2


def test_a_row_that_is_no_object_is_an_unexpected_reply(many):
    """Rows that cannot say which stream they are of are told, not met by a TypeError."""
    fleet = many(1)
    fleet.answers[fleet.slugs[0]] = fleet._scripted.reply(
        200, {"count": 1, "next": None, "results": [5]}
    )
    with pytest.raises(HttpUnexpectedReplyError, match="JSON object, not 5"):
        list(FleetData(fleet.api, "p--1").rows())


def test_a_fleet_that_is_left_early_tells_what_it_cost(api):
    """Streams that were begun are on the account; how much there is in all is not known."""
    fleet = FleetData(api, "p--0101", workers=3)
    rows = fleet.rows()
    next(rows)
    rows.close()
    assert fleet.receipt.requests == sum(one.requests for one in fleet.receipts.values()) > 0
    assert (fleet.receipt.expected, fleet.receipt.complete) == (None, False)


def test_a_source_without_streams_is_told(api, caplog):
    """A project that nobody knows looks like an empty one, so there is a warning."""
    assert FleetData(api, "p--ffff").streams() == {}
    assert "no streams were found for p--ffff" in caplog.text
