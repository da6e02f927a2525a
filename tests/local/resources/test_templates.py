"""Templates of devices, projects, organisations and components."""

from __future__ import annotations

import pytest

DENIED = {"detail": "You do not have permission to perform this action."}
POD = {
    "id": "10000000-0000-4000-8000-000000000001",
    "external_sku": "Pod",
    "internal_sku": "pod1",
    "family": "Pods",
    "slug": "pod-v1-2-0",
    "org": "acme",
    "version": "v1.2.0",
    "os_tag": 7,
    "os_version": "v3.4",
    "hw_tag": 8,
    "hw_version": "v5",
    "slots": [{"number": 1, "component": "chip-1-0-0", "hw_tag": "chip_v1"}],
    "created_on": "2020-01-01T00:00:00Z",
    "released_on": "2020-01-02",
}
CHIP = {
    "id": "20000000-0000-4000-8000-000000000001",
    "external_sku": "Chip",
    "slug": "chip-1-0-0",
    "type": "BTC",
    "hw_tag": "chip_v1",
    "version": "v1.0.0",
}
NEW = {
    "dt": {"external_sku": "New Pod[x]", "org": "acme", "released_on": "2020-02-29"},
    "pt": {"name": "Plain", "org": "acme", "extra_data": {"web": None}},
    "ot": {"name": "Plain"},
    "component": {"external_sku": "Radio", "type": "COM"},
}


@pytest.fixture
def description(describe):
    old = {**POD, "slug": "pod-v1-10-0", "version": "v1.10.0"}
    project = {"id": 4, "slug": "p-v1-0-0", "name": "P", "org": "acme", "version": "v1.0.0"}
    content = {
        **describe(),
        "device_templates": [old, POD],
        "components": [CHIP],
        "project_templates": [project],
    }
    content["devices"][0]["template"] = POD["slug"]
    return content


@pytest.fixture
def root(client_of):
    return client_of("root")


def test_record(client_of):
    """Everybody reads a template, whoever it belongs to."""
    assert client_of("eve").get("/dt/pod-v1-2-0/").json() == POD


def test_list_goes_by_name_and_number(ann):
    """Versions are listed by their numbers, not by their texts."""
    found = ann.get("/dt/").json()["results"]
    assert [template["slug"] for template in found] == ["pod-v1-2-0", "pod-v1-10-0"]


@pytest.mark.parametrize("path", ["dt/no/", "dt/no/slot/", "pt/no/", "ot/no/", "component/no/"])
def test_unknown(ann, path):
    """A template that is not there is 404."""
    assert ann.get(f"/{path}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/dt/"),
        ("PUT", "/dt/pod-v1-2-0/"),
        ("PATCH", "/dt/no/"),
        ("DELETE", "/dt/pod-v1-2-0/"),
        ("POST", "/dt/pod-v1-2-0/slot/"),
        ("POST", "/pt/"),
        ("POST", "/ot/"),
        ("POST", "/component/"),
    ],
)
def test_only_staff_write(ann, method, path):
    """Users are refused before anything else is looked at."""
    reply = ann.request(method, path, json={})
    assert (reply.status_code, reply.json()) == (403, DENIED)


@pytest.mark.parametrize(
    ("kind", "slug"),
    [
        ("dt", "new-podx-v1-2-3"),
        ("pt", "plain-v1-2-3"),
        ("ot", "plain-v1-2-3"),
        ("component", "radio-1-2-3"),
    ],
)
def test_create(root, kind, slug):
    """Staff make a template, whose version is written in parts and shown as one."""
    parts = {"major_version": 1, "minor_version": 2, "patch_version": 3}
    reply = root.post(f"/{kind}/", json={**NEW[kind], **parts})
    made = reply.json()
    assert reply.status_code == 201
    assert (made["slug"], made["version"]) == (slug, "v1.2.3")
    assert not made.keys() & parts.keys()
    assert root.get(f"/{kind}/{slug}/").json() == made


@pytest.mark.parametrize("kind", sorted(NEW))
def test_same_version_again(root, kind):
    """There is one template of each name and version."""
    assert root.post(f"/{kind}/", json=NEW[kind]).status_code == 201
    reply = root.post(f"/{kind}/", json=NEW[kind])
    assert reply.status_code == 400
    assert "must make a unique set" in reply.json()["non_field_errors"][0]


@pytest.mark.parametrize("day", ["2020-02-30", "2020-1", "now", 5, None])
def test_bad_day(root, day):
    """A day that the calendar does not have is 400."""
    reply = root.post("/dt/", json={**NEW["dt"], "released_on": day})
    assert (reply.status_code, list(reply.json())) == (400, ["released_on"])


def test_change_keeps_the_other_parts(root):
    """A PATCH of one part of a version leaves the others, and the slug."""
    shown = root.patch("/dt/pod-v1-2-0/", json={"minor_version": 9, "os_minor_version": 8}).json()
    assert shown == {**POD, "version": "v1.9.0", "os_version": "v3.8"}


def test_slots(ann):
    """The slots of a device template come in pages."""
    content = ann.get("/dt/pod-v1-2-0/slot/").json()
    assert (content["count"], content["results"]) == (1, POD["slots"])


def test_add_slot(root):
    """Staff put a component into a free slot; it tells the tag of the component."""
    body = {"number": 0, "component": "chip-1-0-0"}
    reply = root.post("/dt/pod-v1-2-0/slot/", json=body)
    assert (reply.status_code, reply.json()) == (201, {**body, "hw_tag": "chip_v1"})
    assert [slot["number"] for slot in root.get("/dt/pod-v1-2-0/").json()["slots"]] == [0, 1]


@pytest.mark.parametrize(
    ("number", "component", "wrong"), [(1, "chip-1-0-0", "number"), (2, "no", "component")]
)
def test_bad_slot(root, number, component, wrong):
    """A slot holds one component, which must be there."""
    reply = root.post("/dt/pod-v1-2-0/slot/", json={"number": number, "component": component})
    assert (reply.status_code, list(reply.json())) == (400, [wrong])


def test_delete(root):
    """A device whose template is deleted has none."""
    assert root.delete("/dt/pod-v1-2-0/").status_code == 204
    assert root.get("/device/d--000a/").json()["template"] is None
