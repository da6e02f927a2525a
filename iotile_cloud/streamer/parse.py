"""One function that reads every kind of device report, and finds out which it is.

Knows the first bytes of the formats.  Knows nothing of HTTP.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Callable

from .errors import FormatError, LengthError
from .flexible import FlexibleDictionaryReport
from .packing import is_json
from .plain_reports import BroadcastReport, IndividualReadingReport
from .report import Report
from .signed_list import SignedListReport
from .source import content_of

if TYPE_CHECKING:
    from .keys import Keys

__all__ = ["parse_report"]

_PLAIN: dict[int, Callable[..., Report]] = {  # by the first byte
    0: IndividualReadingReport.parse,
    3: BroadcastReport.parse,
}
_SIGNED = 1
_NO_MAP = 0x80  # no map of msgpack begins below


def parse_report(
    source: Any,
    keys: Keys | None = None,
    received: datetime | None = None,
    verify: bool = True,
) -> Report:
    """Read a device report of any kind, and check everything that it says of itself.

    Args:
        source: bytes, the path of a file, or a file that is open for reading bytes.
        keys: for reports that are signed with a key: a mapping of device (slug, text or number)
            to its root key of 32 bytes, or a function of the device's number and the kind of the
            key, "user" or "device", which returns the key or None.
        received: when the report was received; gives times to readings that count from the start
            of the device.  Naive is UTC.
        verify: False hands out what can be read of a report that fails its check; it is then not
            `verified`, and its `flaw` says why.  What cannot be read at all is refused still: a
            header that is cut short, an unknown signature, readings whose key is missing, or a
            flexible dictionary of which more than its ids is wrong.

    Raises:
        ReportError: it is no report, or not intact; the class and the message say in which way.
        OSError: the file cannot be read.
        ImportError: it needs the extra `msgpack`, or `crypto`, which is not installed.
        ValueError: `received` is not in the years 1970 to 2190, or `keys` is none of these.
        TypeError: `received` is no datetime.

    >>> from iotile_cloud.streamer import Reading
    >>> made = SignedListReport.from_readings("d--0235", [Reading(0x5001, 42, 100, 7)])
    >>> report = parse_report(made.encode(), received=datetime(2018, 1, 20))
    >>> report.verified, report.readings[0].timestamp.isoformat()
    (True, '2018-01-20T00:01:40+00:00')
    """
    data = content_of(source)
    if not data:
        raise LengthError("cut short: 0 bytes; the smallest report has 16")
    if data[0] == _SIGNED:
        return SignedListReport.parse(data, keys, received, verify)
    if data[0] in _PLAIN:
        return _PLAIN[data[0]](data, received, verify)
    if is_json(data) or data[0] >= _NO_MAP:
        return FlexibleDictionaryReport.parse(data, received, verify)
    known = "0, 1 or 3, a map of msgpack, or JSON"
    raise FormatError(f"no report: the first byte is {data[0]}; expected {known}")
