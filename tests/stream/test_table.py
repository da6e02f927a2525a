"""Tests for iotile_cloud.stream.table, and for downloads that choose it by themselves."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iotile_cloud.api.connection import Api
from iotile_cloud.api.exceptions import PartialDataError
from iotile_cloud.stream import _decode, data
from iotile_cloud.stream.columns import Columns
from iotile_cloud.stream.data import StreamData
from iotile_cloud.stream.table import in_order_of_time, read_table, unit_of
from iotile_cloud.utils.basic import parse_utc
from iotile_cloud.utils.mdo import MdoHelper

SLUG = "s--0000-0010--0000-0000-0000-0201--5001"
EPOCH = datetime(2018, 1, 1)
NAMES = ("timestamp", "value", "output_value", "streamer_local_id")
UNIT = {"m": 9, "d": 5, "o": -459.67}
SHOWN = MdoHelper(**UNIT).compute


class World:
    """A stream as a server has it: rows of (seconds since 2018 or None, value, local id).

    `without` are the routes that answer 404; `record` and `csv` change what is told.
    """

    def __init__(self, rows, unit=UNIT, **record):
        self.rows = rows
        self.unit = unit
        self.record = {"slug": SLUG, "derived_stream": None, "output_unit": unit, **record}
        self.asked = []
        self.csv = lambda text: text
        self.status = 200
        self.before = lambda name: None

    def answer(self, arrived):
        from_url = urlsplit(arrived.path)
        arguments = dict(parse_qsl(from_url.query))
        name = from_url.path.rstrip("/").rpartition("/")[2]
        self.asked.append((name, arguments))
        self.before(name)
        if name == "df":
            return self.reply(self.status, self.csv(self._csv(arguments)), "text/csv")
        value = self._page(arguments) if name == "data" else self.record
        return self.reply(200, json.dumps(value), "application/json")

    def reply(self, status, text, kind):
        body = text.encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def _found(self, arguments):
        start, end = (
            parse_utc(arguments[name]).replace(tzinfo=None) if name in arguments else None
            for name in ("start", "end")
        )
        for row in self.rows:
            time = None if row[0] is None else EPOCH + timedelta(seconds=row[0])
            outside = (start and (time is None or time < start)) or (
                end and (time is None or time >= end)
            )
            if not outside:
                yield (time, *row[1:])

    def _page(self, arguments):
        rows = sorted(self._found(arguments), key=lambda row: (row[0] is None, row[0] or EPOCH))
        size, number = int(arguments.get("page_size", 5)), int(arguments.get("page", 1))
        if "lastn" in arguments:
            rows = rows[-int(arguments["lastn"]) :]
        results = [
            {
                "timestamp": time and time.replace(microsecond=0).isoformat() + "Z",
                "int_value": 1,
                "value": value,
                "output_value": value if value is None or not self.unit else SHOWN(value),
                "streamer_local_id": local,
            }
            for time, value, local in rows[(number - 1) * size : number * size]
        ]
        more = "http://x/" if number * size < len(rows) else None
        return {"count": len(rows), "next": more, "results": results}

    def _csv(self, arguments):
        assert arguments["filter"] == SLUG
        assert arguments["mask"] == "1"
        extended = "extended" in arguments
        lines = ["row,value,stream_slug" + ",device_timestamp,streamer_local_id" * extended]
        for time, value, local in sorted(self._found(arguments), key=lambda row: row[2]):
            shown = "" if time is None else f"{time.isoformat(' ')}+00:00"
            cells = [shown, "" if value is None else repr(value), SLUG]
            lines.append(",".join([*cells, "9.0", str(local)] if extended else cells))
        return "\n".join(lines) + "\n"


ROWS = [(minute * 60, minute / 7, minute + 1) for minute in range(30)]


@pytest.fixture
def world(scripted, monkeypatch):
    """A function that serves a `World`, and returns its stream's readings."""
    monkeypatch.setattr(data.StreamData, "_few", 5)

    def serve(served, **options):
        scripted.play(always=served.answer)
        return StreamData(SLUG, Api(scripted.url, retries=0), **options)

    return serve


