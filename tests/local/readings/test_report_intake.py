"""What a report leaves behind: pure decisions on rows, ids and times."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.local.readings.report_intake import COMPLETE, SYSTEM, DeviceReport, Lost, digest

BOOTED = datetime(2020, 1, 1, tzinfo=timezone.utc)
STREAMER = {"last_id": 10, "process_engine_ver": 2, "selector": 0xD7FF}


def row(number, stream="5001", raw=5, **more):
    values = {"stream": stream, "int_value": 1, "device_timestamp": raw}
    return {**values, "streamer_local_id": number, **more}


def report(*readings, **more):
    known = {"readings": list(readings), "events": [], "count": len(readings), **more}
    return DeviceReport(10, 0, known.pop("selector", 0xD7FF), 1, 200, 0, 0, **known)


def left(*readings, streamer=STREAMER, filtered=(), **more):
    return digest(report(*readings, **more), streamer, BOOTED, filtered)


def when(raw, **more):
    return left(row(11, raw=raw, **more)).readings[0]["timestamp"]


def test_old_ids_are_dropped():
    """Only ids above the streamer's last one are kept, of readings and events alike."""
    found = left(row(10), row(11), events=[row(9), row(12)])
    assert [r["streamer_local_id"] for r in found.readings] == [11]
    assert [e["streamer_local_id"] for e in found.events] == [12]
    assert (found.first, found.last) == (11, 12)


def test_nothing_new_is_zero():
    """Without anything new the ids are 0, and there is no marker."""
    assert left(row(3), marker=COMPLETE) == ([], [], 0, 0)


@pytest.mark.parametrize(
    ("raw", "time"),
    [
        (5, "2020-01-01T00:00:05+00:00"),
        ((1 << 31) + 60, "2000-01-01T00:01:00+00:00"),
        (1 << 32, "2156-02-07T06:28:16+00:00"),
    ],
)
def test_time(raw, time):
    """A raw time counts from the start of the device, with bit 31 from 2000."""
    assert when(raw).isoformat() == time


@pytest.mark.parametrize("raw", [None, 0xFFFFFFFF])
def test_unknown_time(raw):
    """A device that does not know the time leaves none."""
    assert when(raw) is None


def test_said_time_counts():
    """A time in the report is taken before the raw one."""
    assert when(5, timestamp="2022-03-02T00:00:00Z") == "2022-03-02T00:00:00Z"


def test_impossible_time_loses_the_report():
    """A raw time beyond the year 9999 cannot be stored."""
    with pytest.raises(Lost, match="device_timestamp"):
        when(1 << 60)


def test_reboots():
    """Reboot rows are for system streamers; elsewhere they only count."""
    user, system = STREAMER, {**STREAMER, "selector": SYSTEM}
    assert left(row(11, "5c00"), streamer=user) == ([], [], 11, 11)
    assert len(left(row(11, "5c00"), streamer=system).readings) == 1


def test_marker():
    """The marker stands after the readings, at the time of sending."""
    last = left(row(11), marker=COMPLETE).readings[-1]
    assert (last["stream"], last["int_value"], last["streamer_local_id"]) == (COMPLETE, 1, 1)
    assert last["timestamp"].isoformat() == "2020-01-01T00:03:20+00:00"


@pytest.mark.parametrize(
    ("streamer", "more"),
    [
        ({**STREAMER, "process_engine_ver": 0}, {}),
        (STREAMER, {"flaw": "item 0"}),
        (STREAMER, {"flexible": True, "filtered": {"5001"}}),
    ],
)
def test_lost(streamer, more):
    """The old engine, a flaw, and a filter on a flexible report lose it whole."""
    with pytest.raises(Lost):
        left(row(11), streamer=streamer, **more)


@pytest.mark.parametrize(
    ("streamer", "more"),
    [
        ({**STREAMER, "process_engine_ver": 0}, {"selector": 0x57FF}),
        ({**STREAMER, "process_engine_ver": 1}, {}),
        (STREAMER, {"filtered": {"5001"}}),
        (STREAMER, {"flexible": True, "filtered": {"5002"}}),
    ],
)
def test_kept(streamer, more):
    """Other selectors, newer engines, and filters of others or on binary reports lose nothing."""
    assert len(left(row(11), streamer=streamer, **more).readings) == 1


@given(st.lists(st.integers(0, 40)), st.integers(0, 40))
def test_ids_hold(ids, last):
    """Whatever comes: what is kept is new, and the ids say so."""
    found = left(*map(row, ids), streamer={**STREAMER, "last_id": last})
    new = [number for number in ids if number > last]
    assert [r["streamer_local_id"] for r in found.readings] == new
    assert (found.first, found.last) == (min(new, default=0), max(new, default=0))
