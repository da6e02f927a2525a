"""Tests for iotile_cloud.stream.progress, and for `progress=` of downloads."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr

import pytest

from iotile_cloud.local.demo import demo_facts
from iotile_cloud.stream.data import StreamData
from iotile_cloud.stream.progress import shown

STREAM = demo_facts().upload.stream


class Terminal(io.StringIO):
    """A terminal."""

    def isatty(self):
        return True


class SmallPages(StreamData):
    """Takes several pages for what the demo data holds."""

    _page_size = 50


def watch(api, output, kind=SmallPages, **options):
    """Download 100 readings, and return what appears on standard error."""
    with redirect_stderr(output):
        kind(STREAM, api, **options).initialize_from_server(lastn=100)
    return output.getvalue() if output else ""


def test_a_bar_appears_on_a_terminal(api):
    """Where tqdm is installed, a download is shown, and nothing is left of it in the end."""
    pytest.importorskip("tqdm")
    shown = watch(api, Terminal()).split("\r")
    assert "/100 " in shown[1]
    assert not shown[-2].strip()


def test_a_bar_tells_how_far_it_is(monkeypatch):
    """It is given what came, what is expected, and what it counts."""
    told = []

    class Bar:
        n = 0

        def __init__(self, unit, **options):
            told.append(unit)

        def close(self):
            told.append("gone")

        def update(self, more):
            self.n += more
            told.append((self.n, self.total))

    monkeypatch.setattr("iotile_cloud.stream.progress._bars", lambda: Bar)
    with shown(None, " streams") as progress:
        progress(5, None)
        progress(9, 10)
    assert told == [" streams", (5, None), (9, 10), "gone"]


def test_what_comes_at_once_shows_no_bar(api):
    """One page is no reason to flicker."""
    pytest.importorskip("tqdm")
    assert watch(api, Terminal(), StreamData) == ""


def test_false_shows_nothing(api):
    """`progress=False` is silent on a terminal."""
    assert watch(api, Terminal(), progress=False) == ""


def test_a_file_gets_no_bar(api):
    """Without a terminal nothing is written."""
    assert watch(api, io.StringIO()) == ""


def test_no_standard_error_is_no_terminal(api):
    """A program without standard error, a service say, downloads all the same."""
    assert watch(api, None) == ""


def test_without_tqdm_there_is_no_bar(api, monkeypatch):
    """A terminal alone is not enough, and that is no error."""
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert watch(api, Terminal()) == ""


def test_a_function_is_always_called(api):
    """What is given as `progress` gets the rows received and the rows expected."""
    told = []
    watch(api, io.StringIO(), progress=lambda *numbers: told.append(numbers))
    assert told[-1] == (100, 100)


@pytest.mark.parametrize("progress", [True, 1, "yes"])
def test_anything_else_is_refused(progress):
    """A `progress` that cannot be called is a TypeError at once."""
    with pytest.raises(TypeError, match="progress must be"):
        StreamData(STREAM, None, progress=progress)
