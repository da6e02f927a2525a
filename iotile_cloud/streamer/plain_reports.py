"""The two reports that stay near a device, of one reading at once and of many to whoever listens.

Neither has a streamer, a report id or anything that shows damage, and the cloud takes neither.
Knows no signature: a report with one is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from ..utils.gid import IOTileDeviceSlug
from .errors import (
    CountError,
    FieldError,
    FlagsError,
    LengthError,
    ReportError,
    TrailingBytesError,
    Verdict,
)
from .reading import Reading
from .readings import Readings
from .records import SIZE, checked_values, pack_readings, unpack_readings
from .report import Report
from .source import checked_format

__all__ = ["BroadcastReport", "IndividualReadingReport"]

_ONE, _MANY = 0, 3  # the format byte
_READING = struct.Struct("<BBHLLLL")  # format, reserved, stream, device, sent, raw time, value
_HEADER = struct.Struct("<BBHLLL")  # format, kind of signature, bytes of readings, device, sent, -
_WIDTHS = {"device": 32, "sent_timestamp": 32, "report_id": 0, "streamer_index": 0}


@dataclass(frozen=True)
class _PlainReport(Report):
    """A report that tells neither report id nor streamer nor selector: 0, 0 and 0xFFFF."""

    WIDTHS: ClassVar[Mapping[str, int]] = MappingProxyType(_WIDTHS)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.selector != 0xFFFF:
            raise ValueError("this kind of report has no selector; leave it at 0xFFFF")
        checked_values(self.readings)


@dataclass(frozen=True)
class IndividualReadingReport(_PlainReport):
    """A report of exactly one reading, which has no id; the cloud takes none of these.

    It tells neither report id nor streamer nor selector: they are 0, 0 and 0xFFFF.

    >>> report = IndividualReadingReport(0x235, [Reading(0x5001, 42, raw_time=9)])
    >>> report.encode().hex()
    '000001503502000000000000090000002a000000'
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.readings) != 1 or self.readings.reading_id[0]:
            raise ValueError("an individual report has exactly one reading, without an id")

    def encode(self) -> bytes:
        """Return the report as 20 bytes.

        Raises:
            ValueError: the report failed its check when it was read.
        """
        self._intact()
        (reading,) = self.readings
        device, sent = self.device.get_id(), self.sent_timestamp
        return _READING.pack(_ONE, 0, reading.stream, device, sent, reading.raw_time, reading.value)

    @classmethod
    def parse(
        cls, data: bytes, received: datetime | None = None, verify: bool = True
    ) -> IndividualReadingReport:
        """Read a report; `received` and `verify` are as in `parse_report`.

        Raises:
            ReportError: format, length or the reserved byte is not right.
        """
        data = checked_format(data, _ONE, "an individual reading")
        if len(data) < _READING.size:
            raise LengthError(f"cut short: {len(data)} bytes; expected {_READING.size}")
        _, reserved, stream, device, sent, raw_time, value = _READING.unpack_from(data)
        verdict = Verdict(verify)
        if len(data) > _READING.size:
            text = f"trailing bytes: {len(data)} bytes; expected {_READING.size}"
            verdict.add(TrailingBytesError(text))
        if reserved:
            verdict.add(FieldError(f"reserved byte is {reserved}; expected 0"))
        readings = Readings.of([Reading(stream, value, raw_time)])
        return cls(
            IOTileDeviceSlug(device),
            readings,
            sent_timestamp=sent,
            received=received,
            flaw=verdict.flaw,
        )


@dataclass(frozen=True)
class BroadcastReport(_PlainReport):
    """A report of any readings, without an end of its own; the cloud takes none of these.

    It tells neither report id nor streamer nor selector: they are 0, 0 and 0xFFFF.

    >>> BroadcastReport.parse(BroadcastReport(1, [Reading(2, 3)]).encode()).readings[0].value
    3
    """

    MOST_READINGS: ClassVar[int] = 0xFFFF // SIZE

    def encode(self) -> bytes:
        """Return the report as bytes.

        Raises:
            ValueError: the report failed its check when it was read.
        """
        self._intact()
        body = pack_readings(self.readings)
        device, sent = self.device.get_id(), self.sent_timestamp
        return _HEADER.pack(_MANY, 0, len(body), device, sent, 0) + body

    @classmethod
    def parse(
        cls, data: bytes, received: datetime | None = None, verify: bool = True
    ) -> BroadcastReport:
        """Read a report; `received` and `verify` are as in `parse_report`.

        Raises:
            ReportError: format, length, kind of signature or a reserved field is not right.
        """
        data = checked_format(data, _MANY, "a broadcast")
        if len(data) < _HEADER.size:
            text = f"cut short: {len(data)} bytes; the header alone has {_HEADER.size}"
            raise LengthError(text)
        _, kind, length, device, sent, reserved = _HEADER.unpack_from(data)
        if kind:
            raise FlagsError(f"kind of signature is {kind}; expected 0, none")
        verdict = Verdict(verify)
        verdict.add(_length_flaw(len(data) - _HEADER.size, length))
        if reserved:
            verdict.add(FieldError(f"reserved field of the header is {reserved}; expected 0"))
        body = data[_HEADER.size :][:length]
        readings, flaw = unpack_readings(body[: len(body) // SIZE * SIZE])
        verdict.add(flaw)
        return cls(
            IOTileDeviceSlug(device),
            readings,
            sent_timestamp=sent,
            received=received,
            flaw=verdict.flaw,
        )


def _length_flaw(there: int, stated: int) -> ReportError | None:
    text = f"the header says {stated} bytes of readings, not {there}"
    if there < stated:
        return LengthError(f"cut short: {text}")
    if there > stated:
        return TrailingBytesError(f"trailing bytes: {text}")
    if stated % SIZE:
        return CountError(f"{stated} bytes of readings; expected a multiple of {SIZE}")
    return None
