"""The readings of a report: a sequence of values, columns and rows."""

from __future__ import annotations

import pickle
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


def test_columns_cannot_be_replaced():
    """They are immutable: a column that is set by mistake is refused by its name."""
    with pytest.raises(AttributeError, match="value of readings cannot be set"):
        Readings.of(ROWS).value = array("I", [1, 2, 3])


def test_pickle():
    """They come out of a pickle as they were."""
    assert pickle.loads(pickle.dumps(REPORT.readings)) == REPORT.readings


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


def test_frame():
    """A frame has the columns by time, as 64-bit integers whatever is in them; unknown is NaT."""
    pandas = pytest.importorskip("pandas")
    frame = REPORT.frame()
    assert (frame.index.name, str(frame.index.dtype)) == ("timestamp", "datetime64[ns, UTC]")
    assert [None if pandas.isna(one) else one for one in frame.index] == [
        reading.timestamp for reading in REPORT.readings
    ]
    rows = [list(row.values())[1:] for row in REPORT.rows()]
    assert (frame.columns.tolist(), frame.values.tolist()) == (list(REPORT.columns())[1:], rows)
    for report in (REPORT, SignedListReport(1, [])):
        assert {str(kind) for kind in report.frame().dtypes} == {"int64"}


def test_zone_of_a_frame():
    """A zone changes how the index is shown, and nothing else."""
    pandas = pytest.importorskip("pandas")
    frame = REPORT.frame(tz="Europe/Berlin")
    assert str(frame.index[0]) == "2018-01-20 01:00:00+01:00"
    pandas.testing.assert_frame_equal(frame.tz_convert("UTC"), REPORT.frame())


def test_no_zone():
    """What is no time zone is refused by name."""
    pytest.importorskip("pandas")
    with pytest.raises(ValueError, match="such as 'Europe/Berlin', not 'Nowhere'"):
        REPORT.frame(tz="Nowhere")


def test_frame_tells_its_source():
    """A frame says of whom it is, and whether that was verified."""
    pytest.importorskip("pandas")
    damaged = parse_report(REPORT.encode()[:-1] + b"\0", verify=False)
    assert REPORT.frame().attrs == {
        "device": "d--0000-0000-0000-0201",
        "streamer": "t--0000-0000-0000-0201--0000",
        "report_id": 0,
        "verified": True,
        "flaw": "",
    }
    assert damaged.frame().attrs["verified"] is False
    assert "hash" in damaged.frame().attrs["flaw"]


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
