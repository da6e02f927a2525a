"""Templates of properties, and their choices."""

from __future__ import annotations

import pytest


@pytest.fixture
def description(description):
    """The small cloud with one template."""
    template = {"org": "acme", "name": "Color", "type": "str", "enums": ["red", "green"]}
    return {**description, "property_templates": [template]}


def test_described_template_is_shown(ann):
    """A template of the description shows its choices, sorted."""
    (template,) = ann.get("/propertytemplate/").json()["results"]
    assert template["name"] == "Color"
    assert template["enums"] == ["green", "red"]
    assert template["default"] == ""


@pytest.mark.parametrize(
    ("query", "count"),
    [("org=acme", 1), ("org=other", 0), ("name=Color", 1), ("name=Size", 0)],
)
def test_filters(ann, query, count):
    """The list is narrowed by organisation and name."""
    assert ann.get(f"/propertytemplate/?{query}").json()["count"] == count


def test_unknown_org_is_not_found(ann):
    """An unknown organisation as filter is 404."""
    assert ann.get("/propertytemplate/?org=nope").status_code == 404


def test_template_is_made_and_changed(ann):
    """A manager makes a template and changes it."""
    made = ann.post("/propertytemplate/", json={"org": "acme", "name": "Size", "type": "int"})
    assert made.status_code == 201
    number = made.json()["id"]
    reply = ann.patch(f"/propertytemplate/{number}/", json={"default": "5", "extra": {"a": 1}})
    assert reply.json() == {
        "id": number,
        "org": "acme",
        "type": "int",
        "name": "Size",
        "default": "5",
        "enums": [],
        "extra": {"a": 1},
        "created_by": "ann",
    }


def test_choices_come_and_go(ann):
    """A choice is added once, listed, and removed by its value."""
    added = ann.post("/propertytemplate/1/enum/", json={"value": "blue"})
    again = ann.post("/propertytemplate/1/enum/", json={"value": "blue"})
    assert (added.status_code, again.status_code) == (201, 400)
    assert added.json() == {
        "id": 3,
        "org": "acme",
        "value": "blue",
        "template": 1,
        "created_by": "ann",
    }
    listed = ann.get("/propertytemplate/1/enum/").json()["results"]
    values = [choice["value"] for choice in listed]
    assert values == ["blue", "green", "red"]
    assert ann.delete("/propertytemplate/1/enum/", json={"value": "blue"}).status_code == 204
    assert ann.delete("/propertytemplate/1/enum/", json={"value": "blue"}).status_code == 404


def test_choices_come_in_pages(ann):
    """The choices are listed page by page, like every list that is not said to be plain."""
    content = ann.get("/propertytemplate/1/enum/?page_size=1").json()
    assert (content["count"], len(content["results"])) == (2, 1)
    assert "page=2" in content["next"]


def test_described_choice_is_by_the_maker_of_its_template(ann):
    """A choice of a description was made by whoever made its template."""
    template = ann.post("/propertytemplate/", json={"org": "acme", "name": "Size"}).json()
    described = ann.get("/propertytemplate/1/enum/").json()["results"]
    assert template["created_by"] == "ann"
    makers = {choice["created_by"] for choice in described}
    assert makers == {ann.get("/propertytemplate/1/").json()["created_by"]}


def test_delete_takes_the_choices_along(ann):
    """A removed template is gone, with its choices."""
    assert ann.delete("/propertytemplate/1/").status_code == 204
    assert ann.get("/propertytemplate/1/enum/").status_code == 404


def test_members_only_read(client_of):
    """A member reads templates and may not change them."""
    bob = client_of("bob")
    assert bob.get("/propertytemplate/1/").status_code == 200
    replies = [
        bob.post("/propertytemplate/", json={"org": "acme", "name": "N"}),
        bob.patch("/propertytemplate/1/", json={"name": "N"}),
        bob.delete("/propertytemplate/1/"),
        bob.post("/propertytemplate/1/enum/", json={"value": "x"}),
        bob.delete("/propertytemplate/1/enum/", json={"value": "red"}),
    ]
    assert [reply.status_code for reply in replies] == [403] * 5


@pytest.mark.parametrize("key", ["1", "99", "zzz", "9" * 30])
def test_stranger_finds_none(client_of, key):
    """Somebody else's template, and what is no number, is 404."""
    assert client_of("eve").get(f"/propertytemplate/{key}/").status_code == 404
