"""Downloads from the embedded cloud, whose ties are unstable: any data, any query, every row once.

The server's limits are scaled down, so that a few rows take many pages.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iotile_cloud.api.exceptions import PartialDataError
from iotile_cloud.stream.data import RawData, StreamData, StreamRawData

SECOND = 1_000_000
DEVICE = "d--0000-0000-0000-000a"
ALIAS = "a--0000-0000-0000-0001"
WORKERS = st.sampled_from([1, 3])
COLUMNS = st.sampled_from([(), ("value", "streamer_local_id"), ("output_value",)])


def arguments(query):
    """Return a query of a world as the arguments of a download."""
    return {
        name: value if name == "lastn" else datetime(1970, 1, 1) + timedelta(microseconds=value)
        for name, value in query.items()
    }


def check_rows(playground, world, query, workers):
    with playground.serve(world), playground.client() as api:
        readings = StreamData(playground.streams[0], api, workers=workers, progress=False)
        try:
            readings.initialize_from_server(**arguments(query))
        except PartialDataError as error:
            check_crowd_of_many_values(playground, world, readings.data, error)
            return
    found = world.found(query)
    playground.judge.is_exact(readings.data, found, query.get("lastn"))
    playground.judge.in_order(readings.data)
    assert all(shown(row) == row["output_value"] for row in readings.data)
    receipt = readings.receipt
    expected = min(len(found), query.get("lastn", len(found)))
    assert (receipt.complete, receipt.expected, receipt.received) == (True, expected, expected)
    assert receipt.nulls == sum(row["timestamp"] is None for row in readings.data)


def check_crowd_of_many_values(playground, world, rows, error):
    """Of a crowd on tiny pages, a value may be on none of the pages; then the download says so."""
    assert world.page < 50
    assert "values that were on no page" in str(error)
    assert not error.receipt.complete
    playground.judge.is_between(rows, [], world.found({}))
    playground.judge.in_order(rows)


def shown(row):
    return None if row["value"] is None else 32.0 + row["value"] * 9 / 5


def check_columns(playground, world, query, names, workers):
    names = names and (*dict.fromkeys((*names, "value", "streamer_local_id")),)
    with playground.serve(world), playground.client() as api:
        readings = StreamData(playground.streams[0], api, workers=workers, progress=False)
        try:
            columns = readings.columns(*names, **{"start": None, **arguments(query)})
        except PartialDataError as error:
            check_crowd_of_many_values(playground, world, error.rows, error)
            return
    playground.judge.is_exact(columns, world.found(query), query.get("lastn"))
    playground.judge.in_order(columns)
    assert readings.receipt.complete


def check_raw(playground, world, query, source, mask):
    masked = {"mask": 1} if mask else {}
    with playground.serve(world), playground.client() as api:
        if source == "stream":
            readings = StreamRawData(playground.streams[0], api)
        else:
            readings = RawData(api)
            masked["filter"] = {"device": DEVICE, "alias": ALIAS}[source]
        readings.initialize_from_server(**arguments(query), **masked)
    found = world.found(query, None if source == "device" else 0, masked=mask)
    if source == "alias":  # its taps have times, so it has no row without one
        found = [row for row in found if row[0] is not None]
    playground.judge.is_exact(readings.data, found, query.get("lastn"))
    assert len({row["id"] for row in readings.data}) == len(readings.data)
    assert readings.receipt.complete
    if "lastn" in query or source == "alias":
        playground.judge.in_order(readings.data)
    else:
        ids = [row["streamer_local_id"] for row in readings.data]
        assert ids == sorted(ids)


def drawn(playground, data):
    worlds, queries, _ = playground.strategies
    return data.draw(worlds, "world"), data.draw(queries, "query")


EXAMPLES = {"few": 18, "many": 1500}
few_or_many = pytest.mark.parametrize(
    "examples", ["few", pytest.param("many", marks=pytest.mark.slow)]
)


def run(examples, check):
    """Call `check` with drawn data, so many times; with few of them always the same."""
    options = settings(
        max_examples=EXAMPLES[examples], deadline=None, derandomize=examples == "few"
    )
    options(given(st.data())(check))()


@few_or_many
def test_rows_of_a_stream_are_exact(playground, examples):
    """Whatever the stream holds, each row of the query comes once, and in order of time."""

    def check(data):
        check_rows(playground, *drawn(playground, data), data.draw(WORKERS))

    run(examples, check)


@few_or_many
def test_columns_of_a_stream_are_exact(playground, examples):
    """So it is with columns, from pages and from tables."""

    def check(data):
        world, query = drawn(playground, data)
        check_columns(playground, world, query, data.draw(COLUMNS), data.draw(WORKERS))

    run(examples, check)


@few_or_many
def test_stored_rows_are_exact(playground, examples):
    """So it is with the stored rows of a stream, a device or an alias."""

    def check(data):
        source = data.draw(st.sampled_from(["stream", "device", "alias"]))
        check_raw(playground, *drawn(playground, data), source, data.draw(st.booleans()))

    run(examples, check)


# -- rows that arrive meanwhile -------------------------------------------------------------------


def check_arrivals(playground, data, make, masked):
    """Let rows arrive, new ones and late ones, while a download goes on."""
    world, query = drawn(playground, data)
    arrivals = data.draw(st.lists(st.one_of(playground.strategies[2], st.none()), max_size=8))
    every = data.draw(st.integers(1, 4))
    before, asked = world.found(query, masked=masked), []

    def arrive(method, url):
        asked.append(url)
        if arrivals and len(asked) % every == 0:
            playground.add(world, (arrivals.pop(), 1, 1000 + len(asked), 0))

    with playground.serve(world), playground.client(on_request=arrive) as api:
        readings = make(api)
        lost = None
        try:
            readings.initialize_from_server(**arguments(query))
        except PartialDataError as error:
            lost = error
    assert readings.receipt.complete == (lost is None)
    if lost:
        assert lost.rows is readings.data
        before = []  # what came is all that can be said
    if "lastn" in query:
        before = []  # the latest rows are others in the end
    playground.judge.is_between(readings.data, before, world.found(query, masked=masked))
    if isinstance(readings, StreamData):
        playground.judge.in_order(readings.data)


@few_or_many
def test_what_was_there_at_the_start_is_there_once(playground, examples):
    """Rows that arrive during a download disturb none of the others."""

    def check(data):
        options = {"workers": data.draw(WORKERS), "progress": False}
        make = partial(StreamData, playground.streams[0], **options)
        check_arrivals(playground, data, lambda api: make(api=api), masked=True)

    run(examples, check)


@few_or_many
def test_stored_rows_of_the_start_are_there_once(playground, examples):
    """So it is with the stored rows of a stream."""

    def check(data):
        make = partial(StreamRawData, playground.streams[0])
        check_arrivals(playground, data, lambda api: make(api=api), masked=False)

    run(examples, check)


# -- what was wrong once --------------------------------------------------------------------------


def test_stored_rows_of_one_stream_are_read_by_ranges(playground):
    """StreamRawData is no subclass that changed how pages are fetched."""
    world = playground.World([(0, at, 0, 0) for at in range(20)])
    with playground.serve(world), playground.client() as api:
        readings = StreamRawData(playground.streams[0], api)
        readings.initialize_from_server()
    assert readings.receipt.how == "ranges"
    playground.judge.is_exact(readings.data, world.found({}))


@pytest.mark.parametrize("source", ["stream", "alias"])
@pytest.mark.parametrize("lastn", [8, 15, 20, 28])
def test_the_latest_stored_rows_within_a_second(playground, source, lastn):
    """Rows show whole seconds, and the latest ones are right to the microsecond."""
    rows = [(at * 7 * SECOND // 30, at, 99 - at, 0) for at in range(30)]
    world = playground.World(rows, raw_page=3)
    check_raw(playground, world, {"lastn": lastn}, source, False)


def test_the_latest_stored_rows_from_within_a_second(playground):
    """A start within a second counts for the latest rows, too."""
    world = playground.World([(at * 100_000, at, at % 2, 0) for at in range(10)], raw_page=3)
    check_raw(playground, world, {"start": 350_000, "lastn": 8}, "stream", False)


def test_an_alias_has_the_order_of_time(playground):
    """The rows of an alias are in order of time, so no local id tells where a page ends."""
    ids = [1, 2, 5, 3, 4, 6, 9, 8, 7]
    world = playground.World([(at * SECOND, at, n, 0) for at, n in enumerate(ids)], raw_page=3)
    check_raw(playground, world, {}, "alias", False)


@pytest.mark.parametrize("time", [None, SECOND, SECOND + 1])
def test_a_crowd_is_shown_by_its_values(playground, time):
    """Of rows of one instant, one with each value has to be on a page; the ids are in `/data/`."""
    world = playground.World([(time, at // 40, at, 0) for at in range(80)], page=3)
    check_rows(playground, world, {}, 1)


def test_a_crowd_of_a_stream_with_a_short_name(playground):
    """`/data/` knows whole slugs only."""
    world = playground.World([(SECOND, at % 2, at, 0) for at in range(30)])
    with playground.serve(world), playground.client() as api:
        readings = StreamData("s--0001--000a--5001", api)
        readings.initialize_from_server()
    playground.judge.is_exact(readings.data, world.found({}))


def test_a_few_undated_rows_are_read_from_the_end(playground):
    """Rows without a time that fit a page are the latest ones: no need for `/data/`."""
    world = playground.World([(at * SECOND, at, at, 0) for at in range(30)], page=10)
    world.rows += [(None, at, at, 0) for at in range(5)]
    with playground.serve(world), playground.client() as api:
        readings = StreamData(playground.streams[0], api)
        readings.initialize_from_server()
        assert "/api/v1/data/" not in [entry.path for entry in playground.cloud.log]
    playground.judge.is_exact(readings.data, world.found({}))


@pytest.mark.parametrize("workers", [1, 16])
def test_the_last_second_that_can_be_written(playground, workers):
    """Windows end where time does."""
    never = 253402300799 * SECOND
    rows = [(-62135596800 * SECOND + at * 10**15, at, at, 0) for at in range(40)]
    world = playground.World([*rows, *[(never + at % 2, at % 3, at, 0) for at in range(30)]])
    check_rows(playground, world, {}, workers)


def test_times_of_another_form_are_walked_as_published(playground):
    """A subclass may send times that only its server can read: no window can be made of them."""

    class Relaxed(StreamData):
        def _date_format(self, text):
            return text

    world = playground.World([(at * SECOND, at, at, 0) for at in range(20)])
    with playground.serve(world), playground.client() as api:
        readings = Relaxed(playground.streams[0], api)
        readings.initialize_from_server(start="the beginning")
    playground.judge.is_exact(readings.data, world.found({}))
    assert readings.receipt.how == "pages"
