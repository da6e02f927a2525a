"""The example that adds up a project, on an embedded cloud."""

from __future__ import annotations

from iotile_cloud.local.demo import demo_facts

FACTS = demo_facts()


DAY = ["--start", "2024-03-05", "--end", "2024-03-06"]


def test_sums_of_a_day_are_those_of_the_demo(example, run, cloud):
    """Each stream has its sum, and the total is that of all."""
    arguments = [FACTS.water_project, *DAY, "--domain", cloud.url]
    status, lines = run(example.FleetTotals, *arguments)
    found = {slug: (float(total), unit) for slug, total, unit in map(str.split, lines[:-1])}
    assert status == 0
    assert found == {slug: (round(one, 2), "G") for slug, one in FACTS.window_sums.items()}
    assert lines[-1] == f"total of 6 streams: {FACTS.window_total:.2f} G"


def test_units_are_not_mixed(example, run, cloud):
    """Celsius and Fahrenheit, or percent, have totals of their own."""
    arguments = [FACTS.tracker_project, *DAY, "--domain", cloud.url]
    status, lines = run(example.FleetTotals, *arguments)
    totals = [line for line in lines if line.startswith("total")]
    assert status == 0
    assert sorted(line.rpartition(" ")[2] for line in totals) == ["C", "F", "RH", "mbar"]


def test_a_stream_that_cannot_be_read_is_told(example, run, own_cloud, caplog):
    """The other streams are added up, and log and status say that something is missing."""
    slug = next(iter(FACTS.window_sums))
    own_cloud.faults.add(f"/stream/{slug}/data/", status=403)
    arguments = [FACTS.water_project, *DAY, "--domain", own_cloud.url]
    status, lines = run(example.FleetTotals, *arguments)
    assert status == 1
    assert lines[-1].startswith("total of 5 streams: ")
    assert slug in caplog.text


def test_a_project_without_streams_is_a_failure(example, run, cloud):
    """A mistyped project does not look like one that measured nothing."""
    assert run(example.FleetTotals, "p--9999", *DAY, "--domain", cloud.url) == (1, [])
