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
        readings.initialize_from_server(**arguments(query))
    found = world.found(query)
    playground.judge.is_exact(readings.data, found, query.get("lastn"))
    playground.judge.in_order(readings.data)
    assert all(shown(row) == row["output_value"] for row in readings.data)
    receipt = readings.receipt
    expected = min(len(found), query.get("lastn", len(found)))
    assert (receipt.complete, receipt.expected, receipt.received) == (True, expected, expected)
    assert receipt.nulls == sum(row["timestamp"] is None for row in readings.data)


def shown(row):
    return None if row["value"] is None else 32.0 + row["value"] * 9 / 5


def check_columns(playground, world, query, names, workers):
    names = names and (*dict.fromkeys((*names, "value", "streamer_local_id")),)
    with playground.serve(world), playground.client() as api:
        readings = StreamData(playground.streams[0], api, workers=workers, progress=False)
        columns = readings.columns(*names, **{"start": None, **arguments(query)})
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


EXAMPLES = {"few": 25, "many": 1500}
few_or_many = pytest.mark.parametrize(
    "examples", ["few", pytest.param("many", marks=pytest.mark.slow)]
)


def run(examples, check):
    """Call `check` with drawn data, so many times."""
    settings(max_examples=EXAMPLES[examples], deadline=None)(given(st.data())(check))()


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
        try:
            readings.initialize_from_server(**arguments(query))
        except PartialDataError as error:
            assert (error.rows is readings.data, readings.receipt.complete) == (True, False)
            before = []  # what came is all that can be said
        else:
            assert readings.receipt.complete
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
