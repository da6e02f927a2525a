"""Projects: how they are found and made, and what they hold."""

from __future__ import annotations

import pytest

ACME = "00000000-0000-4000-8000-000000000001"
PROJECT = f"/project/{ACME}/"


@pytest.fixture
def description(description):
    """The small cloud, whose sensor graph names a project template."""
    templates = [{"slug": "default-template-v1-0-0"}, {"slug": "shipping-v1"}]
    graphs = [{"slug": "old-v1", "project_template": "shipping-v1"}]
    return {**description, "project_templates": templates, "sensor_graphs": graphs}


def test_project_key_must_be_a_uuid(ann):
    """A project is asked by its UUID and not by its slug."""
    reply = ann.get("/project/p--0000-0001/")
    assert (reply.status_code, reply.json()) == (400, ["Project ID must be a UUID"])


@pytest.mark.parametrize("key", [ACME.replace("-", ""), f"urn:uuid:{ACME}", f"{{{ACME}}}"])
def test_other_forms_of_a_uuid(ann, key):
    """A UUID finds its project in each of its usual forms."""
    assert ann.get(f"/project/{key}/").json()["id"] == ACME
    assert ann.get("/device/", params={"project": key}).json()["count"] == 3


def test_project_create(ann):
    """A new project gets the next number."""
    content = ann.post("/project/", json={"name": "C", "org": "acme"}).json()
    assert (content["slug"], content["gid"]) == ("p--0000-0003", "0000-0003")
    assert content["created_by"] == "ann"


@pytest.mark.parametrize(
    ("org", "status", "answer"),
    [
        ("nope", 400, {"org": ["Object with slug=nope does not exist."]}),
        ("other", 403, {"detail": "Access Denied due to lack of sufficient permissions"}),
    ],
)
def test_project_create_refused(ann, org, status, answer):
    """A project needs an organisation that is there and that one manages."""
    reply = ann.post("/project/", json={"name": "C", "org": org})
    assert (reply.status_code, reply.json()) == (status, answer)


def test_project_does_not_move_to_a_foreign_org(ann):
    """A project moves only where its manager manages too."""
    assert ann.patch(PROJECT, json={"org": "other"}).status_code == 403


@pytest.mark.parametrize(
    ("query", "count"),
    [("org=acme", 1), ("org__slug=other", 0), ("slug=p--0000-0001", 1), ("name=B", 0)],
)
def test_project_filters(ann, query, count):
    """Projects are narrowed by organisation, slug and name; foreign ones stay hidden."""
    assert ann.get(f"/project/?{query}").json()["count"] == count


def test_unknown_org_in_a_filter_is_404(ann):
    """A filter that names no organisation is 404."""
    assert ann.get("/project/?org=nope").status_code == 404


def test_project_filter_by_property(ann, cloud):
    """Projects are found by the name, and by the value, of a property."""
    region = {"id": 1, "target": "p--0000-0001", "name": "Region", "value": "EU"}
    cloud.engine.store.put("property", region)
    counts = [
        ann.get("/project/", params={"property": text}).json()["count"]
        for text in ("Region", "Region__EU", "Region__US", "Other")
    ]
    assert counts == [1, 1, 0, 0]


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
