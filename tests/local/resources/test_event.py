"""Events: listing, posting and changing them, as JSON and msgpack."""

from __future__ import annotations

import json

import msgpack
import pytest

from iotile_cloud.local import LocalCloud
from iotile_cloud.local.web.messages import Request

STREAM = "s--0000-0001--0000-0000-0000-000a--5002"
NEW = {"stream": STREAM, "timestamp": "2020-02-01T00:00:00Z", "extra_data": {"a": 1}}
PACKED = {"Content-Type": "application/msgpack"}


def listed(client, source=STREAM, **query):
    return client.get("/event/", params={"filter": source, **query})


def ids(reply):
    assert reply.status_code == 200, reply.text
    return [row["id"] for row in reply.json()["results"]]


def test_fields(ann):
    """An event shows the published fields, and whether it has raw data."""
    content = ann.get("/event/1/").json()
    assert list(content) == [
        "id",
        "stream",
        "project",
        "device",
        "variable",
        "s3bucket",
        "s3key",
        "ext",
        "has_raw_data",
        "device_timestamp",
        "timestamp",
        "streamer_local_id",
        "dirty_ts",
        "status",
        "extra_data",
    ]
    assert (content["has_raw_data"], content["extra_data"]) == (True, {"n": 1})


@pytest.mark.parametrize(
    ("source", "query", "found"),
    [
        (STREAM, {}, [1, 2]),
        ("d--0000-0000-0000-000a", {}, [1, 2]),
        ("", {}, []),
        (STREAM, {"lastn": 1}, [2]),
        (STREAM, {"start": "2020-01-01T00:00:02Z"}, [2]),
        (STREAM, {"end": "2020-01-01T00:00:02Z"}, [1]),
        (STREAM, {"streamer_id_0": 2, "streamer_id_1": 9}, [2]),
        (STREAM, {"with_errors": 1}, [1, 2]),
    ],
)
def test_list(ann, source, query, found):
    """Events are listed by source and window; those with an error are hidden from users."""
    assert ids(listed(ann, source, **query)) == found


def test_staff_see_errors(client_of):
    """Staff may ask for the events with an error."""
    assert ids(listed(client_of("root"), with_errors=1)) == [1, 2, 3]


def test_operator_lists_no_events(client_of):
    """An operator, who reads single events, gets an empty list."""
    assert ids(listed(client_of("olga"))) == []


@pytest.mark.parametrize(("key", "status"), [("abc", 400), ("999", 404), ("9" * 30, 400)])
def test_bad_key(ann, key, status):
    """An event's key is a number."""
    assert ann.get(f"/event/{key}/").status_code == status


def test_data(ann):
    """data/ gives the raw data; without any it is 404 with an error."""
    assert ann.get("/event/1/data/").json() == {"acc": [1, 2]}
    reply = ann.get("/event/2/data/")
    assert (reply.status_code, reply.json()) == (404, {"error": "Event has no data"})


def test_post(ann):
    """A posted event comes back whole, and is listed."""
    content = ann.post("/event/", json={**NEW, "timestamp": "2020-02-01T00:00:00.25Z"}).json()
    assert (content["id"], content["timestamp"]) == (4, "2020-02-01T00:00:00.250000Z")
    assert (content["extra_data"], content["has_raw_data"]) == ({"a": 1}, False)
    assert 4 in ids(listed(ann))


def test_post_with_raw_data(ann):
    """Raw data is kept beside the event, under a key with the hour of its arrival."""
    content = ann.post("/event/", json={**NEW, "data": [1, {"b": 2}]}).json()
    assert content["s3key"].startswith("dev/2020/09/13/12/")
    assert ann.get(f"/event/{content['id']}/data/").json() == [1, {"b": 2}]


def test_post_list(ann):
    """A list is counted; an empty one has an empty answer."""
    assert ann.post("/event/", json=[NEW, NEW]).json() == {"count": 2}
    empty = ann.post("/event/", json=[])
    assert (empty.status_code, empty.content) == (201, b"")


def test_post_list_is_all_or_nothing(ann):
    """One bad event, and none of the list is stored."""
    assert ann.post("/event/", json=[NEW, {}]).status_code == 400
    assert ids(listed(ann)) == [1, 2]


@pytest.mark.parametrize("change", [{"extra_data": [1]}, {"timestamp": "zzz"}])
def test_post_refused(ann, change):
    """An event needs a time, and an object as extra_data."""
    assert ann.post("/event/", json={**NEW, **change}).status_code == 400


@pytest.mark.parametrize("body", ['{"a": 1e999}', '{"a": "\\ud800"}'])
def test_what_no_reply_could_show_is_refused(ann, body):
    """JSON that could not be sent back is refused, so that it cannot spoil later lists."""
    text = json.dumps(NEW).replace('{"a": 1}', body)
    reply = ann.post("/event/", data=text, headers={"Content-Type": "application/json"})
    assert (reply.status_code, list(reply.json())) == (400, ["extra_data"])


