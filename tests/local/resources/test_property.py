"""Properties of devices, projects and data blocks."""

from __future__ import annotations

import pytest

DEVICE = "d--0000-0000-0000-000a"
FOREIGN = "d--0000-0000-0000-000c"
ONE_VALUE = ["Only one of int_value, str_value, or bool_value can be used"]


@pytest.fixture
def color(ann):
    """The id of a property of the device."""
    body = {"name": "Color", "str_value": "red"}
    return ann.post(f"/device/{DEVICE}/new_property/", json=body).json()["id"]


@pytest.mark.parametrize(
    ("value", "shown", "kind"),
    [
        ({"int_value": -7}, -7, "int"),
        ({"str_value": ""}, "", "str"),
        ({"bool_value": False}, False, "bool"),
    ],
)
def test_value_keeps_its_type(ann, value, shown, kind):
    """A property shows the value as it was given, and its type."""
    ann.post("/property/", json={"target": DEVICE, "name": "P", **value})
    (found,) = ann.get(f"/property/?target={DEVICE}").json()["results"]
    assert (found["value"], found["type"]) == (shown, kind)


def test_create_answers_without_id(ann):
    """The answer to a POST has no id: only the list tells it."""
    reply = ann.post("/property/", json={"target": DEVICE, "name": "P", "int_value": 5})
    assert reply.status_code == 201
    assert reply.json() == {"target": DEVICE, "name": "P", "is_system": False, "value": 5}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"int_value": 1, "str_value": "a"}, {"non_field_errors": ONE_VALUE}),
        ({}, {"non_field_errors": ONE_VALUE}),
        ({"int_value": 1 << 31}, {"int_value"}),
        ({"int_value": None}, {"int_value"}),
        ({"name": "x" * 41, "int_value": 1}, {"name"}),
        ({"target": "p--0000-0099", "int_value": 1}, {"target"}),
        ({"target": "s--0000-0001--0000-0000-0000-000a--5001", "int_value": 1}, {"target"}),
    ],
)
def test_bad_property_is_refused(ann, body, errors):
    """A property with no one value, or an unknown target, is 400 and says why."""
    reply = ann.post("/property/", json={"target": DEVICE, "name": "P", **body})
    assert reply.status_code == 400
    assert reply.json() == errors or set(reply.json()) == errors


def test_name_is_unique_per_target(ann, color):
    """A second property of the same name is 400; on another target it is fine."""
    again = ann.post("/property/", json={"target": DEVICE, "name": "Color", "int_value": 1})
    other = ann.post("/property/", json={"target": "p--0000-0001", "name": "Color", "int_value": 1})
    assert again.status_code == 400
    assert again.json() == {"non_field_errors": ["The fields target, name must make a unique set."]}
    assert other.status_code == 201


@pytest.mark.parametrize("target", ["", "zzz", "s--0000-0001--0000-0000-0000-000a--5001"])
def test_list_needs_a_target(ann, target):
    """Without a project, device or block as target the list is 406."""
    assert ann.get(f"/property/?target={target}").status_code == 406


@pytest.mark.parametrize("target", [FOREIGN, "d--0000-0000-0000-0fff", "p--0000-0002"])
def test_list_of_a_foreign_target_is_refused(ann, target):
    """Somebody else's target, or an unknown one, is 403."""
    assert ann.get(f"/property/?target={target}").status_code == 403


def test_patch_changes_value_and_type(ann, color):
    """A PATCH takes another value, of another type too, and keeps the name."""
    reply = ann.patch(f"/property/{color}/", json={"int_value": 3})
    assert reply.json() == {"target": DEVICE, "name": "Color", "is_system": False, "value": 3}
    assert ann.get(f"/property/{color}/").json()["type"] == "int"


def test_patch_needs_a_value(ann, color):
    """A PATCH without a value is 400 and changes nothing."""
    reply = ann.patch(f"/property/{color}/", json={"name": "Other"})
    assert (reply.status_code, reply.json()) == (400, {"non_field_errors": ONE_VALUE})
    assert ann.get(f"/property/{color}/").json()["name"] == "Color"


def test_put_replaces_everything(ann, color):
    """A PUT may rename a property and move it to another target."""
    body = {"target": "p--0000-0001", "name": "Colour", "str_value": "blue", "is_system": True}
    assert ann.put(f"/property/{color}/", json=body).status_code == 200
    shown = ann.get(f"/property/{color}/").json()
    assert shown == {
        "id": color,
        "name": "Colour",
        "value": "blue",
        "type": "str",
        "is_system": True,
        "target": "p--0000-0001",
    }


def test_put_without_is_system_makes_it_false(ann):
    """A PUT that does not say `is_system` sets it back; a PATCH leaves it."""
    body = {"target": DEVICE, "name": "P", "int_value": 1}
    ann.post("/property/", json={**body, "is_system": True})
    (found,) = ann.get(f"/property/?target={DEVICE}").json()["results"]
    path = f"/property/{found['id']}/"
    assert ann.patch(path, json={"int_value": 2}).json()["is_system"] is True
    assert ann.put(path, json=body).json()["is_system"] is False


def test_property_does_not_move_to_a_foreign_target(ann, color):
    """Nobody gives a property to somebody else's device."""
    reply = ann.patch(f"/property/{color}/", json={"target": FOREIGN, "str_value": "x"})
    assert reply.status_code == 403


def test_delete_removes(ann, color):
    """A removed property is gone."""
    assert ann.delete(f"/property/{color}/").status_code == 204
    assert ann.get(f"/property/{color}/").status_code == 404


@pytest.mark.parametrize("user", ["olga", "eve"])
def test_property_is_not_for_everybody(client_of, color, user):
    """Operators and strangers get 403 for a property, its target's list and its making."""
    client = client_of(user)
    body = {"target": DEVICE, "name": "Q", "int_value": 1}
    replies = [
        client.get(f"/property/{color}/"),
        client.delete(f"/property/{color}/"),
        client.get(f"/property/?target={DEVICE}"),
        client.post("/property/", json=body),
        client.get(f"/device/{DEVICE}/properties/"),
        client.post(f"/device/{DEVICE}/new_property/", json=body),
    ]
    assert [reply.status_code for reply in replies] == [403] * 6


def test_new_property_replaces(ann, color):
    """`new_property` of a name that is there puts the new value in its place."""
    reply = ann.post(f"/device/{DEVICE}/new_property/", json={"name": "Color", "bool_value": True})
    assert reply.status_code == 201
    expected = {"id": color, "name": "Color", "value": True, "type": "bool", "is_system": False}
    assert reply.json() == expected
    assert ann.get(f"/device/{DEVICE}/properties/").json() == [expected]


@pytest.mark.parametrize("values", [{}, {"int_value": 1, "bool_value": True}])
def test_new_property_wants_one_value(ann, values):
    """`new_property` without one value is 400 with a bare text."""
    reply = ann.post(f"/device/{DEVICE}/new_property/", json={"name": "C", **values})
    assert reply.status_code == 400
    assert reply.json() == "Only one of int_value,str_value,bool_value can be used"


def test_properties_are_sorted_by_name(ann):
    """The plain list of properties is in the order of their names."""
    for name in ("b", "@a", "C"):
        ann.post(f"/device/{DEVICE}/new_property/", json={"name": name, "int_value": 1})
    names = [prop["name"] for prop in ann.get(f"/device/{DEVICE}/properties/").json()]
    assert names == ["@a", "C", "b"]


def test_properties_of_a_short_slug_are_empty(ann, color):
    """A device's short slug finds the device, but none of its properties."""
    assert ann.get("/device/d--000a/properties/").json() == []
