"""Tests for iotile_cloud.stream.query."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from iotile_cloud.stream.query import Query


def arguments(**params):
    return Query.of(params).arguments


def test_iso_text_passes_unchanged():
    """Text that is a time is sent as it was written."""
    assert arguments(start="2016-01-01T00:00:00.000Z") == {"start": "2016-01-01T00:00:00.000Z"}


def test_an_aware_datetime_becomes_utc():
    """An aware datetime is converted."""
    noon = datetime(2018, 1, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    assert arguments(end=noon) == {"end": "2018-01-01T07:00:00Z"}


def test_a_naive_datetime_is_utc_and_keeps_its_fraction():
    """A naive datetime is UTC already, and nothing of it is cut."""
    assert arguments(start=datetime(2018, 1, 1, 0, 0, 0, 500)) == {
        "start": "2018-01-01T00:00:00.000500Z"
    }


def test_a_date_is_its_midnight():
    """A bare date, which one of the two data routes would refuse, becomes its first moment."""
    assert arguments(start=date(2018, 1, 2)) == {"start": "2018-01-02T00:00:00Z"}


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2018-13-01T00:00:00Z",
        "01/02/2018",
        "20240306",
        "20240306T000000Z",
        "2024-W10-3",
        "2024-066",
        "2024-03-06T10",
        " 2024-03-06",
    ],
)
def test_text_that_is_no_time_is_refused_by_name(text):
    """Text that the server would ignore raises before anything is sent, and is shown."""
    with pytest.raises(ValueError, match="not a time: .*ISO 8601"):
        arguments(start=text)


def test_a_time_of_another_type_is_refused():
    """A number is not guessed to be a time."""
    with pytest.raises(TypeError, match="start must be a datetime or ISO 8601 text, not 1516"):
        arguments(start=1516000000)


def test_none_and_empty_times_are_left_out():
    """An absent window is the whole stream, however absence is written."""
    assert arguments(start=None, end="", lastn=None) == {}


@pytest.mark.parametrize(
    "lastn", [0, -1, 1.5, 5.0, "x", True, "1_0", " 7 ", "\u0667", float("inf"), 100_001, 10**30]
)
def test_a_senseless_lastn_is_refused(lastn):
    """What the data routes read as 1, as 100,000 or not at all is refused."""
    with pytest.raises(ValueError, match="lastn must be a whole number from 1 to 100000, not"):
        arguments(lastn=lastn)


@pytest.mark.parametrize("lastn", [1, "100", 100_000])
def test_a_good_lastn_is_sent_as_a_number(lastn):
    """A whole number in range is sent, also when it was given as text."""
    assert arguments(lastn=lastn) == {"lastn": int(lastn)}


def test_a_page_is_refused():
    """A download takes all pages, so asking for one is a mistake."""
    with pytest.raises(ValueError, match="takes all pages"):
        arguments(page=2)


@pytest.mark.parametrize("size", [0, -5, "many", 2.5, True])
def test_a_page_size_that_the_server_would_replace_is_refused(size):
    """The server takes its default instead of a bad page size, and tells nobody."""
    with pytest.raises(ValueError, match="page_size must be a whole number from 1 on"):
        arguments(page_size=size)


def test_a_page_size_may_be_text():
    """A number in text is as good, and not limited: the server clamps it."""
    assert arguments(page_size="50000") == {"page_size": 50_000}
