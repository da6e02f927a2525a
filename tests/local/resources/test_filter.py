"""Stream filters: their slugs, and the states, transitions, triggers and actions in them."""

from __future__ import annotations

import pytest

BODY = {
    "name": "Hot",
    "project": "p--0000-0001",
    "variable": "v--0000-0001--5001",
    "device": "d--0000-0000-0000-000a",
}
SLUG = "f--0000-0001--0000-0000-0000-000a--5001"
PARTS = ("state", "transition", "trigger", "action")


@pytest.fixture
def path(ann):
    """The path of a filter with two states and one transition."""
    assert ann.post("/filter/", json=BODY).status_code == 201
    path = f"/filter/{SLUG}/"
    for label in ("low", "High Up"):
        assert ann.post(f"{path}state/", json={"label": label}).status_code == 201
    move = {"src": 1, "dst": 2, "triggers": [{"operator": "gt", "user_threshold": 5}]}
    assert ann.post(f"{path}transition/", json=move).status_code == 201
    return path


def test_slug_of_a_device_filter(ann, path):
    """A filter on one device has the slug of the stream, and names it."""
    shown = ann.get(path).json()
    assert (shown["slug"], shown["input_stream"]) == (SLUG, "s" + SLUG[1:])


def test_slug_of_a_project_filter(ann):
    """A filter on all devices has an empty middle, and no stream."""
    body = {name: text for name, text in BODY.items() if name != "device"}
    shown = ann.post("/filter/", json=body).json()
    assert (shown["slug"], shown["input_stream"]) == ("f--0000-0001----5001", None)


def test_one_filter_a_stream(ann, path):
    """A stream has one filter."""
    reply = ann.post("/filter/", json=BODY)
    assert reply.status_code == 400
    assert reply.json() == {"non_field_errors": ["Filter for this stream already exists"]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"variable": "v--0000-0002--5001"}, "variable"),
        ({"device": "d--0000-0000-0000-000c"}, "device"),
        ({"project": "p--0000-0009"}, "project"),
        ({"name": "n" * 51}, "name"),
    ],
)
def test_bad_filters(ann, change, field):
    """A filter's variable and device are of its project, and its texts fit."""
    reply = ann.post("/filter/", json={**BODY, **change})
    assert (reply.status_code, list(reply.json())) == (400, [field])


def test_a_filter_stays_with_its_stream(ann, path):
    """A filter can be renamed, but not moved."""
    assert ann.patch(path, json={"name": "Warm"}).json()["name"] == "Warm"
    reply = ann.patch(path, json={"variable": "v--0000-0001--5002"})
    assert (reply.status_code, list(reply.json())) == (400, ["variable"])


def test_foreign_filters(client_of, path):
    """A filter of another organisation is 403, and not listed."""
    eve = client_of("eve")
    assert eve.get("/filter/").json()["count"] == 0
    assert eve.get(path).status_code == 403
    assert eve.get(f"{path}state/").status_code == 403


@pytest.mark.parametrize("part", PARTS)
def test_operators_only_look(client_of, path, part):
    """Whoever may not change streams may not change filters."""
    olga = client_of("olga")
    assert olga.get(path).status_code == 200
    assert olga.post(f"{path}{part}/", json={}).status_code == 403


def test_states_stand_in_order_of_their_slugs(ann, path):
    """A state gets a slug from its label; lists are sorted by it."""
    found = ann.get(f"{path}state/").json()
    assert [(state["id"], state["slug"]) for state in found] == [(2, "high-up"), (1, "low")]
    assert ann.get(path).json()["states"] == found


def test_a_label_stands_once(ann, path):
    """Two states of one filter have different labels."""
    assert ann.post(f"{path}state/", json={"label": "LOW"}).status_code == 400


