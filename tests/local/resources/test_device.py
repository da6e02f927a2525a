"""What can be asked of a device, and who may ask it."""

from __future__ import annotations

import pytest

ACME = "00000000-0000-4000-8000-000000000001"
OTHER = "00000000-0000-4000-8000-000000000002"
DEVICE = "d--0000-0000-0000-000a"
TEMPLATE = {"slug": "pod-v1", "name": "Pod"}


@pytest.fixture
def description(describe):
    content = describe()
    content["device_templates"] = [TEMPLATE]
    return content


def detail(reply):
    return reply.status_code, reply.json()["detail"]


def short(reply):
    """The last group of every slug, which is enough to tell devices apart."""
    assert reply.status_code == 200, reply.text
    return [row["slug"][-4:] for row in reply.json()["results"]]


@pytest.mark.parametrize("key", [DEVICE, "d--000a", "d--0000-000a", "b--0001-0000-0000-000a"])
def test_device_by_any_slug(ann, key):
    """A device answers to short slugs, and to the slug of its data block."""
    assert ann.get(f"/device/{key}/").json()["slug"] == DEVICE


def test_device_slug_is_lower_case(ann):
    """Upper case names nothing."""
    assert ann.get("/device/D--000A/").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["000a", "000e", "000f"]),
        ("all=1", ["000a", "000b", "000e", "000f"]),
        ("project=p--0001", ["000a", "000e", "000f"]),
        (f"project={ACME}", ["000a", "000e", "000f"]),
        (f"project={OTHER}", []),
        ("project=zzz", []),
        ("external_id=EXT", ["000a"]),
        ("sg=old-v1", ["000f"]),
        ("org__slug=acme", ["000a", "000e", "000f"]),
        ("org=nope", ["000a", "000e", "000f"]),
        ("property=x", []),
    ],
)
def test_device_filters(ann, query, found):
    """Devices are listed and narrowed as the contract says."""
    assert short(ann.get(f"/device/?{query}")) == found


def test_staff_may_read_a_foreign_device(client_of):
    """Staff pass the check of a device that they name."""
    assert client_of("root").get(f"/device/{DEVICE}/").status_code == 200


def test_device_patch(ann):
    """A device takes what may be written, in the server's form."""
    body = {"label": "L", "lat": "1.5", "lon": 2.25, "slug": "x", "state": "N0"}
    content = ann.patch("/device/d--000a/", json=body).json()
    assert (content["label"], content["slug"]) == ("L", DEVICE)
    assert (content["lat"], content["lon"]) == ("1.500000", "2.250000")
    assert content["active"] is False


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("lat", "1.2345678", "Ensure that there are no more than 6 decimal places."),
        ("lat", 1000, "Ensure that there are no more than 3 digits before the decimal point."),
        ("lat", "north", "A valid number is required."),
        ("lat", "NaN", "A valid number is required."),
        ("active", "maybe", "Must be a valid boolean."),
        ("state", "X", '"X" is not a valid choice.'),
        ("sg", "nope", "Object with slug=nope does not exist."),
        ("project", "p", "\u201cp\u201d is not a valid UUID."),
        ("external_id", "x" * 25, "Ensure this field has no more than 24 characters."),
    ],
)
def test_device_patch_refused(ann, field, value, text):
    """A value that does not fit its field is refused in the server's words."""
    reply = ann.patch("/device/d--000a/", json={field: value})
    assert (reply.status_code, reply.json()) == (400, {field: [text]})


def test_operator_does_not_change_devices(client_of):
    """An operator reads a device but may not change it."""
    olga = client_of("olga")
    assert olga.get("/device/d--000a/").status_code == 200
    assert olga.patch("/device/d--000a/", json={"label": "x"}).status_code == 403


def test_device_does_not_move_to_a_foreign_project(ann):
    """A device moves only to a project that its owner may change."""
    assert ann.patch("/device/d--000a/", json={"project": OTHER}).status_code == 403


def test_device_follows_its_project(client_of):
    """The organisation of a device is that of its project."""
    content = client_of("root").patch("/device/d--000a/", json={"project": OTHER}).json()
    assert (content["project"], content["org"]) == (OTHER, "other")


def test_device_create_is_refused(ann):
    """Devices are made by the vendor."""
    assert ann.post("/device/", json={}).json() == {"error": "Restricted Access. Contact Arch"}


