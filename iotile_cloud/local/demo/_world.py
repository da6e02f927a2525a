"""The world of the demo data set: its devices, its streams and the formulas of their numbers.

Every number comes from a closed formula, so that the data are the same on every run and the truth
can be worked out without a server.  Knows nothing of records, requests or the server's rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

START = datetime(2024, 3, 4, tzinfo=timezone.utc)  # first reading of every stream, and boot time
MINUTE, HOUR, DAY = 60, 3600, 86400  # seconds

WATER_PROJECT = 0x0101
TRACKER_PROJECT = 0x0102
SHOCK_VARIABLE = 0x5020
UPLOAD_COUNT = 30  # readings that wait on the first meter to be uploaded

# Device number -> its project and label.
DEVICES = {
    0x2001: (WATER_PROJECT, "North Meter"),
    0x2002: (WATER_PROJECT, "South Meter"),
    0x2003: (WATER_PROJECT, "West Meter"),
    0x2101: (TRACKER_PROJECT, "Tracker One"),
    0x2102: (TRACKER_PROJECT, "Tracker Two"),
}

_BUSY = (0, 0, 0, 0, 1, 3, 9, 12, 8, 5, 4, 4, 6, 5, 4, 4, 5, 8, 11, 10, 7, 4, 2, 1)  # by hour
_SWING = (100, 92, 71, 38, 0, -38, -71, -92, -100, -92, -71, -38, 0, 38, 71, 92)  # percent
_SAMPLES, _LEAD = 300, 20  # of a shock: all, and those before the blow


@dataclass(frozen=True)
class Source:
    """A stream of readings: reading `i` is `raw(i)`, `step` seconds after the one before.

    `shown` turns a raw number into the output unit, by arithmetic of its own.
    """

    device: int
    variable: int
    var_type: str
    output: str
    step: int
    count: int
    raw: Callable[[int], int]
    shown: Callable[[int], float]


@dataclass(frozen=True)
class Shock:
    """A blow to a tracker: when (seconds after START), how hard (milli-g) and how long (ms)."""

    device: int
    at: int
    peak: int
    axis: str
    duration: int

    def waveform(self) -> dict[str, list[float]]:
        """Return the acceleration by axis in g: still, then a blow that dies away."""
        share = {axis: 1 if axis == self.axis else 4 for axis in "xyz"}
        return {
            f"acc_{axis}": [self._sample(at) // share[axis] / 1000 for at in range(_SAMPLES)]
            for axis in "xyz"
        }

    def _sample(self, at: int) -> int:
        left, whole = _SAMPLES - at, _SAMPLES - _LEAD
        if left > whole:
            return 0
        return self.peak * _SWING[(whole - left) % len(_SWING)] * left // (100 * whole)


def _mains(meter: int) -> Callable[[int], int]:
    """Gallons in each minute: a house that is busy in the morning and in the evening."""

    def gallons(i: int) -> int:
        hour, day = i // 60 % 24, i // 1440
        return _BUSY[hour] * (2 + meter) // 2 + (7 * i + 3 * meter) % 4 + (day if hour == 12 else 0)

    return gallons


def _garden(meter: int) -> Callable[[int], int]:
    """Gallons in each ten minutes: watering from five to seven, more each day."""
    return lambda i: 40 + (i + meter) % 9 + i // 144 if i // 6 % 24 in (5, 6) else 0


def _kelvin(tracker: int) -> Callable[[int], int]:
    """Temperature in milli-kelvin, every five minutes: a wave over the day and a little noise."""
    return lambda i: 279150 + 75 * abs(i % 288 - 144) + 110 * (i * 7 % 13) + 1500 * tracker


def _humidity(tracker: int) -> Callable[[int], int]:
    """Relative humidity in 1/1024 percent."""
    return lambda i: 1024 * 38 + 90 * abs((i + 40 * tracker) % 288 - 144) + i * 11 % 97


def _pressure(tracker: int) -> Callable[[int], int]:
    """Pressure in pascal."""
    return lambda i: 100900 + 4 * abs(i % 576 - 288) + i * 13 % 29 - 250 * tracker


def _sources() -> list[Source]:
    gallons = ("water-meter-volume", "gallons")
    sources = []
    for number, device in enumerate((0x2001, 0x2002, 0x2003)):
        sources += [
            Source(device, 0x5001, *gallons, MINUTE, 4 * 1440, _mains(number), float),
            Source(device, 0x5002, *gallons, 10 * MINUTE, 4 * 144, _garden(number), float),
        ]
    scales: dict[str, Callable[[int], float]] = {
        "celsius": lambda raw: (raw - 273150) / 1000,
        "fahrenheit": lambda raw: (9 * raw - 2298350) / 5000,
    }
    every, count = 5 * MINUTE, 3 * 288
    for number, (device, unit) in enumerate(((0x2101, "celsius"), (0x2102, "fahrenheit"))):
        wet, air = ("relative-humidity", "percent"), ("pressure", "millibar")
        sources += [
            Source(device, 0x5023, "temp", unit, every, count, _kelvin(number), scales[unit]),
            Source(device, 0x5022, *wet, every, count, _humidity(number), lambda raw: raw / 1024),
            Source(device, 0x5021, *air, every, count, _pressure(number), lambda raw: raw / 100),
        ]
    return sources


SOURCES = _sources()

SHOCKS = (
    Shock(0x2101, 3 * HOUR, 3150, "z", 12),
    Shock(0x2101, 9 * HOUR + 77, 7420, "x", 8),
    Shock(0x2102, 11 * HOUR + 5, 4880, "z", 15),
    Shock(0x2101, DAY + 2 * HOUR, 12660, "z", 6),
    Shock(0x2102, DAY + 5 * HOUR + 31, 5235, "y", 11),
    Shock(0x2102, DAY + 17 * HOUR, 21480, "z", 4),
    Shock(0x2101, DAY + 20 * HOUR, 2905, "y", 20),
    Shock(0x2102, 2 * DAY + HOUR, 9310, "x", 7),
    Shock(0x2101, 2 * DAY + 6 * HOUR, 15725, "z", 5),
    Shock(0x2102, 2 * DAY + 13 * HOUR, 3640, "x", 14),
)


def count_of(device: int) -> int:
    """Return how many readings a device has sent; its reading ids run from 1 to this."""
    return sum(source.count for source in SOURCES if source.device == device)
