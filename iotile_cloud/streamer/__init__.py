"""Floor 1: the report formats in which devices hand over readings.  Knows nothing of HTTP.

A device numbers its readings, and a streamer of it hands them over as a report:

| class | bytes | what shows damage | the cloud |
|---|---|---|---|
| `SignedListReport` | binary, 16 for a reading | a hash, or a signature with a key | takes a hash |
| `FlexibleDictionaryReport` | msgpack or JSON, with events | nothing | takes it |
| `IndividualReadingReport` | binary, one reading | nothing | does not take it |
| `BroadcastReport` | binary, 16 for a reading | nothing | does not take it |

All are immutable values with the same names.  Make one, and write it:

>>> readings = [Reading(0x5001, 42, raw_time=100, reading_id=7),
...             Reading(0x5001, 43, raw_time=110, reading_id=8)]
>>> made = SignedListReport.from_readings(
...     "d--0235", readings, report_id=9, sent_timestamp=120, selector=selector("user")
... )
>>> content = made.encode()

`parse_report` reads any kind, from bytes, a path or an open file.  A report that does not fit
itself raises a `ReportError` that says what is wrong; `verify=False` reads it all the same, and
then `flaw` says it.  `verified` means that a hash or a signature fits: a hash shows damage alone,
a signature who wrote it as well, and the other kinds have neither, so they never are `verified`.

>>> from datetime import datetime
>>> report = parse_report(content, received=datetime(2018, 1, 20))
>>> report == made, report.verified, report.count, str(report.streamer)
(True, True, 2, 't--0000-0000-0000-0235--0000')
>>> parse_report(content[:-1])
Traceback (most recent call last):
    ...
iotile_cloud.streamer.errors.LengthError: cut short: the header says 76 bytes, there are 75
>>> parse_report(content[:-1], verify=False).flaw
'cut short: the header says 76 bytes, there are 75'

A device counts seconds since its start, so its readings have times once it is known when the
report was `received`, and only those since its last reboot; what is not known is None, or NaT.
Readings are objects, rows, columns (for many) or a frame of pandas:

>>> [(reading.value, reading.timestamp.isoformat()) for reading in report.readings]
[(42, '2018-01-19T23:59:40+00:00'), (43, '2018-01-19T23:59:50+00:00')]
>>> report.columns()["value"].tolist(), report.frame()["value"].tolist()
([42, 43], [42, 43])

Reports that are signed with a key are hidden by it, too: give `keys` (extra `crypto`).

>>> keys = {"d--0235": password_key("open sesame")}
>>> hidden = SignedListReport.from_readings("d--0235", readings, signature="user", keys=keys)
>>> parse_report(hidden.encode(), keys).readings == hidden.readings
True

`in_parts` makes several reports of more readings than one may hold.  To upload reports, and to
know that they arrived, see `iotile_cloud.streamer.upload`.
"""

from __future__ import annotations

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
from .keys import environment_keys, password_key
from .parse import parse_report
from .parts import in_parts
from .plain_reports import BroadcastReport, IndividualReadingReport
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
