"""Tests for iotile_cloud.stream.events: what is listed, whatever the listing and the trouble."""

from __future__ import annotations

import json
import pickle
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iotile_cloud
from iotile_cloud.api._session import CloudAdapter
from iotile_cloud.api.connection import Api
from iotile_cloud.api.exceptions import (
    HttpPermissionError,
    HttpServerError,
    HttpUnexpectedReplyError,
    PartialDataError,
    RestBaseException,
)
from iotile_cloud.local.demo import demo_facts
from iotile_cloud.local.resources import event as server_event
from iotile_cloud.local.rules.paging import Paging
from iotile_cloud.local.storage.rows import EVERYTHING
from iotile_cloud.stream.events import EventData
from iotile_cloud.utils.gid import IOTileDeviceSlug, IOTileStreamSlug

FACTS = demo_facts()
TRACKER = "d--0000-0000-0000-2102"
SHOCKS = "s--0000-0102--0000-0000-0000-2102--5020"
SECOND = 1_000_000
PAGE = 5
ROW = {
    "project": "p--0000-0001",
    "device": "d--0000-0000-0000-000a",
    "variable": "v--0000-0001--5001",
    "device_timestamp": None,
    "dirty_ts": False,
    "status": "unk",
    "ext": "json",
    "s3key": None,
    "extra_data": None,
    "raw_data": None,
}


class Shelf:
    """Events on the playground's device, served in pages of five."""

    def __init__(self, playground):
        self.cloud = playground.cloud
        self.streams = playground.streams
        self.device = ROW["device"]
        self.client = playground.client
        self._events = self.cloud.engine.store.events
        self.clear()

    def clear(self):
        with self.cloud.engine.store.transaction():
            self._events.select([EVERYTHING]).delete()
        self.cloud.faults.clear()

    def add(self, *events):
        """Keep events of (microseconds or None, local id, number of the stream)."""
        rows = [
            {**ROW, "timestamp": at, "streamer_local_id": local, "stream": self.streams[stream]}
            for at, local, stream in events
        ]
        with self.cloud.engine.store.transaction():
            self._events.add_many({**row, "uuid": str(at)} for at, row in enumerate(rows))


@pytest.fixture(scope="module")
def shelf(playground):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server_event, "LARGE", Paging(PAGE, PAGE))
        patch.setattr(EventData, "_page_size", PAGE)
        yield Shelf(playground)


@pytest.fixture
def own_shelf(shelf):
    shelf.clear()
    yield shelf
    shelf.clear()


def patient(url):
    """Return an `Api` that waits between its attempts without losing time."""
    api = Api(url)
    api.session.mount("http://", CloudAdapter(timeout=5, sleep=lambda seconds: None))
    api.login(email="demo@example.com", password="demo")
    return api


# -- what is listed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", [TRACKER, "d--2102", IOTileDeviceSlug(0x2102), SHOCKS, IOTileStreamSlug(SHOCKS)]
)
def test_events_of_a_stream_or_device_come_as_the_server_sent_them(api, source):
    """The source is text or a slug, in any form; rows are the server's own."""
    events = EventData(source, api)
    events.initialize_from_server()
    assert events.data == api.event.get(filter=TRACKER)["results"]
    assert (events.receipt.received, events.receipt.complete) == (5, True)


@pytest.mark.parametrize("source", [None, "", "p--0101", "v--0101--5001", "nonsense", 5])
def test_a_source_without_events_is_refused(api, source):
    """What the server would find nothing for is named, before anything is asked."""
    with pytest.raises(ValueError, match=r"slug|no events"):
        EventData(source, api)


def test_start_is_inclusive_and_end_exclusive(api):
    """An event at the start counts, one at the end does not; a bare date is a midnight."""
    events = EventData("d--2102", api)
    events.initialize_from_server(start="2024-03-05T05:00:31Z", end="2024-03-05T17:00:00Z")
    assert [event["timestamp"] for event in events.data] == ["2024-03-05T05:00:31Z"]
    assert len(list(events.rows(start="2024-03-05", end="2024-03-06"))) == 2


def test_filters_of_the_server_pass(api):
    """What the download does not know goes to the server."""
    assert [event["id"] for event in EventData("d--2102", api).rows(id_min=3, id_max=5)] == [3, 5]


def test_a_filter_that_the_server_refuses_is_an_error(api):
    """Nothing wrong is asked in vain: the server's words arrive."""
    with pytest.raises(RestBaseException, match="streamer_id"):
        EventData("d--2102", api).initialize_from_server(streamer_id_min="x")


def test_events_of_somebody_else_are_not_there(api):
    """For a device that the user does not see, the server tells of no events."""
    events = EventData("d--9999", api)
    events.initialize_from_server()
    assert (events.data, events.receipt.complete) == ([], True)


