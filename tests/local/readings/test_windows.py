"""From arguments to spans of times and numbers."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.local.readings.windows import (
    last_n,
    micros,
    moment_text,
    narrowed,
    second_text,
    spans,
)
from iotile_cloud.local.web.errors import ApiError

MASK = {"start": "1970-01-01T00:00:01Z", "end": "1970-01-01T00:00:03Z"}


@given(st.datetimes(timezones=st.just(timezone.utc)))
def test_times_round_trip(moment):
    """A time becomes a number and its text again, to the microsecond."""
    assert micros(moment_text(micros(moment))) == micros(moment)


@given(st.datetimes(timezones=st.just(timezone.utc)))
def test_second_text_cuts(moment):
    """The short form cuts the fraction, before 1970 too."""
    assert micros(second_text(micros(moment))) == micros(moment.replace(microsecond=0))


@pytest.mark.parametrize(
    ("wanted", "limited"),
    [
        ({}, (1_000_000, 2_999_999)),
        ({"timestamp": (0, None)}, (1_000_000, 2_999_999)),
        ({"timestamp": (1_500_000, 2_000_000)}, (1_500_000, 2_000_000)),
    ],
)
def test_mask_narrows(wanted, limited):
    """A mask limits a window, and never widens it."""
    assert narrowed(wanted, MASK) == {"timestamp": limited}


def test_mask_may_be_open():
    """A mask without an end limits the start only."""
    assert narrowed({}, {**MASK, "end": None}) == {"timestamp": (1_000_000, None)}


def test_no_mask_changes_nothing():
    """Without a mask the window stays."""
    assert narrowed({"id": (1, 2)}, None) == {"id": (1, 2)}


def test_offset_is_converted():
    """A time with an offset is the same moment in UTC."""
    noon = datetime(2020, 1, 1, 12, tzinfo=timezone.utc)
    found = spans({"start": "2020-01-01T14:00:00+02:00"})
    assert found == {"timestamp": (micros(noon), None)}


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("5", 5),
        (" 5.2 ", 6),
        ("1e3", 1000),
        ("-.5", 0),
        ("1e-999999999", 1),
        ("9" * 30, (1 << 63) - 1),
    ],
)
def test_forms_of_a_number(text, limit):
    """A number may have a fraction, an exponent, and more digits than any row's."""
    assert spans({"id_min": text}) == {"id": (limit, None)}


def test_all_bad_arguments_are_told():
    """One refusal names all the arguments that cannot be read."""
    with pytest.raises(ApiError) as caught:
        spans(
            {"start": "x", "end": "2018-01-01", "id_min": "x", "streamer_id_0": "5", "lastn": "x"}
        )
    moment, number = ["Enter a valid date/time."], ["Enter a number."]
    errors = {"start": moment, "end": moment, "id": number, "lastn": number}
    assert caught.value.args == (400, errors)


@pytest.mark.parametrize("text", ["x", "nan", "-inf", "1e51", "1e999999999"])
def test_no_numbers(text):
    """What is no number, or beyond all measure, is refused."""
    with pytest.raises(ApiError):
        spans({"id_max": text})


def test_a_huge_count_is_over_the_limit():
    """A count of rows with any number of digits is told the limit."""
    with pytest.raises(ApiError) as caught:
        last_n({"lastn": "9" * 30})
    assert caught.value.args == (400, ["lastn limit is 100000"])


def read(text):
    """What a start argument leads to: the columns it limits, or the status of the refusal."""
    try:
        return set(spans({"start": text}))
    except ApiError as error:
        return error.reply.status


@given(st.text())
def test_any_text_is_a_time_or_refused(text):
    """A text is read as a time, counts as absent, or is refused with 400."""
    assert read(text) in (set(), {"timestamp"}, 400)
