"""The example that shows the trip of a tracker, on an embedded cloud."""

from __future__ import annotations

import csv

from iotile_cloud.local.demo import demo_facts

FACTS = demo_facts()
TEMPERATURE = "s--0000-0102--0000-0000-0000-2102--5023"


def test_the_trip_and_its_worst_shock_are_shown(example, run, cloud, tmp_path):
    """Streams with their span, the worst shock, and its waveform in a file, are the demo's."""
    file = tmp_path / "shock.csv"
    arguments = ["d--2102", "--domain", cloud.url, "--waveform", file]
    status, lines = run(example.TripData, *arguments)
    warmth = FACTS.temperatures[TEMPERATURE]
    assert status == 0
    assert lines[0].startswith("Tracker Two (d--0000-0000-0000-2102), 2024-03-04T00:00:00Z to ")
    assert lines[6] == f"Temperature: 864 readings, {warmth.lowest:.2f} to {warmth.highest:.2f} F"
    assert lines[1] == f"Shocks: 5, the worst {FACTS.worst_peak} G at 2024-03-05T17:00:00Z"
    assert lines[2] == f"Waveform: {FACTS.worst_peak} G in acc_z, sample 20 of 300"
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert (len(rows), max(float(row["acc_z"]) for row in rows)) == (300, FACTS.worst_peak)


def test_a_tracker_without_shocks_is_shown(example, run, own_cloud):
    """Without shocks, that is what is said."""
    store = own_cloud.engine.store
    for number in range(1, FACTS.event_count + 1):
        store.events.remove(store.events.get(number))
    status, lines = run(example.TripData, "d--2102", "--domain", own_cloud.url)
    assert (status, "Shocks: none" in lines) == (0, True)


def test_an_unknown_tracker_is_one_line_on_stderr(example, run, cloud):
    """There is no such device: status 1, and nothing on stdout."""
    assert run(example.TripData, "d--9999", "--domain", cloud.url) == (1, [])
