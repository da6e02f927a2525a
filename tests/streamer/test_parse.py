"""Reading a report of any kind: from where, which kind, and nothing but a ReportError for junk."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.streamer import (
    BroadcastReport,
    CountError,
    FlexibleDictionaryReport,
    FormatError,
    HashError,
    IndividualReadingReport,
    LengthError,
    Reading,
    Report,
    ReportError,
    SignedListReport,
    TrailingBytesError,
    parse_report,
)

READINGS = [Reading(0x5001, 42, 100, 7), Reading(0x5002, 43, 101, 8)]
REPORT = SignedListReport.from_readings(0x201, READINGS, sent_timestamp=100)
DATA = REPORT.encode()
KINDS = [
    REPORT,
    FlexibleDictionaryReport.from_readings(1, READINGS),
    IndividualReadingReport(1, [Reading(1, 2)]),
    BroadcastReport(1, READINGS),
]


@pytest.mark.parametrize("report", KINDS, ids=lambda one: type(one).__name__)
def test_kinds(report):
    """The kind of a report is found by its first byte."""
    dictionary = isinstance(report, FlexibleDictionaryReport)
    data = report.encode_json() if dictionary else report.encode()
    assert type(parse_report(data)) is type(report)


def test_sources(tmp_path):
    """A report is read from bytes of any kind, a path or an open file."""
    path = tmp_path / "report.bin"
    path.write_bytes(DATA)
    sources = [DATA, bytearray(DATA), memoryview(DATA), path, str(path), io.BytesIO(DATA)]
    assert all(parse_report(source) == REPORT for source in sources)


def test_no_such_file(tmp_path):
    """A file that is not there is an OSError, not a broken report."""
    with pytest.raises(FileNotFoundError):
        parse_report(tmp_path / "none.bin")


@pytest.mark.parametrize("source", [None, 5, [1, 2]])
def test_no_source(source):
    """What is neither bytes nor a path nor such a file is refused by its type."""
    with pytest.raises(FormatError, match="a report is bytes, not"):
        parse_report(source)


def test_file_open_for_text(tmp_path):
    """A file that was opened for text by mistake is refused with the mode that would be right."""
    path = tmp_path / "report.bin"
    path.write_bytes(DATA + b"\xff")
    with path.open() as file, pytest.raises(FormatError, match="open it with 'rb'"):
        parse_report(file)


def test_empty():
    """Nothing at all is cut short."""
    with pytest.raises(LengthError, match="0 bytes"):
        parse_report(b"")


@pytest.mark.parametrize("first", [2, 4, 0x20, 0x7F])
def test_unknown_format(first):
    """Bytes that begin like no format are refused by the first of them."""
    with pytest.raises(FormatError, match=f"the first byte is {first}"):
        parse_report(bytes([first]) * 50)


@pytest.mark.parametrize("received", [datetime(1969, 12, 31), datetime(2191, 1, 1)])
def test_received_out_of_range(received):
    """A received time of other centuries is refused with the years that are taken."""
    with pytest.raises(ValueError, match="expected a year from 1970 to 2190"):
        parse_report(DATA, received=received)


def test_received_is_converted():
    """A received time of another zone is kept in UTC."""
    zone = timezone(timedelta(hours=1))
    report = parse_report(DATA, received=datetime(2018, 1, 1, 1, tzinfo=zone))
    assert report.received.isoformat() == "2018-01-01T00:00:00+00:00"
    assert report.readings[0].timestamp == report.received


def test_base_has_no_bytes():
    """What is of no format cannot be written."""
    with pytest.raises(NotImplementedError, match="only the base"):
        Report.encode(REPORT)


# Unverified


def test_unverified():
    """On demand a damaged report is read as it stands, and is marked."""
    report = parse_report(DATA[:-1] + b"\0", verify=False)
    assert (report.readings, report.verified) == (REPORT.readings, False)
    assert "hash" in report.flaw


def test_unverified_is_not_equal():
    """A report that failed its check is another than the intact one with the same readings."""
    assert parse_report(DATA[:-1] + b"\0", verify=False) != REPORT


def test_unverified_is_not_written():
    """What failed its check is not given a hash that fits."""
    with pytest.raises(ValueError, match="failed its check is not written again: the hash"):
        parse_report(DATA[:-1] + b"\0", verify=False).encode()


@pytest.mark.parametrize(
    ("data", "count", "kind"),
    [
        (DATA[:-16], 2, LengthError),
        (DATA[:45], 1, LengthError),
        (DATA[:20], 0, LengthError),
        (DATA + b"\0" * 40, 2, TrailingBytesError),
        (b"\1\x0a" + DATA[2:], 0, TrailingBytesError),
        (b"\1\x4b" + DATA[2:-1], 1, CountError),
        (DATA[:-1] + b"\0", 2, HashError),
    ],
)
def test_readings_between_the_bounds(data, count, kind):
    """On demand those readings are read that are whole and that the header states, no others."""
    with pytest.raises(kind):
        parse_report(data)
    assert parse_report(data, verify=False).readings[:] == REPORT.readings[:count]


@pytest.mark.parametrize("size", [1, 19])
def test_no_header(size):
    """Without a whole header there is nothing to read."""
    with pytest.raises(LengthError):
        parse_report(DATA[:size], verify=False)


# Properties


def use(data, verify):
    """Read bytes and all that comes of them; nothing but a ReportError may be raised."""
    try:
        report = parse_report(data, {1: bytes(32)}, datetime(2018, 1, 1), verify)
    except (ImportError, ReportError):
        return
    assert len(list(report.rows())) == len(report.readings) <= len(data)
    assert report.highest_id >= report.lowest_id


@given(st.binary(max_size=150), st.booleans())
def test_any_bytes(data, verify):
    """Whatever the bytes, they are a report or a ReportError."""
    use(data, verify)


@given(st.sampled_from([0, 1, 3, 0x7B, 0x82, 0xDE]), st.binary(max_size=150), st.booleans())
def test_any_bytes_of_a_format(first, rest, verify):
    """Whatever follows the first byte of a format, it is a report or a ReportError."""
    use(bytes([first]) + rest, verify)


@given(st.binary(max_size=16), st.binary(max_size=120), st.booleans())
def test_any_bytes_with_a_hash(head, rest, verify):
    """Whatever stands in a list with the right length and hash, it is read or refused."""
    content = head.ljust(12, b"\0") + bytes([0]) + rest
    length = (4 + len(content) + 16).to_bytes(3, "little")
    signed = b"\1" + length + content
    use(signed + hashlib.sha256(signed).digest()[:16], verify)


@given(st.sampled_from(KINDS), st.data())
def test_cut_and_changed(report, draw):
    """A report that is cut, changed or put together wrongly is a report or a ReportError."""
    dictionary = isinstance(report, FlexibleDictionaryReport)
    data = bytearray(report.encode_json() if dictionary else report.encode())
    start = draw.draw(st.integers(0, len(data)))
    data[start : start + draw.draw(st.integers(0, 9))] = draw.draw(st.binary(max_size=9))
    use(bytes(data), draw.draw(st.booleans()))