def test_device_extra_counts(ann):
    """extra/ tells how many readings and events each stream holds."""
    counts = ann.get("/device/d--000a/extra/").json()["stream_counts"]
    assert counts == {
        "s--0000-0001--0000-0000-0000-000a--5001": {"data_cnt": 30, "has_streamid": True},
        "s--0000-0001--0000-0000-0000-000a--5002": {"event_cnt": 3, "has_streamid": True},
    }


@pytest.mark.parametrize(("text", "count"), [("true", 5), ("False", 5), ("0", 5), ("maybe", 6)])
def test_claimed_filter(client_of, text, count):
    """Any truth keeps the claimed devices only, and nonsense keeps all."""
    root = client_of("root")
    assert root.get("/device/", params={"staff": 1, "claimed": text}).json()["count"] == count


def test_extra_has_the_fields_of_the_device(ann):
    """`extra/` repeats who claimed the device and when."""
    extra = ann.get(f"/device/{DEVICE}/extra/").json()
    assert (extra["id"], extra["slug"], extra["claimed_by"]) == (10, DEVICE, "ann")


@pytest.mark.parametrize(
    "action",
    ["extra", "streamers", "status", "health", "filterlog", "key", "properties", "mask"],
)
def test_actions_of_a_foreign_device_are_refused(client_of, action):
    """Somebody else's device is 403 whatever is asked of it."""
    assert client_of("eve").get(f"/device/{DEVICE}/{action}/").status_code == 403


@pytest.mark.parametrize("action", ["extra", "streamers", "status", "mask", "reset", "unclaim"])
def test_actions_of_an_unknown_device(ann, action):
    """A device that is not there has no actions."""
    method = "POST" if action in ("reset", "unclaim") else "GET"
    assert ann.request(method, f"/device/d--0fff/{action}/").status_code == 404


def test_streamers_are_a_plain_list(ann):
    """The streamers of a device come without pages."""
    assert [s["slug"] for s in ann.get("/device/d--000a/streamers/").json()] == [
        "t--0000-0000-0000-000a--0000"
    ]


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("d--000f/sg", 200, "old-v1"),
        ("d--000f/template", 200, "pod-v1"),
        ("d--000a/sg", 404, None),
        ("d--000a/template", 404, None),
        ("d--000c/sg", 403, None),
    ],
)
def test_templates_of_a_device(client_of, ann, path, status, slug):
    """A device shows its sensor graph and its template, if it has them."""
    client_of("root").patch("/device/d--000f/?staff=1", json={"template": "pod-v1"})
    reply = ann.get(f"/device/{path}/")
    assert (reply.status_code, reply.json().get("slug")) == (status, slug)


def test_versions_are_a_plain_list(ann):
    """A device that never told its versions has an empty list of them."""
    assert ann.get("/device/d--000a/versions/").json() == []


def test_filterlog_is_empty(ann):
    """Nothing is logged of stream filters."""
    assert ann.get("/device/d--000a/filterlog/").json() == {"device_filter_logs": []}


def test_properties_want_the_full_slug(ann):
    """A short slug lists no properties, though it may make them."""
    ann.post("/device/d--000a/new_property/", json={"name": "A", "int_value": 1})
    assert ann.get("/device/d--000a/properties/").json() == []
    assert [p["name"] for p in ann.get(f"/device/{DEVICE}/properties/").json()] == ["A"]


def test_operator_does_not_read_properties(client_of):
    """An operator is told that properties are not for him."""
    reply = client_of("olga").get(f"/device/{DEVICE}/properties/")
    assert detail(reply) == (403, "User has no access to read properties")


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("USR", 200, {"key": "open"}),
        ("SSH", 403, {"msg": "No key available"}),
        ("MQTT", 403, {"msg": "No key available"}),
        ("", 400, {"msg": "No type specified"}),
    ],
)
def test_keys(client_of, ann, kind, status, body):
    """A device gives out the stored keys that may be downloaded, by type."""
    root = client_of("root")
    for name, downloadable, secret in (("USR", True, "open"), ("SSH", False, "hidden")):
        key = {"slug": DEVICE, "type": name, "downloadable": downloadable, "secret": secret}
        assert root.post("/key/", json=key).status_code == 201
    reply = ann.get(f"/device/{DEVICE}/key/", params={"type": kind})
    assert (reply.status_code, reply.json()) == (status, body)


