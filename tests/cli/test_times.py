"""Tests for iotile_cloud.cli._times."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.cli._parser import CommandParser
from iotile_cloud.cli._times import add_times, when
from iotile_cloud.utils.basic import utc_text

NOW = datetime(2018, 1, 31, 12, 30, 15, tzinfo=timezone.utc)
MOMENTS = st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(timezone.utc))
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", "2018-01-31T12:30:15Z"),
        ("today", "2018-01-31T00:00:00Z"),
        ("yesterday", "2018-01-30T00:00:00Z"),
        ("tomorrow", "2018-02-01T00:00:00Z"),
        ("-90s", "2018-01-31T12:28:45Z"),
        ("-30m", "2018-01-31T12:00:15Z"),
        ("-3h", "2018-01-31T09:30:15Z"),
        ("-2d", "2018-01-29T12:30:15Z"),
        ("-1w", "2018-01-24T12:30:15Z"),
        ("2018-01-05", "2018-01-05T00:00:00Z"),
        ("2018-01-05T10:00:00+02:00", "2018-01-05T08:00:00Z"),
    ],
)
def test_each_form_means_one_moment(text: str, meant: str) -> None:
    """Every form of the table is read as the table says, in UTC."""
    assert utc_text(when(text, NOW)) == meant


@pytest.mark.parametrize(
    "text", ["", "-2", "2d", "-2 d", "-d", "-2y", "--2d", "-2D", "-٢d", "Yesterday ", "31.1.2018"]
)
def test_anything_else_is_told_with_the_forms(text: str) -> None:
    """What is no time is shown, together with what would be one."""
    with pytest.raises(ValueError, match="not a time: .*ISO 8601.*yesterday") as error:
        when(text, NOW)
    assert repr(text) in str(error.value)


@pytest.mark.parametrize("text", ["-999999999d", f"-{'9' * 400}s", f"-{'9' * 5000}s"])
def test_a_time_before_the_calendar_is_told(text: str) -> None:
    """So long ago that there is no date is an error, not a crash."""
    with pytest.raises(ValueError, match="leaves the calendar"):
        when(text, NOW)


@given(st.integers(0, 10_000), st.sampled_from(sorted(UNITS)), MOMENTS)
def test_relative_times_are_counted_back(count: int, unit: str, now: datetime) -> None:
    """`-<count><unit>` is so many units before now, whenever now is."""
    start = datetime(1, 1, 1, tzinfo=timezone.utc)
    seconds = count * UNITS[unit]
    if seconds < (now - start).total_seconds():
        assert now - when(f"-{count}{unit}", now) == timedelta(seconds=seconds)


@given(MOMENTS, MOMENTS)
def test_iso_text_is_read_as_it_was_written(moment: datetime, now: datetime) -> None:
    """A moment that was written in ISO 8601 comes back, whatever the time is now."""
    assert when(utc_text(moment), now) == moment


@given(st.text(alphabet="-0123456789smhdwTZ:+nowtdaye", max_size=25))
def test_any_text_is_a_moment_in_utc_or_a_value_error(text: str) -> None:
    """Nothing that is typed leads to another error, or to a time of another zone."""
    try:
        offset = when(text, NOW).utcoffset()
    except ValueError:
        return
    assert offset == timedelta(0)


@pytest.mark.parametrize(
    "typed", [["--start", "-2d"], ["--start=-2d"], ["--start", "2018-01-29T12:30:15Z"]]
)
def test_a_time_with_a_dash_stands_behind_its_option(typed: list[str]) -> None:
    """`--start -2d` is as good as `--start=-2d`, and means what ISO would say."""
    parser = CommandParser()
    add_times(parser, NOW)
    assert parser.parse_args(typed).start == datetime(2018, 1, 29, 12, 30, 15, tzinfo=timezone.utc)


def test_a_wrong_time_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    """The parser tells which option has no time, with status 2."""
    parser = argparse.ArgumentParser()
    add_times(parser, NOW)
    with pytest.raises(SystemExit) as end:
        parser.parse_args(["--end", "soon"])
    assert end.value.code == 2
    assert "argument --end: not a time: 'soon'" in capsys.readouterr().err


def test_both_options_share_one_now() -> None:
    """`--start -1d --end now` is a day, however long the parser takes."""
    parser = CommandParser()
    add_times(parser)
    options = parser.parse_args(["--start", "-1d", "--end", "now"])
    assert options.end - options.start == timedelta(days=1)