def test_states_change_and_go_by_id_or_label(ann, path):
    """A state is named by its id or its label."""
    renamed = ann.put(f"{path}state/", json={"id": 1, "label": "cold"})
    assert renamed.json() == {"id": 1, "label": "cold", "actions": []}
    gone = ann.delete(f"{path}state/", json={"label": "cold"})
    assert (gone.status_code, gone.headers["Content-Type"]) == (204, "application/json")
    assert [state["id"] for state in ann.get(f"{path}state/").json()] == [2]


def test_a_transition_brings_its_triggers(ann, path):
    """The triggers of a transition may come with it, and are listed in it and by themselves."""
    (move,) = ann.get(f"{path}transition/").json()
    (trigger,) = ann.get(f"{path}trigger/").json()
    assert (move["src"], move["dst"], move["triggers"]) == (1, 2, [trigger])
    assert trigger["get_operator_display"] == "Greater than (>)"
    assert trigger["threshold"] == trigger["user_threshold"] == 5.0


def test_a_trigger_is_added_to_a_transition(ann, path):
    """A trigger names its transition, which is not shown."""
    (move,) = ann.get(f"{path}transition/").json()
    body = {"operator": "lt", "user_threshold": 1, "transition": move["id"]}
    made = ann.post(f"{path}trigger/", json=body)
    assert (made.status_code, made.json()["operator"]) == (201, "lt")
    assert "transition" not in made.json()
    assert len(ann.get(path).json()["transitions"][0]["triggers"]) == 2


def test_actions_belong_to_a_state(ann, path):
    """An action is added to a state, shown in it, and removed by its id."""
    made = ann.post(f"{path}action/", json={"type": "eml", "state": 1}).json()
    assert made == {"id": 1, "type": "eml", "on": "entry", "extra_payload": None, "state": 1}
    assert ann.get(f"{path}state/").json()[1]["actions"] == [made]
    assert ann.get(f"{path}action/").status_code == 405
    assert ann.delete(f"{path}action/", json={"id": 1}).status_code == 204
    assert ann.get(f"{path}state/").json()[1]["actions"] == []


@pytest.mark.parametrize(
    ("part", "body", "field"),
    [
        ("transition", {"src": 9}, "src"),
        ("transition", {"src": "x"}, "src"),
        ("transition", {"triggers": "x"}, "triggers"),
        ("transition", {"triggers": [{"operator": "zz"}]}, "triggers"),
        ("trigger", {"operator": "gt"}, "transition"),
        ("trigger", {"operator": "gt", "transition": "x"}, "transition"),
        ("trigger", {}, "operator"),
        ("action", {"type": "eml", "state": 9}, "state"),
        ("action", {"type": "zzz", "state": 1}, "type"),
        ("state", [], "non_field_errors"),
    ],
)
def test_bad_parts(ann, path, part, body, field):
    """A part that does not fit is refused, and the answer names the field."""
    reply = ann.post(f"{path}{part}/", json=body)
    assert reply.status_code == 400
    assert field in reply.json()


@pytest.mark.parametrize(
    ("body", "status"), [({}, 400), ([], 400), ({"id": 9}, 404), ({"id": {}}, 404)]
)
def test_a_part_must_be_named(ann, path, body, status):
    """A part to remove is named and there."""
    assert ann.delete(f"{path}state/", json=body).status_code == status


def test_a_filter_takes_its_parts_along(ann, path):
    """With a filter all its parts are removed."""
    assert ann.delete(path).status_code == 204
    shown = ann.post("/filter/", json=BODY).json()
    assert (shown["states"], shown["transitions"]) == ([], [])


def test_a_described_filter(description, request):
    """A description may hold filters with their parts; numbers go on after its own."""
    state = {"id": 3, "label": "a", "slug": "a"}
    description["filters"] = [{"id": 7, "slug": SLUG, **BODY, "states": [state]}]
    ann = request.getfixturevalue("ann")
    assert ann.get(f"/filter/{SLUG}/state/").json() == [{**state, "actions": []}]
    assert ann.post(f"/filter/{SLUG}/state/", json={"label": "b"}).json()["id"] == 4
