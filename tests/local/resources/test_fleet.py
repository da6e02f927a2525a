"""Fleets, and the devices in them."""

from __future__ import annotations

import pytest

FLEET, FOREIGN = "g--0000-0000-0001", "g--0000-0000-0002"
DEVICE, OTHER = "d--0000-0000-0000-000a", "d--0000-0000-0000-000b"
DENIED = {"detail": "You do not have permission to perform this action."}


def fleet(number, slug, org, **more):
    return {"id": number, "slug": slug, "name": slug, "org": org, "created_by": "ann", **more}


@pytest.fixture
def description(describe):
    content = describe()
    content["users"].append({**content["users"][0], "id": 7, "slug": "dev", "username": "dev"})
    content["users"][-1]["email"] = "dev@example.com"
    content["orgs"][0]["members"].append({"user": "dev", "role": "d1", "is_active": True})
    member = {"device": DEVICE, "always_on": True, "is_access_point": False}
    content["fleets"] = [
        fleet(1, FLEET, "acme", is_network=True, members=[member]),
        fleet(2, FOREIGN, "other"),
    ]
    return content


@pytest.fixture
def dev(client_of):
    """A client of a developer, who manages updates."""
    return client_of("dev")


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", [FLEET]),
        ("org=acme", [FLEET]),
        ("org=other", []),
        (f"device={DEVICE}", [FLEET]),
        (f"device={OTHER}", []),
        ("is_network=false", []),
        ("is_network=true", [FLEET]),
    ],
)
def test_fleet_list(ann, query, slugs):
    """A list holds the fleets of the user's organisations, narrowed by its arguments."""
    assert [f["slug"] for f in ann.get(f"/fleet/?{query}").json()["results"]] == slugs


@pytest.mark.parametrize("query", ["org=zzz", "device=zzz"])
def test_unknown_filter(ann, query):
    """An unknown organisation or device is 404."""
    assert ann.get(f"/fleet/?{query}").status_code == 404


@pytest.mark.parametrize("action", ["", "devices/"])
def test_foreign_fleet(ann, action):
    """Somebody else's fleet is 404."""
    assert ann.get(f"/fleet/{FOREIGN}/{action}").status_code == 404


def test_devices(ann):
    """The devices of a fleet come in pages."""
    content = ann.get(f"/fleet/{FLEET}/devices/").json()
    member = {"device": DEVICE, "always_on": True, "is_access_point": False}
    assert (content["count"], content["results"]) == (1, [member])


def test_fleet_without_devices(client_of):
    """A fleet that a description gives no members has none."""
    assert client_of("eve").get(f"/fleet/{FOREIGN}/devices/").json()["count"] == 0


def test_register_and_deregister(dev):
    """A developer adds a device to a fleet and takes it out."""
    body = {"device": OTHER, "is_access_point": True}
    reply = dev.post(f"/fleet/{FLEET}/register/", json=body)
    assert (reply.status_code, reply.json()) == (201, {**body, "always_on": False})
    assert dev.get(f"/fleet/{FLEET}/devices/").json()["count"] == 2
    reply = dev.post(f"/fleet/{FLEET}/deregister/", json={"device": OTHER})
    assert (reply.status_code, reply.json()) == (202, {"device": OTHER})
    assert dev.get(f"/fleet/{FLEET}/devices/").json()["count"] == 1


@pytest.mark.parametrize(
    ("action", "device", "status"),
    [
        ("register", DEVICE, 400),
        ("register", "zzz", 400),
        ("register", "d--0000-0000-0000-000c", 403),
        ("deregister", OTHER, 404),
        ("deregister", "zzz", 400),
    ],
)
def test_bad_member(dev, action, device, status):
    """A fleet has each device once, and devices of its organisation only."""
    assert dev.post(f"/fleet/{FLEET}/{action}/", json={"device": device}).status_code == status


def test_create(dev):
    """A developer makes a fleet, numbered after the highest."""
    reply = dev.post("/fleet/", json={"name": "F", "org": "acme"})
    assert reply.status_code == 201
    assert reply.json() == {
        "id": 3,
        "name": "F",
        "slug": "g--0000-0000-0003",
        "org": "acme",
        "description": "",
        "created_on": "2020-09-13T12:26:40Z",
        "created_by": "dev",
        "is_network": False,
    }


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/fleet/", {"name": "F", "org": "acme"}),
        ("PATCH", f"/fleet/{FLEET}/", {"name": "F"}),
        ("DELETE", f"/fleet/{FLEET}/", {}),
        ("POST", f"/fleet/{FLEET}/register/", {"device": OTHER}),
        ("POST", f"/fleet/{FLEET}/deregister/", {"device": DEVICE}),
    ],
)
def test_owner_does_not_manage_fleets(ann, method, path, body):
    """Even an owner lacks the right to manage updates."""
    reply = ann.request(method, path, json=body)
    assert (reply.status_code, reply.json()) == (403, DENIED)


def test_fleet_does_not_move_away(dev):
    """A fleet moves only to an organisation that the developer serves too."""
    assert dev.patch(f"/fleet/{FLEET}/", json={"org": "other"}).status_code == 403


def test_change_and_delete(dev):
    """A developer renames a fleet, which keeps its devices, and deletes it."""
    assert dev.patch(f"/fleet/{FLEET}/", json={"name": "G"}).json()["name"] == "G"
    assert dev.get(f"/fleet/{FLEET}/devices/").json()["count"] == 1
    assert dev.delete(f"/fleet/{FLEET}/").status_code == 204
    assert dev.get(f"/fleet/{FLEET}/").status_code == 404
