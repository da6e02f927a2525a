"""Tests for the raw data of events: `EventData.raw` and `raws`."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from iotile_cloud.api._session import CloudAdapter
from iotile_cloud.api.connection import Api
from iotile_cloud.api.exceptions import HttpNotFoundError, HttpServerError, PartialDataError
from iotile_cloud.local.demo import demo_facts
from iotile_cloud.stream.events import EventData

FACTS = demo_facts()
LISTED = [3, 5, 6, 8, 10]  # events of the tracker, in order


@pytest.fixture
def world(own_cloud):
    """The demo cloud, with an event that has no raw data and one whose file is lost."""
    own_cloud.engine.store.events.put({**own_cloud.engine.store.events.get(5), "s3key": None})
    return own_cloud


@pytest.fixture
def shocks(world):
    with Api(world.url) as api:
        api.session.mount("http://", CloudAdapter(timeout=5, sleep=lambda seconds: None))
        api.login(email="demo@example.com", password="demo")
        yield EventData("d--2102", api)


def lose(cloud, number):
    """Let the file of an event vanish from the storage."""
    cloud.engine.store.events.put({**cloud.engine.store.events.get(number), "raw_data": None})


def threads():
    return [one for one in threading.enumerate() if one.name.startswith("iotile-cloud-download")]


def asked(cloud):
    return sorted(int(one.path.split("/")[-3]) for one in cloud.log if one.path.endswith("/data/"))


# -- one ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_row", [False, True])
def test_raw_data_of_one_event(shocks, as_row):
    """An event is named by its row or by its id."""
    event = shocks._api.event(6).get() if as_row else 6
    assert max(shocks.raw(event)["acc_z"]) == FACTS.worst_peak


def test_an_event_without_raw_data_has_none(shocks, world):
    """None tells so; where the row says it, nothing is asked."""
    assert shocks.raw(5) is None
    world.log.clear()
    assert shocks.raw({"id": 5, "has_raw_data": False}) is None
    assert list(world.log) == []


def test_a_lost_file_is_not_an_event_without_data(shocks, world):
    """A file that should be there and is not is an error that says which."""
    lose(world, 6)
    with pytest.raises(HttpNotFoundError, match="is not in the storage"):
        shocks.raw(6)


def test_an_unknown_event_is_an_error(shocks):
    """There is no event of this id."""
    with pytest.raises(HttpNotFoundError):
        shocks.raw(99999)


@pytest.mark.parametrize("event", ["6", None, True, {"timestamp": "2024"}, 1.5])
def test_what_names_no_event_is_refused(shocks, event):
    """An id of another kind is not guessed at."""
    with pytest.raises(TypeError, match="an event is its row or its id"):
        shocks.raw(event)


# -- many -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_raw_data_come_in_the_order_of_the_events(shocks, world, workers):
    """Whichever file is slow, pairs come in order, and each is that of its event."""
    world.faults.add("/event/3/data/", delay=0.1, times=1)
    pairs = list(shocks.raws(workers=workers))
    assert [event["id"] for event, _ in pairs] == LISTED
    for event, data in pairs:
        expected = None if event["id"] == 5 else world.engine.store.events.get(event["id"])
        assert data == (expected and expected["raw_data"])


def test_only_what_has_raw_data_is_asked_for(shocks, world):
    """For an event without raw data no request is made."""
    world.log.clear()
    list(shocks.raws())
    assert asked(world) == [3, 6, 8, 10]


def test_held_events_are_not_listed_again(shocks, world):
    """What `data` holds is what is fetched."""
    shocks.initialize_from_server(lastn=2)
    world.log.clear()
    assert [event["id"] for event, _ in shocks.raws()] == [8, 10]
    assert len(world.log) == 2


def test_ids_bring_their_data(shocks):
    """Events may be ids, in any order, and are given back as they were named."""
    assert [(event, data is None) for event, data in shocks.raws([10, 5, 3])] == [
        (10, False),
        (5, True),
        (3, False),
    ]


def test_rows_are_listed_as_they_are_needed(shocks, world):
    """Of a long listing no more is asked for than can be fetched."""
    taken = []

    def endless():
        for number in range(10**9):
            taken.append(number)
            yield 3

    pairs = shocks.raws(endless(), workers=3)
    for _ in range(5):
        next(pairs)
    pairs.close()
    assert len(taken) <= 5 + 3


# -- trouble --------------------------------------------------------------------------------------


def test_passing_trouble_is_repeated(shocks, world):
    """A 503 and a cut file cost nothing but a repetition."""
    world.faults.add("/event/*/data/", status=503, times=2)
    world.faults.add("/event/*/data/", cut=0.5, times=1)
    assert [len((data or {"acc_x": []})["acc_x"]) for _, data in shocks.raws()] == [
        *(300, 0, 300, 300, 300)
    ]


@pytest.mark.parametrize("workers", [1, 4])
def test_an_error_comes_in_its_turn(shocks, world, workers):
    """What stands before a lost file comes before its error."""
    lose(world, 8)
    pairs = shocks.raws(workers=workers)
    assert [next(pairs)[0]["id"] for _ in range(3)] == [3, 5, 6]
    with pytest.raises(HttpNotFoundError, match="is not in the storage"):
        next(pairs)
    assert threads() == []


def test_errors_are_collected(shocks, world, caplog):
    """The others come; what is missing is told by its id, and in the log."""
    lose(world, 6)
    world.faults.add("/event/10/data/", status=500)
    assert [event["id"] for event, _ in shocks.raws(errors="collect")] == [3, 5, 8]
    assert {key: type(one) for key, one in shocks.errors.items()} == {
        6: HttpNotFoundError,
        10: HttpServerError,
    }
    assert "the raw data of event 6 are left out" in caplog.text


def test_a_broken_listing_is_never_collected(shocks):
    """When events are missing, that is an error after those that came."""

    def broken():
        yield 3
        raise PartialDataError("the listing came out short")

    pairs = shocks.raws(broken(), errors="collect")
    assert next(pairs)[0] == 3
    with pytest.raises(PartialDataError, match="came out short"):
        next(pairs)


def test_a_deadline_ends_the_fetching(world):
    """Time for all files together is limited; collecting does not hide it."""
    with Api(world.url) as api:
        api.login(email="demo@example.com", password="demo")
        events = EventData("d--2102", api, deadline=0.2)
        events.initialize_from_server()
        world.faults.add("/event/*/data/", delay=0.4)
        with pytest.raises(PartialDataError, match=r"deadline of 0\.2 s"):
            list(events.raws(errors="collect"))


@pytest.mark.parametrize(
    "options", [{"workers": 0}, {"workers": True}, {"errors": "ignore"}, {"workers": "3"}]
)
def test_options_are_checked_at_once(shocks, options):
    """A wrong option is refused by the call itself, not by the first pair."""
    with pytest.raises(ValueError, match=r"workers|errors"):
        shocks.raws(**options)


# -- ending early ---------------------------------------------------------------------------------


def test_a_reader_that_stops_early_leaves_no_thread(shocks, world):
    """Closing the iterator ends its threads and asks for no more files."""
    pairs = shocks.raws([3] * 1000, workers=4)
    next(pairs)
    pairs.close()
    assert threads() == []
    assert len(asked(world)) <= 8


def test_an_interrupt_ends_the_fetching(shocks, world):
    """Ctrl-C comes through, and when what was being read has ended no thread is left."""
    world.faults.add("/event/*/data/", delay=0.3)
    main = threading.main_thread()
    timer = threading.Timer(0.1, lambda: signal.pthread_kill(main.ident, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        list(shocks.raws([3] * 100, workers=3))
    timer.join()
    end = time.monotonic() + 10
    while threads() and time.monotonic() < end:
        threads()[0].join(1)
    assert threads() == []
    assert len(asked(world)) <= 6
