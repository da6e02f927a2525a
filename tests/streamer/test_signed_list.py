"""The signed list: its bytes, what is refused in it, and what is refused on the way in."""

from __future__ import annotations

import dataclasses
import hashlib
import struct
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.streamer.readings import Readings
from iotile_cloud.streamer.signed_list import HashError, Reading, ReportError, SignedListReport
from iotile_cloud.utils.gid import IOTileDeviceSlug

READINGS = (Reading(0x5001, 42, 100, 7), Reading(0x5002, 0xFFFFFFFF, 0x80000000, 5), Reading(1, 2))
REPORT = SignedListReport.from_readings(
    0x201, READINGS, report_id=9, sent_timestamp=1000, streamer_index=1, selector=0xD7FF
)


def signed(content: bytes) -> bytes:
    return content + hashlib.sha256(content).digest()[:16]


# The same report, written out by hand from the layout.
CONTENT = b"".join(
    [
        bytes([1, 92, 0, 0]),  # format, and the length in three bytes: 20 + 3 * 16 + 24
        struct.pack("<LLL", 0x201, 9, 1000),
        bytes([0, 1, 0xFF, 0xD7]),  # flags, streamer index, selector
        struct.pack("<HHLLL", 0x5001, 0, 7, 100, 42),
        struct.pack("<HHLLL", 0x5002, 0, 5, 0x80000000, 0xFFFFFFFF),
        struct.pack("<HHLLL", 1, 0, 0, 0, 2),
        struct.pack("<LL", 5, 7),
    ]
)


def changed(at: int, new: bytes) -> bytes:
    """Return the report with other bytes at one place, and a hash that fits them."""
    return signed(CONTENT[:at] + new + CONTENT[at + len(new) :])


def test_encode():
    """A report is written byte for byte as the layout says."""
    assert REPORT.encode() == signed(CONTENT)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_parse(wrap):
    """A report is read back from any kind of bytes as it was made."""
    assert SignedListReport.parse(wrap(signed(CONTENT))) == REPORT


def test_empty_report():
    """A report without readings has 44 bytes and ids of 0."""
    report = SignedListReport.from_readings(1, [])
    assert (len(report.encode()), report.lowest_id, report.highest_id) == (44, 0, 0)
    assert SignedListReport.parse(report.encode()) == report


def test_length_needs_three_bytes():
    """A report above 65,535 bytes states its length whole."""
    report = SignedListReport.from_readings(1, [Reading(1, 2, 3, 4)] * 5000)
    data = report.encode()
    assert int.from_bytes(data[1:4], "little") == len(data) == 80044
    assert SignedListReport.parse(data) == report


def test_ids_leave_out_zero():
    """The lowest and the highest id pass over readings without an id."""
    assert (REPORT.lowest_id, REPORT.highest_id) == (5, 7)


@pytest.mark.parametrize("device", [0x201, "201", "d--0201", IOTileDeviceSlug(0x201)])
def test_device_forms(device):
    """The device is given as int, text or slug, and kept as a slug."""
    assert SignedListReport.from_readings(device, []).device == IOTileDeviceSlug(0x201)


def test_defaults():
    """What is not given is 0, and the selector is open."""
    report = SignedListReport.from_readings(1, [Reading(2, 3)])
    assert report == SignedListReport(IOTileDeviceSlug(1), (Reading(2, 3, 0, 0),), 0, 0, 0, 0xFFFF)
    assert report == SignedListReport(IOTileDeviceSlug(1), (Reading(2, 3),))


def test_numbers_of_other_libraries():
    """A reading keeps plain ints, whatever kind of integer it was given."""
    numpy = pytest.importorskip("numpy")
    reading = Reading(numpy.uint16(0x5001), numpy.int64(42))
    assert (type(reading.stream), type(reading.value)) == (int, int)


