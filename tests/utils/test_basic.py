"""Times: UTC in, UTC out, and text both ways."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.utils.basic import as_utc, datetime_to_str, parse_utc, utc_text

EAST = timezone(timedelta(hours=5, minutes=30))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
AWARE = st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=ZONES)


def test_naive_is_utc():
    """A datetime without a zone is UTC already."""
    assert as_utc(datetime(2018, 1, 1, 12)) == datetime(2018, 1, 1, 12, tzinfo=timezone.utc)


@given(AWARE)
def test_aware_is_converted(moment):
    """An aware datetime becomes the same moment, in UTC."""
    utc = as_utc(moment)
    assert (utc, utc.tzinfo) == (moment, timezone.utc)


def test_date_is_its_midnight():
    """A bare date is the start of its day."""
    assert as_utc(date(2018, 1, 2)) == datetime(2018, 1, 2, tzinfo=timezone.utc)


@pytest.mark.parametrize("bad", [None, "2018-01-01", 0])
def test_no_datetime(bad):
    """Anything but a date or datetime is a TypeError that shows it."""
    with pytest.raises(TypeError, match=f"got {bad!r}"):
        as_utc(bad)


def test_stream_time_converts_the_zone():
    """The server's text for a time is in UTC."""
    assert datetime_to_str(datetime(2018, 1, 1, 3, tzinfo=EAST)) == "2017-12-31T21:30:00Z"


def test_stream_time_cuts_fractions():
    """The server's text for a time of data has whole seconds, never rounded up."""
    assert datetime_to_str(datetime(2018, 1, 1, 0, 0, 0, 999999)) == "2018-01-01T00:00:00Z"


def test_early_years_are_padded():
    """A year has four digits on every platform."""
    assert datetime_to_str(datetime(99, 1, 1)) == "0099-01-01T00:00:00Z"


def test_full_text_keeps_fractions():
    """`utc_text` loses nothing, and writes no fraction where there is none."""
    assert utc_text(datetime(2018, 1, 1, 0, 0, 0, 5)) == "2018-01-01T00:00:00.000005Z"
    assert utc_text(datetime(2018, 1, 1)) == "2018-01-01T00:00:00Z"


@given(AWARE)
def test_text_and_back(moment):
    """What `utc_text` writes is read back as the same moment in UTC."""
    again = parse_utc(utc_text(moment))
    assert (again, again.tzinfo) == (moment, timezone.utc)


@pytest.mark.parametrize(
    "text", ["2018-01-01T12:00:00", "2018-01-01 12:00Z", "2018-01-01T17:30:00+05:30"]
)
def test_forms_of_text(text):
    """Text without a zone is UTC, an offset is converted, seconds may be left out."""
    assert parse_utc(text) == datetime(2018, 1, 1, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize("bad", ["", "yesterday", "2018-13-01T00:00:00Z", "1514764800.5", None, 5])
def test_bad_text(bad):
    """What is no ISO 8601 time is a ValueError that shows it and the form expected."""
    with pytest.raises(ValueError, match="expected ISO 8601") as caught:
        parse_utc(bad)
    assert repr(bad) in str(caught.value)


@given(st.text(max_size=30))
def test_any_text(text):
    """Any text is a moment in UTC or a ValueError, nothing else."""
    try:
        moment = parse_utc(text)
    except ValueError:
        return
    assert moment.tzinfo is timezone.utc
