"""Rows come out of the database as plain Python would pick and sort them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iotile_cloud.local.storage.rows import EVERYTHING, Piece
from iotile_cloud.local.storage.store import Store
from iotile_cloud.local.storage.tables import BY_STREAMER_ID, BY_TIME, STATUSES, STREAM, TYPES

NUMBERS = st.integers(-(1 << 63), (1 << 63) - 1)
FEW = st.integers(0, 3)
VALUES = ("int_value", "value", "type")
STREAMS = ("s-a", "s-b", "s-c")
OWNERS = {
    "s-a": {"stream": "s-a", "project": "p", "device": "d-1", "variable": "v-1"},
    "s-b": {"stream": "s-b", "project": "p", "device": "d-1", "variable": "v-2"},
    "s-c": {"stream": "s-c", "project": "p", "device": "d-2", "variable": "v-1"},
}


def reading(stream="s-a", **more):
    return {
        **OWNERS[stream],
        "timestamp": 0,
        "device_timestamp": None,
        "streamer_local_id": 0,
        "dirty_ts": False,
        "status": "unk",
        "int_value": 1,
        "value": 1.0,
        "type": "Num",
        **more,
    }


def event(number, **more):
    common = {name: value for name, value in reading().items() if name not in VALUES}
    return {
        **common,
        "ext": "json",
        "uuid": str(number),
        "s3key": None,
        "extra_data": None,
        "raw_data": None,
        **more,
    }


READINGS = st.builds(
    reading,
    st.sampled_from(STREAMS),
    timestamp=st.none() | FEW | NUMBERS.filter(lambda n: n < (1 << 63) - 1),
    device_timestamp=st.none() | NUMBERS,
    streamer_local_id=FEW,
    dirty_ts=st.booleans(),
    status=st.sampled_from(STATUSES),
    int_value=st.none() | NUMBERS,
    value=st.none() | st.floats(allow_nan=False),
    type=st.sampled_from(TYPES),
)
BOUNDS = st.tuples(st.none() | FEW, st.none() | FEW)
SPANS = st.dictionaries(st.sampled_from(["timestamp", "streamer_local_id", "id"]), BOUNDS)
PIECES = st.builds(
    Piece,
    st.sampled_from(["stream", "device", "variable"]),
    st.sampled_from(["s-a", "s-b", "d-1", "v-1", "none"]),
    st.none() | SPANS,
)


def inside(row, spans):
    return all(
        row[name] is not None
        and (least is None or row[name] >= least)
        and (most is None or row[name] <= most)
        for name, (least, most) in (spans or {}).items()
    )


def time_of(row):
    return (row["timestamp"] is None, row["timestamp"] or 0, row["id"])


def picked(rows, pieces, spans, order, last):
    """What `select` must return, worked out one row after the other."""
    found = [
        row
        for row in rows
        if any(row[p.field] == p.slug and inside(row, p.spans) for p in pieces)
        and inside(row, spans)
    ]
    if last is not None:
        found = sorted(found, key=time_of)[-last:]
    if order == BY_TIME:
        return sorted(found, key=time_of)
    return sorted(found, key=lambda r: (r["streamer_local_id"], r["stream"], time_of(r)))


@pytest.fixture
def rows():
    return Store().readings


@given(st.lists(READINGS))
def test_rows_come_back(readings):
    """Every value of a row comes back as it was put in, missing ones too."""
    rows = Store().readings
    rows.add_many(readings)
    assert list(rows.select([EVERYTHING])) == sorted(
        ({**one, "id": at} for at, one in enumerate(readings, 1)), key=time_of
    )


@settings(max_examples=80)
@given(
    st.lists(READINGS, max_size=12),
    st.lists(PIECES, max_size=3),
    SPANS,
    st.sampled_from([BY_TIME, BY_STREAMER_ID]),
    st.none() | st.integers(1, 4),
)
def test_selection_is_what_plain_python_picks(readings, pieces, spans, order, last):
    """Pieces, spans, nulls, ties, order and the latest ones: as one row after the other says."""
    rows = Store().readings
    kept = [rows.add(one) for one in readings]
    selection = rows.select(pieces, spans, order, last)
    expected = picked(kept, pieces, spans, order, last)
    assert len(selection) == len(expected)
    assert list(selection) == selection[: len(expected)] == expected


@given(st.lists(st.tuples(FEW, FEW), max_size=30), st.integers(1, 8), st.booleans())
def test_pages_are_in_order_and_add_up(pairs, size, by_time):
    """A walk by pages has as many rows as there are, and the order of one listing but for ties."""
    rows = Store().readings
    rows.add_many(reading(timestamp=t, streamer_local_id=n) for t, n in pairs)
    selection = rows.select([EVERYTHING], order=BY_TIME if by_time else BY_STREAMER_ID)
    walked = [row for start in range(0, len(pairs), size) for row in selection[start:][:size]]
    names = ("timestamp",) if by_time else ("streamer_local_id", "timestamp")
    keys = [[[row[name] for name in names] for row in some] for some in (walked, selection)]
    assert keys[0] == keys[1]


def test_ties_are_lost_and_doubled_between_pages(rows):
    """As on the server a walk by pages loses tied rows, and one page with everything has all."""
    rows.add_many(reading(timestamp=at // 3) for at in range(1200))
    selection = rows.select([EVERYTHING])
    walked = [row["id"] for start in range(0, 1200, 7) for row in selection[start : start + 7]]
    assert len(walked) == 1200
    assert 1100 < len(set(walked)) < 1190
    assert [row["id"] for row in selection[:1200]] == list(range(1, 1201))


def test_ties_are_the_same_each_time(rows):
    """The same page is the same when it is asked for again."""
    rows.add_many(reading() for _ in range(100))
    first, second = (rows.select([EVERYTHING])[50:60] for _ in range(2))
    assert first == second
    assert first != list(rows.select([EVERYTHING]))[50:60]


def test_items_of_a_selection(rows):
    """A selection is a sequence: places, negative ones, steps and empty slices."""
    rows.add_many(reading(timestamp=at) for at in range(5))
    selection = rows.select([EVERYTHING])
    times = [row["timestamp"] for row in (selection[0], selection[-1], *selection[::2])]
    assert times == [0, 4, 0, 2, 4]
    assert selection[3:1] == []
    for outside in (5, -6):
        with pytest.raises(IndexError):
            selection[outside]


@pytest.mark.parametrize("order", [BY_TIME, BY_STREAMER_ID])
def test_window_leads_to_the_index_of_times(rows, monkeypatch, order):
    """A window by time never walks the whole stream, in whatever order it is listed."""
    rows.add(reading())
    steps = []

    def explained(statement, values=()):
        plan = rows.database.query(f"EXPLAIN QUERY PLAN {statement}", values)
        steps.extend(step[3] for step in plan)
        return iter(())

    monkeypatch.setattr(rows.database, "stream", explained)
    assert rows.select([Piece("stream", "s-a")], {"timestamp": (0, 2)}, order)[:10] == []
    wanted = "reading_time (owner=? AND timestamp>? AND timestamp<?)"
    assert any(wanted in step for step in steps)


@pytest.mark.parametrize(
    "bad",
    [
        {"int_value": "many"},
        {"int_value": 1 << 63},
        {"value": [1]},
        {"status": "good"},
        {"type": None},
        {"streamer_local_id": None},
        {"id": 1},
    ],
)
def test_misfit_is_refused(rows, bad):
    """What a column cannot keep is refused with everything that was added along with it."""
    rows.add(reading())
    with pytest.raises((ValueError, OverflowError)):
        rows.add_many([reading(), reading(**bad)])
    assert len(rows.select([EVERYTHING])) == 1


def test_unknown_columns_are_refused(rows):
    """A query names columns that are there."""
    with pytest.raises(ValueError, match="no column of reading: colour"):
        rows.select([EVERYTHING], {"colour": (1, 2)})
    with pytest.raises(ValueError, match="none of stream, project"):
        rows.select([Piece("colour", "red")])


def test_infinity_is_kept(rows):
    """An infinite value is a value."""
    assert rows.get(rows.add(reading(value=float("inf")))["id"])["value"] == float("inf")


def test_numbers_are_not_given_out_twice(rows):
    """The number of a removed row stays its own."""
    row = rows.add(reading())
    rows.remove(row)
    assert rows.add(reading())["id"] == row["id"] + 1


def test_counts(rows):
    """The rows of a device are counted by stream."""
    rows.add_many([reading("s-a"), reading("s-b"), reading("s-a"), reading("s-c")])
    assert rows.counts("device", "d-1") == {"s-a": 2, "s-b": 1}


def test_selected_rows_are_removed(rows):
    """A whole selection goes at once."""
    rows.add_many(reading(timestamp=at) for at in range(10))
    assert rows.select([Piece("stream", "s-a")], {"timestamp": (2, 5)}).delete() == 4
    assert [row["timestamp"] for row in rows.select([EVERYTHING])] == [0, 1, 6, 7, 8, 9]


def test_raw_data_comes_with_a_single_event():
    """A listing leaves out what may be large; a single event has it."""
    events = Store().events
    kept = events.add(event(1, raw_data={"acc": [1]}, extra_data={"n": 1}))
    assert events.get(kept["id"]) == kept
    assert [row.get("raw_data", "absent") for row in events.select([EVERYTHING])] == ["absent"]


def test_events_with_an_error_can_be_hidden():
    """A key `error` in the extra data tells a failed event, also after a change."""
    events = Store().events
    kept = [events.add(event(at, extra_data=extra)) for at, extra in enumerate((None, {"n": 1}))]
    events.add(event(3, extra_data={"error": "x"}))
    good = {"failed": (0, 0)}
    assert [row["id"] for row in events.select([EVERYTHING], good)] == [1, 2]
    events.put({**kept[0], "extra_data": {"error": "y"}})
    assert [row["id"] for row in events.select([EVERYTHING], good)] == [2]


def test_order_names_the_stream_of_several_owners(rows):
    """Of several streams the rows of one number are sorted by stream."""
    assert STREAM in BY_STREAMER_ID
    rows.add_many(reading(stream) for stream in ("s-c", "s-a", "s-b"))
    listed = rows.select([Piece("variable", "v-1")], order=BY_STREAMER_ID)
    assert [row["stream"] for row in listed] == ["s-a", "s-c"]
