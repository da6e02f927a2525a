"""Tests for iotile_cloud.stream.plot_text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.stream.columns import Columns
from iotile_cloud.stream.plot_text import text_plot


def columns_of(values):
    """Return readings, one a second, with these values."""
    times = [f"2024-03-05T00:{at // 60:02}:{at % 60:02}Z" for at in range(len(values))]
    return Columns.made({"timestamp": times, "output_value": values})


def test_equal_values_are_flat():
    """Values that do not differ are drawn without dividing by zero."""
    assert text_plot(columns_of([5.0, 5.0]), width=2, height=2).splitlines()[:2] == [
        "         5 |",
        "         5 |##",
    ]


def test_the_time_and_the_unit_are_told():
    """The last line says what the plot spans."""
    last = text_plot(columns_of([1.0, 2.0]), unit="gal").splitlines()[-1]
    assert last == "2024-03-05T00:00:00Z to 2024-03-05T00:00:01Z, 2 readings of 1 to 2 gal"


def test_a_spike_that_no_mean_shows_is_told():
    """Bars are means; the highest reading is in the words below them."""
    values = [1.0] * 1000 + [500.0] + [1.0] * 999
    assert "2,000 readings of 1 to 500" in text_plot(columns_of(values), width=4)


def test_nothing_to_draw_is_said():
    """Readings without a value are no plot, and the text tells how many there are."""
    assert text_plot(columns_of([None, None])) == "no readings to draw (2 in all)"


@given(st.lists(st.none() | st.floats(), max_size=50), st.integers(1, 20), st.integers(1, 5))
def test_no_values_break_the_plot(values, width, height):
    """Whatever the values, it has its height and no more than its width, in plain characters."""
    text = text_plot(columns_of(values), width=width, height=height)
    bars = [line.partition("|")[2] for line in text.splitlines() if "|" in line]
    assert len(bars) in (0, height)
    assert all(len(bar) <= width for bar in bars)
    assert text.isascii()
