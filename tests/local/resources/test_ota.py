"""Updates over the air: scripts, requests, actions, versions, and what a device sees of them."""

from __future__ import annotations

import pytest

DEVICE, OTHER, FOREIGN = (f"d--0000-0000-0000-000{digit}" for digit in "aec")
FLEET, FOREIGN_FLEET = "g--0000-0000-0001", "g--0000-0000-0002"
SCRIPT = "z--0000-0001"
DENIED = {"detail": "You do not have permission to perform this action."}
RESTRICTED = {"error": "Restricted Access. Contact Arch"}

REQUEST = {
    "id": 1,
    "script": SCRIPT,
    "selection_criteria": ["os_tag:eq:2", "os_version:lt:1.2"],
    "org": "acme",
    "fleet": FLEET,
    "released_on": "2018-01-01T00:00:00Z",
    "completed_on": None,
}
ACTION = {
    "id": 1,
    "deployment": 1,
    "device": DEVICE,
    "created_on": "1970-01-01T00:00:01Z",
    "last_attempt_on": "2018-01-01T00:00:00Z",
    "attempt_successful": True,
    "device_confirmation": False,
    "log": None,
}
WANTED = {"script": SCRIPT, "org": "acme", "fleet": FLEET}


def version(number, device, kind, tag, minor, local_id):
    return {
        "id": number,
        "device": device,
        "type": kind,
        "tag": tag,
        "major": 1,
        "minor": minor,
        "streamer_local_id": local_id,
    }


def fleet(number, slug, org, *devices):
    members = [{"device": device} for device in devices]
    return {"id": number, "slug": slug, "name": slug, "org": org, "members": members}


@pytest.fixture
def description(describe):
    content = describe()
    content["users"].append({**content["users"][0], "id": 7, "slug": "dev", "username": "dev"})
    content["users"][-1]["email"] = "dev@example.com"
    content["orgs"][0]["members"].append({"user": "dev", "role": "d1", "is_active": True})
    content["fleets"] = [
        fleet(1, FLEET, "acme", DEVICE, OTHER),
        fleet(2, FOREIGN_FLEET, "other", FOREIGN),
    ]
    script = {"slug": SCRIPT, "gid": 1, "name": "One", "org": "other", "version": "v1.2.3"}
    content["ota"] = {
        "scripts": [{**script, "released": True, "released_on": "2018-01-01"}],
        "requests": [REQUEST, {**REQUEST, "id": 2, "org": "other", "fleet": FOREIGN_FLEET}],
        "actions": [ACTION, {**ACTION, "id": 2, "device": FOREIGN}],
        "versions": [
            version(1, DEVICE, "os", 2, 0, 4),
            version(2, DEVICE, "os", 2, 1, 6),
            version(3, DEVICE, "app", 9, 3, 5),
            version(4, FOREIGN, "os", 2, 1, 5),
        ],
    }
    return content


@pytest.fixture
def root(client_of):
    return client_of("root")


@pytest.fixture
def dev(client_of):
    """A client of a developer, who manages updates."""
    return client_of("dev")


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("request/", []),
        ("request/?org=acme", [1]),
        (f"request/?fleet={FLEET}", [1]),
        (f"request/?scope={FLEET}", [1]),
        ("request/?scope=^acme", [1]),
        ("action/", []),
        ("action/?request=1", [1]),
        ("action/?request=2", []),
        (f"action/?device={DEVICE}", [1]),
        (f"action/?device={FOREIGN}", []),
    ],
)
def test_lists_of_something(ann, path, ids):
    """Requests and actions are listed of what the arguments name only."""
    assert [found["id"] for found in ann.get(f"/ota/{path}").json()["results"]] == ids


def test_text_for_a_request_is_refused_by_the_name_of_the_argument(ann):
    """The number of a request that is none is 400, under the name that was asked with."""
    reply = ann.get("/ota/action/?request=abc")
    assert (reply.status_code, reply.json()) == (400, {"request": ["Enter a number."]})


