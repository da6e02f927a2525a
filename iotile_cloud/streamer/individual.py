"""The individual report: one reading that a device sends at once, in 20 bytes.

It has no ids and nothing that shows damage.  Knows no list of readings.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from ..utils.gid import IOTileDeviceSlug
from .errors import FieldError, LengthError, TrailingBytesError, Verdict
from .reading import Reading
from .readings import Readings
from .records import checked_values
from .report import Report
from .source import checked_format

__all__ = ["IndividualReadingReport"]

_FORMAT = 0
_LAYOUT = struct.Struct("<BBHLLLL")  # format, reserved, stream, device, sent, raw time, value
_WIDTHS = {"device": 32, "sent_timestamp": 32, "report_id": 0, "streamer_index": 0}


@dataclass(frozen=True)
class IndividualReadingReport(Report):
    """A report of exactly one reading; the cloud takes none of these.

    It tells neither report id nor streamer nor selector: they are 0, 0 and 0xFFFF.

    >>> report = IndividualReadingReport(0x235, [Reading(0x5001, 42, raw_time=9)])
    >>> report.encode().hex()
    '000001503502000000000000090000002a000000'
    """

    WIDTHS: ClassVar[Mapping[str, int]] = MappingProxyType(_WIDTHS)

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.readings) != 1 or self.readings.reading_id[0] or self.selector != 0xFFFF:
            text = "an individual report has one reading, without an id, and no selector"
            raise ValueError(text)
        checked_values(self.readings)

    def encode(self) -> bytes:
        """Return the report as 20 bytes.

        Raises:
            ValueError: the report failed its check when it was read.
        """
        self._intact()
        columns = self.readings
        return _LAYOUT.pack(
            _FORMAT,
            0,
            columns.stream[0],
            self.device.get_id(),
            self.sent_timestamp,
            columns.raw_time[0],
            columns.value[0],
        )

    @classmethod
    def parse(
        cls, data: bytes, received: datetime | None = None, verify: bool = True
    ) -> IndividualReadingReport:
        """Read a report; `received` and `verify` are as in `parse_report`.

        Raises:
            ReportError: format, length or the reserved byte is not right.
        """
        data = checked_format(data, _FORMAT, "an individual reading")
        if len(data) < _LAYOUT.size:
            raise LengthError(f"cut short: {len(data)} bytes; expected {_LAYOUT.size}")
        _, reserved, stream, device, sent, raw_time, value = _LAYOUT.unpack_from(data)
        verdict = Verdict(verify)
        if len(data) > _LAYOUT.size:
            text = f"trailing bytes: {len(data)} bytes; expected {_LAYOUT.size}"
            verdict.add(TrailingBytesError(text))
        if reserved:
            verdict.add(FieldError(f"reserved byte is {reserved}; expected 0"))
        return cls(
            IOTileDeviceSlug(device),
            Readings.of([Reading(stream, value, raw_time)]),
            sent_timestamp=sent,
            received=received,
            flaw=verdict.flaw,
        )
