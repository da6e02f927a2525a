"""The readings of a report: a sequence of values, columns and rows."""

from __future__ import annotations

from array import array
from datetime import datetime, timezone

import pytest

from iotile_cloud.streamer import (
    FlexibleDictionaryReport,
    Reading,
    Readings,
    SignedListReport,
    parse_report,
)

TIME = datetime(2018, 1, 20, tzinfo=timezone.utc)
ROWS = [Reading(0x5001, 42, 100, 7), Reading(0x5002, 0xFFFFFFFF, 0xFFFFFFFF, 8), Reading(1, 2, 3)]
REPORT = SignedListReport(0x201, ROWS, sent_timestamp=100, received=TIME)


def test_sequence():
    """They count, slice and compare as a sequence of Reading."""
    readings = SignedListReport(1, ROWS).readings
    assert (list(readings), readings[1], readings[-1]) == (ROWS, ROWS[1], ROWS[-1])
    assert (readings[::2], len(readings), ROWS[1] in readings) == (tuple(ROWS[::2]), 3, True)


def test_equality():
    """They are equal, and hash the same, when all their readings are."""
    one, same, other = (Readings.of(rows) for rows in (ROWS, ROWS, ROWS[:2]))
    assert (one == same, hash(one) == hash(same), one == other) == (True, True, False)


def test_wide_values_equal_narrow_ones():
    """How wide a column is makes no difference."""
    narrow = Readings.of([Reading(1, 2)])
    wide = Readings.of([Reading(1, 2), Reading(1, -2)]).take([0])
    assert (wide.value.typecode, wide == narrow) == ("q", True)


def test_no_times_equal_no_times():
    """Readings that say no time are equal, wherever they come from."""
    mixed = Readings.of([Reading(1, 2), Reading(1, 2, timestamp=TIME)])
    assert mixed.take([0]) == Readings.of([Reading(1, 2)])
    assert mixed.take([1]) != Readings.of([Reading(1, 2)])


@pytest.mark.parametrize("kinds", ["IIII", "HIId"])
def test_other_columns(kinds):
    """Columns of other types are refused."""
    with pytest.raises(ValueError, match=f"types {kinds}"):
        Readings(*(array(kind, [1]) for kind in kinds))


def test_columns_of_several_lengths():
    """Columns of several lengths are refused."""
    with pytest.raises(ValueError, match=r"\[1, 2, 1, 1\] readings"):
        Readings(array("H", [1]), array("I", [1, 2]), array("I", [1]), array("I", [1]))


def test_out_of_range():
    """A place behind the last is an IndexError."""
    with pytest.raises(IndexError):
        REPORT.readings[3]


def test_columns():
    """The columns are arrays, the time in nanoseconds, -2**63 where it is not known."""
    nano = 1516406400 * 10**9
    assert REPORT.columns() == {
        "timestamp": array("q", [nano, -(1 << 63), nano - 97 * 10**9]),
        "stream": array("H", [0x5001, 0x5002, 1]),
        "reading_id": array("I", [7, 8, 0]),
        "raw_time": array("I", [100, 0xFFFFFFFF, 3]),
        "value": array("I", [42, 0xFFFFFFFF, 2]),
    }


def test_columns_of_other_centuries():
    """A time that has no room in nanoseconds is refused, and still is in the rows."""
    report = FlexibleDictionaryReport(1, [Reading(1, 2, timestamp=datetime(1, 1, 1))])
    with pytest.raises(ValueError, match="says 0001-01-01"):
        report.columns()
    assert next(report.rows())["timestamp"].year == 1


def test_rows():
    """A row is a dictionary with the names of the columns."""
    assert next(REPORT.rows()) == {
        "timestamp": TIME,
        "stream": 0x5001,
        "reading_id": 7,
        "raw_time": 100,
        "value": 42,
    }


def test_no_reading():
    """What is no Reading is refused with its place."""
    with pytest.raises(ValueError, match="reading 1 is 5; expected a Reading"):
        Readings.of([ROWS[0], 5])


def test_repr_is_short():
    """However many there are, three are shown."""
    text = repr(Readings.of(ROWS * 9))
    assert (text.count("Reading("), text[:12]) == (3, "<27 readings")


def test_largest_report():
    """The largest report is read into 14 bytes a reading, not into objects."""
    many = Readings(*(array(kind, [1]) * 1_048_573 for kind in "HIII"))
    report = parse_report(SignedListReport(1, many).encode())
    assert report.readings == many
    columns = report.columns()
    del columns["timestamp"]
    assert sum(one.itemsize for one in columns.values()) == 14
