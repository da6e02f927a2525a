"""The demo data set: it holds together, and the stated facts are true of it."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from datetime import timedelta, timezone

import pytest

from iotile_cloud.local.demo import demo_description, demo_facts, demo_rows
from iotile_cloud.local.readings.values import output_value
from iotile_cloud.utils.gid import IOTileStreamSlug, parse_slug


@pytest.fixture(scope="module")
def description():
    return demo_description()


@pytest.fixture(scope="module")
def rows():
    return list(demo_rows())


@pytest.fixture(scope="module")
def facts():
    return demo_facts()


@pytest.fixture(scope="module")
def outputs(description, rows):
    """The readings of each stream, as pairs of time and output value."""
    streams = {stream["slug"]: stream for stream in description["streams"]}
    found = defaultdict(list)
    for row in rows:
        shown = output_value(row["value"], streams[row["stream"]])
        found[row["stream"]].append((row["timestamp"], shown))
    return found


def test_description_is_json(description):
    """The description is made of JSON values."""
    assert json.loads(json.dumps(description)) == description


def test_same_every_time(description, rows):
    """The data set is the same whenever it is made."""
    assert (demo_description(), list(demo_rows())) == (description, rows)


def test_size(description, rows):
    """There are enough readings, units and events with raw data to try a client on."""
    units = {
        stream["output_unit"]["unit_short"]
        for stream in description["streams"]
        if stream["output_unit"]
    }
    assert 20_000 <= len(rows) <= 25_000
    assert units == {"G", "C", "F", "% RH", "mbar"}
    assert sum(bool(event["raw_data"]) for event in description["events"]) >= 8


def test_references(description):
    """Every record that another one names is there."""
    slugs = {kind: {item["slug"] for item in description[kind]} for kind in REFERENCES}
    uuids = {project["id"] for project in description["projects"]}
    for stream in description["streams"]:
        for kind, field in REFERENCES.items():
            assert stream[field] in slugs[kind]
    for owned in (*description["devices"], *description["variables"]):
        assert owned["project"] in uuids


REFERENCES = {
    "projects": "project",
    "devices": "device",
    "variables": "variable",
    "vartypes": "var_type",
    "orgs": "org",
}


@pytest.mark.parametrize("kind", ["orgs", "projects", "devices", "variables", "streams", "events"])
def test_ids_are_unique(description, kind):
    """No two records of a kind share an id."""
    ids = [item["id"] for item in description[kind]]
    assert len(set(ids)) == len(ids)


def test_slugs_are_canonical(description):
    """Every slug of the description is in its canonical form."""
    for kind in ("projects", "devices", "variables", "streams", "streamers"):
        for item in description[kind]:
            assert str(parse_slug(item["slug"])) == item["slug"]


def test_variable_units_are_those_of_a_stream(description):
    """A variable has the type and the input unit of its streams."""
    variables = {variable["slug"]: variable for variable in description["variables"]}
    for stream in description["streams"]:
        variable = variables[stream["variable"]]
        for field in ("var_type", "input_unit"):
            assert variable[field] == stream[field]


def test_rows_are_of_their_stream(description, rows):
    """A row names the parts of its stream, and the stream is described."""
    streams = {stream["slug"] for stream in description["streams"]}
    for row in rows:
        parts = IOTileStreamSlug(row["stream"]).get_parts()
        assert row["stream"] in streams
        assert {name: row[name] for name in parts} == parts


def test_times_of_a_stream_increase(outputs):
    """Within a stream the times are in UTC, increase and are distinct."""
    for readings in outputs.values():
        times = [time for time, _ in readings]
        assert all(a < b for a, b in zip(times, times[1:]))
        assert {time.tzinfo for time in times} == {timezone.utc}


def test_row_ids_count_up(rows):
    """Rows are numbered from 1 without a hole."""
    assert [row["id"] for row in rows] == list(range(1, len(rows) + 1))


def test_reading_ids_are_those_of_the_streamer(description, rows):
    """The readings of a device are numbered from 1, and its streamer stands at the last one."""
    ids = defaultdict(list)
    for row in rows:
        ids[row["device"]].append(row["streamer_local_id"])
    for streamer in description["streamers"]:
        assert ids[streamer["device"]] == list(range(1, streamer["last_id"] + 1))


def test_counts(rows, facts):
    """The stated counts are those of the rows."""
    assert Counter(row["stream"] for row in rows) == facts.counts
    assert facts.total_count == len(rows)


def test_devices_and_streams(description, facts):
    """The stated numbers of devices and of streams, those of events included, are right."""
    found = (len(description["devices"]), len(description["streams"]))
    assert found == (facts.device_count, facts.stream_count)


def test_sums(outputs, facts):
    """The stated sums are those of the output values of the water project."""
    sums = {
        slug: math.fsum(value for _, value in readings)
        for slug, readings in outputs.items()
        if parse_slug(slug).get_parts()["project"] == facts.water_project
    }
    assert sums == pytest.approx(facts.sums)
    assert facts.total == pytest.approx(math.fsum(sums.values()))


def test_sums_of_the_window(outputs, facts):
    """The stated sums of the window are those from its start to before its end."""
    for slug, stated in facts.window_sums.items():
        within = (value for time, value in outputs[slug] if facts.start <= time < facts.end)
        assert math.fsum(within) == pytest.approx(stated)
    assert facts.window_total == sum(facts.window_sums.values())


def test_every_sum_counts(facts):
    """No sum is zero, since a report leaves those out, and no two water streams share one."""
    assert all(facts.window_sums.values())
    assert len(set(facts.sums.values())) == len(facts.sums)


def test_temperatures(description, outputs, facts):
    """The stated lowest, highest and last temperatures are those of the output values."""
    units = {stream["slug"]: stream["output_unit"] for stream in description["streams"]}
    assert len(facts.temperatures) == 2
    for slug, stated in facts.temperatures.items():
        values = [value for _, value in outputs[slug]]
        assert min(values) == pytest.approx(stated.lowest)
        assert max(values) == pytest.approx(stated.highest)
        assert values[-1] == pytest.approx(stated.last)
        assert units[slug]["unit_short"] == stated.unit


def test_peaks_of_the_waveforms(description):
    """The peak in the summary of an event is that of its waveform, on the axis that it names."""
    for event in description["events"]:
        peaks = {axis: max(map(abs, wave)) for axis, wave in event["raw_data"].items()}
        worst = max(peaks, key=peaks.__getitem__)
        summary = event["extra_data"]
        assert (worst, peaks[worst]) == (f"acc_{summary['axis']}", summary["peak"])
        assert min(map(len, event["raw_data"].values())) >= 200


def test_worst_shock(description, facts):
    """The stated worst event is the one with the highest sample of all."""
    peaks = {
        (event["id"], event["stream"]): max(max(map(abs, w)) for w in event["raw_data"].values())
        for event in description["events"]
    }
    assert len(peaks) == facts.event_count
    worst = max(peaks, key=peaks.__getitem__)
    assert (*worst, peaks[worst]) == (facts.worst_event, facts.worst_stream, facts.worst_peak)


def test_upload_follows_on(description, outputs, facts):
    """The readings to upload come right after those of the cloud, in id and in time."""
    upload = facts.upload
    streamers = {streamer["device"]: streamer for streamer in description["streamers"]}
    last, _ = outputs[upload.stream][-1]
    assert upload.first_id == streamers[upload.device]["last_id"] + 1
    assert upload.streamer_index == streamers[upload.device]["index"]
    assert upload.times[0] > last


def test_upload_times(facts):
    """A reading's time is when the report was received, less its age when that was sent."""
    upload = facts.upload
    assert upload.times == tuple(
        upload.received - timedelta(seconds=upload.sent_timestamp - raw) for raw in upload.raw_times
    )
    assert len(upload.values) == len(upload.raw_times)


def test_user(description, facts):
    """The stated e-mail and password are those of a user who is no staff."""
    (user,) = description["users"]
    assert (user["email"], user["password"]) == (facts.email, facts.password)
    assert user["is_staff"] is False
