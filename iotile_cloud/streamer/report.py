"""What all kinds of device reports have in common, as one immutable value.

Knows the fields and their widths.  Knows no bytes; each format adds its own.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import Any, ClassVar

from ..utils._extras import needed
from ..utils._frames import time_index
from ..utils.basic import as_utc
from ..utils.gid import IOTileDeviceSlug, IOTileStreamerSlug
from .clock import moment
from .reading import Event, number
from .readings import Readings

__all__ = ["Report"]


@dataclass(frozen=True)
class Report:
    """What one streamer of a device handed over.

    Args:
        device: slug, text or number of the device; kept as a slug.
        readings: in the order in which the device kept them.
        report_id: above every reading id when a device makes the report; 0 is none.
        sent_timestamp: uptime of the device in seconds when it sent the report.
        streamer_index: which streamer of the device.
        selector: which streams the streamer picks; 0xFFFF leaves it open.
        received: when the report was received, in UTC, which gives the readings their times;
            None: not known.
        flaw: what failed in a report that was read with `verify=False`; "": nothing.

    Raises:
        ValueError: an argument is out of its range; the message names it.
    """

    EXTENSION: ClassVar[str] = ""  # of the file to upload; "": the cloud takes no such report
    WIDTHS: ClassVar[Mapping[str, int]] = MappingProxyType({})  # bits that the format has
    MOST_READINGS: ClassVar[int] = 1
    SAYS_TIMES: ClassVar[bool] = False  # whether the format has room for the time of a reading

    device: IOTileDeviceSlug
    readings: Readings
    report_id: int = 0
    sent_timestamp: int = 0
    streamer_index: int = 0
    selector: int = 0xFFFF
    received: datetime | None = field(default=None, compare=False)
    flaw: str = ""

    def __post_init__(self) -> None:
        self._set("device", IOTileDeviceSlug(self.device))
        number("device", self.device.get_id(), 0, (1 << self.WIDTHS["device"]) - 1)
        for name, bits in self.WIDTHS.items():
            if name != "device":
                self._set(name, number(name, getattr(self, name), 0, (1 << bits) - 1))
        if self.received is not None:
            self._set("received", as_utc(self.received))
        readings = Readings.of(self.readings)
        if len(readings) > self.MOST_READINGS:
            text = f"{len(readings)} readings; a report holds at most {self.MOST_READINGS}"
            raise ValueError(f"{text}; in_parts makes several")
        if not self.SAYS_TIMES:
            readings = readings.untimed()
        self._set("readings", readings.timed(self.received, self.sent_timestamp))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    @property
    def events(self) -> tuple[Event, ...]:
        """The events; only a flexible dictionary has any."""
        return ()

    @property
    def verified(self) -> bool:
        """Whether a hash or a signature shows that nothing was changed.

        False with a `flaw`: the check failed.  False without one: the format has nothing that could
        show it, as all but the signed list.
        """
        return False

    @property
    def streamer(self) -> IOTileStreamerSlug:
        """The slug of the streamer."""
        return IOTileStreamerSlug(self.device, self.streamer_index)

    @property
    def count(self) -> int:
        """How many readings and events there are."""
        return len(self.readings) + len(self.events)

    @property
    def lowest_id(self) -> int:
        """The lowest id of a reading or an event that is not 0; 0 when there is none."""
        return min(filter(None, self._ids()), default=0)

    @property
    def highest_id(self) -> int:
        """The highest id of a reading or an event; 0 when there is none."""
        return max(self._ids(), default=0)

    def _ids(self) -> Iterator[int]:
        return chain(self.readings.reading_id, (event.reading_id for event in self.events))

    def time_of(self, event: Event) -> datetime | None:
        """Return when an event happened, in UTC: as it says, or else by the rules for readings."""
        if event.timestamp is not None:
            return event.timestamp
        return moment(self.readings.clock.time(event.raw_time, event.reading_id, place=-1))

    def columns(self) -> dict[str, array[int]]:
        """Return the readings as arrays: timestamp, stream, reading_id, raw_time and value.

        `timestamp` has nanoseconds since 1970 in UTC, and -2**63 where the time is not known.

        Raises:
            ValueError: a reading says a time that nanoseconds in 64 bits cannot.
        """
        return self.readings.columns()

    def rows(self) -> Iterator[dict[str, Any]]:
        """Return the readings one by one as dictionaries, with the names of `columns`."""
        return self.readings.rows()

    def frame(self, tz: Any = None) -> Any:
        """Return the readings as a pandas DataFrame, indexed by `timestamp` as that of a stream is.

        Its columns are stream, reading_id, raw_time and value, always 64-bit integers; a time that
        is not known is NaT.  `attrs` have device, streamer, report_id, verified and flaw.

        Args:
            tz: time zone of the index, such as "Europe/Berlin"; UTC by default.

        Raises:
            ImportError: pandas is not installed: `pip install 'iotile_cloud[frames]'`.
            TypeError, ValueError: there is no such time zone, or it is as for `columns`.

        >>> from iotile_cloud.streamer import Reading, SignedListReport
        >>> report = SignedListReport.from_readings(
        ...     "d--0235", [Reading(0x5001, 42, raw_time=10)], received=datetime(2018, 1, 20)
        ... )
        >>> frame = report.frame()
        >>> frame.index[0].isoformat(), frame["value"].tolist(), frame.attrs["device"]
        ('2018-01-20T00:00:10+00:00', [42], 'd--0000-0000-0000-0235')
        """
        pandas, numpy = needed("pandas", "frames"), needed("numpy", "frames")
        columns = {name: numpy.asarray(one) for name, one in self.columns().items()}
        index = time_index(columns.pop("timestamp"), tz)
        frame = pandas.DataFrame(columns, index=index, dtype="int64")
        frame.attrs.update(
            device=str(self.device),
            streamer=str(self.streamer),
            report_id=self.report_id,
            verified=self.verified,
            flaw=self.flaw,
        )
        return frame

    def encode(self) -> bytes:
        """Return the report as bytes.

        Raises:
            ValueError: the report failed its check when it was read.
        """
        raise NotImplementedError(f"{type(self).__name__} is only the base of the formats")

    def _intact(self) -> None:
        """Refuse to write what failed its check: it would be given a signature that fits."""
        if self.flaw:
            raise ValueError(f"a report that failed its check is not written again: {self.flaw}")
