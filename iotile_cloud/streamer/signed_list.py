"""The signed list: the binary report in which a device hands over readings.

A hash shows damage, it does not prove who wrote the report; a signature with a key does, and hides
the readings as well.  Knows nothing of HTTP, and not what a reading means: values are the raw 32
bits.  All integers are unsigned and little endian.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from ..utils.gid import IOTileDeviceSlug
from .errors import (
    CountError,
    FieldError,
    FlagsError,
    HashError,
    IdsError,
    KeyMissingError,
    LengthError,
    ReportError,
    SignatureError,
    TrailingBytesError,
    Verdict,
)
from .keys import Key, find_key
from .reading import Reading
from .records import SIZE, checked_values, pack_readings, unpack_readings
from .report import Report
from .sealing import SIZE as SIGNATURE
from .sealing import crypt, fits, seal
from .source import checked_format

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import SupportsIndex

    from .keys import Keys
    from .readings import Readings

__all__ = ["HashError", "Reading", "ReportError", "SignedListReport"]

_FORMAT = 1
_SIGNATURES = ("hash", "user", "device")  # by the flags in the header
_HEADER = struct.Struct("<BBHLLLBBH")  # format, length (8 + 16 bits), device, id, sent, flags, ..
_IDS = struct.Struct("<LL")  # lowest and highest reading id
_FOOTER = _IDS.size + SIGNATURE
_SMALLEST = _HEADER.size + _FOOTER
_WIDTHS = {"device": 32, "report_id": 32, "sent_timestamp": 32, "streamer_index": 8, "selector": 16}


@dataclass(frozen=True)
class SignedListReport(Report):
    """A report of one streamer of a device; `from_readings` makes it, `parse` reads it.

    Args:
        signature: "hash", the only one that the cloud takes, "user" or "device".
        key: the root key of the device, for the latter two.

    >>> report = SignedListReport.from_readings("d--0235", [Reading(0x5001, 42, 100, 7)])
    >>> SignedListReport.parse(report.encode()) == report
    True
    """

    EXTENSION: ClassVar[str] = ".bin"
    WIDTHS: ClassVar[Mapping[str, int]] = MappingProxyType(_WIDTHS)
    MOST_READINGS: ClassVar[int] = (0xFFFFFF - _SMALLEST) // SIZE  # the length has 24 bits

    signature: str = "hash"
    key: Key | None = field(default=None, repr=False, compare=False)

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
        received: datetime | None = None,
        signature: str = "hash",
        keys: Keys | None = None,
    ) -> SignedListReport:
        """Make a report of `readings`, kept in the order given.

        Args:
            device: slug, text or number of the device; a report has room for 32 bits.
            readings: at most 1,048,573 of them; the format has no room for their `timestamp`.
            report_id: above every reading id when a device makes the report; 0 is none.
            sent_timestamp: uptime of the device in seconds when it sent the report.
            streamer_index: which streamer of the device, 0 to 255.
            selector: which streams the streamer picks, 16 bits; 0xFFFF leaves it open.
            received: when it was received, in UTC.
            signature: "hash", "user" or "device"; the cloud takes a hash alone.
            keys: for the latter two, as in `parse_report`.

        Raises:
            KeyMissingError: the key of the device is not among `keys`.
            ValueError: an argument is out of its range; the message names it.
        """
        report = cls(
            device,  # type: ignore[arg-type]  # becomes a slug
            readings,  # type: ignore[arg-type]  # become Readings
            report_id=report_id,
            sent_timestamp=sent_timestamp,
            streamer_index=streamer_index,
            selector=selector,
            received=received,
            signature=signature,
        )
        if signature != "hash":
            report._set("key", find_key(keys, report.device.get_id(), signature))
        return report

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.signature not in _SIGNATURES:
            text = f"{self.signature!r:.80}; expected one of {', '.join(_SIGNATURES)}"
            raise ValueError(f"signature is {text}")
        checked_values(self.readings)

    @property
    def verified(self) -> bool:
        """Whether its hash or signature is right, as it is of a report that was made here."""
        return not self.flaw

    def encode(self) -> bytes:
        """Return the report as bytes, signature included: the content of a `.bin` file.

        Raises:
            ValueError: the report failed its check when it was read.
            ImportError: it has a keyed signature, and the extra `crypto` is not installed.
        """
        self._intact()
        body = pack_readings(self.readings)
        length = _SMALLEST + len(body)
        key = self._report_key()
        header = _HEADER.pack(
            _FORMAT,
            length & 0xFF,
            length >> 8,
            self.device.get_id(),
            self.report_id,
            self.sent_timestamp,
            _SIGNATURES.index(self.signature),
            self.streamer_index,
            self.selector,
        )
        body = body if key is None else crypt(body, key)
        signed = b"".join([header, body, _IDS.pack(self.lowest_id, self.highest_id)])
        return signed + seal(signed, key)

    @classmethod
    def parse(
        cls,
        data: bytes,
        keys: Keys | None = None,
        received: datetime | None = None,
        verify: bool = True,
    ) -> SignedListReport:
        """Read a report and check everything that it says of itself.

        Args:
            data: the whole report.
            keys: as in `parse_report`.
            received: when the report was received, in UTC.
            verify: False reads what can be read of a report that fails, and says why it does in
                `flaw`.

        Raises:
            ReportError: the length, format, signature, ids or reserved fields are not right; each
                has a class of its own.
            ImportError: it is encrypted, and the extra `crypto` is not installed.
        """
        data = checked_format(data, _FORMAT, "a signed list")
        flaw: ReportError | None = _length_flaw(data)
        if flaw and len(data) < _HEADER.size:
            raise flaw
        verdict = Verdict(verify)
        verdict.add(flaw)
        _, low, high, device, report_id, sent, flags, index, selector = _HEADER.unpack_from(data)
        if flags >= len(_SIGNATURES):
            raise FlagsError(f"signature flags are {flags}; expected 0, 1 or 2")
        kind = _SIGNATURES[flags]
        root = find_key(keys, device, kind) if flags else None
        key = root.of_report(report_id, sent) if root else None
        verdict.add(_count_flaw(high << 8 | low))
        if not verdict.flaw:
            verdict.add(_signature_flaw(data, key, kind))
        readings, flaw = _unpack(data, key)
        verdict.add(flaw)
        report = cls(
            IOTileDeviceSlug(device),
            readings,
            report_id,
            sent,
            index,
            selector,
            received,
            signature=kind,
            key=root,
        )
        if not verdict.flaw:
            verdict.add(report._ids_flaw(data))
        report._set("flaw", verdict.flaw)
        return report

    def _report_key(self) -> bytes | None:
        if self.signature == "hash":
            return None
        if self.key is None:
            text = f"signed with the {self.signature} key of {self.device}, which is not there"
            raise KeyMissingError(text)
        return self.key.of_report(self.report_id, self.sent_timestamp)

    def _ids_flaw(self, data: bytes) -> ReportError | None:
        stated = _IDS.unpack_from(data, len(data) - _FOOTER)
        found = self.lowest_id, self.highest_id
        if stated == found:
            return None
        text = f"the footer gives {stated} as lowest and highest reading id"
        return IdsError(f"{text}; the readings have {found}")


def _length_flaw(data: bytes) -> ReportError | None:
    there = len(data)
    if there < _SMALLEST:
        return LengthError(f"cut short: {there} bytes; a report has at least {_SMALLEST}")
    stated = int.from_bytes(data[1:4], "little")
    if there < stated:
        return LengthError(f"cut short: the header says {stated} bytes, there are {there}")
    if there > stated:
        return TrailingBytesError(f"trailing bytes: the header says {stated}, there are {there}")
    return None


def _count_flaw(length: int) -> ReportError | None:
    rest = length - _SMALLEST
    if rest >= 0 and rest % SIZE == 0:
        return None
    return CountError(f"{rest} bytes of readings; expected a multiple of {SIZE}")


def _signature_flaw(data: bytes, key: bytes | None, kind: str) -> ReportError | None:
    if fits(memoryview(data)[:-SIGNATURE], key, data[-SIGNATURE:]):
        return None
    if key is None:
        return HashError("the hash does not fit the content: the report is damaged")
    text = f"the signature does not fit: the report is damaged, or the {kind} key is another one"
    return SignatureError(text)


def _unpack(data: bytes, key: bytes | None) -> tuple[Readings, FieldError | None]:
    """Return the whole readings between header and footer, as far as there are bytes of them."""
    end = int.from_bytes(data[1:4], "little") - _FOOTER
    body = memoryview(data)[_HEADER.size : max(end, _HEADER.size)]
    body = body[: len(body) // SIZE * SIZE]
    return unpack_readings(body if key is None else crypt(body, key))
