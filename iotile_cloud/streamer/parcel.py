"""A report made ready to be sent: the file under the name that leads to its parser, and its claim.

What the cloud would refuse, or acknowledge and lose, is refused here with a reason.  Knows files
and times.  Does not know how a file is sent.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import IO, Union

from ..utils.basic import as_utc, parse_utc, utc_text
from . import parse_report
from .errors import FlagsError, FormatError, ReportError
from .flexible import FlexibleDictionaryReport
from .packing import is_json
from .report import Report
from .source import content_of
from .upload_state import Claim

__all__ = ["Moment", "Parcel", "Source"]

Source = Union[Report, bytes, str, "os.PathLike[str]", IO[bytes]]
"""A report, its bytes, or the path of a file or the open file that holds it."""
Moment = Union[None, str, date]
"""A time as users give it: ISO 8601 text or a datetime, naive is UTC; None: now."""

_LEAD = timedelta(hours=1)  # so far ahead of the clock a device may have started
_KEYED = {1: "user", 2: "device"}  # signature flags; 0 is a hash
_FLAGS = 16  # where they stand in a signed list


@dataclass(frozen=True)
class Parcel:
    """A report as a file, and what is known of it.

    Args:
        name: the name of the file; the cloud chooses its parser by the extension.
        content: the bytes of the file.
        claim: what the report says of itself.
    """

    name: str
    content: bytes
    claim: Claim

    @property
    def is_flexible(self) -> bool:
        """Whether it is a flexible dictionary, which only the newest engine reads."""
        return not self.name.endswith(".bin")

    @classmethod
    def of(cls, source: Source, timestamp: Moment) -> Parcel:
        """Check a report and make it ready.

        Raises:
            ReportError: it is damaged, or of a kind that the cloud does not take.
            ValueError: `timestamp` is no time, or so late that the device would have started in
                the future.
            OSError: the file cannot be read.
        """
        content = _content(source)
        _check_signature(content)
        report = source if isinstance(source, Report) else parse_report(content)
        name = f"report{_extension(report, content)}"
        claim = Claim(report, _received(report, timestamp))
        if report.count and not claim.last:
            text = f"none of its {report.count} readings has an id"
            raise ReportError(f"{text}: the cloud would drop them")
        return cls(name, content, claim)


def _content(source: Source) -> bytes:
    if isinstance(source, FlexibleDictionaryReport):
        return source.encode_json()  # the cloud reads the same from it, and no extra is needed
    return source.encode() if isinstance(source, Report) else content_of(source)


def _check_signature(content: bytes) -> None:
    flags = content[_FLAGS] if content[:1] == b"\x01" and len(content) > _FLAGS else 0
    if flags in _KEYED:
        text = f"it is signed with a {_KEYED[flags]} key; the cloud takes a hash only (flags 0)"
        raise FlagsError(f"{text}: see SignedListReport.from_readings(signature='hash')")


def _extension(report: Report, content: bytes) -> str:
    if not report.EXTENSION:
        raise FormatError(f"the cloud takes no {type(report).__name__}, which is for near-by use")
    return ".json" if is_json(content) else report.EXTENSION


def _received(report: Report, timestamp: Moment) -> datetime:
    now = datetime.now(timezone.utc)
    if timestamp is None:
        timestamp = report.received or now
    moment = parse_utc(timestamp) if isinstance(timestamp, str) else as_utc(timestamp)
    if moment - now > _LEAD + timedelta(seconds=report.sent_timestamp):
        raise ValueError(
            f"timestamp {utc_text(moment)}: the device was up for {report.sent_timestamp} s when "
            f"it sent the report, and so would have started in the future (now: {utc_text(now)})"
        )
    return moment