def multiset(columns):
    return Counter(zip(*(columns.tolist(name) for name in columns)))


def assert_as_windows(readings, columns, **query):
    """The columns are those that the pages of the stream give, in order of time."""
    names = columns.names
    paged = readings.columns(*names, **{"page_size": 1000, **query})
    assert readings.receipt.how != "table"
    assert multiset(columns) == multiset(paged)
    assert columns["timestamp"] == paged["timestamp"]


# -- what is chosen -------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [["value"], ["output_value"], NAMES])
@pytest.mark.parametrize("unit", [UNIT, None])
@pytest.mark.parametrize(
    "query", [{"start": None}, {"start": EPOCH, "end": "2018-01-01T00:20:00Z"}]
)
def test_a_table_gives_what_pages_give(world, names, unit, query):
    """One table is read in three requests, and nothing tells it from pages."""
    readings = world(World(ROWS, unit))
    columns = readings.columns(*names, **query)
    assert (readings.receipt.how, readings.receipt.requests) == ("table", 3)
    assert readings.receipt.expected == readings.receipt.received == len(columns)
    assert readings.receipt.complete
    assert_as_windows(readings, columns, **query)


EIGHTHS = st.integers(0, 80).map(lambda eighth: eighth / 8)
ODD_ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), EIGHTHS, st.integers(0, 10)),
        st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False, width=32)),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=30, deadline=None)
@given(ODD_ROWS)
def test_odd_tables_give_what_pages_give(rows):
    """Ties, fractions, rows without time or value, in any order: seconds, sorted, undated last."""
    served = World(rows)
    columns = read_table(
        served._csv({"filter": SLUG, "mask": "1", "extended": "1"}).encode(),
        SLUG,
        NAMES,
        unit_of(served.record),
    )
    whole = Columns.of(served._page({"page_size": 1000})["results"], NAMES)
    assert multiset(columns) == multiset(whole)
    assert columns["timestamp"] == whole["timestamp"]


@pytest.mark.skipif(_decode.msgspec is None, reason="msgspec is absent")
@settings(max_examples=30, deadline=None)
@given(rows=ODD_ROWS, extended=st.booleans())
def test_the_extra_changes_no_table(rows, extended):
    """With msgspec a table is read as by the standard library."""
    names = NAMES if extended else NAMES[:3]
    asked = {"filter": SLUG, "mask": "1", **({"extended": 1} if extended else {})}
    content, unit = World(rows)._csv(asked).encode(), unit_of({"slug": SLUG, "output_unit": UNIT})
    fast = read_table(content, SLUG, names, unit)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_decode, "msgspec", None)
        assert read_table(content, SLUG, names, unit) == fast


def test_a_result_that_fits_a_small_page_is_that_page(world):
    """For a few rows one request is enough, and no table is asked for."""
    served = World(ROWS)
    readings = world(served)
    columns = readings.columns("value", end="2018-01-01T00:04:00Z")
    assert (readings.receipt.how, [name for name, _ in served.asked]) == ("page", ["data"])
    assert columns.names == ("timestamp", "value")
    assert len(columns) == 4


@pytest.mark.parametrize(
    ("names", "query"),
    [
        (["int_value"], {"start": None}),
        ([], {"start": None}),
        (["value"], {"lastn": 20}),
        (["value"], {"page_size": 10}),
    ],
)
def test_what_a_table_does_not_have_is_read_from_pages(world, names, query):
    """Other columns, the latest rows and other arguments are no matter for `/df/`."""
    served = World(ROWS)
    world(served).columns(*names, **query)
    assert {name for name, _ in served.asked} == {"data"}


# -- what is not believed -------------------------------------------------------------------------


def line_of(number):
    """Return a change of the CSV that takes one line away."""
    return lambda text: "".join(
        line for place, line in enumerate(text.splitlines(True)) if place != number
    )


