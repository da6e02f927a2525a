"""From a device report to the rows that it leaves: what is new, and when it was taken.

Both formats of a report come down to one value, `DeviceReport`.  Pure: knows no store, no user
and no HTTP.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from ..storage.store import Record

__all__ = ["SYSTEM", "DeviceReport", "Digest", "Lost", "digest"]

SYSTEM = 0x5FFF  # the selector of system streams
COMPLETE, CHOPPED = "5a05", "5a06"  # variables of the row that tells that a report came

_OLD_ENGINE_REFUSES = 0xD7FF  # user streams and reboots
_REBOOT = "5c00"
_ABSOLUTE = 1 << 31  # a raw time from this one on counts from 2000-01-01
_UNKNOWN = 0xFFFFFFFF
_Y2K = datetime(2000, 1, 1, tzinfo=timezone.utc)


class Lost(ValueError):
    """A report that was acknowledged leaves nothing; the message says why."""


@dataclass(frozen=True)
class DeviceReport:
    """What a report says, whatever its format.

    Args:
        report_id: counts up on the device; None: it does not say.
        sent_timestamp: uptime of the device in seconds when it sent the report.
        lowest_id: what the report says of the ids in it; `highest_id` likewise.
        count: how many readings and events are in the file.
        readings: rows with the variable as `stream` (such as "5001"), the raw time as
            `device_timestamp`, and the names of `/data/` for the rest; `events` likewise.
        flexible: a flexible dictionary, which only the newest engine reads.
        marker: the variable that gets a row when the report brought something new; "": none does.
        flaw: why nothing of the content can be stored; "": it can.
    """

    device: int
    streamer_index: int
    selector: int
    report_id: int | None
    sent_timestamp: int
    lowest_id: int
    highest_id: int
    count: int
    readings: list[Record]
    events: list[Record]
    flexible: bool = False
    marker: str = ""
    flaw: str = ""


class Digest(NamedTuple):
    """What a report leaves: rows, and the lowest and the highest id of what was new (or 0)."""

    readings: list[Record]
    events: list[Record]
    first: int
    last: int


def digest(
    report: DeviceReport, streamer: Record, booted: datetime, filtered: Container[str]
) -> Digest:
    """Return what `report` leaves behind.

    Args:
        streamer: what is known of its streamer: last_id, process_engine_ver and selector.
        booted: when the device started.
        filtered: the variables of the device whose streams have a filter.

    Raises:
        Lost: nothing, though the report is acknowledged.
    """
    if report.flaw:
        raise Lost(report.flaw)
    if streamer["process_engine_ver"] == 0 and report.selector == _OLD_ENGINE_REFUSES:
        raise Lost(f"engine 0 does not process selector {report.selector:#x}")
    readings = [r for r in report.readings if r["streamer_local_id"] > streamer["last_id"]]
    events = [e for e in report.events if e["streamer_local_id"] > streamer["last_id"]]
    for row in readings if report.flexible else ():
        if row["stream"] in filtered:
            raise Lost(f"stream {row['stream']} has a filter, on which the server breaks")
    ids = [row["streamer_local_id"] for row in (*readings, *events)]
    kept = [r for r in readings if r["stream"] != _REBOOT or streamer["selector"] == SYSTEM]
    if ids and report.marker:
        kept.append(_marker(report))
    return Digest(
        [_timed(row, booted) for row in kept],
        [_timed(row, booted) for row in events],
        min(ids, default=0),
        max(ids, default=0),
    )


def _marker(report: DeviceReport) -> Record:
    """Return the row that tells that a report was stored."""
    return {
        "stream": report.marker,
        "int_value": report.count,
        "device_timestamp": report.sent_timestamp,
        "streamer_local_id": report.report_id,
        "status": "cln",
    }


def _timed(row: Record, booted: datetime) -> Record:
    said = row.get("timestamp")
    return {**row, "timestamp": said or _moment(row.get("device_timestamp"), booted)}


def _moment(raw: Any, booted: datetime) -> datetime | None:
    """Return the time that a raw time of the device means."""
    if raw is None or raw == _UNKNOWN:
        return None
    try:
        if _ABSOLUTE <= raw < 2 * _ABSOLUTE:
            return _Y2K + timedelta(seconds=raw - _ABSOLUTE)
        return booted + timedelta(seconds=raw)
    except OverflowError:
        raise Lost(f"device_timestamp {raw} is no time") from None
