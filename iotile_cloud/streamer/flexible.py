"""The flexible dictionary: a report as a map, with events and with times of its own.

Written as msgpack, or as JSON with the same content.  Nothing in it shows damage, so it is never
`verified`.  Knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from ..utils.gid import IOTileDeviceSlug
from .errors import FormatError, IdsError, Verdict
from .items import event_dict, events_of, reading_dict, readings_of, stated
from .packing import json_of, msgpack_of, unpack
from .reading import Event, Reading
from .readings import Readings
from .report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import SupportsIndex


__all__ = ["FlexibleDictionaryReport"]

_TAG, _SUCCESSOR = "v100", "v200"
_WIDTHS = {
    "device": 48,
    "report_id": 32,
    "sent_timestamp": 32,
    "streamer_index": 16,
    "selector": 32,
}


@dataclass(frozen=True)
class FlexibleDictionaryReport(Report):
    """A report of readings and events; `from_readings` makes it, `parse` reads it.

    >>> report = FlexibleDictionaryReport.from_readings(0x235, [Reading(0x5001, 42, 100, 7)])
    >>> FlexibleDictionaryReport.parse(report.encode_json()) == report
    True
    """

    EXTENSION: ClassVar[str] = ".mp"
    WIDTHS: ClassVar[Mapping[str, int]] = MappingProxyType(_WIDTHS)
    MOST_READINGS: ClassVar[int] = 0xFFFFFFFF
    SAYS_TIMES: ClassVar[bool] = True

    streamer_index: int = 0x100  # beyond those of a physical device, on purpose
    events: tuple[Event, ...] = ()

    @classmethod
    def from_readings(
        cls,
        device: SupportsIndex | str | IOTileDeviceSlug,
        readings: Iterable[Reading],
        *,
        events: Iterable[Event] = (),
        report_id: int = 0,
        sent_timestamp: int = 0,
        streamer_index: int = 0x100,
        selector: int = 0xFFFF,
        received: datetime | None = None,
    ) -> FlexibleDictionaryReport:
        """Make a report of `readings` and `events`, kept in the order given.

        Args:
            device: slug, text or number of the device, at most 48 bits.
            readings: the `timestamp` of each, where it has one, is part of the report.
            events: numbered by the device together with the readings.
            report_id: above every id in it when a device makes the report; 0 is none.
            sent_timestamp: uptime of the device in seconds when it sent the report.
            streamer_index: 0 to 65535; those of physical devices end at 255.
            selector: 32 bits; 0xFFFF leaves it open, 0x10000 is that of virtual devices.
            received: when it was received, in UTC.

        Raises:
            ValueError: an argument is out of its range; the message names it.
        """
        return cls(
            device,  # type: ignore[arg-type]  # becomes a slug
            Readings.of(readings).saying_times(),
            report_id=report_id,
            sent_timestamp=sent_timestamp,
            streamer_index=streamer_index,
            selector=selector,
            received=received,
            events=tuple(events),
        )

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set("events", tuple(self.events))
        for at, event in enumerate(self.events):
            if not isinstance(event, Event):
                raise ValueError(f"event {at} is {event!r:.80}; expected an Event")

    def encode(self) -> bytes:
        """Return the report as msgpack: the content of a `.mp` file.

        Raises:
            ImportError: the extra `msgpack` is not installed; `encode_json` needs none.
            ValueError: the report failed its check when it was read, or an event holds a value
                that msgpack does not have.
        """
        return msgpack_of(self._content())

    def encode_json(self) -> bytes:
        """Return the report as JSON: the content of a `.json` file.

        Raises:
            ValueError: the report failed its check when it was read, or an event holds a value
                that JSON does not have.
        """
        return json_of(self._content())

    @classmethod
    def parse(
        cls, data: bytes, received: datetime | None = None, verify: bool = True
    ) -> FlexibleDictionaryReport:
        """Read a report from msgpack or JSON; `received` and `verify` are as in `parse_report`.

        Keys that the format does not have are passed over.

        Raises:
            ReportError: it is cut short or goes on, is of another format, a field is missing or
                wrong, or its ids are not those of its readings and events.
            ImportError: it is msgpack, and the extra `msgpack` is not installed.
        """
        content = unpack(data)
        _check_tag(content)
        report = cls(
            IOTileDeviceSlug(stated(content, "device", _WIDTHS["device"])),
            readings_of(content),
            stated(content, "incremental_id", 32, null=0),
            stated(content, "device_sent_timestamp", 32),
            stated(content, "streamer_index", _WIDTHS["streamer_index"]),
            stated(content, "streamer_selector", _WIDTHS["selector"]),
            received,
            events=events_of(content),
        )
        ids = stated(content, "lowest_id", 32), stated(content, "highest_id", 32)
        found = report.lowest_id, report.highest_id
        if ids != found:
            verdict = Verdict(verify)
            text = f"it gives {ids} as lowest and highest id; its items have {found}"
            verdict.add(IdsError(text))
            report._set("flaw", verdict.flaw)
        return report

    def _content(self) -> dict[str, Any]:
        self._intact()
        return {
            "format": _TAG,
            "device": self.device.get_id(),
            "streamer_index": self.streamer_index,
            "streamer_selector": self.selector,
            "incremental_id": self.report_id,
            "lowest_id": self.lowest_id,
            "highest_id": self.highest_id,
            "device_sent_timestamp": self.sent_timestamp,
            "events": [event_dict(event) for event in self.events],
            "data": list(map(reading_dict, *self.readings.said_columns())),
        }


def _check_tag(content: dict[str, Any]) -> None:
    tag = content.get("format")
    if tag == _SUCCESSOR:
        raise FormatError(f"format is {_SUCCESSOR}, that of the successor; {_TAG} can be read")
    if tag != _TAG:
        raise FormatError(f"format is {tag!r:.80}; expected {_TAG!r}")
