"""Downloads from a server that misbehaves: what comes is exact, or an exception that tells so.

The embedded cloud's faults strike at any request and at chosen ones.
"""

from __future__ import annotations

import threading

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from iotile_cloud.api.exceptions import (
    HttpAuthenticationError,
    PartialDataError,
    RestBaseException,
)
from iotile_cloud.stream.data import StreamData, StreamRawData

SECOND = 1_000_000
ROWS = [(at // 3 * SECOND, at % 4, at, 0) for at in range(60)]
MIXED = [*ROWS, *[(9 * SECOND, at % 2, 100 + at, 0) for at in range(12)]]
MIXED += [(None, at % 2, 200 + at, 0) for at in range(9)]

FAULTS = {
    "500": {"status": 500},
    "503": {"status": 503},
    "503 with Retry-After": {"status": 503, "retry_after": 1},
    "429": {"status": 429, "retry_after": 2},
    "403": {"status": 403},
    "404": {"status": 404},
    "204": {"status": 204},
    "closed before": {"cut": "before"},
    "reset before": {"cut": "before", "reset": True},
    "reply lost": {"cut": "reply"},
    "cut at a share": {"cut": 0.5},
    "reset in the body": {"cut": 0.5, "reset": True},
    "cut at once": {"cut": 0},
    "cut after": {"cut": "after"},
    "truncated": {"truncate": 0.7},
    "truncated to nothing": {"truncate": 0},
    "repeated page": {"repeat_page": True},
    "token change": {"expire_tokens": True},
    "late": {"delay": 0.005},
}
KINDS = ["rows", "columns", "table", "stored"]


def begin(playground, api, kind, workers=1):
    """Return a download of some kind, and what starts it and returns its rows."""
    if kind == "stored":
        stored = StreamRawData(playground.streams[0], api, progress=False)
        return stored, lambda **query: stored.initialize_from_server(**query) or stored.data
    readings = StreamData(playground.streams[0], api, workers=workers, progress=False)
    if kind == "rows":
        return readings, lambda **query: readings.initialize_from_server(**query) or readings.data
    names = ("value", "streamer_local_id") if kind == "table" else ()
    return readings, lambda **query: readings.columns(*names, **{"start": None, **query})


def check(playground, world, kind, workers, faults):
    """Download once: every row exactly once, or an exception that tells the truth."""
    with playground.serve(world) as served, served.client() as api:
        readings, download = begin(served, api, kind, workers)
        for fault in faults:
            served.cloud.faults.add(**fault)
        rows, error = outcome(download)
    if error is None:
        playground.judge.is_exact(rows, world.found({}))
        assert (readings.receipt.complete, readings.receipt.received) == (True, len(rows))
        return None
    assert not readings.receipt.complete
    if isinstance(error, PartialDataError):
        assert error.receipt == readings.receipt
        assert error.received == len(error.rows)
    check_beginning(playground, world, kind, getattr(error, "rows", readings.data))
    return error


def outcome(download):
    """Return the rows of a download, or None, and its error, or None."""
    try:
        return download(), None
    except RestBaseException as error:
        return None, error


def check_beginning(playground, world, kind, rows):
    """Check that `rows` are the first ones of a download."""
    playground.judge.is_between(rows, [], world.found({}))
    if kind != "stored":
        playground.judge.in_order(rows)
        playground.judge.begins(rows, world.found({}))


# -- faults of the embedded cloud -----------------------------------------------------------------

few_or_many = pytest.mark.parametrize(
    "examples", [30, pytest.param(3000, marks=pytest.mark.slow)], ids=["few", "many"]
)
PLACES = st.one_of(
    st.fixed_dictionaries({"skip": st.integers(0, 12), "times": st.sampled_from([1, 2, 5, 99])}),
    st.fixed_dictionaries({"rate": st.sampled_from([0.1, 0.3, 0.7]), "seed": st.integers(0, 9)}),
)
TROUBLE = st.lists(
    st.builds(lambda kind, place: {**FAULTS[kind], **place}, st.sampled_from(list(FAULTS)), PLACES),
    min_size=1,
    max_size=3,
)


@few_or_many
def test_any_trouble_with_any_data(playground, examples):
    """Whatever strikes a download, its rows are exact or it raises and holds the first ones."""

    @settings(max_examples=examples, deadline=None, derandomize=examples < 100)
    @given(playground.strategies[0], TROUBLE, st.sampled_from(KINDS), st.sampled_from([1, 3]))
    def run(world, faults, kind, workers):
        world.mask = (None, None)
        check(playground, world, kind, workers, faults)

    run()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_in_the_middle(playground, fault, kind):
    """One strike of each fault is overcome, or raises with what came before."""
    world = playground.World(list(MIXED))
    error = check(playground, world, kind, 2, [{**FAULTS[fault], "skip": 3, "times": 1}])
    passing = fault.startswith(("503", "429", "c", "reset", "reply", "late"))
    assert error is None or not passing


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_dies_half_way(playground, kind):
    """When no request is answered any more, what came is kept, and the receipt says so."""
    world = playground.World(list(MIXED))
    skipped = {"rows": 4, "columns": 4, "table": 1, "stored": 4}[kind]
    fault = {"cut": "before", "reset": True, "skip": skipped}
    assert isinstance(check(playground, world, kind, 2, [fault]), RestBaseException)


@pytest.mark.parametrize("workers", [1, 3])
def test_a_long_row_of_failures_is_counted(playground, workers):
    """Each repetition is in the receipt, whichever thread made it."""
    fault = {"status": 503, "rate": 0.4, "seed": 3}
    world = playground.World(list(ROWS))
    with playground.serve(world) as served, served.client(retries=30) as api:
        readings, download = begin(served, api, "rows", workers)
        struck = served.cloud.faults.add(**fault)
        download()
    assert struck.struck == readings.receipt.retries > 0
    playground.judge.is_exact(readings.data, world.found({}))


def test_a_token_that_ends_is_told(playground):
    """When a token ends in the middle, the download ends with the rows that came before."""
    world = playground.World(list(ROWS))
    fault = {"expire_tokens": True, "skip": 4, "times": 1}
    assert isinstance(check(playground, world, "rows", 1, [fault]), HttpAuthenticationError)


def test_a_new_token_serves_from_the_next_request(playground):
    """A token that is changed in the middle, by a login elsewhere, ends no download."""
    world = playground.World(list(ROWS))

    def log_in_again(response):
        served.cloud.engine.signer.expire_all()
        api.set_token(served.token())

    with playground.serve(world) as served, served.client(on_response=log_in_again) as api:
        readings, download = begin(served, api, "rows")
        download()
    playground.judge.is_exact(readings.data, world.found({}))


@settings(max_examples=10, deadline=None, derandomize=True)
@given(left=st.integers(1, 12), kind=st.sampled_from(KINDS), workers=st.sampled_from([1, 3]))
@example(left=1, kind="table", workers=1)
def test_a_deadline_in_the_middle(playground, left, kind, workers):
    """At the deadline the download ends, and holds the first rows."""
    world, asked = playground.World(list(MIXED)), []

    def late(method, url):
        asked.append(url)
        if len(asked) == left:
            readings._meter._end = 0.0

    with playground.serve(world) as served, served.client(on_request=late) as api:
        readings, download = begin(served, api, kind, workers)
        readings._deadline = 60.0
        _, error = outcome(download)
    if error is None:
        assert len(asked) <= left
    else:
        assert "deadline" in str(error)
        assert not readings.receipt.complete
        check_beginning(playground, world, kind, error.rows)


def test_an_abandoned_download_ends_its_threads(playground):
    """A caller that stops reading leaves no thread behind, and an incomplete receipt."""
    world = playground.World(list(MIXED))
    with playground.serve(world) as served, served.client() as api:
        readings, _ = begin(served, api, "rows", 3)
        rows = readings.rows(start=None, page_size=7)
        first = [next(rows) for _ in range(5)]
        rows.close()
        names = [thread.name for thread in threading.enumerate()]
    assert not any(name.startswith("iotile-cloud-download") for name in names)
    assert (readings.receipt.complete, readings.receipt.expected) == (False, len(MIXED))
    playground.judge.begins(first, world.found({}))


# -- subclasses -----------------------------------------------------------------------------------


class Own(StreamData):
    """A subclass that counts the pages that its hook is called for."""

    asked = ()

    def _fetch_data(self, **params):
        self.asked = (*self.asked, params["page"])
        return super()._fetch_data(**params)


def test_a_subclass_that_fetches_is_walked_as_published(playground):
    """Its hook sees page 1, 2, ... and the receipt tells that this is how rows were read."""
    rows = [(at * SECOND, at, at, 0) for at in range(20)]  # nothing ties
    world = playground.World(rows)
    with playground.serve(world) as served, served.client() as api:
        readings = Own(served.streams[0], api)
        readings.initialize_from_server()
    playground.judge.is_exact(readings.data, world.found({}))
    assert readings.asked == (1, 2, 3)
    assert (readings.receipt.how, readings.receipt.complete) == ("pages", True)


def test_a_subclass_with_arguments_is_walked_as_published(playground):
    """So it is when a subclass decides the arguments of each page."""

    class Narrow(StreamRawData):
        def _get_args_dict(self, page, **params):
            return super()._get_args_dict(page, **{**params, "page_size": 3})

    world = playground.World([(at * SECOND, at, at, 0) for at in range(8)])
    with playground.serve(world) as served, served.client() as api:
        readings = Narrow(served.streams[0], api)
        readings.initialize_from_server()
    playground.judge.is_exact(readings.data, world.found({}))
    assert (readings.receipt.how, readings.receipt.requests) == ("pages", 3)
