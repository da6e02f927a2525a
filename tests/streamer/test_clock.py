"""From raw times to UTC: uptime, the real-time clock, what is unknown, and reboots."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from iotile_cloud.streamer import REBOOT, Event, FlexibleDictionaryReport, Reading, SignedListReport

RECEIVED = datetime(2018, 1, 20)
RTC = 1 << 31


def times(*readings, received=RECEIVED, sent=1000):
    report = SignedListReport.from_readings(1, readings, received=received, sent_timestamp=sent)
    return [
        reading.timestamp and reading.timestamp.strftime("%d %H:%M:%S")
        for reading in report.readings
    ]


def test_uptime():
    """Seconds since the start count back from when the report was sent."""
    assert times(Reading(1, 0, 100, 1), Reading(1, 0, 1000, 2)) == ["19 23:45:00", "20 00:00:00"]


def test_uptime_above_sent():
    """A reading of later than the report was sent has its time by the same count."""
    assert times(Reading(1, 0, 2, 1), sent=0) == ["20 00:00:02"]


def test_uptime_without_received():
    """Without the received time an uptime tells no time."""
    assert times(Reading(1, 0, 100, 1), received=None) == [None]


@pytest.mark.parametrize("received", [None, RECEIVED])
def test_real_time_clock(received):
    """With bit 31 set it is seconds since 2000, whenever the report came."""
    assert times(Reading(1, 0, RTC + 86400, 1), received=received) == ["02 00:00:00"]
    last = SignedListReport(1, [Reading(1, 0, 0xFFFFFFFE)], received=received).readings[0]
    assert last.timestamp == datetime(2068, 1, 19, 3, 14, 6, tzinfo=timezone.utc)


def test_unknown():
    """All bits set is no time at all."""
    assert times(Reading(1, 0, 0xFFFFFFFF, 1)) == [None]


def test_before_a_reboot():
    """What has a lower id than the last reboot is of another start, so its time is not known."""
    rows = [Reading(1, 0, 900, 5), Reading(REBOOT, 0, 3, 6), Reading(1, 0, 10, 7)]
    assert times(*rows) == [None, "19 23:43:23", "19 23:43:30"]
    assert times(*reversed(rows)) == ["19 23:43:30", "19 23:43:23", None]


def test_two_reboots():
    """Only what came after the last of several reboots has a time."""
    rows = [Reading(REBOOT, 0, 0, 1), Reading(1, 0, 5, 2), Reading(REBOOT, 0, 0, 3)]
    assert times(*rows, sent=0) == [None, None, "20 00:00:00"]


def test_clock_time_before_a_reboot():
    """A real-time clock goes on through a reboot."""
    assert times(Reading(1, 0, RTC, 1), Reading(REBOOT, 0, RTC, 2)) == ["01 00:00:00"] * 2


def test_reboot_without_ids():
    """Where there are no ids, the order of the readings tells what came before."""
    rows = [Reading(1, 0, 900), Reading(REBOOT, 0, 0), Reading(1, 0, 10)]
    assert times(*rows) == [None, "19 23:43:20", "19 23:43:30"]


def test_no_id_before_a_reboot_with_one():
    """A reading without an id that stands before a reboot with one has no known time."""
    assert times(Reading(1, 0, 900), Reading(REBOOT, 0, 0, 6)) == [None, "19 23:43:20"]


@pytest.mark.parametrize(
    ("event", "time"),
    [
        (Event(1, raw_time=5, timestamp=datetime(2017, 1, 1)), datetime(2017, 1, 1)),
        (Event(1, raw_time=100, reading_id=8), datetime(2018, 1, 19, 23, 45)),
        (Event(1, raw_time=RTC, reading_id=1), datetime(2000, 1, 1)),
        (Event(1, raw_time=100, reading_id=6), None),  # before the reboot
        (Event(1, raw_time=100), None),  # nothing tells whether it was before
        (Event(1), None),
    ],
)
def test_events(event, time):
    """An event happened when it says, or else by the same rules."""
    report = FlexibleDictionaryReport.from_readings(
        1, [Reading(REBOOT, 0, 0, 7)], events=[event], sent_timestamp=1000, received=RECEIVED
    )
    assert report.time_of(report.events[0]) == (time and time.replace(tzinfo=timezone.utc))