def test_it_is_handed_out_at_the_top():
    """`from iotile_cloud import EventData` works."""
    assert iotile_cloud.EventData is EventData


def test_events_travel_to_another_process(api):
    """What was downloaded pickles, with its account."""
    events = EventData("d--2102", api)
    events.initialize_from_server()
    again = pickle.loads(pickle.dumps(events))
    assert (again.data, again.receipt) == (events.data, events.receipt)


def test_a_subclass_that_fetches_by_itself_is_asked_page_by_page(api):
    """Who overrides how pages are fetched is called for page 1, 2, ..."""

    class Mine(EventData):
        asked: tuple = ()

        def _fetch_data(self, **params):
            self.asked += (params["page"],)
            return super()._fetch_data(**params)

    events = Mine("d--2102", api)
    events.initialize_from_server(page_size=2)
    assert (events.asked, len(events.data), events.receipt.how) == ((1, 2, 3), 5, "pages")


# -- every event once -----------------------------------------------------------------------------

TIMES = st.one_of(st.integers(0, 3).map(lambda at: at * SECOND), st.integers(0, 3), st.none())
EVENTS = st.lists(st.tuples(TIMES, st.integers(0, 3), st.integers(0, 1)), max_size=40)
QUERIES = st.fixed_dictionaries(
    {}, optional={"lastn": st.integers(1, 30), "start": st.sampled_from([0, 1, SECOND])}
)


def shown(event, at):
    """Return what is compared of an event."""
    time, local, stream = event
    return server_event.moment_text(time), local, at[stream]


def seen(row):
    return row["timestamp"], row["streamer_local_id"], row["stream"]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(EVENTS, QUERIES, st.booleans())
def test_each_event_comes_once_and_in_order(shelf, events, query, of_device):
    """Whatever ties, in time or in local ids, and however many pages: all, once, in order."""
    shelf.clear()
    shelf.add(*events)
    with shelf.client() as api:
        download = EventData(shelf.device if of_device else shelf.streams[0], api)
        start = query.get("start")
        asked = {**query, "start": None if start is None else server_event.moment_text(start)}
        download.initialize_from_server(**asked)
    wanted = [event for event in events if of_device or event[2] == 0]
    if start is not None:
        wanted = [event for event in wanted if event[0] is not None and event[0] >= start]
    check_exact(download.data, wanted, query.get("lastn"), shelf.streams)
    ids = [row["id"] for row in download.data]
    assert len(set(ids)) == len(ids) == download.receipt.received


def moment(event):
    return event[0] is None, event[0] or 0


def check_exact(rows, wanted, lastn, streams):
    came = Counter(map(seen, rows))
    if lastn is None:
        assert came == Counter(shown(event, streams) for event in wanted)
        order = [(s, n, t is None, (t or "").rstrip("Z")) for t, n, s in map(seen, rows)]
        assert order == sorted(order)
        return
    latest = sorted(wanted, key=moment)[-lastn:]
    assert len(rows) == len(latest)
    for event in wanted:
        if latest and moment(event) > moment(latest[0]):
            assert came[shown(event, streams)] > 0
    times = [(row["timestamp"] is None, (row["timestamp"] or "").rstrip("Z")) for row in rows]
    expected = [shown(event, streams)[0] for event in latest]
    assert times == [(time is None, (time or "").rstrip("Z")) for time in expected]


def test_the_latest_within_a_second_are_told_apart(own_shelf):
    """Events show fractions of seconds, so the latest are the latest to the microsecond."""
    own_shelf.add(*[(at, 0, 0) for at in range(12)])
    with own_shelf.client() as api:
        events = EventData(own_shelf.streams[0], api)
        events.initialize_from_server(lastn=7)
    times = [event["timestamp"] for event in events.data]
    assert times == [f"1970-01-01T00:00:00.00000{at}Z" for at in (5, 6, 7, 8, 9)] + [
        f"1970-01-01T00:00:00.0000{at}Z" for at in (10, 11)
    ]


def test_events_that_arrive_meanwhile_disturb_nothing(own_shelf):
    """Those that were there come once; the receipt tells that there were more."""
    own_shelf.add(*[(at * SECOND, at, 0) for at in range(20)])
    with own_shelf.client() as api:
        events = EventData(own_shelf.streams[0], api)
        rows = events.rows()
        got = [next(rows)]
        own_shelf.add(*[(at * SECOND, at, 0) for at in (0, 3, 11, 25, 26)])
        got += list(rows)
    counts = Counter(row["streamer_local_id"] for row in got)
    assert all(counts[local] >= 1 for local in range(20))
    assert len({row["id"] for row in got}) == len(got) >= 20
    assert events.receipt.moved == (len(got) > 20)


