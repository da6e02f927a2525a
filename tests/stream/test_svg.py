"""Tests for iotile_cloud.stream.svg."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.stream.columns import Columns
from iotile_cloud.stream.curve import Curve
from iotile_cloud.stream.stamps import texts_of
from iotile_cloud.stream.svg import plot_svg

SVG = "{http://www.w3.org/2000/svg}"


def plot(values, title="a plot"):
    """Return the picture of readings, one a second, as a tree; None where there is nothing."""
    times = texts_of(at * 10**9 for at in range(len(values)))
    columns = Columns.made({"timestamp": times, "output_value": values})
    text = plot_svg(Curve.of([columns], "output_value"), title)
    return ElementTree.fromstring(text) if text else None


def paths(tree):
    """Return what is drawn: the line and the dots."""
    return [path.get("d") for path in tree.iter(f"{SVG}path")]


@given(st.lists(st.none() | st.floats(), max_size=60), st.text())
def test_any_values_and_any_title_make_a_picture(values, title):
    """It is well-formed, and its title is the text, as far as a page can hold it."""
    tree = plot(values, title)
    if tree is not None:
        assert tree.find(f"{SVG}title") is not None
        assert not any("nan" in path or "inf" in path for path in paths(tree))


def test_a_line_goes_from_corner_to_corner():
    """Rising readings are drawn from bottom left to top right."""
    line, dots = paths(plot([0.0, 10.0]))
    assert line == "M0 1000l4000 -1000"
    assert dots == "M0 1000h0M4000 0h0"


def test_a_gap_is_not_crossed():
    """A reading without a value parts the line."""
    line, _ = paths(plot([0.0, 1.0, None, 1.0, 0.0]))
    assert line.count("M") == 2


def test_a_lonely_reading_is_a_dot():
    """Among many, only the reading without neighbours is a dot."""
    _, dots = paths(plot([*map(float, range(50)), None, 7.0, None, *map(float, range(50))]))
    assert dots.count("M") == 1


@pytest.mark.parametrize("values", [[], [None], [float("nan")]])
def test_nothing_is_no_picture(values):
    """Without a value there is nothing to draw."""
    assert plot(values) is None


def test_a_picture_does_not_grow_with_the_readings():
    """Of ten times as many readings it is hardly larger."""
    small, large = (
        len(ElementTree.tostring(plot([float(at * 7 % 13) for at in range(count)])))
        for count in (8_000, 80_000)
    )
    assert large < 2 * small
