"""Variables: what their lists hold, and who makes and changes them."""

from __future__ import annotations

import pytest

ACME = "00000000-0000-4000-8000-000000000001"
OTHER = "00000000-0000-4000-8000-000000000002"
OWN = "v--0000-0001--5001"


def variable(lid, **more):
    return {"slug": f"v--0000-0000--{lid:04x}", "name": f"T {lid:x}", "lid": lid, **more}


@pytest.fixture
def description(description):
    """The small cloud with two variables outside of projects, one of them of nobody."""
    description["variables"] += [
        variable(0x6001, project=None, org="acme"),
        variable(0x6002, project=None, org=None),
    ]
    return description


def test_variable_create(client_of):
    """Any user makes a variable in any project; units are written as slugs, read as objects."""
    body = {"name": "V", "lid": 0x5100, "project": OTHER, "output_unit": "out--temp--celsius"}
    reply = client_of("bob").post("/variable/", json=body)
    assert (reply.status_code, reply.json()["slug"]) == (201, "v--0000-0002--5100")
    assert reply.json()["output_unit"]["o"] == -273.15


@pytest.mark.parametrize("value", [-1, 65536, "x", 1.5, None, True, 10**40])
def test_variable_lid_has_16_bits(ann, value):
    """A variable's number fits 16 bits."""
    body = {"name": "V", "lid": value, "project": ACME}
    reply = ann.post("/variable/", json=body)
    assert reply.status_code == 400
    assert list(reply.json()) == ["lid"]


@pytest.mark.parametrize(
    ("query", "lids"),
    [
        ({}, [0x6001, 0x5001, 0x5002, 0x5003]),
        ({"project": ACME}, [0x6001, 0x5001, 0x5002, 0x5003]),
        ({"project": "p--0000-0001"}, [0x5001, 0x5002, 0x5003]),
        ({"project": "p--0001"}, [0x5001, 0x5002, 0x5003]),
        ({"project": OTHER}, [0x6001]),
        ({"project": "zzz"}, []),
        ({"org": "acme", "project": "p--0001"}, [0x5001, 0x5002, 0x5003]),
        ({"org": "other"}, []),
        ({"search": "E 5002"}, [0x5002]),
        ({"include_templates": "1"}, [0x6001, 0x6002, 0x5001, 0x5002, 0x5003]),
    ],
)
def test_filters(ann, query, lids):
    """Arguments narrow the list; a project's UUID keeps what has no project."""
    rows = ann.get("/variable/", params=query).json()["results"]
    assert [row["lid"] for row in rows] == lids


def test_unknown_organisation_is_404(ann):
    """An organisation that is not there is 404."""
    assert ann.get("/variable/", params={"org": "zzz"}).status_code == 404


def test_operators_change_variables(client_of):
    """Whoever belongs to the organisation may change its variables."""
    body = {"about": "x", "multiplication_factor": 2, "output_unit": "out--temp--celsius"}
    changed = client_of("olga").patch(f"/variable/{OWN}/", json=body)
    assert changed.status_code == 200
    assert changed.json()["output_unit"]["unit_short"] == "C"


@pytest.mark.parametrize(("who", "status"), [("eve", 403), ("off", 401)])
def test_others_do_not(client_of, who, status):
    """Nobody else may."""
    assert client_of(who).patch(f"/variable/{OWN}/", json={}).status_code == status


def test_a_variable_does_not_move_to_a_foreign_project(ann):
    """A variable moves only to a project of the caller's own."""
    assert ann.patch(f"/variable/{OWN}/", json={"project": OTHER}).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"input_unit": "zzz"}, "input_unit"),
        ({"multiplication_factor": 1 << 31}, "multiplication_factor"),
        ({"decimal_places": "x"}, "decimal_places"),
        ({"var_type": "zzz"}, "var_type"),
        ({"about": "x" * 61}, "about"),
    ],
)
def test_bad_changes(ann, body, field):
    """A value that does not fit is refused by field."""
    reply = ann.patch(f"/variable/{OWN}/", json=body)
    assert (reply.status_code, list(reply.json())) == (400, [field])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/variable/", {"name": "V", "lid": 0x5002, "project": ACME}),
        ("PATCH", f"/variable/{OWN}/", {"lid": 0x5002}),
    ],
)
def test_numbers_of_a_project_are_unique(ann, method, path, body):
    """A project has one variable of each number."""
    reply = ann.request(method, path, json=body)
    text = "The fields project, lid must make a unique set."
    assert (reply.status_code, reply.json()) == (400, {"non_field_errors": [text]})


def test_type_of_a_variable(ann):
    """A variable's type is the record of /vartype/; without one it is empty."""
    assert ann.get(f"/variable/{OWN}/type/").json() == ann.get("/vartype/temp/").json()
    empty = {"name": "", "stream_data_type": None, "storage_units_full": ""}
    assert ann.get("/variable/v--0000-0000--6001/type/").json() == empty


def test_only_staff_delete(ann, client_of):
    """A user's DELETE is 400; of staff it leaves nothing."""
    assert ann.delete(f"/variable/{OWN}/").status_code == 400
    gone = client_of("root").delete(f"/variable/{OWN}/")
    assert (gone.status_code, gone.headers.get("Content-Type")) == (204, None)
    assert ann.get(f"/variable/{OWN}/").status_code == 404
