"""The individual and the broadcast report: their bytes, and what is refused in them."""

from __future__ import annotations

import struct
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.streamer import (
    BroadcastReport,
    CountError,
    FieldError,
    FlagsError,
    IndividualReadingReport,
    LengthError,
    Reading,
    TrailingBytesError,
    parse_report,
)

ONE = struct.pack("<BBHLLLL", 0, 0, 0x5001, 0x201, 1000, 100, 42)
ROWS = struct.pack("<HHLLL", 0x5001, 0, 7, 100, 42) + struct.pack("<HHLLL", 0x5002, 0, 8, 101, 43)
MANY = struct.pack("<BBHLLL", 3, 0, 32, 0x201, 1000, 0) + ROWS
INDIVIDUAL = IndividualReadingReport(0x201, [Reading(0x5001, 42, 100)], sent_timestamp=1000)
BROADCAST = BroadcastReport(
    0x201, [Reading(0x5001, 42, 100, 7), Reading(0x5002, 43, 101, 8)], sent_timestamp=1000
)
BOTH = pytest.mark.parametrize(("data", "report"), [(ONE, INDIVIDUAL), (MANY, BROADCAST)])


@BOTH
def test_layout(data, report):
    """Both are written byte for byte as the layout says, and read back."""
    assert report.encode() == data
    assert parse_report(data) == report


@BOTH
def test_never_verified(data, report):
    """Nothing in them shows damage, so they are not verified."""
    assert not report.verified


@BOTH
def test_times(data, report):
    """Their readings have times once it is known when they came."""
    read = parse_report(data, received=datetime(2018, 1, 20))
    assert read.readings[0].timestamp.isoformat() == "2018-01-19T23:45:00+00:00"


@BOTH
def test_cut(data, report):
    """What is cut short anywhere is refused."""
    for size in range(1, len(data)):
        with pytest.raises(LengthError, match="cut short"):
            parse_report(data[:size])


@BOTH
def test_trailing_bytes(data, report):
    """Bytes after the end are refused, or marked on demand."""
    with pytest.raises(TrailingBytesError):
        parse_report(data + b"\0")
    read = parse_report(data + b"\0", verify=False)
    assert (read.readings, "trailing" in read.flaw) == (report.readings, True)


@pytest.mark.parametrize("data", [b"\0\1" + ONE[2:], MANY[:12] + b"\1" + MANY[13:]])
def test_reserved_fields(data):
    """A reserved field that is not 0 is refused."""
    with pytest.raises(FieldError, match="is 1; expected 0"):
        parse_report(data)


def test_reserved_field_of_a_reading():
    """A reserved field of a reading is refused with its place."""
    with pytest.raises(FieldError, match="reading 0 is 1"):
        parse_report(MANY[:18] + b"\1" + MANY[19:])


def test_signed_broadcast():
    """A broadcast with a signature is refused."""
    with pytest.raises(FlagsError, match="signature is 1"):
        parse_report(b"\3\1" + MANY[2:])


def test_part_of_a_reading():
    """A length that leaves part of a reading is refused; whole ones are read on demand."""
    data = MANY[:2] + b"\x1f\0" + MANY[4:-1]
    with pytest.raises(CountError, match="31 bytes"):
        parse_report(data)
    assert len(parse_report(data, verify=False).readings) == 1


@pytest.mark.parametrize("readings", [[], [Reading(1, 2)] * 2, [Reading(1, 2, 3, 4)]])
def test_one_reading_alone(readings):
    """An individual report has one reading, without an id."""
    with pytest.raises(ValueError, match="reading"):
        IndividualReadingReport(1, readings)


@pytest.mark.parametrize("kind", [IndividualReadingReport, BroadcastReport])
@pytest.mark.parametrize("more", [{"report_id": 1}, {"streamer_index": 1}, {"selector": 1}])
def test_fields_without_room(kind, more):
    """What the formats have no room for cannot be given."""
    with pytest.raises(ValueError, match=next(iter(more))):
        kind(1, [Reading(1, 2)], **more)


@pytest.mark.parametrize("kind", [IndividualReadingReport, BroadcastReport])
def test_wide_values(kind):
    """A value that has no room in 32 bits is refused."""
    with pytest.raises(ValueError, match="value of reading 0 is -1"):
        kind(1, [Reading(1, -1)])


WORD = st.integers(0, 0xFFFFFFFF)
ANY = st.builds(Reading, st.integers(0, 0xFFFF), WORD, WORD, WORD)


@given(WORD, st.lists(ANY, max_size=9), WORD)
def test_broadcast_round_trip(device, readings, sent):
    """Whatever a broadcast holds, its bytes are read back as the same."""
    report = BroadcastReport(device, readings, sent_timestamp=sent)
    assert parse_report(report.encode()) == report


@given(WORD, st.integers(0, 0xFFFF), WORD, WORD, WORD)
def test_individual_round_trip(device, stream, value, raw_time, sent):
    """Whatever an individual report holds, its bytes are read back as the same."""
    report = IndividualReadingReport(
        device, [Reading(stream, value, raw_time)], sent_timestamp=sent
    )
    assert parse_report(report.encode()) == report
