"""Tests for iotile_cloud.stream.plots, and for `plot` of downloads."""

from __future__ import annotations

import re
import sys

import pytest

from iotile_cloud.local.demo import demo_facts
from iotile_cloud.stream.data import RawData, StreamData
from iotile_cloud.stream.fleet import FleetData

STREAM = demo_facts().upload.stream
DEVICE = "d--0000-0000-0000-2001"


@pytest.fixture
def matplotlib(monkeypatch):
    """The real matplotlib, where it is installed, drawing into memory."""
    monkeypatch.setenv("MPLBACKEND", "Agg")
    matplotlib = pytest.importorskip("matplotlib")
    yield matplotlib
    pytest.importorskip("matplotlib.pyplot").close("all")


def test_a_plot_has_every_reading_its_unit_and_its_zone(api, matplotlib):
    """The axes hold all readings, and say of which stream, in which unit and zone."""
    readings = StreamData(STREAM, api)
    axes = readings.plot(lastn=100)
    [line] = axes.get_lines()
    assert (
        line.get_ydata().tolist()
        == readings.columns("output_value", lastn=100)["output_value"].tolist()
    )
    assert (axes.get_title(), axes.get_ylabel()) == (STREAM, "output value (G)")
    assert axes.get_xlabel() == "UTC"
    axes.figure.canvas.draw()


def test_a_plot_goes_on_given_axes_in_a_zone(api, matplotlib):
    """The caller's axes come back, in the caller's zone."""
    given = pytest.importorskip("matplotlib.pyplot").subplots()[1]
    axes = StreamData(STREAM, api).plot("value", ax=given, tz="Europe/Berlin", lastn=5)
    assert axes is given
    assert axes.get_xlabel() == "Europe/Berlin"
    assert axes.get_ylabel() == "value"


def test_a_plot_of_what_is_held_breaks_where_there_is_no_value(api, matplotlib):
    """Null and infinity are gaps, readings without a time are left out."""
    readings = StreamData(STREAM, api)
    times = ["2024-03-05T00:00:00Z", "2024-03-05T00:00:01Z", "2024-03-05T00:00:02Z", None]
    values = [1.0, None, float("inf"), 2.0]
    readings.data = [{"timestamp": t, "output_value": v} for t, v in zip(times, values)]
    [line] = readings.plot().get_lines()
    assert str(line.get_ydata().tolist()) == "[1.0, nan, nan]"


@pytest.mark.parametrize("kind", ["fleet", "raw"])
def test_a_plot_of_several_streams_has_a_line_for_each(api, matplotlib, kind):
    """Each stream is a line with its slug in the legend."""
    if kind == "fleet":
        axes = FleetData(api, [DEVICE]).plot(start="2024-03-05", end="2024-03-06")
    else:
        axes = RawData(api).plot(filter=DEVICE, start="2024-03-07T12:00:00Z")
    assert axes.get_title() == "2 streams"
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert [label[-4:] for label in labels] == ["5001", "5002"]
    assert axes.get_ylabel() == ("output value (G)" if kind == "fleet" else "value")


def test_a_column_that_is_not_there_is_told_with_those_that_are():
    """Times and slugs are none to draw."""
    with pytest.raises(ValueError, match="^no column 'stream' to plot; there are .*output_value"):
        FleetData(None, [DEVICE]).plot("stream")


@pytest.mark.parametrize("argument", [{"name": "nonsense"}, {"tz": "Mars/Olympus"}])
def test_a_wrong_argument_is_refused_before_anything_is_asked(argument):
    """There is no such column, or no such zone."""
    with pytest.raises(ValueError, match="nonsense|Mars"):
        StreamData(STREAM, None).plot(**argument)


def test_a_zone_is_a_text_or_an_object():
    """A number is no zone."""
    with pytest.raises(TypeError, match="time zone"):
        StreamData(STREAM, None).plot(tz=1)


def test_a_terminal_without_matplotlib_gets_a_plot_in_characters(api, capsys, monkeypatch):
    """The plot is printed with slug, time and unit."""
    monkeypatch.setitem(sys.modules, "matplotlib.dates", None)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert StreamData(STREAM, api).plot(lastn=100) is None
    printed = capsys.readouterr().out
    assert printed.startswith(f"{STREAM}\n")
    assert re.search(r"100 readings of \S+ to \S+ G", printed)
    assert "#" in printed


@pytest.mark.parametrize("ax", [None, "axes"])
def test_elsewhere_the_extra_is_named(monkeypatch, ax):
    """Without matplotlib, and without a terminal or with axes to draw on, it is an error."""
    monkeypatch.setitem(sys.modules, "matplotlib.dates", None)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: ax is not None)
    with pytest.raises(ImportError, match=r"iotile_cloud\[plot\]"):
        StreamData(STREAM, None).plot(ax=ax)
