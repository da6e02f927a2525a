"""Tests for iotile_cloud.stream.axes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.stream.axes import moment_text, time_ticks, value_ticks
from iotile_cloud.stream.stamps import nanoseconds_of

FINITE = st.floats(allow_nan=False, allow_infinity=False)
NANOSECONDS = st.integers(-(2**63) + 1, 2**63 - 1)


@given(FINITE, FINITE)
def test_values_lie_between_few_ticks_that_differ(one, other):
    """The ticks enclose the values, rise, and are written differently."""
    low, high = sorted((one, other))
    ticks = value_ticks(low, high)
    assert 2 <= len(ticks) <= 7
    assert ticks[0].at <= low <= high <= ticks[-1].at
    assert [tick.at for tick in ticks] == sorted(tick.at for tick in ticks)
    assert len({tick.text for tick in ticks}) == len(ticks)


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0, 15, "0 5 10 15"),
        (5, 5, "4.5 5 5.5"),
        (0, 0, "-1 -0.5 0 0.5 1"),
        (0, 3e300, "0 1e+300 2e+300 3e+300 4e+300"),
        (-0.0, 2, "0 0.5 1 1.5 2"),
        (0, 40_000, "0 10,000 20,000 30,000 40,000"),
    ],
)
def test_values_are_round(low, high, texts):
    """Ticks are what people would draw."""
    assert [tick.text for tick in value_ticks(low, high)] == texts.split()


@given(FINITE, FINITE)
def test_the_values_of_an_axis_have_one_form(one, other):
    """With an exponent are all of them, but for zero, or none."""
    texts = {tick.text for tick in value_ticks(*sorted((one, other)))} - {"0"}
    assert len({"e" in text for text in texts}) == 1


@given(NANOSECONDS, NANOSECONDS)
def test_times_are_few_and_in_between(one, other):
    """There are at most six, in order, none outside."""
    first, last = sorted((one, other))
    ticks = time_ticks(first, last)
    assert len(ticks) <= 6
    assert all(first <= tick.at <= last for tick in ticks)
    assert [tick.at for tick in ticks] == sorted(tick.at for tick in ticks)


@pytest.mark.parametrize(
    ("first", "last", "texts"),
    [
        ("2024-03-05T00:00:00Z", "2024-03-05T00:00:00.4Z", "00:00:00 00:00:00.1"),
        ("2024-03-05T00:00:00Z", "2024-03-05T00:00:20Z", "00:00:00 00:00:05"),
        ("2024-03-05T10:07:00Z", "2024-03-05T15:00:00Z", "11:00 12:00"),
        ("2024-03-05T00:00:00Z", "2024-03-09T00:00:00Z", "5_Mar 6_Mar"),
        ("2024-01-15T00:00:00Z", "2024-06-01T00:00:00Z", "Feb Mar"),
        ("2017-01-01T00:00:00Z", "2024-06-01T00:00:00Z", "Jan Jan"),
    ],
)
def test_times_are_round(first, last, texts):
    """Seconds, hours, days, months and years begin where those of UTC do."""
    ticks = time_ticks(nanoseconds_of(first), nanoseconds_of(last))
    assert [tick.text.replace(" ", "_") for tick in ticks][:2] == texts.split()


def test_the_day_is_written_where_it_begins():
    """Only a tick whose day is another one has it below."""
    ticks = time_ticks(
        nanoseconds_of("2024-03-04T20:00:00Z"), nanoseconds_of("2024-03-05T04:00:00Z")
    )
    assert [tick.below for tick in ticks if tick.below] == ["4 Mar 2024", "5 Mar 2024"]


def test_a_time_for_people_has_its_zone():
    """A moment is day, month, year, time and zone."""
    assert moment_text(nanoseconds_of("2024-03-05T00:00:00Z")) == "5 Mar 2024 00:00 UTC"
