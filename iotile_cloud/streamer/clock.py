"""From the raw time of a device to UTC, by its rules; what they do not tell is not known.

Times here are microseconds since 1970 in UTC, and `NO_TIME` is none.  Knows no report.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ..utils.basic import as_utc
from .reading import UNKNOWN
from .streams import REBOOT

__all__ = ["NO_TIME", "Clock", "micros", "moment"]

NO_TIME = -(1 << 63)

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICRO = timedelta(microseconds=1)
_SECOND = 1_000_000
_RTC = 1 << 31  # raw times from this one on count from 2000-01-01
_RTC_BASE = ((datetime(2000, 1, 1, tzinfo=timezone.utc) - _EPOCH) // _MICRO) - _RTC * _SECOND
_YEARS = range(1970, 2191)  # every time that a report can then tell fits nanoseconds in 64 bits


def micros(time: datetime | None) -> int:
    """Return microseconds since 1970, or NO_TIME."""
    return NO_TIME if time is None else (as_utc(time) - _EPOCH) // _MICRO


def moment(time: int) -> datetime | None:
    """Return the datetime in UTC of microseconds since 1970; of NO_TIME, None.

    >>> moment(micros(datetime(2018, 1, 1))).isoformat()
    '2018-01-01T00:00:00+00:00'
    """
    return None if time == NO_TIME else _EPOCH + time * _MICRO


@dataclass(frozen=True)
class Clock:
    """The clock of a device, as far as one report tells it.

    Seconds since the start of the device count back from when the report was sent, and only to
    the last start: what came before a reboot has no known time.

    Args:
        received: when the report was received, in UTC, in the years 1970 to 2190; None: unknown,
            then only the times of a real-time clock are known.
        sent: seconds from the start of the device until it sent the report.
        reboot_id: id of the last reading that tells of a reboot; 0: there is none with an id.
        reboot_place: place of the last reading that tells of a reboot; -1: there is none.

    Raises:
        ValueError: `received` is out of its range.
    """

    received: datetime | None
    sent: int = 0
    reboot_id: int = 0
    reboot_place: int = -1

    def __post_init__(self) -> None:
        if self.received is not None and self.received.year not in _YEARS:
            raise ValueError(f"received is {self.received}; expected a year from 1970 to 2190")

    @classmethod
    def of(
        cls, received: datetime | None, sent: int, streams: array[int], ids: Sequence[int]
    ) -> Clock:
        """Return the clock of a report with these readings."""
        if REBOOT not in streams:
            return cls(received, sent)
        places = [place for place, stream in enumerate(streams) if stream == REBOOT]
        return cls(received, sent, max(ids[place] for place in places), places[-1])

    def time(self, raw: int, reading_id: int, place: int) -> int:
        """Return when something happened.

        Ids tell what came before a reboot; of what has none, its place among the readings does.
        """
        if raw == UNKNOWN:
            return NO_TIME
        if raw >= _RTC:
            return _RTC_BASE + raw * _SECOND
        before = (
            reading_id < self.reboot_id
            if reading_id and self.reboot_id
            else place < self.reboot_place
        )
        if self.received is None or before:
            return NO_TIME
        return micros(self.received) + (raw - self.sent) * _SECOND

    def times(self, raws: array[int], ids: array[int]) -> array[int]:
        """Return the times of all readings of the report."""
        if self.reboot_place < 0 and self.received is not None and max(raws, default=0) < _RTC:
            base = micros(self.received) - self.sent * _SECOND
            return array("q", [base + raw * _SECOND for raw in raws])
        time = self.time
        return array("q", [time(raw, ids[at], at) for at, raw in enumerate(raws)])