@pytest.mark.parametrize(("levels", "status"), [(100, 201), (101, 400)])
def test_nesting_is_limited(ann, levels, status):
    """What is nested too deeply to be written again is refused, the same on every Python."""
    nested = {}
    for _ in range(levels - 1):
        nested = {"a": nested}
    assert ann.post("/event/", json={**NEW, "extra_data": nested}).status_code == status


def test_event_of_a_disabled_stream_is_400(ann):
    """A disabled stream takes no events (the real server breaks on it)."""
    ann.patch(f"/stream/{STREAM}/", json={"enabled": False})
    assert ann.post("/event/", json=NEW).status_code == 400


def test_patch(ann):
    """PATCH changes extra_data and raw data, and nothing else."""
    body = {"extra_data": {"n": 9}, "data": {"x": 1}, "stream": "zzz"}
    content = ann.patch("/event/2/", json=body).json()
    assert (content["extra_data"], content["has_raw_data"]) == ({"n": 9}, True)
    assert content["stream"] == STREAM
    assert ann.get("/event/2/data/").json() == {"x": 1}


def test_delete(ann):
    """A deleted event is gone."""
    assert ann.delete("/event/2/").status_code == 204
    assert ann.get("/event/2/").status_code == 404


def test_event_of_a_sparse_description_takes_raw_data():
    """An event that a description only outlines can get raw data later."""
    user = {"id": 1, "slug": "s", "username": "s", "email": "s@b.c", "password": "p"}
    event = {"id": 1, "stream": STREAM, "timestamp": "2020-01-01T00:00:00Z"}
    cloud = LocalCloud(load=[{"users": [{**user, "is_staff": True}], "events": [event]}])
    token = cloud.engine.signer.issue(cloud.engine.store.get("account", "s"))
    headers = {"Host": "x", "Authorization": f"JWT {token}", "Content-Type": "application/json"}
    request = Request("PATCH", "/api/v1/event/1/", "", headers, b'{"data": [1]}')
    assert json.loads(cloud.engine.handle(request).body)["s3key"].endswith(".json")


@pytest.mark.parametrize("body", [NEW, {key.encode(): value for key, value in NEW.items()}])
def test_msgpack_in(ann, body):
    """An event may come as msgpack, with bytes for keys as well."""
    reply = ann.post("/event/", data=msgpack.packb(body), headers=PACKED)
    assert (reply.status_code, reply.json()["extra_data"]) == (201, {"a": 1})


def test_msgpack_list_in(ann):
    """A list may come as msgpack."""
    reply = ann.post("/event/", data=msgpack.packb([NEW, NEW]), headers=PACKED)
    assert reply.json() == {"count": 2}


def test_msgpack_out(ann):
    """An event goes out as msgpack to who asks for it; its time is text."""
    reply = ann.get("/event/1/", headers={"Accept": "application/msgpack"})
    assert reply.headers["Content-Type"] == "application/msgpack"
    assert msgpack.unpackb(reply.content)["timestamp"] == "2020-01-01T00:00:01Z"


def test_bad_msgpack_is_400(ann):
    """What is no msgpack is refused."""
    assert ann.post("/event/", data=b"\xc1", headers=PACKED).status_code == 400


def test_form_is_415(ann):
    """An event does not come as a form."""
    assert ann.post("/event/", data={"stream": STREAM}).status_code == 415


@pytest.mark.parametrize(("user", "status"), [("olga", 200), ("eve", 403)])
@pytest.mark.parametrize("path", ["/event/1/", "/event/1/data/", "/event/1/url/"])
def test_who_reads(client_of, user, status, path):
    """Whoever may write events reads one, its data and its link; a stranger does not."""
    assert client_of(user).get(path).status_code == status


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_stranger_writes_nothing(client_of, method):
    """Somebody else's event is neither changed nor deleted."""
    reply = client_of("eve").request(method, "/event/1/", json={"extra_data": {}})
    assert reply.status_code == 403


@pytest.mark.parametrize(
    ("stream", "status"),
    [
        ("s--0000-0001--0000-0000-0000-0fff--5002", 404),
        ("s--0000-0002--0000-0000-0000-000c--5001", 403),
        ("zzz", 400),
    ],
)
def test_bad_stream(ann, stream, status):
    """The device must be known and the caller's, the slug a slug; nothing of a list is kept."""
    reply = ann.post("/event/", json=[NEW, {**NEW, "stream": stream}])
    assert reply.status_code == status
    assert ann.get("/event/4/").status_code == 404


@pytest.mark.parametrize(
    "extra", [[1], "x", 3, {"a": "\ud800"}], ids=["list", "text", "number", "half a character"]
)
def test_bad_extra_data(ann, extra):
    """The summary must be an object, also in a PATCH."""
    body = json.dumps({"extra_data": extra})
    reply = ann.patch("/event/1/", data=body, headers={"Content-Type": "application/json"})
    assert (reply.status_code, list(reply.json())) == (400, ["extra_data"])