WRONG = {
    "a row is missing": line_of(7),
    "a value is another": lambda text: text.replace(",0.14285714285714285,", ",0.143,"),
    "a time is another": lambda text: text.replace("00:01:00", "00:01:01"),
    "other columns": lambda text: text.replace("row,value", "row,int_value"),
    "another stream": lambda text: text.replace(SLUG, SLUG[:-1] + "2"),
    "one line of another stream": lambda text: text.replace(SLUG, SLUG[:-1] + "2", 9),
    "cut in a line": lambda text: text[:-3],
    "cut in a number": lambda text: text[: -len(SLUG) - 5],
    "an extra row": lambda text: text + text.splitlines(True)[-1],
    "no number": lambda text: text.replace(",0.14285714285714285,", ",low,"),
    "nothing": lambda text: "",
    "JSON": lambda text: "[]",
    "HTML": lambda text: "<html>Sorry</html>",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_table_that_differs_is_not_taken(world, wrong):
    """Where count, rows or form disagree with the pages, the pages are read."""
    served = World(ROWS)
    served.csv = WRONG[wrong]
    readings = world(served)
    columns = readings.columns("value", start=None)
    assert (readings.receipt.how, len(columns)) == ("page", len(ROWS))
    assert columns.tolist("value") == [value for _, value, _ in ROWS]


@pytest.mark.parametrize("status", [400, 403, 404, 406, 500, 503, 504])
def test_a_route_that_fails_is_done_without(world, status):
    """An error of `/df/` is none of the download, and is not asked for twice."""
    served = World(ROWS)
    served.status = status
    readings = world(served)
    assert len(readings.columns("value", start=None)) == len(ROWS)
    assert [name for name, _ in served.asked].count("df") == 1


@pytest.mark.parametrize(
    "record",
    [
        {"derived_stream": "s--0000-0010--0000-0000-0000-0201--5002"},
        {"output_unit": {"m": 1, "d": 0, "o": 0.0}},
        {"output_unit": {"m": 2, "d": 1, "o": 0.0}},
        {"output_unit": "out--1"},
        {"slug": None},
    ],
)
def test_a_record_that_does_not_explain_the_output_is_done_without(world, record):
    """A derived stream, or a unit that does not make the shown values, is read from pages."""
    readings = world(World(ROWS, **record))
    columns = readings.columns("output_value", start=None)
    assert readings.receipt.how == "page"
    assert columns.tolist("output_value") == [SHOWN(value) for _, value, _ in ROWS]


def test_rows_of_one_second_alone_prove_nothing(world):
    """When the small page shows no row for certain, pages are read."""
    readings = world(World([(0, 1.0, local) for local in range(5)] + ROWS[1:]))
    assert len(readings.columns("value", start=None)) == 34
    assert readings.receipt.how == "page"


def test_rows_that_arrive_meanwhile_are_welcome(world):
    """More rows than at first are taken when the server counts them too."""
    served = World(list(ROWS))
    served.before = lambda name: served.rows.append((9999, 1.0, 99)) if name == "df" else None
    readings = world(served)
    columns = readings.columns("value", start=None)
    assert (len(columns), readings.receipt.how, readings.receipt.moved) == (31, "table", True)


def test_a_deadline_ends_a_table_too(world):
    """The time that the table would need is not there: the download ends as any does."""
    served = World(ROWS)
    readings = world(served, deadline=60)
    served.before = lambda name: setattr(readings._meter, "_end", 0.0)
    with pytest.raises(PartialDataError, match="deadline"):
        readings.columns("value", start=None)
    assert len(served.asked) == 1


# -- the parts ------------------------------------------------------------------------------------


def test_rows_that_tie_keep_their_order():
    """Sorting by time is stable, and puts rows without a time last."""
    times = [None, "2018-01-01T00:00:01Z", "2018-01-01T00:00:00Z", "2018-01-01T00:00:01Z"]
    columns = Columns.made({"timestamp": times, "value": [0.0, 1.0, 2.0, 3.0]})
    assert in_order_of_time(columns).tolist("value") == [2.0, 1.0, 3.0, 0.0]


@pytest.mark.parametrize("record", [None, [], {}, {"slug": "s", "output_unit": {"m": 1}}])
def test_a_record_without_what_is_needed_is_refused(record):
    """What is no record of a stream leads to no table."""
    with pytest.raises(ValueError, match="table needs|no unit"):
        unit_of(record)