def test_values_are_frozen():
    """Neither a reading nor a report can be changed."""
    for value in (REPORT, REPORT.readings[0]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            value.stream = 1


# What parse refuses


@pytest.mark.parametrize("length", [0, 1, 43])
def test_too_short(length):
    """Bytes that are no whole header and footer are refused with both sizes."""
    with pytest.raises(ReportError, match=f"cut short: {length} bytes.*44"):
        SignedListReport.parse(signed(CONTENT)[:length])


def test_cut_short():
    """A report that lacks bytes at its end is refused with both sizes."""
    with pytest.raises(ReportError, match=r"header says 92 bytes, there are 76"):
        SignedListReport.parse(signed(CONTENT)[:-16])


def test_trailing_bytes():
    """Bytes after the signature are refused with both sizes."""
    with pytest.raises(ReportError, match=r"trailing bytes.* 92, there are 93"):
        SignedListReport.parse(signed(CONTENT) + b"\0")


@pytest.mark.parametrize("other", [0, 3, 0x8A])
def test_other_formats(other):
    """Another report format is refused by its number."""
    with pytest.raises(ReportError, match=f"format byte is {other}"):
        SignedListReport.parse(changed(0, bytes([other])))


def test_broken_reading():
    """A length that leaves part of a reading is refused."""
    with pytest.raises(ReportError, match="multiple of 16"):
        SignedListReport.parse(signed(bytes([1, 93]) + CONTENT[2:] + b"\0"))


@pytest.mark.parametrize(("flags", "words"), [(1, "user key"), (2, "device key"), (3, "are 3")])
def test_other_signatures(flags, words):
    """A signature that is not a hash is refused by its kind."""
    with pytest.raises(ReportError, match=words):
        SignedListReport.parse(changed(16, bytes([flags])))


def test_damage():
    """A hash that does not fit the content is refused."""
    with pytest.raises(HashError, match="damaged"):
        SignedListReport.parse(CONTENT + b"\0" * 16)


def test_reserved_field():
    """A reserved field that is not 0 is refused with the place of its reading."""
    with pytest.raises(ReportError, match="reading 1 is 256"):
        SignedListReport.parse(changed(20 + 16 + 2, b"\0\1"))


@pytest.mark.parametrize("ids", [(5, 8), (0, 7), (1, 7)])
def test_ids_that_disagree(ids):
    """A footer whose ids are not those of the readings is refused with both."""
    with pytest.raises(ReportError, match=r"footer gives .*readings have \(5, 7\)"):
        SignedListReport.parse(changed(68, struct.pack("<LL", *ids)))


@pytest.mark.parametrize("bad", [5, "text", None])
def test_no_bytes(bad):
    """What is not bytes is refused by its type."""
    with pytest.raises(ReportError, match=type(bad).__name__):
        SignedListReport.parse(bad)


# What cannot be built


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        *[("stream", bad) for bad in (-1, 0x10000, True, 1.0, None)],
        *[(name, bad) for name in ("raw_time", "reading_id") for bad in (-1, 1 << 32)],
        *[("value", bad) for bad in (-1 << 64, 1 << 63, True, 1.0)],
    ],
)
def test_bad_readings(field, bad):
    """A field of a reading that has no room in a report is refused by name."""
    with pytest.raises(ValueError, match=f"{field} is {bad}"):
        Reading(**{"stream": 1, "value": 2, field: bad})


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("report_id", 1 << 32),
        ("sent_timestamp", -1),
        ("streamer_index", 256),
        ("selector", 1 << 16),
    ],
)
def test_bad_reports(field, bad):
    """A field of a report that has no room in it is refused by name."""
    with pytest.raises(ValueError, match=f"{field} is {bad}"):
        SignedListReport.from_readings(1, [], **{field: bad})


@pytest.mark.parametrize("bad", [-1, 1 << 32])
def test_wide_values(bad):
    """A value that has no room in 32 bits is refused with the place of its reading."""
    with pytest.raises(ValueError, match=f"value of reading 1 is {bad}.*4294967295"):
        SignedListReport.from_readings(1, [Reading(1, 2), Reading(1, bad)])


def test_device_of_33_bits():
    """A device id above 32 bits has no room in a report."""
    with pytest.raises(ValueError, match="device is 4294967296"):
        SignedListReport.from_readings(1 << 32, [])


def test_too_many_readings():
    """More readings than the length field can count are refused with both numbers."""
    most = Readings(*(array(kind, [1]) * 1048573 for kind in "HIII"))
    more = Readings(*(array(kind, [1]) * 1048574 for kind in "HIII"))
    assert SignedListReport.from_readings(1, most).count == 1048573
    with pytest.raises(ValueError, match=r"1048574 readings.*1048573"):
        SignedListReport.from_readings(1, more)


def test_bad_range_message():
    """A refusal names the field, the value and the whole range."""
    with pytest.raises(ValueError, match="stream") as caught:
        Reading(65536, 0)
    assert str(caught.value) == "stream is 65536; expected an int from 0 to 65535"


# Properties

WORDS = st.integers(0, 0xFFFFFFFF)
ANY_READINGS = st.lists(st.builds(Reading, st.integers(0, 0xFFFF), WORDS, WORDS, WORDS), max_size=9)


@given(WORDS, ANY_READINGS, WORDS, WORDS, st.integers(0, 255), st.integers(0, 0xFFFF))
def test_round_trip(device, readings, report_id, sent, index, selector):
    """Whatever a report holds, its bytes are read back as the same report."""
    report = SignedListReport.from_readings(
        device,
        readings,
        report_id=report_id,
        sent_timestamp=sent,
        streamer_index=index,
        selector=selector,
    )
    assert SignedListReport.parse(report.encode()) == report


@given(st.integers(0, len(CONTENT) * 8 + 127))
def test_any_flipped_bit(bit):
    """One flipped bit anywhere is noticed."""
    data = bytearray(signed(CONTENT))
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ReportError):
        SignedListReport.parse(data)


@given(st.binary(max_size=120))
def test_any_bytes(data):
    """Random bytes are a ReportError, never another error."""
    with pytest.raises(ReportError):
        SignedListReport.parse(data)
