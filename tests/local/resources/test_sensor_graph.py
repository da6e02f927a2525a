"""Sensor graphs, and what is in them."""

from __future__ import annotations

import pytest

METER = {
    "id": 4,
    "name": "Meter",
    "slug": "meter-v1-2-3",
    "org": "acme",
    "project_template": None,
    "variable_templates": [],
    "display_widget_templates": [],
    "ui_extra": {"web": {}},
    "report_processing_engine_ver": 2,
    "major_version": 1,
    "minor_version": 2,
    "patch_version": 3,
    "version": "v1.2.3",
    "app_tag": 9,
    "app_major_version": 4,
    "app_version": "v4.5",
    "created_on": "2020-01-01T00:00:00Z",
}
VARIABLE = {"sg": "meter-v1-2-3", "label": "Flow", "lid_hex": "5A", "var_type": "temp"}


@pytest.fixture
def description(describe):
    content = describe()
    content["sensor_graphs"].append(METER)
    content["devices"].append({**content["devices"][0], "id": 16, "sg": METER["slug"]})
    content["devices"][-1]["slug"] = "d--0000-0000-0000-0010"
    return content


@pytest.fixture
def root(client_of):
    return client_of("root")


@pytest.mark.parametrize("path", ["/sg/meter-v1-2-3/", "/device/d--0010/sg/"])
def test_record(ann, path):
    """A sensor graph is shown alike by itself and by its device."""
    assert ann.get(path).json() == METER


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("org__slug=acme", ["meter-v1-2-3"]),
        ("org__slug=zzz", []),
        ("slug=old-v1", ["old-v1"]),
        ("created_by=1", []),
    ],
)
def test_list(ann, query, slugs):
    """A list is narrowed by its arguments."""
    assert [graph["slug"] for graph in ann.get(f"/sg/?{query}").json()["results"]] == slugs


def test_sparse_description(ann):
    """A sensor graph of which little is said is shown with the defaults."""
    shown = ann.get("/sg/old-v1/").json()
    assert (shown["version"], shown["minor_version"], shown["app_tag"]) == ("v0.0.0", 0, 0)


@pytest.mark.parametrize("path", ["sg/", "sg/meter-v1-2-3/property/", "vartemplate/", "widget/"])
def test_only_staff_write(ann, path):
    """Users are refused before anything else is looked at."""
    assert ann.post(f"/{path}", json={}).status_code == 403


def test_create_and_change(root):
    """Staff make a sensor graph, whose version they see in parts too."""
    made = root.post("/sg/", json={"name": "New", "org": "acme", "major_version": 2}).json()
    assert (made["slug"], made["version"], made["major_version"]) == ("new-v2-0-0", "v2.0.0", 2)
    changed = root.patch("/sg/new-v2-0-0/", json={"patch_version": 1, "app_minor_version": 3})
    assert changed.json() == {
        **made,
        "version": "v2.0.1",
        "patch_version": 1,
        "app_version": "v0.3",
    }
    assert root.get("/sg/?created_by=5").json()["count"] == 1


def test_properties(root, ann):
    """Staff set the properties of a sensor graph, which everybody reads."""
    body = {"name": "Colour", "str_value": "red"}
    for colour in ("red", "blue"):
        reply = root.post("/sg/meter-v1-2-3/property/", json={**body, "str_value": colour})
        assert reply.status_code == 201
    content = ann.get("/sg/meter-v1-2-3/property/").json()
    assert [found["value"] for found in content["results"]] == ["blue"]


@pytest.mark.parametrize("path", ["vartemplate", "widget"])
def test_parts_are_only_written(ann, path):
    """The templates in a sensor graph are not listed by themselves."""
    reply = ann.get(f"/{path}/")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "POST, HEAD, OPTIONS")


def test_add_variable(root):
    """A variable is added to a sensor graph with its units and its full number."""
    unit = {"default_input_unit": "in--temp--millikelvin"}
    reply = root.post("/vartemplate/", json={**VARIABLE, **unit})
    assert reply.status_code == 201
    made = reply.json()
    assert made == {
        "id": 1,
        "label": "Flow",
        "lid_hex": "005a",
        "derived_lid_hex": "",
        "var_type": "temp",
        **unit,
        "default_output_unit": None,
        "ctype": "unsigned int",
        "m": 1,
        "d": 1,
        "o": 0.0,
        "app_only": False,
        "web_only": False,
    }
    assert root.get("/sg/meter-v1-2-3/").json()["variable_templates"] == [made]


def test_widgets_go_by_variable(root):
    """Widgets are kept in the order of their variables."""
    for lid in ("5002", "5001"):
        body = {"sg": "meter-v1-2-3", "lid_hex": lid}
        assert root.post("/widget/", json=body).status_code == 201
    shown = root.get("/sg/meter-v1-2-3/").json()["display_widget_templates"]
    assert [(widget["id"], widget["lid_hex"]) for widget in shown] == [(2, "5001"), (1, "5002")]


@pytest.mark.parametrize(
    ("field", "value"),
    [("sg", "no"), ("lid_hex", "xyz"), ("var_type", "no"), ("default_input_unit", "no")],
)
def test_bad_variable(root, field, value):
    """What a variable names must be there, and its number a hexadecimal one."""
    reply = root.post("/vartemplate/", json={**VARIABLE, field: value})
    assert (reply.status_code, list(reply.json())) == (400, [field])
