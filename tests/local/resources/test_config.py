"""Configuration: names, attributes, and the search from a device upwards."""

from __future__ import annotations

import pytest

DEVICE = "d--0000-0000-0000-000a"
NAME = ":units"


@pytest.fixture
def description(description):
    """The small cloud with two names, and an attribute on the organisation."""
    names = [{"name": ":other"}, {"name": NAME, "tags": ["a", "b"]}]
    attribute = {"target": "^acme", "name": NAME, "data": {"of": "org"}}
    return {**description, "config_names": names, "config_attrs": [attribute]}


def attribute(target, of="x", name=NAME):
    return {"target": target, "name": name, "data": {"of": of}}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", [":other", NAME]),
        ("?name=:units", [NAME]),
        ("?name=:unit", []),
        ("?name_q=UNIT", [NAME]),
        ("?tag=b", [NAME]),
        ("?tag=c", []),
    ],
)
def test_names_are_listed(ann, query, names):
    """Everybody lists the names, narrowed by name, part of a name, or tag."""
    found = ann.get(f"/config/name/{query}").json()["results"]
    assert [row["name"] for row in found] == names


def test_staff_write_names(client_of):
    """Staff make, change and remove names; a name is there once."""
    root = client_of("root")
    made = root.post("/config/name/", json={"name": ":new", "tags": ["t"]})
    again = root.post("/config/name/", json={"name": ":new"})
    assert (made.status_code, again.status_code) == (201, 400)
    path = f"/config/name/{made.json()['id']}/"
    assert root.patch(path, json={"description": "d"}).json()["tags"] == ["t"]
    assert root.delete(path).status_code == 204
    assert root.get(path).status_code == 404


def test_users_do_not_write_names(ann):
    """For users, names are read-only."""
    replies = [
        ann.post("/config/name/", json={"name": ":n"}),
        ann.patch("/config/name/1/", json={"name": ":n"}),
        ann.delete("/config/name/1/"),
    ]
    assert [reply.status_code for reply in replies] == [403] * 3


def test_attributes_follow_their_name(client_of, ann):
    """A renamed name renames its attributes; a removed one takes them along."""
    root = client_of("root")
    root.patch("/config/name/2/", json={"name": ":unit"})
    (found,) = ann.get("/config/attr/?target=^acme").json()["results"]
    assert found["name"] == ":unit"
    root.delete("/config/name/2/")
    assert ann.get("/config/attr/?target=^acme").json()["count"] == 0


def test_attribute_is_made_then_overwritten(ann, clock):
    """A second POST for the same target and name puts the new data in place of the old."""
    first = ann.post("/config/attr/", json=attribute(DEVICE, "first"))
    clock[0] += 60
    second = ann.post("/config/attr/", json=attribute(DEVICE, "second"))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert second.json()["data"] == {"of": "second"}
    assert first.json()["updated_on"] < second.json()["updated_on"]


def test_attribute_is_logged_as_a_note(ann):
    """With `log_as_note` the target gets a note of it."""
    ann.post("/config/attr/", json={**attribute(DEVICE), "log_as_note": True})
    (note,) = ann.get(f"/note/?target={DEVICE}").json()["results"]
    assert NAME in note["note"]


@pytest.mark.parametrize("method", ["put", "patch"])
def test_attribute_is_not_updated(ann, method):
    """PUT and PATCH are refused: a POST overwrites."""
    reply = getattr(ann, method)("/config/attr/1/", json={"data": {}})
    assert (reply.status_code, list(reply.json())) == (400, ["error"])


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (DEVICE, 201),
        ("p--0000-0001", 201),
        ("^acme", 201),
        ("@ann", 201),
        ("@bob", 403),
        ("^other", 403),
        ("d--0000-0000-0000-000c", 403),
        ("d--0000-0000-0000-0fff", 403),
        ("zzz", 403),
    ],
)
def test_who_may_write_where(ann, target, status):
    """A manager writes on what is the organisation's, everybody on himself."""
    assert ann.post("/config/attr/", json=attribute(target)).status_code == status


def test_member_writes_on_devices_only(client_of):
    """A member may change a device, but not the organisation."""
    bob = client_of("bob")
    replies = [bob.post("/config/attr/", json=attribute(t)) for t in (DEVICE, "^acme")]
    assert [reply.status_code for reply in replies] == [201, 403]


def test_unknown_name_is_refused(ann):
    """An attribute needs a name that is known."""
    reply = ann.post("/config/attr/", json=attribute(DEVICE, name=":nope"))
    assert (reply.status_code, list(reply.json())) == (400, ["name"])


def test_list_needs_a_target(ann):
    """Without a target the list is 400."""
    reply = ann.get("/config/attr/")
    assert (reply.status_code, reply.json()) == (400, {"target": ["This field is required."]})


def test_foreign_attributes_are_hidden(client_of):
    """A stranger's list is empty, and the attribute itself is 403."""
    eve = client_of("eve")
    assert eve.get("/config/attr/?target=^acme").json()["count"] == 0
    assert eve.get("/config/attr/1/").status_code == 403
    assert eve.delete("/config/attr/1/").status_code == 403


def test_delete_removes(ann):
    """A removed attribute is gone."""
    assert ann.delete("/config/attr/1/").status_code == 204
    assert ann.get("/config/attr/1/").status_code == 404


def test_search_climbs_from_device_to_user(ann):
    """The nearest place that has the attribute answers: device, project, organisation, user."""

    def found():
        reply = ann.get(f"/config/attr/search/?target={DEVICE}&name=:other")
        return reply.json()["target"] if reply.ok else reply.status_code

    seen = [found()]
    for target in ("@ann", "^acme", "p--0000-0001", DEVICE):
        ann.post("/config/attr/", json=attribute(target, name=":other"))
        seen.append(found())
    assert seen == [404, "@ann", "^acme", "p--0000-0001", DEVICE]


@pytest.mark.parametrize(
    ("query", "status"),
    [(f"target={DEVICE}", 400), ("name=:units", 400), ("target=^other&name=:units", 403)],
)
def test_search_is_refused(ann, query, status):
    """A search without target or name is 400, of somebody else's target 403."""
    assert ann.get(f"/config/attr/search/?{query}").status_code == status