@pytest.mark.parametrize(
    ("query", "minors"),
    [
        ("", [3, 1, 0]),
        (f"device={DEVICE}&latest=true", [3, 1]),
        (f"device={FOREIGN}", []),
        ("type=os", [1, 0]),
    ],
)
def test_versions(ann, query, minors):
    """The versions of the user's devices are listed, the newest first."""
    found = ann.get(f"/ota/version/?{query}").json()["results"]
    assert [version["version"] for version in found] == [f"v1.{minor}" for minor in minors]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("request/?org=other", 403),
        (f"request/?fleet={FOREIGN_FLEET}", 403),
        ("request/?org=zzz", 404),
        ("request/?scope=g--zzz", 404),
        ("action/?request=zzz", 400),
        ("action/?device=zzz", 404),
        ("request/2/", 403),
        ("request/2/devices/", 403),
        ("request/zzz/", 404),
        ("action/2/", 403),
        ("version/4/", 403),
        (f"device/{FOREIGN}/", 403),
        ("script/z--zzz/", 404),
    ],
)
def test_refused(ann, path, status):
    """What belongs to others is 403, and what is not there 404."""
    assert ann.get(f"/ota/{path}").status_code == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "script/"),
        ("PATCH", f"script/{SCRIPT}/"),
        ("POST", f"script/{SCRIPT}/uploadurl/"),
        ("PATCH", "action/1/"),
        ("DELETE", "action/1/"),
        ("POST", "version/"),
    ],
)
def test_only_staff_write(dev, method, path):
    """Scripts and versions are written, and actions changed, by staff alone."""
    reply = dev.request(method, f"/ota/{path}", json={})
    assert (reply.status_code, reply.json()) == (403, RESTRICTED)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", ""), ("PATCH", "1/"), ("PUT", "1/"), ("DELETE", "1/")]
)
def test_owner_does_not_manage_requests(ann, method, path):
    """Even an owner lacks the right to manage updates."""
    reply = ann.request(method, f"/ota/request/{path}", json=WANTED)
    assert (reply.status_code, reply.json()) == (403, DENIED)


def test_device(ann):
    """A device sees the open requests for it, its actions, and the latest of its versions."""
    shown = ann.get(f"/ota/device/{DEVICE}/").json()
    assert (shown["slug"], shown["deployments"], shown["actions"]) == (DEVICE, [REQUEST], [ACTION])
    assert [found["version"] for found in shown["versions"]] == ["v1.3", "v1.1"]


@pytest.mark.parametrize(
    ("criteria", "slugs"),
    [
        ([], [DEVICE, OTHER]),
        (["os_tag:eq:2", "os_version:lt:1.2"], [DEVICE]),
        (["os_version:lt:1.1"], []),
        (["os_version:lte:1.1", "app_version:gte:1.3"], [DEVICE]),
        (["app_tag:ne:9"], []),
        (["app_version:gt:1.10"], []),
    ],
)
def test_requested_devices(dev, criteria, slugs):
    """A request is for the devices of its fleet whose latest versions fit all its criteria."""
    made = dev.post("/ota/request/", json={**WANTED, "selection_criteria": criteria}).json()
    found = dev.get(f"/ota/request/{made['id']}/devices/").json()["results"]
    assert [device["slug"] for device in found] == slugs


def test_request_without_fleet(dev):
    """A request without a fleet is for the active devices of the organisation."""
    made = dev.post("/ota/request/", json={"script": SCRIPT, "org": "acme"}).json()
    assert made["released_on"] == "2020-09-13T12:26:40Z"
    found = dev.get(f"/ota/request/{made['id']}/devices/").json()["results"]
    assert [device["id"] for device in found] == [10, 14, 15]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"fleet": FOREIGN_FLEET}, 403),
        ({"org": "other"}, 403),
        ({"script": "z--no"}, 400),
        ({"selection_criteria": ["os_tag"]}, 400),
        ({"selection_criteria": ["os_tag:like:2"]}, 400),
        ({"selection_criteria": ["os_tag:eq:two"]}, 400),
        ({"selection_criteria": "os_tag:eq:2"}, 400),
    ],
)
def test_bad_request(dev, changes, status):
    """A request names a fleet of its organisation, and criteria that can be understood."""
    assert dev.post("/ota/request/", json={**WANTED, **changes}).status_code == status
    assert dev.patch("/ota/request/1/", json=changes).status_code == status