def test_device_token_acts_as_the_owner(ann, anybody):
    """The a-jwt of a device is good for what the user may do who claimed it."""
    token = ann.get(f"/device/{DEVICE}/key/?type=a-jwt").json()["key"]
    headers = {"Authorization": f"a-jwt {token}"}
    assert anybody.get(f"/device/{DEVICE}/", headers=headers).json()["slug"] == DEVICE
    assert anybody.get("/device/d--000c/", headers=headers).status_code == 403


def test_inactive_device_has_no_token(ann):
    """A device that is switched off, like one that nobody claimed, gets no a-jwt."""
    assert ann.get("/device/d--000b/key/?type=a-jwt").status_code == 403


def test_member_changes_a_device(client_of):
    """A plain member may change devices."""
    assert client_of("bob").patch("/device/d--000a/", json={"label": "x"}).status_code == 200


def test_project_may_be_null(ann):
    """A null project is taken, and leaves the device with its organisation."""
    body = ann.patch("/device/d--000a/", json={"project": None}).json()
    assert (body["project"], body["org"]) == (None, "acme")


@pytest.mark.parametrize(("state", "active"), [("N0", False), ("N1", True), ("B1", True)])
def test_state_sets_active(ann, state, active):
    """The state of a device decides whether it is active."""
    body = ann.patch("/device/d--000a/", json={"state": state}).json()
    assert (body["state"], body["active"], body["busy"]) == (state, active, state[0] == "B")


def test_staff_makes_a_device(client_of):
    """Staff make a device with `staff=1`; it gets the least free number."""
    body = {"template": "pod-v1", "label": "New", "state": "N0"}
    reply = client_of("root").post("/device/?staff=1", json=body)
    made = reply.json()
    assert reply.status_code == 201
    assert (made["id"], made["slug"]) == (1, "d--0000-0000-0000-0001")
    assert (made["template"], made["state"], made["org"]) == ("pod-v1", "N1", None)


@pytest.mark.parametrize(
    ("query", "body", "status", "answer"),
    [
        ("", {"template": "pod-v1"}, 403, {"error": "Restricted Access. Contact Arch"}),
        ("?staff=1", {}, 400, {"template": ["This field is required."]}),
        (
            "?staff=1",
            {"template": "no"},
            400,
            {"template": ["Object with slug=no does not exist."]},
        ),
    ],
)
def test_staff_device_refused(client_of, query, body, status, answer):
    """Even staff need the flag, and an existing template."""
    reply = client_of("root").post(f"/device/{query}", json=body)
    assert (reply.status_code, reply.json()) == (status, answer)


def test_template_is_for_staff(client_of, ann):
    """A template that a user sends is ignored; staff with the flag change it."""
    path, body = f"/device/{DEVICE}/", {"template": "pod-v1"}
    assert ann.patch(path, json=body).json()["template"] is None
    assert client_of("root").patch(f"{path}?staff=1", json=body).json()["template"] == "pod-v1"


@pytest.mark.parametrize(("query", "status"), [("", 403), ("?staff=1", 204)])
def test_staff_deletes_a_device(client_of, query, status):
    """Staff delete a device with `staff=1` only."""
    assert client_of("root").delete(f"/device/{DEVICE}/{query}").status_code == status


def test_number_of_a_deleted_device(client_of):
    """A device that gets the number of a deleted one inherits nothing of it."""
    root = client_of("root")
    for number in range(10, 16):
        assert root.delete(f"/device/d--{number:04x}/?staff=1").status_code == 204
    for _ in range(10):
        made = root.post("/device/?staff=1", json={"template": "pod-v1"}).json()["slug"]
    assert made == DEVICE
    assert root.get(f"/device/{DEVICE}/extra/").json()["stream_counts"] == {}


BUSY = "Device is busy. Operation cannot be completed at this time"


@pytest.mark.parametrize(
    ("method", "action", "body"),
    [
        ("POST", "reset", {}),
        ("POST", "trim", {}),
        ("POST", "unclaim", {}),
        ("PATCH", "mask", {"start": "2020-01-01T00:00:00Z"}),
    ],
)
def test_busy_device(ann, method, action, body):
    """No job starts on a device that another one works on."""
    ann.patch("/device/d--000a/", json={"state": "B0"})
    assert detail(ann.request(method, f"/device/d--000a/{action}/", json=body)) == (403, BUSY)


def test_busy_device_can_be_read(ann):
    """A busy device still shows its mask."""
    ann.patch("/device/d--000a/", json={"state": "B0"})
    assert ann.get("/device/d--000a/mask/").status_code == 200
