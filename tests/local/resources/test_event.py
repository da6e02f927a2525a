"""Events: msgpack, links to raw data, and what is refused."""

from __future__ import annotations

import gzip
import json

import msgpack
import pytest
import requests

STREAM = "s--0000-0001--0000-0000-0000-000a--5002"
NEW = {"stream": STREAM, "timestamp": "2020-02-01T00:00:00Z", "extra_data": {"a": 1}}
PACKED = {"Content-Type": "application/msgpack"}


def url_of(client, number):
    reply = client.get(f"/event/{number}/url/")
    assert reply.status_code == 200
    return reply.json()["url"]


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


def test_link(ann):
    """The link gives the raw data to anybody; without raw data there is none."""
    reply = requests.get(url_of(ann, 1), timeout=5)
    assert reply.json() == {"acc": [1, 2]}
    assert url_of(ann, 2) is None


def test_link_after_a_change(ann):
    """A changed event's link gives the new data."""
    ann.patch("/event/1/", json={"data": [3]})
    assert requests.get(url_of(ann, 1), timeout=5).json() == [3]


def test_link_to_a_packed_file(ann):
    """The data of a .json.gz upload is packed behind its link, and plain at data/."""
    file = {"file": ("a.json.gz", gzip.compress(b'{"x":1}'))}
    body = {"stream": STREAM, "timestamp": "2020-02-01T00:00:00Z"}
    number = ann.post("/event/upload/", data=body, files=file).json()["id"]
    url = url_of(ann, number)
    assert url.partition("?")[0].endswith(".json.gz")
    assert json.loads(gzip.decompress(requests.get(url, timeout=5).content)) == {"x": 1}
    assert ann.get(f"/event/{number}/data/").json() == {"x": 1}


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


def test_upload_methods(ann):
    """The upload says which methods it knows, and OPTIONS is none of them."""
    reply = ann.get("/event/upload/")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "POST, HEAD")
    assert ann.options("/event/upload/").status_code == 405


class TestStorage:
    """A described event whose raw data is missing."""

    @pytest.fixture
    def description(self, describe):
        content = describe()
        content["events"][0]["raw_data"] = None
        return content

    def test_missing_object(self, ann):
        """Its data is 404 with an error, and its link leads to nothing."""
        reply = ann.get("/event/1/data/")
        assert (reply.status_code, list(reply.json())) == (404, ["error"])
        assert requests.get(url_of(ann, 1), timeout=5).status_code == 404
