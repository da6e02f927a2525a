"""The signed list: the binary report in which a device hands over readings, hash kind only.

A hash shows damage, it does not prove who wrote the report.  Knows nothing of HTTP, and not what a
reading means: values are the raw 32 bits.  All integers are unsigned and little endian.
"""

from __future__ import annotations

import hashlib
import hmac
import operator
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..utils.gid import IOTileDeviceSlug

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import SupportsIndex

__all__ = ["HashError", "Reading", "ReportError", "SignedListReport"]

_FORMAT = 1
_HASH = 0
_KEYED = {1: "user key", 2: "device key"}
_HEADER = struct.Struct("<BBHLLLBBH")  # format, length (8 + 16 bits), device, id, sent, flags, ..
_READING = struct.Struct("<HHLLL")  # stream, reserved, reading id, raw time, value
_IDS = struct.Struct("<LL")  # lowest and highest reading id
_SIGNATURE = 16  # bytes kept of the SHA-256
_FOOTER = _IDS.size + _SIGNATURE
_MOST_READINGS = (0xFFFFFF - _HEADER.size - _FOOTER) // _READING.size  # the length has 24 bits


class ReportError(ValueError):
    """The bytes are not a report that can be read; the message says what is wrong and where."""


class HashError(ReportError):
    """The hash does not fit the content: the report was damaged on its way."""


def _unsigned(name: str, value: object, bits: int) -> int:
    try:
        number = -1 if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = -1
    if not 0 <= number < 1 << bits:
        raise ValueError(f"{name} is {value!r}; expected an int from 0 to {(1 << bits) - 1}")
    return number


@dataclass(frozen=True)
class Reading:
    """One number of a device, as it stands in a report.

    Args:
        stream: local id of the stream, 16 bits, such as 0x5001.
        value: the raw number, 32 bits; whether it is signed is a matter of the stream.
        raw_time: seconds since the device started; with bit 31 set, since 2000-01-01 UTC.
        reading_id: counts up on the device; 0 is none.

    Raises:
        ValueError: a field is no int or out of its range.

    >>> Reading(0x5001, 42, raw_time=100)
    Reading(stream=20481, value=42, raw_time=100, reading_id=0)
    """

    stream: int
    value: int
    raw_time: int = 0
    reading_id: int = 0

    def __post_init__(self) -> None:
        for name, bits in (("stream", 16), ("value", 32), ("raw_time", 32), ("reading_id", 32)):
            value = getattr(self, name)
            if type(value) is not int or value < 0 or value >> bits:
                object.__setattr__(self, name, _unsigned(name, value, bits))


