"""The broadcast report: readings that a device sends to whoever is near.

Nothing in it shows damage.  Knows no signature: a report with one is refused.
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
from .records import SIZE, checked_values, pack_readings, unpack_readings
from .report import Report
from .source import checked_format

__all__ = ["BroadcastReport"]

_FORMAT = 3
_HEADER = struct.Struct("<BBHLLL")  # format, kind of signature, bytes of readings, device, sent, -
_WIDTHS = {"device": 32, "sent_timestamp": 32, "report_id": 0, "streamer_index": 0}


@dataclass(frozen=True)
class BroadcastReport(Report):
    """A report without an end of its own; the cloud takes none of these.

    It tells neither report id nor streamer nor selector: they are 0, 0 and 0xFFFF.

    >>> from iotile_cloud.streamer import Reading
    >>> BroadcastReport.parse(BroadcastReport(1, [Reading(2, 3)]).encode()).readings[0].value
    3
    """

    WIDTHS: ClassVar[Mapping[str, int]] = MappingProxyType(_WIDTHS)
    MOST_READINGS: ClassVar[int] = 0xFFFF // SIZE

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.selector != 0xFFFF:
            raise ValueError("a broadcast report has no selector; leave it at 0xFFFF")
        checked_values(self.readings)

    def encode(self) -> bytes:
        """Return the report as bytes.

        Raises:
            ValueError: the report failed its check when it was read.
        """
        self._intact()
        body = pack_readings(self.readings)
        device, sent = self.device.get_id(), self.sent_timestamp
        return _HEADER.pack(_FORMAT, 0, len(body), device, sent, 0) + body

    @classmethod
    def parse(
        cls, data: bytes, received: datetime | None = None, verify: bool = True
    ) -> BroadcastReport:
        """Read a report; `received` and `verify` are as in `parse_report`.

        Raises:
            ReportError: format, length, kind of signature or a reserved field is not right.
        """
        data = checked_format(data, _FORMAT, "a broadcast")
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
