"""What OPTIONS tells about a route."""

from __future__ import annotations


def test_listing_tells_the_fields_of_a_post(ann):
    """The metadata of a listing names the forms and the fields, each with its type."""
    told = ann.options("/org/").json()
    assert told["renders"] == ["application/json", "text/html"]
    assert told["parses"][0] == "application/json"
    name = told["actions"]["POST"]["name"]
    assert (name["type"], name["required"], name["max_length"]) == ("string", True, 50)
    assert told["actions"]["POST"]["created_by"]["read_only"] is True


def test_record_tells_the_fields_of_a_put(ann):
    """The metadata of a record has the fields that PUT takes."""
    assert "label" in ann.options("/device/d--0000-0000-0000-000a/").json()["actions"]["PUT"]


def test_route_without_writing_tells_no_actions(ann):
    """What cannot be written has no actions."""
    assert "actions" not in ann.options("/server/").json()