def test_no_page_of_a_device_is_asked_for_twice(own_shelf):
    """Each request costs the server all events: nine of them, in pages of five, are three."""
    own_shelf.add(*[(at * SECOND, 0, at % 2) for at in range(9)])
    with own_shelf.client() as api:
        events = EventData(own_shelf.device, api)
        events.initialize_from_server()
    assert (len(events.data), events.receipt.requests) == (9, 3)


# -- trouble --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503, "times": 2},
        {"status": 429, "retry_after": 1, "times": 1},
        {"cut": 0.5, "times": 2},
        {"cut": "before", "times": 1},
        {"status": 503, "skip": 1, "times": 3},
        {"cut": 0.5, "skip": 3, "times": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize("of_device", [False, True])
def test_trouble_that_passes_costs_no_event(own_shelf, fault, of_device):
    """What a repetition mends leaves no trace but the retries in the receipt."""
    own_shelf.add(*[(at // 2 * SECOND, at % 3, at % 2) for at in range(40)])
    fault_rule = own_shelf.cloud.faults.add("/event/", **fault)
    with own_shelf.client() as api:
        events = EventData(own_shelf.device if of_device else own_shelf.streams[0], api)
        events.initialize_from_server()
    assert len({event["id"] for event in events.data}) == (40 if of_device else 20)
    assert fault_rule.struck
    assert events.receipt.retries >= 1


def test_a_server_that_stays_broken_is_an_error_with_what_came(own_shelf):
    """An error ends the download; `data` holds the events before it, and is not called whole."""
    own_shelf.add(*[(at * SECOND, at, 0) for at in range(20)])
    own_shelf.cloud.faults.add("/event/", status=503, skip=2)
    with own_shelf.client() as api:
        events = EventData(own_shelf.streams[0], api)
        with pytest.raises(HttpServerError):
            events.initialize_from_server()
    assert 0 < len(events.data) < 20
    assert not events.receipt.complete


def test_half_a_page_is_an_error(own_shelf):
    """A body that is cut but claims to be whole is not taken for less events."""
    own_shelf.add(*[(at * SECOND, at, 0) for at in range(20)])
    own_shelf.cloud.faults.add("/event/", truncate=0.7, skip=1)
    with own_shelf.client() as api, pytest.raises(HttpUnexpectedReplyError):
        EventData(own_shelf.streams[0], api).initialize_from_server()


def test_a_repeated_page_is_noticed(own_shelf):
    """Pages that are not what was asked for raise, or everything is there."""
    own_shelf.add(*[(at * SECOND, at, 0) for at in range(20)])
    own_shelf.cloud.faults.add("/event/", repeat_page=True)
    with own_shelf.client() as api:
        events = EventData(own_shelf.streams[0], api)
        events.initialize_from_server()
    assert sorted(event["streamer_local_id"] for event in events.data) == list(range(20))


ONE = {
    "id": 1,
    "stream": SHOCKS,
    "streamer_local_id": 0,
    "timestamp": "2024-03-05T00:00:00Z",
    "extra_data": {"n": 1},
    "has_raw_data": False,
}


def test_fewer_events_than_announced_is_an_error_with_what_came(pages):
    """The error tells how many were announced and has those that came."""
    api = pages({"count": 3, "next": None, "results": [ONE]})
    with pytest.raises(PartialDataError, match="1 rows came although 3") as caught:
        EventData(SHOCKS, api).initialize_from_server()
    assert (caught.value.rows, caught.value.expected, caught.value.received) == ([ONE], 3, 1)


def test_a_frame_of_too_few_events_has_them_in_its_error(pages):
    """So it is where the download is made for a frame."""
    pytest.importorskip("pandas")
    api = pages({"count": 3, "next": None, "results": [ONE]})
    with pytest.raises(PartialDataError) as caught:
        EventData(SHOCKS, api).frame()
    assert caught.value.rows == [ONE]


@pytest.mark.parametrize("row", ["text", {**ONE, "extra_data": [1]}, None])
def test_what_is_no_event_is_an_error_in_a_file(pages, tmp_path, row):
    """A file of what are no events is not written."""
    api = pages({"count": 1, "next": None, "results": [row]})
    with pytest.raises(HttpUnexpectedReplyError, match="should be a JSON object"):
        EventData(SHOCKS, api).to_csv(tmp_path / "events.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_deadline_holds_for_events(own_shelf):
    """A slow server ends in an error that tells of the deadline."""
    own_shelf.add(*[(at * SECOND, at, 0) for at in range(20)])
    own_shelf.cloud.faults.add("/event/", delay=0.2)
    with own_shelf.client() as api, pytest.raises(PartialDataError, match=r"deadline of 0\.1 s"):
        EventData(own_shelf.streams[0], api, deadline=0.1).initialize_from_server()


# -- faces ----------------------------------------------------------------------------------------


def test_a_frame_has_what_extra_data_holds(api):
    """Each name within becomes a column of its kind; the index is in UTC, or where it is wanted."""
    pytest.importorskip("pandas")
    frame = EventData("d--2102", api).frame(tz="Europe/Berlin", lastn=1)
    assert str(frame.index[0]) == "2024-03-06 14:00:00+01:00"
    assert frame.iloc[0].to_dict() == {
        "id": 10,
        "stream": SHOCKS,
        "streamer_local_id": 0,
        "device_timestamp": 219600,
        "has_raw_data": True,
        "extra_data.axis": "x",
        "extra_data.duration": 14,
        "extra_data.peak": 3.64,
    }


def test_a_frame_tells_where_it_comes_from(api):
    """Source, query and receipt are in its attributes, and no unit was looked for."""
    pytest.importorskip("pandas")
    events = EventData("d--2102", api)
    about = events.frame(lastn=2).attrs
    assert (about["source"], about["query"], about["units"]) == (TRACKER, {"lastn": 2}, None)
    assert (about["receipt"]["received"], events.receipt.requests) == (2, 1)


def test_a_frame_without_a_query_shows_what_is_held(api):
    """What `data` holds is not downloaded again."""
    pytest.importorskip("pandas")
    events = EventData("d--2102", api)
    events.initialize_from_server(lastn=2)
    assert list(events.frame("id")["id"]) == [8, 10]


def test_an_unknown_column_is_refused_before_anything_is_asked(pages):
    """The columns that there are stand in the error."""
    pytest.importorskip("pandas")
    with pytest.raises(ValueError, match="no column 'peak'; there are .*extra_data"):
        EventData(SHOCKS, pages()).frame("peak")
    assert pages.asked() == []


def test_lines_of_json_are_the_rows(api, tmp_path):
    """A file of JSON lines has the events as the server sent them."""
    events = EventData("d--2102", api)
    events.to_jsonl(tmp_path / "events.jsonl")
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == api.event.get(filter=TRACKER)["results"]


def test_csv_has_the_columns_of_the_frame(api, tmp_path):
    """What `extra_data` holds has its columns; what is told about the file stands beside it."""
    EventData("d--2102", api).to_csv(tmp_path / "events.csv", lastn=1)
    assert (tmp_path / "events.csv").read_text().splitlines() == [
        "timestamp,id,stream,streamer_local_id,device_timestamp,has_raw_data,"
        "extra_data.axis,extra_data.duration,extra_data.peak",
        f"2024-03-06T13:00:00Z,10,{SHOCKS},0,219600,true,x,14,3.64",
    ]
    about = json.loads((tmp_path / "events.csv.meta.json").read_text())
    assert about["source"] == TRACKER


def test_typed_columns_have_extra_data_as_json(api):
    """Columns, and so Arrow and Parquet, have one kind each, whatever the device put in."""
    columns = EventData("d--2102", api).columns("has_raw_data", "extra_data", lastn=1)
    assert columns.tolist("has_raw_data") == [True]
    assert json.loads(columns["extra_data"][0]) == {"axis": "x", "duration": 14, "peak": 3.64}


def test_arrow_and_parquet_have_their_kinds(api, tmp_path):
    """A truth is a truth and a text a text, null where there is none."""
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    events = EventData("d--2102", api)
    events.data = [ONE, {**ONE, "has_raw_data": None, "extra_data": None}]
    table = events.arrow()
    assert table.schema.field("has_raw_data").type == arrow.bool_()
    assert table.column("has_raw_data").to_pylist() == [False, None]
    assert table.column("extra_data").to_pylist() == ['{"n": 1}', None]
    events.to_parquet(tmp_path / "events.parquet")
    assert parquet.read_table(tmp_path / "events.parquet")["has_raw_data"].to_pylist()[0] is False


def test_events_are_not_plotted(pages):
    """There are no values in them: the error tells what can be drawn, and nothing is asked."""
    with pytest.raises(TypeError, match=r"draw a column of frame\(\), or raw data"):
        EventData(SHOCKS, pages()).plot()
    assert pages.asked() == []


def test_the_cost_of_events_is_estimated(api):
    """One small request tells how many there are."""
    assert EventData("d--2102", api).estimate().rows == 5


# -- permission -----------------------------------------------------------------------------------


def test_raw_data_that_the_user_may_not_see_is_an_error(own_cloud, api):
    """Who may not write events of a project may not read single ones."""
    store = own_cloud.engine.store
    with store.transaction():
        event = store.events.get(6)
        store.events.put(
            {**event, **server_event.owner_of("s--0000-0999--0000-0000-0000-9999--5020")}
        )
    with patient(own_cloud.url) as connected, pytest.raises(HttpPermissionError):
        EventData("d--2102", connected).raw(6)
