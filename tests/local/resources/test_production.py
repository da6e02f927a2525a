"""Devices as a factory sees them, with the key of its organisation."""

from __future__ import annotations

import pytest

KEY = "Api-Key GOODKEY1.0123456789abcdef0123456789abcdef"
DEVICE = "d--0000-0000-0000-000a"
MISSING = ["This field is required."]


@pytest.fixture
def description(describe):
    content = describe()
    content["api_keys"] = [{"org": "acme", "key": KEY[8:], "revoked": False}]
    content["device_templates"] = [{"slug": "generic-virtual-device-v1-0-0"}]
    return content


@pytest.fixture
def factory(anybody):
    """A client that asks with the key of an organisation."""
    anybody.headers["Authorization"] = KEY
    return anybody


def test_key_lists_its_organisation(factory):
    """A key lists the devices of its organisation, inactive ones too."""
    content = factory.get("/production/device/").json()
    assert [device["id"] for device in content["results"]] == [10, 11, 14, 15]
    assert content["results"][0] == {
        "id": 10,
        "slug": DEVICE,
        "gid": DEVICE[3:],
        "created_on": None,
        "template": None,
        "sg": None,
        "claimed": True,
    }


@pytest.mark.parametrize(
    ("query", "count"),
    [("sg=old-v1", 1), ("dt=generic-virtual-device-v1-0-0", 0), ("org__slug=other", 0)],
)
def test_filters(factory, query, count):
    """The list is narrowed by template, sensor graph and organisation."""
    assert factory.get(f"/production/device/?{query}").json()["count"] == count


@pytest.mark.parametrize("path", ["", f"{DEVICE}/"])
def test_keys_when_asked(factory, client_of, path):
    """The keys that a device may give out are shown with `keys=1`."""
    root = client_of("root")
    for kind, downloadable in (("USR", True), ("SSH", False)):
        key = {"slug": DEVICE, "type": kind, "downloadable": downloadable, "secret": "s"}
        root.post("/key/", json=key)
    content = factory.get(f"/production/device/{path}?keys=1").json()
    device = content if path else content["results"][0]
    assert device["keys"] == [{"type": "USR", "secret": "s"}]


@pytest.mark.parametrize(
    ("key", "status"), [("d--000a", 200), ("d--000c", 403), ("d--0fff", 404), ("zzz", 404)]
)
def test_retrieve(factory, key, status):
    """A device is found by a short slug too; a foreign one is refused."""
    assert factory.get(f"/production/device/{key}/").status_code == status


@pytest.mark.parametrize(("who", "status", "count"), [("ann", 403, None), ("root", 200, 6)])
def test_users(client_of, who, status, count):
    """Users are refused, and staff see all devices."""
    reply = client_of(who).get("/production/device/")
    assert (reply.status_code, reply.json().get("count")) == (status, count)


@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("PATCH", f"{DEVICE}/")])
def test_key_does_not_write(factory, method, path):
    """The key counts for reading only; to write with it is to come without credentials."""
    assert factory.request(method, f"/production/device/{path}", json={}).status_code == 401


def test_staff_changes_the_sensor_graph(client_of):
    """Staff may give a device another sensor graph."""
    body = client_of("root").patch(f"/production/device/{DEVICE}/", json={"sg": "old-v1"}).json()
    assert body["sg"] == "old-v1"


def test_create_virtual(factory):
    """Virtual devices belong to the key's organisation and to the user who is named."""
    body = {"sg": "old-v1", "user": "bob", "qty": 2}
    reply = factory.post("/production/device/create_virtual/", json=body)
    one, two = reply.json()
    assert (reply.status_code, one["id"], two["id"]) == (201, 1, 2)
    assert (one["org"], one["claimed_by"], one["sg"]) == ("acme", "bob", "old-v1")
    assert (one["template"], one["project"]) == ("generic-virtual-device-v1-0-0", None)
    assert factory.get("/production/device/d--0001/").status_code == 200


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, [{"sg": MISSING, "user": MISSING}]),
        ({"qty": 2, "sg": "old-v1"}, [{"user": MISSING}] * 2),
        ({"qty": "x"}, {"qty": ["A valid integer is required."]}),
        ({"qty": 0}, {"qty": ["Ensure this value is greater than or equal to 1."]}),
    ],
)
def test_bad_virtual(factory, body, answer):
    """What is wrong is said once for each device that is wanted."""
    reply = factory.post("/production/device/create_virtual/", json=body)
    assert (reply.status_code, reply.json()) == (400, answer)


@pytest.mark.parametrize(("who", "status"), [("ann", 403), ("root", 201)])
def test_create_virtual_as_user(client_of, who, status):
    """Without a key it is for staff, who name the organisation."""
    body = {"org": "acme", "sg": "old-v1", "user": "bob"}
    reply = client_of(who).post("/production/device/create_virtual/", json=body)
    assert reply.status_code == status
