"""More readings than a report may hold: where they are cut, and how the parts are numbered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.streamer import (
    Event,
    FlexibleDictionaryReport,
    Reading,
    SignedListReport,
    in_parts,
)


def rows(*ids):
    return [Reading(0x5001, 42, 100, one) for one in ids]


def ids(reports):
    return [list(report.readings.reading_id) for report in reports]


def test_sorted_and_cut():
    """Readings are sorted by id, since the cloud takes only higher ones, and cut at the limit."""
    reports = in_parts(SignedListReport, "d--0201", rows(5, 1, 3, 2, 4), most=2, selector=0xD7FF)
    assert ids(reports) == [[1, 2], [3, 4], [5]]
    assert {(str(one.device)[-4:], one.selector) for one in reports} == {("0201", 0xD7FF)}


def test_ids_of_reports_rise():
    """Each report has an id above all that is in it, or counts up from the one that is given."""
    given_one = in_parts(SignedListReport, 1, rows(1, 2, 3), most=1, report_id=9)
    assert [one.report_id for one in in_parts(SignedListReport, 1, rows(1, 5), most=1)] == [2, 6]
    assert [one.report_id for one in given_one] == [9, 10, 11]
    assert [one.report_id for one in in_parts(SignedListReport, 1, rows(0, 0), most=1)] == [1, 2]


def test_same_id_stays_together():
    """Readings that share an id are in one report: of two, the second would be lost."""
    assert ids(in_parts(SignedListReport, 1, rows(1, 2, 2, 3), most=2)) == [[1], [2, 2], [3]]


def test_too_many_of_one_id():
    """More of an id than a report may hold is refused."""
    with pytest.raises(ValueError, match="more than 2 readings have the id 7"):
        in_parts(SignedListReport, 1, rows(7, 7, 7), most=2)


def test_chopped_size():
    """No report has the size at which the cloud takes it for cut off."""
    reports = in_parts(SignedListReport, 1, rows(*range(1, 12_287)), most=12_285)
    assert [len(one.readings) for one in reports] == [12_284, 2]
    assert not any(196_593 <= len(one.encode()) <= 196_607 for one in reports)


def test_events_count():
    """Readings and events are sorted and counted together."""
    events = [Event(1, reading_id=2), Event(1, reading_id=4)]
    reports = in_parts(FlexibleDictionaryReport, 1, rows(1, 3, 5), most=2, events=events)
    assert [(one.lowest_id, one.highest_id, one.count) for one in reports] == [
        (1, 2, 2),
        (3, 4, 2),
        (5, 5, 1),
    ]


def test_nothing():
    """Nothing to report is no report."""
    assert in_parts(SignedListReport, 1, []) == []


@pytest.mark.parametrize("most", [0, -1, 1.5, 1_048_574])
def test_bad_limit(most):
    """A limit that is none, or above the format's own, is refused."""
    with pytest.raises(ValueError, match=f"most is {most}; expected an int from 1 to 1048573"):
        in_parts(SignedListReport, 1, [], most=most)


def test_received():
    """Parts are for sending, so they have no received time."""
    with pytest.raises(ValueError, match="received has no place"):
        in_parts(SignedListReport, 1, [], received=None)


@given(st.lists(st.integers(0, 50), unique=True, max_size=30), st.integers(1, 9))
def test_nothing_is_lost(numbers, most):
    """Whatever the limit, all readings are there once, in order, and the ids of reports rise."""
    reports = in_parts(SignedListReport, 1, rows(*numbers), most=most)
    assert [one for part in ids(reports) for one in part] == sorted(numbers)
    named = [report.report_id for report in reports]
    assert named == sorted(set(named))
    assert all(1 <= len(report.readings) <= most for report in reports)
