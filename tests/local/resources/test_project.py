"""Projects: what they hold, and how they are made for a device."""

from __future__ import annotations

import pytest

PROJECT = "/project/00000000-0000-4000-8000-000000000001/"


@pytest.fixture
def description(description):
    """The small cloud, whose sensor graph names a project template."""
    templates = [{"slug": "default-template-v1-0-0"}, {"slug": "shipping-v1"}]
    graphs = [{"slug": "old-v1", "project_template": "shipping-v1"}]
    return {**description, "project_templates": templates, "sensor_graphs": graphs}


def test_extra_counts_what_is_there(ann):
    """`extra/` counts devices, variables and streams, virtual ones too."""
    counts = ann.get(f"{PROJECT}extra/").json()["counts"]
    assert counts == {"active_devices": 3, "inactive_devices": 1, "variables": 3, "streams": 5}


@pytest.mark.parametrize(
    ("more", "template"),
    [
        ({}, "default-template-v1-0-0"),
        ({"device": "d--0000-0000-0000-000f"}, "shipping-v1"),
        ({"device": "d--0000-0000-0000-000a"}, "default-template-v1-0-0"),
    ],
)
def test_new_project_follows_its_device(ann, more, template):
    """A new project has the template of the device's sensor graph, or the usual one."""
    reply = ann.post("/project/new/", json={"name": "New", "org": "acme", **more})
    assert (reply.status_code, list(reply.json())) == (201, ["id"])
    assert ann.get(f"/project/{reply.json()['id']}/").json()["project_template"] == template


@pytest.mark.parametrize(
    ("user", "body", "status"),
    [
        ("ann", {}, 400),
        ("ann", {"name": "N", "org": "acme", "device": "d--0000-0000-0000-0fff"}, 400),
        ("ann", {"name": "N", "org": "other"}, 403),
        ("bob", {"name": "N", "org": "acme"}, 403),
    ],
)
def test_new_project_is_refused(client_of, user, body, status):
    """Only managers make projects, with a name, an organisation, and a device that is there."""
    assert client_of(user).post("/project/new/", json=body).status_code == status


def test_properties_of_a_project(ann):
    """A project has properties like a device."""
    made = ann.post(f"{PROJECT}new_property/", json={"name": "Region", "str_value": "EU"})
    assert made.status_code == 201
    assert ann.get(f"{PROJECT}properties/").json() == [made.json()]
    assert ann.get("/project/?property=Region__EU").json()["count"] == 1


def test_properties_are_not_for_operators(client_of):
    """An operator is told that he has no access to properties."""
    reply = client_of("olga").get(f"{PROJECT}properties/")
    assert reply.status_code == 403
    assert reply.json() == {"detail": "User has no access to read properties"}


@pytest.mark.parametrize("action", ["extra", "properties"])
def test_foreign_project_is_not_found(client_of, action):
    """Everything about somebody else's project is 404."""
    assert client_of("eve").get(f"{PROJECT}{action}/").status_code == 404
