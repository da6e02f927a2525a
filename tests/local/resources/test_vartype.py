"""Variable types: read by everybody, written by nobody."""

from __future__ import annotations

import pytest


def test_types_are_for_everybody(client_of):
    """Every user sees every type, by the fields that the server publishes."""
    (kind,) = client_of("eve").get("/vartype/").json()["results"]
    assert list(kind) == [
        "name",
        "slug",
        "available_input_units",
        "available_output_units",
        "stream_data_type",
        "decoder",
        "schema",
        "storage_units_full",
        "storage_units_short",
    ]
    assert client_of("eve").get("/vartype/temp/").json() == kind


def test_unknown_type_is_404(ann):
    """A type that is not there is 404."""
    assert ann.get("/vartype/zzz/").status_code == 404


@pytest.mark.parametrize("who", ["ann", "root"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/vartype/"), ("PATCH", "/vartype/temp/")])
def test_types_are_not_written(client_of, who, method, path):
    """Nobody adds or changes a type here."""
    assert client_of(who).request(method, path, json={"name": "x"}).status_code == 403


def test_a_sparse_description_is_completed(description, request):
    """A described type needs only a name and a slug."""
    description["vartypes"].append({"name": "Bare", "slug": "bare"})
    kind = request.getfixturevalue("ann").get("/vartype/bare/").json()
    assert kind["available_input_units"] == []
    assert kind["storage_units_short"] == ""
