"""Floor 1: the report formats in which devices hand over readings.  Knows nothing of HTTP."""

from __future__ import annotations

from .broadcast import BroadcastReport
from .errors import (
    CountError,
    FieldError,
    FlagsError,
    FormatError,
    HashError,
    IdsError,
    KeyMissingError,
    LengthError,
    ReportError,
    SignatureError,
    TrailingBytesError,
)
from .flexible import FlexibleDictionaryReport
from .individual import IndividualReadingReport
from .keys import environment_keys, password_key
from .parse import parse_report
from .parts import in_parts
from .reading import Event, Reading
from .readings import Readings
from .report import Report
from .signed_list import SignedListReport
from .streams import REBOOT, SELECTORS, is_system_stream, selector, stream_id, stream_name

__all__ = [
    "REBOOT",
    "SELECTORS",
    "BroadcastReport",
    "CountError",
    "Event",
    "FieldError",
    "FlagsError",
    "FlexibleDictionaryReport",
    "FormatError",
    "HashError",
    "IdsError",
    "IndividualReadingReport",
    "KeyMissingError",
    "LengthError",
    "Reading",
    "Readings",
    "Report",
    "ReportError",
    "SignatureError",
    "SignedListReport",
    "TrailingBytesError",
    "environment_keys",
    "in_parts",
    "is_system_stream",
    "parse_report",
    "password_key",
    "selector",
    "stream_id",
    "stream_name",
]
