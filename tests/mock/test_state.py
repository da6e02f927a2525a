"""The state of the mock cloud: data files, and what a reset leaves."""

from __future__ import annotations

import json

import pytest

from iotile_cloud.utils.mock_cloud import MockIOTileCloud

DATA = {
    "users": {"joe@example.com": "secret"},
    "devices": [{"slug": "d--0000-0000-0000-0001"}],
    "datablocks": [{"slug": "b--0001-0000-0000-0001"}],
    "streams": [{"slug": "s--0000-0001--0000-0000-0000-0001--5001"}],
    "properties": [{"name": "Region", "value": "EU"}],
    "projects": [{"id": "u-u", "slug": "p--0000-0001"}],
    "events": [{"id": "7"}],
}
FIXED = "2018-01-01T00:00:00Z"


@pytest.fixture
def cloud():
    return MockIOTileCloud()


@pytest.fixture
def project(cloud):
    return cloud.quick_add_project()[0]


@pytest.fixture
def data_file(tmp_path):
    path = tmp_path / "data.json"
    path.write_text(json.dumps(DATA))
    return path


def test_data_file_fills_the_dictionaries_by_their_keys(cloud, data_file):
    """Lists are keyed by slug, name, id, and events by a whole number."""
    cloud.add_data(data_file)
    assert cloud.users == DATA["users"]
    assert cloud.devices == {"d--0000-0000-0000-0001": DATA["devices"][0]}
    assert list(cloud.datablocks) == ["b--0001-0000-0000-0001"]
    assert list(cloud.streams) == ["s--0000-0001--0000-0000-0000-0001--5001"]
    assert list(cloud.properties) == ["Region"]
    assert list(cloud.projects) == ["u-u"]
    assert list(cloud.events) == [7]


def test_later_data_files_add(cloud, data_file, tmp_path):
    """What an earlier file brought stays."""
    (tmp_path / "more.json").write_text('{"users": {"ann@example.com": "x"}}')
    cloud.add_data(data_file)
    cloud.add_data(str(tmp_path / "more.json"))
    assert set(cloud.users) == {"joe@example.com", "ann@example.com"}
    assert len(cloud.devices) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is no data file"),
        ("[]", "must be JSON objects"),
        ('{"users": []}', "must be JSON objects"),
        ('{"devices": {}}', "devices must be a list, not dict"),
        ('{"users": {"a": "b"}, "events": [{"id": 1}, {"id": "x"}]}', "events, record 2"),
        ('{"devices": [5]}', "devices, record 1: expected an object with `slug`"),
    ],
)
def test_bad_data_file_is_refused_whole(cloud, tmp_path, text, reason):
    """The error names the file and the place, and nothing was added."""
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=reason) as caught:
        cloud.add_data(path)
    assert "bad.json" in str(caught.value)
    assert not cloud.users


def test_part_that_a_data_file_cannot_have_is_told(cloud, tmp_path, caplog):
    """A misspelt part is not dropped in silence."""
    (tmp_path / "x.json").write_text('{"device": []}')
    cloud.add_data(tmp_path / "x.json")
    assert "ignored device" in caplog.text


def test_reset_empties_everything_and_loads_the_first_file_again(data_file, tmp_path):
    """Dictionaries stay the same objects; counters, folder and what was added are gone."""
    cloud = MockIOTileCloud(str(data_file))
    devices = cloud.devices
    cloud.quick_add_user()
    cloud.quick_add_device("u-u", 5, streamers=[1])
    cloud.quick_add_fleet([5])
    cloud.quick_add_deployment_to_fleet("g--0000-0000-0001", 1, [])
    cloud.stream_folder = tmp_path
    cloud.request_count = cloud.error_count = 9
    cloud.faults.add("/device/", status=500)
    cloud.reset()
    assert cloud.devices is devices
    assert list(cloud.devices) == ["d--0000-0000-0000-0001"]
    assert cloud.users == DATA["users"]
    for emptied in (cloud.orgs, cloud.fleets, cloud.fleet_members, cloud.streamers):
        assert emptied == {}
    assert cloud.ota_devices == cloud.deployments == cloud.ota_scripts == {}
    assert (cloud.request_count, cloud.error_count, cloud.deployment_count) == (0, 0, 0)
    assert cloud.stream_folder is None


def test_time_of_everything_is_fixed(cloud):
    """Tests can compare times as text."""
    assert cloud._fixed_utc_timestr() == FIXED