def test_delete_request(dev):
    """A request is deleted with its actions."""
    assert dev.delete("/ota/request/1/").status_code == 204
    assert dev.get("/ota/action/1/").status_code == 404


def test_report_action(client_of):
    """Any member tells what a device did."""
    body = {"deployment": 1, "device": OTHER, "log": "x"}
    reply = client_of("olga").post("/ota/action/", json=body)
    assert reply.status_code == 201
    created = {"id": 3, "created_on": "2020-09-13T12:26:40Z", "device_confirmation": False}
    new = {"attempt_successful": False, "last_attempt_on": None}
    assert reply.json() == {**body, **created, **new}


@pytest.mark.parametrize(
    ("changes", "status", "body"),
    [
        ({"device": FOREIGN}, 403, DENIED),
        ({"deployment": 9}, 400, {"deployment": ['Invalid pk "9" - object does not exist.']}),
        (
            {"deployment": "x"},
            400,
            {"deployment": ["Incorrect type. Expected pk value, received str."]},
        ),
    ],
)
def test_bad_action(ann, changes, status, body):
    """An action is of an own device, and for a request that is there."""
    reply = ann.post("/ota/action/", json={"deployment": 1, "device": DEVICE, **changes})
    assert (reply.status_code, reply.json()) == (status, body)


def test_staff_change_action(root):
    """Staff change an action and delete it."""
    assert root.patch("/ota/action/1/", json={"log": "y"}).json() == {**ACTION, "log": "y"}
    assert root.delete("/ota/action/1/").status_code == 204
    assert root.get("/ota/action/1/").status_code == 404


def test_staff_write_versions(root):
    """Staff make, change and delete a version."""
    body = {"device": DEVICE, "type": "os", "tag": 2, "major_version": 3}
    reply = root.post("/ota/version/", json=body)
    assert (reply.status_code, reply.json()["version"]) == (201, "v3.0")
    assert root.patch("/ota/version/5/", json={"minor_version": 1}).json()["version"] == "v3.1"
    assert root.delete("/ota/version/5/").status_code == 204
    assert root.get("/ota/version/5/").status_code == 404


def test_scripts_are_listed_for_staff(root, ann):
    """Only staff list the scripts, and everybody reads one."""
    assert [s["slug"] for s in root.get("/ota/script/").json()["results"]] == [SCRIPT]
    assert ann.get("/ota/script/").json()["count"] == 0
    assert ann.get(f"/ota/script/{SCRIPT}/").json()["version"] == "v1.2.3"


def test_script_file(root, ann):
    """A script takes a file, though its own `file/` never tells where it is."""
    form = root.post(f"/ota/script/{SCRIPT}/uploadurl/", json={"name": "a.trub"}).json()
    sent = root.post(form["url"], data=form["fields"], files={"file": b"0123456789"})
    assert sent.status_code == 204
    body = {"name": "a.trub", "uuid": form["uuid"]}
    reply = root.post(f"/ota/script/{SCRIPT}/uploadsuccess/", json=body)
    assert (reply.status_code, reply.json()["file_type"]) == (202, "device-script")
    assert ann.get(reply.json()["url"]).content == b"0123456789"
    parts = {"major_version": 1, "minor_version": 2, "patch_version": 3}
    assert ann.get(f"/ota/script/{SCRIPT}/file/").json() == {
        "name": "One",
        "url": None,
        "key": None,
        **parts,
    }


def test_release_script(root):
    """A script is numbered after the highest, and keeps the day on which it was released."""
    made = root.post("/ota/script/", json={"name": "New", "org": "acme"}).json()
    assert (made["slug"], made["gid"], made["released_on"]) == ("z--0000-0002", 2, None)
    shown = root.patch("/ota/script/z--0000-0002/", json={"released": True}).json()
    assert (shown["released_on"], shown["version"]) == ("2020-09-13", "v0.0.0")


def test_delete_script(root):
    """A script is deleted with the requests for it."""
    assert root.delete(f"/ota/script/{SCRIPT}/").status_code == 204
    assert root.get("/ota/request/1/").status_code == 404
