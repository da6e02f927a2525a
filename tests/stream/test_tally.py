"""Tests for iotile_cloud.stream.tally."""

from __future__ import annotations

from fractions import Fraction
from math import fsum, inf, isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.stream.columns import Columns
from iotile_cloud.stream.tally import Tally, exact_parts

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
NAMES = ("timestamp", "output_value")


def block(values, first=0):
    times = [
        f"1970-01-01T00:{(first + n) // 60:02}:{(first + n) % 60:02}Z" for n in range(len(values))
    ]
    return Columns.made({"timestamp": times, "output_value": values})


def tally(*blocks):
    return Tally.of(blocks, "output_value")


@given(st.lists(NUMBERS, max_size=20))
def test_parts_are_exact(values):
    """The parts add up to exactly what the values add up to."""
    assert sum(map(Fraction, exact_parts(values))) == sum(map(Fraction, values))


@given(st.lists(st.none() | NUMBERS, max_size=20), st.integers(0, 20))
def test_blocks_do_not_matter(values, cut):
    """What a stream adds up to does not depend on how its readings came."""
    whole = tally(block(values))
    assert whole.total == fsum(value for value in values if value is not None)
    assert (
        vars(tally(block(values[:cut]), block(values[cut:], cut))).items()
        >= {name: value for name, value in vars(whole).items() if name != "_parts"}.items()
    )
    assert tally(block(values[:cut]), block(values[cut:], cut)).total == whole.total


def test_nulls_are_counted_and_left_out():
    """A reading without a value is in nothing but the count of nulls."""
    one = tally(block([None, 2.0, None]))
    assert (one.nulls, one.count, one.first, one.last, one.total) == (2, 1, 2.0, 2.0, 2.0)
    assert one.statistics["first_time"] == "1970-01-01T00:00:01Z"


def test_readings_without_a_time_are_neither_first_nor_last():
    """They count, but nobody knows when they were."""
    undated = Columns.made({"timestamp": [None], "output_value": [9.0]})
    both = tally(block([1.0, 2.0]), undated)
    assert (both.count, both.most, both.last) == (3, 9.0, 2.0)
    assert tally(undated).statistics["last_time"] is None


def test_nothing_gives_no_values():
    """Of no readings there is a count and a sum of zero."""
    assert {name for name, value in tally().statistics.items() if value is not None} == {"count"}
    assert tally().total == 0.0


@pytest.mark.parametrize("values", [[inf, 1.0], [1e308, 1e308]])
def test_what_is_beyond_all_numbers_is_infinite(values):
    """A sum that no double can hold is no error."""
    assert tally(block(values)).total == inf


@pytest.mark.parametrize("values", [[inf, -inf], [nan, 1.0]])
def test_what_has_no_sum_is_no_number(values):
    """Infinities of both signs, or what is no number already, make no number."""
    assert isnan(tally(block(values)).total)