@dataclass(frozen=True)
class SignedListReport:
    """A report of one streamer of a device; `from_readings` makes it, `parse` reads it.

    >>> report = SignedListReport.from_readings("d--0235", [Reading(0x5001, 42, 100, 7)])
    >>> SignedListReport.parse(report.encode()) == report
    True
    """

    device: IOTileDeviceSlug
    readings: tuple[Reading, ...]
    report_id: int = 0
    sent_timestamp: int = 0
    streamer_index: int = 0
    selector: int = 0xFFFF

    @classmethod
    def from_readings(
        cls,
        device: SupportsIndex | str | IOTileDeviceSlug,
        readings: Iterable[Reading],
        *,
        report_id: int = 0,
        sent_timestamp: int = 0,
        streamer_index: int = 0,
        selector: int = 0xFFFF,
    ) -> SignedListReport:
        """Make a report of `readings`, kept in the order given.

        Args:
            device: slug, text or number of the device; a report has room for 32 bits.
            readings: at most 1,048,573 of them.
            report_id: above every reading id when a device makes the report; 0 is none.
            sent_timestamp: uptime of the device in seconds when it sent the report.
            streamer_index: which streamer of the device, 0 to 255.
            selector: which streams the streamer picks, 16 bits; 0xFFFF leaves it open.

        Raises:
            ValueError: an argument is out of its range; the message names it.
        """
        return cls(
            IOTileDeviceSlug(device),
            tuple(readings),
            report_id=report_id,
            sent_timestamp=sent_timestamp,
            streamer_index=streamer_index,
            selector=selector,
        )

    def __post_init__(self) -> None:
        _unsigned("device", self.device.get_id(), 32)
        _unsigned("report_id", self.report_id, 32)
        _unsigned("sent_timestamp", self.sent_timestamp, 32)
        _unsigned("streamer_index", self.streamer_index, 8)
        _unsigned("selector", self.selector, 16)
        if len(self.readings) > _MOST_READINGS:
            raise ValueError(
                f"{len(self.readings)} readings; a report holds at most {_MOST_READINGS}"
            )

    @property
    def lowest_id(self) -> int:
        """The lowest reading id that is not 0; 0 when there is none."""
        return min(self._ids(), default=0)

    @property
    def highest_id(self) -> int:
        """The highest reading id; 0 when there is none."""
        return max(self._ids(), default=0)

    def encode(self) -> bytes:
        """Return the report as bytes, hash included: the content of a `.bin` file."""
        length = _HEADER.size + _READING.size * len(self.readings) + _FOOTER
        header = _HEADER.pack(
            _FORMAT,
            length & 0xFF,
            length >> 8,
            self.device.get_id(),
            self.report_id,
            self.sent_timestamp,
            _HASH,
            self.streamer_index,
            self.selector,
        )
        pack = _READING.pack
        body = [pack(r.stream, 0, r.reading_id, r.raw_time, r.value) for r in self.readings]
        signed = b"".join([header, *body, _IDS.pack(self.lowest_id, self.highest_id)])
        return signed + _hash(signed)

    @classmethod
    def parse(cls, data: bytes) -> SignedListReport:
        """Read a report and check everything that it says of itself.

        Raises:
            HashError: the report is whole, but its hash does not fit.
            ReportError: the length, format, signature, ids or reserved fields are not right.
        """
        data = _whole(data)
        _, _, _, device, report_id, sent, flags, index, selector = _HEADER.unpack_from(data)
        _check_signature(data, flags)
        readings = []
        rows = _READING.iter_unpack(data[_HEADER.size : -_FOOTER])
        for at, (stream, reserved, reading_id, raw_time, value) in enumerate(rows):
            if reserved:
                raise ReportError(f"reserved field of reading {at} is {reserved}; expected 0")
            readings.append(Reading(stream, value, raw_time, reading_id))
        slug = IOTileDeviceSlug(device)
        report = cls(slug, tuple(readings), report_id, sent, index, selector)
        stated = _IDS.unpack_from(data, len(data) - _FOOTER)
        if stated != (report.lowest_id, report.highest_id):
            raise ReportError(
                f"the footer gives {stated} as lowest and highest reading id; "
                f"the readings have ({report.lowest_id}, {report.highest_id})"
            )
        return report

    def _ids(self) -> list[int]:
        return [reading.reading_id for reading in self.readings if reading.reading_id]


def _hash(signed: bytes) -> bytes:
    return hashlib.sha256(signed).digest()[:_SIGNATURE]


def _whole(data: bytes) -> bytes:
    """Return `data` as bytes when it is one complete report by its format and length."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise ReportError(f"a report is bytes, not {type(data).__name__}")
    data = bytes(data)
    smallest = _HEADER.size + _FOOTER
    if data[:1] not in (b"", bytes([_FORMAT])):
        raise ReportError(f"format byte is {data[0]}; expected {_FORMAT}, a signed list")
    if len(data) < smallest:
        raise ReportError(f"cut short: {len(data)} bytes; a report has at least {smallest}")
    length = int.from_bytes(data[1:4], "little")
    if len(data) < length:
        raise ReportError(f"cut short: the header says {length} bytes, there are {len(data)}")
    if len(data) > length:
        raise ReportError(f"trailing bytes: the header says {length}, there are {len(data)}")
    if (length - smallest) % _READING.size:
        raise ReportError(f"{length - smallest} bytes of readings; expected a multiple of 16")
    return data


def _check_signature(data: bytes, flags: int) -> None:
    if flags in _KEYED:
        raise ReportError(f"signed with a {_KEYED[flags]} (flags {flags}); only a hash (0) is read")
    if flags != _HASH:
        raise ReportError(f"signature flags are {flags}; expected {_HASH}, a hash")
    if not hmac.compare_digest(_hash(data[:-_SIGNATURE]), data[-_SIGNATURE:]):
        raise HashError("the hash does not fit the content: the report is damaged")
