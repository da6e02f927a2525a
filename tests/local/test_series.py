"""The columns of readings give back what was put in, and cut as plain comparisons would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.local.series import STATUSES, TYPES, Series

INT64 = st.integers(-(2**63), 2**63 - 1)
READINGS = st.fixed_dictionaries(
    {
        "id": INT64,
        "timestamp": st.none() | INT64,
        "int_value": st.none() | INT64,
        "value": st.none() | st.floats(allow_nan=False),
        "device_timestamp": st.none() | INT64,
        "streamer_local_id": st.integers(0, 2**31 - 1),
        "type": st.sampled_from(TYPES),
        "status": st.sampled_from(STATUSES),
        "dirty_ts": st.booleans(),
    }
)


def filled(readings):
    series = Series("s", "p", "d", "v")
    for reading in readings:
        series.append(reading)
    return series


@given(st.lists(READINGS))
def test_readings_come_back(readings):
    """Every reading comes back exactly, nulls and extremes included."""
    series = filled(readings)
    assert [series.reading(row) for row in range(len(series))] == readings


@given(st.lists(READINGS))
def test_orders_are_stable_with_missing_times_last(readings):
    """By time, then order of arrival; a missing time comes last."""
    times = [readings[row]["timestamp"] for row in filled(readings).by_time()]
    known = [time for time in times if time is not None]
    assert times == sorted(known) + [None] * (len(times) - len(known))


@given(st.lists(READINGS), st.none() | INT64, st.none() | INT64)
def test_cut_keeps_what_lies_in_the_span(readings, least, most):
    """A cut keeps the rows from least to most; a missing value lies in no span."""
    series = filled(readings)
    rows = series.cut(range(len(series)), {"timestamp": (least, most)})
    assert list(rows) == [
        row
        for row, reading in enumerate(readings)
        if reading["timestamp"] is not None
        and (least is None or reading["timestamp"] >= least)
        and (most is None or reading["timestamp"] <= most)
    ]


def test_order_follows_what_is_added():
    """A reading that comes late takes its place in an order that was asked before."""
    base = {"int_value": 1, "value": 1.0, "device_timestamp": None, "streamer_local_id": 0}
    base |= {"type": "Num", "status": "unk", "dirty_ts": False}
    series = filled([{**base, "id": 1, "timestamp": 5}])
    assert list(series.by_time()) == [0]
    series.append({**base, "id": 2, "timestamp": 3})
    assert list(series.by_time()) == [1, 0]


@pytest.mark.parametrize(("number", "row"), [(7, 0), (8, None)])
def test_row_of(number, row):
    """A row is found by its number."""
    reading = {"id": 7, "timestamp": 1, "int_value": 1, "value": 1.0, "device_timestamp": 1}
    reading |= {"streamer_local_id": 1, "type": "Num", "status": "unk", "dirty_ts": False}
    assert filled([reading]).row_of(number) == row
