"""How a device comes into a project, with its streams, and leaves it."""

from __future__ import annotations

import pytest

FREE = "d--0000-0000-0000-000d"
TAKEN = "d--0000-0000-0000-000a"
PROJECT = "00000000-0000-4000-8000-000000000001"
TEMPLATE = {
    "var_type": "temp",
    "ctype": "unsigned int",
    "m": 1,
    "d": 1,
    "o": 0.0,
    "default_input_unit": "in--temp--millikelvin",
    "default_output_unit": "out--temp--celsius",
    "app_only": False,
    "web_only": False,
}


@pytest.fixture
def description(describe):
    content = describe()
    graph = {"slug": "meter-v1", "report_processing_engine_ver": 2}
    graph["variable_templates"] = [
        {**TEMPLATE, "label": "Old", "lid_hex": "5001"},
        {**TEMPLATE, "label": "New", "lid_hex": "100b", "ctype": "int", "app_only": True},
        {
            **TEMPLATE,
            "label": "Bare",
            "lid_hex": "5020",
            "default_input_unit": None,
            "default_output_unit": None,
        },
    ]
    content["sensor_graphs"].append(graph)
    for device in content["devices"]:
        if device["slug"] == FREE:
            device["sg"] = "meter-v1"
    return content


def claim(client, device=FREE, project=PROJECT):
    return client.post("/device/claim/", json={"device": device, "project": project})


def test_claimable(ann):
    """Of each known device it is told whether it can be claimed; the unknown are left out."""
    body = {"slugs": [FREE, "d--0000-0000-0000-0fff", TAKEN]}
    reply = ann.post("/device/claimable/", json=body)
    assert reply.status_code == 202
    assert reply.json() == {
        "count": 2,
        "results": [{"slug": TAKEN, "claimable": False}, {"slug": FREE, "claimable": True}],
    }


@pytest.mark.parametrize("project", [PROJECT, "p--0000-0001", "p--0001"])
def test_claim_names_the_project(ann, project):
    """A device is claimed for a project by its UUID or slug."""
    reply = claim(ann, project=project)
    assert reply.status_code == 202
    assert reply.json() == {
        "claimed": True,
        "device": FREE,
        "project": "p--0000-0001",
        "project_id": PROJECT,
    }


def test_claimed_device_belongs_to_its_project(ann):
    """A claimed device says whose it is, and since when."""
    claim(ann)
    device = ann.get(f"/device/{FREE}/").json()
    assert (device["org"], device["project"], device["claimed_by"]) == ("acme", PROJECT, "ann")
    assert device["claimed_on"] == "2020-09-13T12:26:40Z"


def test_claim_makes_the_streams_of_the_sensor_graph(ann):
    """Each variable of the sensor graph becomes a stream of the device, with type and units."""
    claim(ann)
    streams = ann.get("/stream/", params={"device": FREE}).json()["results"]
    found = {s["slug"][-4:]: s for s in streams}
    assert sorted(found) == ["100b", "5001", "5020"]
    new = found["100b"]
    assert new["slug"] == "s--0000-0001--0000-0000-0000-000d--100b"
    assert (new["var_name"], new["var_lid"], new["var_type"]) == ("New", 0x100B, "temp")
    assert (new["raw_value_format"], new["mdo_type"], new["data_type"]) == ("<l", "S", "D0")
    assert new["output_unit"]["slug"] == "out--temp--celsius"
    assert found["5020"]["input_unit"] is None


def test_claim_makes_missing_variables_only(ann):
    """A variable that the project has stays as it is; a missing one follows the sensor graph."""
    claim(ann)
    old = ann.get("/variable/v--0001--5001/").json()
    new = ann.get("/variable/v--0001--100b/").json()
    assert old["name"] == "Variable 5001"
    assert (new["name"], new["decimal_places"], new["app_only"]) == ("New", 2, True)


def test_claimed_stream_takes_readings(ann):
    """A stream that claiming made stores readings in its unit."""
    claim(ann)
    row = {"stream": f"s--0000-0001--{FREE[3:]}--100b", "timestamp": "2020-01-01T00:00:00Z"}
    reply = ann.post("/data/", json={**row, "int_value": 273150})
    assert (reply.json()["type"], reply.json()["value"]) == ("ITR", 273.15)


@pytest.mark.parametrize(
    ("who", "device", "project", "status", "text"),
    [
        ("ann", TAKEN, PROJECT, 400, "Device is not claimable"),
        ("ann", FREE, "zzz", 400, "Project is not a Valid Slug or UUID"),
        ("ann", FREE, "d--0001", 400, "Project is not a Valid Slug or UUID"),
        ("ann", FREE, "p--0fff", 404, "Not found."),
        ("ann", "d--0fff", PROJECT, 404, "Not found."),
        ("bob", FREE, PROJECT, 403, "No claim permissions"),
        ("eve", FREE, PROJECT, 403, "No claim permissions"),
    ],
)
def test_claim_refused(client_of, who, device, project, status, text):
    """Only free devices are claimed, for known projects, by those who may."""
    reply = claim(client_of(who), device, project)
    assert (reply.status_code, reply.json()) == (status, {"detail": text})


def test_claim_without_fields(ann):
    """A claim needs a device and a project."""
    needed = ["This field is required."]
    assert ann.post("/device/claim/", json={}).json() == {"device": needed, "project": needed}


def test_unclaim(ann, client_of):
    """A device that is taken out of its project is nobody's, and can be claimed again."""
    reply = ann.post(f"/device/{TAKEN}/unclaim/", json={"label": "Spare"})
    msg = f"Unclaimed task was scheduled for {TAKEN}"
    assert (reply.status_code, reply.json()) == (202, {"unclaimed": TAKEN, "msg": msg})
    device = client_of("root").get(f"/device/{TAKEN}/").json()
    assert (device["label"], device["org"], device["project"]) == ("Spare", None, None)
    assert claim(ann, TAKEN).status_code == 202


@pytest.mark.parametrize(("clean", "rows"), [(True, 0), (False, 30)])
def test_unclaim_cleans_the_streams_when_asked(ann, client_of, clean, rows):
    """The streams and their readings go along with `clean_streams` only."""
    ann.post(f"/device/{TAKEN}/unclaim/", json={"clean_streams": clean})
    root = client_of("root")
    assert (root.get("/stream/s--0001--000a--5001/").status_code == 404) == clean
    claim(ann, TAKEN)
    found = ann.get("/data/", params={"filter": "s--0000-0001--0000-0000-0000-000a--5001"})
    assert found.json()["count"] == rows


def test_unclaim_as_member(client_of):
    """A plain member takes no device out."""
    reply = client_of("bob").post(f"/device/{TAKEN}/unclaim/", json={})
    assert (reply.status_code, reply.json()) == (403, {"detail": "No unclaim permissions"})
