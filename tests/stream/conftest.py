"""What the tests of streams share: a server whose pages the test writes, and a cloud of rows."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import strategies as st

from iotile_cloud.api._session import CloudAdapter
from iotile_cloud.api.connection import Api
from iotile_cloud.local import LocalCloud
from iotile_cloud.local.readings import windows as server_windows
from iotile_cloud.local.resources import data as server_data
from iotile_cloud.local.resources import stream_data as server_stream_data
from iotile_cloud.local.rules.paging import Paging
from iotile_cloud.local.storage.rows import EVERYTHING
from iotile_cloud.stream import download
from iotile_cloud.stream.data import RawData, StreamData


@pytest.fixture
def pages(scripted):
    """A function that makes an `Api` whose requests are answered with given replies in turn.

    `pages.asked()` returns the arguments of each request.
    """

    def play(*replies, always=b""):
        def step(reply):
            return reply if isinstance(reply, bytes) else scripted.reply(200, reply)

        scripted.play(*map(step, replies), always=step(always))
        api = Api(scripted.url)
        api.session.mount("http://", CloudAdapter(sleep=lambda seconds: None))
        return api

    play.asked = lambda: [dict(parse_qsl(urlsplit(one.path).query)) for one in scripted.requests]
    play.paths = lambda: [urlsplit(one.path).path for one in scripted.requests]
    return play


# -- a cloud of rows ------------------------------------------------------------------------------

DEVICE = "d--0000-0000-0000-000a"
STREAMS = tuple(f"s--0000-0001--0000-0000-0000-000a--500{number}" for number in (1, 2))
SECOND = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
LAST_LIMIT = 20  # of a larger `lastn`, the server of a world makes ten times this


def text(moment):
    """Return microseconds as the ISO 8601 text of a query."""
    return (EPOCH + timedelta(microseconds=moment)).isoformat().replace("+00:00", "Z")


@dataclass
class World:
    """The readings of a device: rows of (microseconds or None, number or None, local id, stream).

    `page` and `raw_page` are how many rows the server shows at the most; `mask` is that of the
    device, (start, end) in microseconds.
    """

    rows: list = field(default_factory=list)
    page: int = 7
    raw_page: int = 7
    mask: tuple = (None, None)

    def found(self, query, stream=0, masked=True):
        """Return the rows that a query is about, sorted by time, without regard to `lastn`."""
        limits = [(query.get("start"), query.get("end")), self.mask if masked else (None, None)]
        rows = [row for row in self.rows if stream is None or row[3] == stream]
        for start, end in limits:
            if start is not None:
                rows = [row for row in rows if row[0] is not None and row[0] >= start]
            if end is not None:
                rows = [row for row in rows if row[0] is not None and row[0] < end]
        return sorted(rows, key=when)


def when(row):
    """Return what sorts rows of a world by time."""
    return row[0] is None, row[0] or 0


def seen(row):
    """Return what is compared of a row of a world."""
    time = None if row[0] is None else text(row[0] // SECOND * SECOND)
    value = None if row[1] is None else float(row[1])
    return time, value, row[2]


def got(rows):
    """Return what is compared of downloaded rows, or columns, as a list."""
    names = ("timestamp", "value", "streamer_local_id")
    if isinstance(rows, list):
        return [tuple(row[name] for name in names) for row in rows]
    times = rows.tolist("timestamp")
    shown = [None if time is None else text(time // 1000) for time in times]
    return list(zip(shown, rows.tolist("value"), rows.tolist("streamer_local_id")))


class Judge:
    """Says whether a download brought what it should."""

    @staticmethod
    def is_exact(rows, found, lastn=None):
        """Check that `rows` are the `found` ones, or the latest of them, each once."""
        came = Counter(got(rows))
        if lastn is None or lastn >= len(found):
            assert came == Counter(map(seen, found))
            return
        latest = found[-lastn:]
        edge = when(latest[0])
        certain = Counter(seen(row) for row in found if when(row) > edge)
        tied = Counter(seen(row) for row in found if when(row) == edge)
        assert len(rows) == lastn
        assert not certain - came
        assert not came - certain - tied

    @staticmethod
    def is_between(rows, before, after):
        """Check that all rows of `before` are there, and none that `after` does not have."""
        came = Counter(got(rows))
        assert not Counter(map(seen, before)) - came
        assert not came - Counter(map(seen, after))

    @staticmethod
    def in_order(rows):
        """Check that rows are in order of time, those without one last."""
        times = [row[0] for row in got(rows)]
        assert times == sorted(times, key=lambda time: (time is None, time or ""))

    @staticmethod
    def begins(rows, found):
        """Check that `rows` are the first ones of `found`, as far as their order is certain."""
        edge = max(map(when_shown, got(rows)), default=(False, ""))
        came, whole = Counter(got(rows)), Counter(map(seen, found))
        assert not came - whole
        assert all(when_shown(row) >= edge for row in whole - came)


def when_shown(row):
    return row[0] is None, row[0] or ""


STEADY = st.integers(-3, 30).map(lambda second: second * SECOND)
FINE = st.integers(-9, 40).map(lambda third: third * 333_333)
BURST = st.sampled_from([0, SECOND, SECOND + 1, 2 * SECOND - 1])
FAR = st.sampled_from([-(2 * 10**15), 2**31 * SECOND, 4 * 10**15, 8 * 10**15])
MOMENTS = st.one_of(STEADY, FINE, BURST, FAR)
LOCAL_IDS = st.sampled_from(
    [lambda at: 0, lambda at: at + 1, lambda at: at % 3, lambda at: 99 - at]
)


@st.composite
def drawn_worlds(draw):
    """Draw a world: ties, crowds, bursts, undated and equal rows, times far off, a mask."""
    kinds = draw(st.lists(st.sampled_from([STEADY, FINE, BURST, FAR, st.none()]), max_size=3))
    local_id = draw(LOCAL_IDS)
    value = st.one_of(st.integers(0, 2), st.none())
    least = draw(st.sampled_from([20, 60, 0]))
    times = draw(st.lists(st.one_of(STEADY, *kinds), min_size=least, max_size=90))
    rows = [
        (time, draw(value), local_id(at), draw(st.sampled_from([0, 0, 0, 1])))
        for at, time in enumerate(times)
    ]
    crowd = draw(st.integers(0, 40))
    time = draw(st.one_of(MOMENTS, st.none()))
    rows += [(time, at % 3, local_id(at + 50), 0) for at in range(crowd)]
    sizes = st.sampled_from([7, 3, 2, 50])
    mask = draw(st.sampled_from([(None, None)] * 3 + [(0, None), (SECOND, 9 * SECOND)]))
    return World(rows, draw(sizes), draw(sizes), mask)


QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "start": MOMENTS,
        "end": MOMENTS,
        "lastn": st.sampled_from([1, 3, 10, 20, 21, 40, 90, 150]),
    },
)


class Playground:
    """A cloud that serves one world after the other, and clients of it that never really wait."""

    strategies = (drawn_worlds(), QUERIES, MOMENTS)
    judge = Judge
    streams = STREAMS
    World = World

    def __init__(self, cloud):
        self.cloud = cloud

    @contextmanager
    def serve(self, world):
        """Serve `world`, with its limits in the place of the real ones."""
        readings = self.cloud.engine.store.readings
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(server_stream_data, "SUPER", Paging(world.page, world.page))
            patch.setattr(server_data, "LARGE", Paging(world.raw_page, world.raw_page))
            patch.setattr(server_windows, "_MOST_ROWS", 10 * LAST_LIMIT)
            patch.setattr(download, "MOST_LAST", LAST_LIMIT)
            patch.setattr(StreamData, "_page_size", world.page)
            patch.setattr(StreamData, "_few", 2)
            patch.setattr(RawData, "_page_size", world.raw_page)
            self.cloud.faults.clear()
            self.cloud.log.clear()
            self._set_mask(world.mask)
            readings.select([EVERYTHING]).delete()
            self._keep(*world.rows)
            yield self
            self.cloud.faults.clear()

    def add(self, world, row):
        """Let a row arrive."""
        world.rows.append(row)
        self._keep(row)

    def client(self, **options):
        """Return an `Api` of the user who may read the world."""
        api = Api(self.cloud.url, **options)
        api.session.mount("http://", CloudAdapter(timeout=5, sleep=lambda seconds: None))
        api.set_token(self.token())
        return api

    def token(self):
        """Return a new token of the user who may read the world."""
        engine = self.cloud.engine
        return engine.signer.issue(engine.store.get("account", "ann"))

    def _set_mask(self, limits):
        start, end = (None if limit is None else text(limit) for limit in limits)
        store = self.cloud.engine.store
        with store.transaction():
            mask = store.put("mask", {"target": DEVICE, "start": start, "end": end})
            if start is end is None:
                store.remove("mask", mask)

    def _keep(self, *rows):
        with self.cloud.engine.store.transaction():
            self.cloud.engine.store.readings.add_many(map(stored, rows))


def stored(row):
    """Return a row of a world as the cloud keeps it."""
    time, value, local_id, stream = row
    return {
        "stream": STREAMS[stream],
        "project": "p--0000-0001",
        "device": DEVICE,
        "variable": "v--0000-0001--5001",
        "timestamp": time,
        "device_timestamp": None,
        "streamer_local_id": local_id,
        "dirty_ts": False,
        "status": "cln",
        "int_value": value,
        "value": None if value is None else float(value),
        "type": "Num",
    }


UNIT = {"slug": "out--x", "unit_full": "X", "unit_short": "X", "m": 9, "d": 5, "o": 32.0}
PROJECT = "00000000-0000-4000-8000-000000000001"
DESCRIPTION = {
    "users": [
        {
            "id": 1,
            "slug": "ann",
            "username": "ann",
            "email": "ann@example.com",
            "password": "secret",
        }
    ],
    "orgs": [
        {
            "id": "o1",
            "name": "Acme",
            "slug": "acme",
            "members": [{"user": "ann", "role": "a0", "is_active": True, "is_org_admin": True}],
        }
    ],
    "projects": [{"id": PROJECT, "gid": 1, "slug": "p--0000-0001", "name": "A", "org": "acme"}],
    "devices": [{"id": 10, "slug": DEVICE, "label": "A", "org": "acme", "project": PROJECT}],
    "streams": [
        {
            "slug": slug,
            "project": "p--0000-0001",
            "device": DEVICE,
            "variable": "v--0000-0001--5001",
            "org": "acme",
            "mdo_type": "S",
            "output_unit": UNIT,
        }
        for slug in STREAMS
    ],
    "aliases": [
        {
            "id": "a1",
            "slug": "a--0000-0000-0000-0001",
            "gid": 1,
            "name": "All",
            "org": "acme",
            "taps": [{"id": 1, "timestamp": "0001-01-02T00:00:00Z", "stream": STREAMS[0]}],
        }
    ],
}


@pytest.fixture(scope="session")
def playground():
    """A cloud for tests of one world after the other; see `Playground` and `World`."""
    with LocalCloud(load=[DESCRIPTION]) as cloud:
        yield Playground(cloud)
