"""The example that downloads a day each night, on an embedded cloud."""

from __future__ import annotations

import pytest

from iotile_cloud.local.demo import demo_facts

FACTS = demo_facts()


@pytest.fixture
def night(example, run, own_cloud, tmp_path):
    """A function that runs the download of the day of the demo."""

    def start(*more, project=FACTS.water_project):
        arguments = [project, tmp_path / "readings", "--day", "2024-03-05", *more]
        return run(example.NightlyDownload, *arguments, "--domain", own_cloud.url)[0]

    start.folder = tmp_path / "readings" / "2024-03-05"
    return start


def sums(folder):
    """Return the sum of the output values of each file, by the slug of its stream."""
    found = {}
    for file in folder.glob("*.csv"):
        lines = [line.split(",") for line in file.read_text().splitlines()]
        place = lines[0].index("output_value")
        found[file.stem] = sum(float(line[place]) for line in lines[1:])
    return found


def test_each_stream_of_the_day_has_its_file(night):
    """The files hold the day from midnight to midnight."""
    assert night() == 0
    assert sums(night.folder) == pytest.approx(FACTS.window_sums)


def test_a_second_run_fetches_only_what_is_missing(night, own_cloud):
    """A stream whose file is there is not asked for again."""
    night()
    lost = next(iter(FACTS.window_sums))
    (night.folder / f"{lost}.csv").unlink()
    own_cloud.log.clear()
    assert night() == 0
    asked = [entry.path for entry in own_cloud.log if entry.path.endswith("/data/")]
    assert asked == [f"/api/v1/stream/{lost}/data/"]
    assert len(sums(night.folder)) == 6


def test_a_stream_that_fails_is_fetched_by_the_next_run(night, own_cloud):
    """The others are there, nothing half is, the status is 1; then all is well."""
    broken = next(iter(FACTS.window_sums))
    own_cloud.faults.add(f"/stream/{broken}/data/", status=403)
    assert night() == 1
    assert set(sums(night.folder)) == set(FACTS.window_sums) - {broken}
    assert {file.suffix for file in night.folder.iterdir()} == {".csv", ".json"}
    own_cloud.faults.clear()
    assert night() == 0
    assert sums(night.folder) == pytest.approx(FACTS.window_sums)


def test_a_project_without_streams_is_a_failure(night):
    """A mistyped project does not look like a quiet one, and leaves no folder."""
    assert night(project="p--9999") == 1
    assert not night.folder.exists()


def test_yesterday_is_the_day(example, run, own_cloud, tmp_path, monkeypatch):
    """Without a day it is yesterday's, in UTC."""

    class Now(example.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2024, 3, 6, 0, 5, tzinfo=tz)

    monkeypatch.setattr(example, "datetime", Now)
    arguments = [FACTS.water_project, tmp_path, "--domain", own_cloud.url, "--quiet"]
    assert run(example.NightlyDownload, *arguments)[0] == 0
    assert sums(tmp_path / "2024-03-05") == pytest.approx(FACTS.window_sums)
