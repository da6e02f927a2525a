"""Tests for iotile_cloud.stream.curve."""

from __future__ import annotations

import gc
from array import array
from math import inf, isfinite, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.stream.columns import Columns
from iotile_cloud.stream.curve import Curve
from iotile_cloud.stream.kinds import column
from iotile_cloud.stream.stamps import NO_TIME

VALUES = st.none() | st.floats() | st.integers(-3, 3).map(float)
TIMES = st.one_of(
    st.integers(0, 3), st.integers(0, 10**6), st.integers(-(2**62), 2**62), st.just(NO_TIME)
)
READINGS = st.lists(st.tuples(TIMES, VALUES), max_size=60)


def columns_of(readings):
    """Return readings of (nanoseconds, value or None) as columns."""
    times = array("q", [time for time, _ in readings])
    values, mask = column("output_value", [value for _, value in readings])
    undated = bytearray(time == NO_TIME for time in times)
    masks = {"timestamp": undated} if any(undated) else {}
    if mask is not None:
        masks["output_value"] = mask
    return Columns({"timestamp": times, "output_value": values}, masks)


def curve_of(*blocks):
    """Return the curve of blocks of readings."""
    return Curve.of([columns_of(block) for block in blocks], "output_value")


def drawn(readings):
    """Return the readings that a line can show."""
    dated = [one for one in readings if one[0] != NO_TIME]
    return [(time, value) for time, value in dated if value is not None and isfinite(value)]


def many(count, value=lambda at: float(at % 7)):
    """Return readings, one a second."""
    return [(at * 10**9, value(at)) for at in range(count)]


@given(READINGS, st.integers(1, 20), st.booleans())
def test_every_reading_is_accounted_for_and_every_point_is_one(readings, size, coarse):
    """Whatever comes in whatever blocks: nothing is invented, nothing is lost unsaid."""
    readings = (many(700) if coarse else []) + readings
    blocks = [readings[at : at + size] for at in range(0, len(readings), size)]
    curve = curve_of(*blocks)
    known = drawn(readings)
    points = [point for point in curve.points if point[1] is not None]
    assert set(points) <= set(known)
    assert [time for time, _ in points] == sorted(time for time, _ in points)
    assert curve.drawn == len(known)
    assert curve.drawn + curve.nulls + curve.odd + curve.undated == len(readings)


@given(READINGS, st.integers(1, 20), st.booleans())
def test_the_extremes_are_kept(readings, size, coarse):
    """Lowest and highest value, first and last time are those of all readings."""
    readings = (many(700) if coarse else []) + readings
    known = drawn(readings)
    curve = curve_of(*(readings[at : at + size] for at in range(0, len(readings), size)))
    points = [point for point in curve.points if point[1] is not None]
    assert bool(points) == bool(known)
    for end in (min, max):
        for part in (0, 1):
            found = end((point[part] for point in points), default=None)
            assert found == end((one[part] for one in known), default=None)


def test_few_readings_are_all_kept():
    """Up to hundreds of readings, each one is a point."""
    assert curve_of(many(500)).points == many(500)


def test_points_do_not_grow_with_the_readings():
    """A hundred times as many readings make no more points than four a slice."""
    assert len(curve_of(many(100_000)).points) <= 4 * 600


def test_a_finished_curve_is_small():
    """It holds little more than sixteen bytes a point, so reports can keep hundreds of them."""
    block = columns_of(many(20_000, lambda at: float(at * 7919 % 1009)))
    tracemalloc = pytest.importorskip("tracemalloc")
    tracemalloc.start()
    try:
        curve = Curve.of([block], "output_value")
        gc.collect()  # also what the interpreter keeps for the next tuples
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 16 * len(curve.points) + 10_000


def test_each_slice_keeps_its_own_extremes():
    """One high reading among many is in the curve with its exact time."""
    readings = many(50_000)
    readings[31_234] = (readings[31_234][0], 99.0)
    assert readings[31_234] in curve_of(readings).points


def test_a_stretch_without_values_is_a_gap():
    """Between the readings around it the line is broken, also where slices are wide."""
    readings = many(50_000)
    for at in range(10_000, 20_000):
        readings[at] = (readings[at][0], None)
    curve = curve_of(readings)
    places = [at for at, (_, value) in enumerate(curve.points) if value is None]
    inside = [t for t, v in curve.points if v is not None and 10_000 <= t // 10**9 < 20_000]
    assert places
    assert inside == []
    assert curve.nulls == 10_000


def test_what_is_no_finite_number_breaks_the_line():
    """NaN and infinity of the server are counted apart from null."""
    curve = curve_of([(0, 1.0), (1, nan), (2, inf), (3, None), (4, 2.0)])
    assert curve.points == [(0, 1.0), (1, None), (2, None), (3, None), (4, 2.0)]
    assert (curve.drawn, curve.odd, curve.nulls) == (2, 2, 1)


def test_equal_times_keep_first_lowest_highest_and_last():
    """A crowd at one instant is at the most four points."""
    crowd = [(5, value) for value in (3.0, 2.0, 9.0, 4.0, 5.0, 1.0, 6.0)]
    assert curve_of(crowd).points == [(5, 3.0), (5, 9.0), (5, 1.0), (5, 6.0)]


def test_nothing_is_no_curve():
    """Without readings there are no points."""
    assert curve_of().points == curve_of([]).points == []
