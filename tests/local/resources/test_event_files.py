"""Raw data of events as files: the upload, and the link."""

from __future__ import annotations

import gzip
import json

import pytest
import requests

STREAM = "s--0000-0001--0000-0000-0000-000a--5002"


def upload(client, name, content, **fields):
    form = {"stream": STREAM, "timestamp": "2020-02-01T00:00:00Z", **fields}
    return client.post("/event/upload/", data=form, files={"file": (name, content)})


def url_of(client, number):
    reply = client.get(f"/event/{number}/url/")
    assert reply.status_code == 200
    return reply.json()["url"]


@pytest.mark.parametrize(("name", "pack"), [("a.json", bytes), ("a.json.gz", gzip.compress)])
def test_upload(ann, name, pack):
    """A JSON file, packed or not, becomes the event's raw data."""
    reply = upload(ann, name, pack(b'{"x": [1, 2]}'), encoded_extra_data='{"k": 1}')
    assert (reply.status_code, reply.json()["encoded_extra_data"]) == (201, "{'k': 1}")
    number = reply.json()["id"]
    assert ann.get(f"/event/{number}/data/").json() == {"x": [1, 2]}
    assert ann.get(f"/event/{number}/").json()["extra_data"] == {"k": 1}


@pytest.mark.parametrize(
    ("name", "content", "fields"),
    [
        ("a.txt", b"{}", {}),
        ("a.json", b"{", {}),
        ("a.json", b"1e999", {}),
        ("a.json.gz", b"{}", {}),
        ("a.json.gz", gzip.compress(b"{}", mtime=0)[:-4], {}),
        ("a.json", b"{}", {"encoded_extra_data": "zzz"}),
        ("a.json", b"{}", {"encoded_extra_data": "[1]"}),
        ("a.json", b"{}", {"timestamp": "zzz"}),
    ],
)
def test_upload_refused(ann, name, content, fields):
    """A file that is no JSON, or a field that does not fit, is refused."""
    assert upload(ann, name, content, **fields).status_code == 400
    assert ann.get("/event/", params={"filter": STREAM}).json()["count"] == 2


def test_upload_without_a_file(ann):
    """An upload needs its file."""
    reply = ann.post("/event/upload/", data={"stream": STREAM})
    assert reply.json() == {"error": "missing request.data['file']"}


def test_summary_nested_too_deep_is_400(ann):
    """The summary beside a file is refused when it nests too deep to be read."""
    reply = upload(ann, "x.json", b"{}", encoded_extra_data="[" * 100_000)
    assert (reply.status_code, list(reply.json())) == (400, ["encoded_extra_data"])


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
