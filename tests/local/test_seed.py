"""From a description to a store."""

from __future__ import annotations

import csv
import gzip
import json

import pytest

from iotile_cloud.local import LocalCloud
from iotile_cloud.local.access.permissions import PERMISSIONS, ROLES
from iotile_cloud.local.seed import load
from iotile_cloud.local.storage.rows import EVERYTHING
from iotile_cloud.local.storage.store import Store

ROW = {
    "id": 7,
    "stream": "s--0000-0001--0000-0000-0000-000a--5001",
    "project": "p--0000-0001",
    "device": "d--0000-0000-0000-000a",
    "variable": "v--0000-0001--5001",
    "type": "Num",
    "timestamp": "",
    "int_value": "",
    "value": "",
    "device_timestamp": "",
    "streamer_local_id": 3,
    "dirty_ts": True,
    "status": "unk",
}


def write(folder, name, open_file):
    (folder / "seed.json").write_text(json.dumps({"data_rows_file": f"{name} (remark)"}))
    with open_file(folder / name, "wt", newline="") as file:
        rows = csv.DictWriter(file, ROW)
        rows.writeheader()
        rows.writerow(ROW)
    return folder / "seed.json"


@pytest.mark.parametrize(("name", "open_file"), [("d.csv", open), ("d.csv.gz", gzip.open)])
def test_data_file(tmp_path, name, open_file):
    """The data file beside a description is read, packed or not; an empty cell is null."""
    store = Store()
    load(store, write(tmp_path, name, open_file))
    reading = store.readings.get(7)
    assert (reading["id"], reading["streamer_local_id"], reading["dirty_ts"]) == (7, 3, True)
    names = ("timestamp", "int_value", "value", "device_timestamp")
    assert [reading[name] for name in names] == [None] * 4


def test_numbers_go_on_after_the_data():
    """A new reading gets the number after the highest loaded one."""
    store = Store()
    load(
        store,
        {
            "data": [
                {**ROW, "timestamp": None, "int_value": 1, "value": None, "device_timestamp": 1}
            ]
        },
    )
    assert store.readings.add(store.readings.get(7) | {"id": None})["id"] == 8


def test_several_descriptions_add_up():
    """Descriptions are loaded one after the other into one cloud."""
    user = {"id": 1, "slug": "a", "username": "a", "email": "a@b.c", "password": "p"}
    more = {"users": [{**user, "slug": "b", "username": "b"}]}
    cloud = LocalCloud(load=[{"users": [user]}, more])
    assert [u["slug"] for u in cloud.engine.store.all("account")] == ["a", "b"]


def test_demo():
    """The word demo loads the demo data set."""
    store = Store()
    load(store, "demo")
    assert store.find("account", email="demo@example.com")
    assert len(store.readings.select([EVERYTHING])) > 20_000


def test_missing_fields_get_their_defaults(cloud):
    """A record need not say every field."""
    device = cloud.engine.store.get("device", "d--0000-0000-0000-000a")
    assert (device["active"], device["state"], device["external_id"]) == (True, "N1", "EXT")


@pytest.mark.parametrize(
    ("description", "place"),
    [
        ({"users": [{"id": 1}]}, r"users\[0\]"),
        ({"projects": [{"id": "x", "name": "n", "org": "o"}]}, r"projects\[0\].*: slug"),
        ({"devices": [{"slug": "d--0000-0000-0000-0001"}]}, r"devices\[0\].*: id"),
        ({"orgs": ["x"]}, r"orgs\[0\]"),
        ({"events": [{"id": 1, "stream": "s", "timestamp": "x"}]}, r"events\[0\]"),
        ({"data": [{}]}, "row 0"),
        (
            {
                "filters": [
                    {
                        "slug": "f--0000-0001----5001",
                        "project": "p--0000-0001",
                        "variable": "v--0000-0001--5001",
                        "states": [{"id": 1, "label": "a"}],
                    }
                ]
            },
            r"filters\[0\].*: slug",
        ),
    ],
)
def test_bad_description_names_the_place(description, place):
    """What does not fit a description is refused with its place."""
    with pytest.raises(ValueError, match=place):
        load(Store(), description)


def test_file_that_is_no_description(tmp_path):
    """A file that holds something else is refused with its name."""
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(
        ValueError, match=r"x\.json does not describe a cloud: expected a JSON object"
    ):
        load(Store(), tmp_path / "x.json")


def test_missing_file(tmp_path):
    """A file that is not there is an OSError."""
    with pytest.raises(FileNotFoundError):
        load(Store(), tmp_path / "none.json")


def test_roles_only_give_known_permissions():
    """Every role is a set of known permissions."""
    assert set().union(*ROLES.values()) <= set(PERMISSIONS)


def test_updates_are_an_object():
    """What a description says of updates stands in an object, by what it is."""
    with pytest.raises(ValueError, match="ota of the description is not an object"):
        load(Store(), {"ota": ["z--0000-0001"]})
