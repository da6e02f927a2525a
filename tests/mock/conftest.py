"""A mock cloud with a user, a project, two devices and a folder of points."""

from __future__ import annotations

import json

import pytest

from iotile_cloud import Api

STREAM = "s--0000-0001--0000-0000-0000-0001--5001"
OTHER = "s--0000-0001--0000-0000-0000-0001--5002"
DEVICE = "d--0000-0000-0000-0001"
WHEN = "2018-01-20T00:00:00Z"


@pytest.fixture
def served(mock_cloud_private_nossl):
    """The address and the cloud, with a user, a project and two devices."""
    _, cloud = mock_cloud_private_nossl
    cloud.quick_add_user()
    project, _ = cloud.quick_add_project()
    cloud.quick_add_device(project, 1, streamers=[10])
    cloud.quick_add_device(project, 2)
    return mock_cloud_private_nossl


@pytest.fixture
def cloud(served):
    return served[1]


@pytest.fixture
def url(served):
    return served[0] + "/api/v1/"


@pytest.fixture
def api(served):
    with Api(served[0]) as api:
        api.login("test", "test@arch-iot.com")
        yield api


@pytest.fixture
def folder(cloud, tmp_path):
    """A stream folder with one stream in JSON, one in CSV and an event."""
    points = [{"timestamp": f"2018-01-0{n}T00:00:00Z", "value": n, "x": "kept"} for n in (1, 2)]
    (tmp_path / f"{STREAM}.json").write_text(json.dumps(points))
    (tmp_path / f"{OTHER}.csv").write_text(f'"{WHEN}", 5\n"{WHEN}", -7\n')
    (tmp_path / "event_7.json").write_text('{"acc": [1, 2]}')
    (tmp_path / "variable_types").mkdir()
    (tmp_path / "variable_types" / "temp.json").write_text('{"slug": "temp"}')
    cloud.streams[STREAM] = {"slug": STREAM, "device": DEVICE, "project": "p--0000-0001"}
    cloud.stream_folder = str(tmp_path)
    return tmp_path
