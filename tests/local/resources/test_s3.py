"""The file storage: its forms, its links, and what it refuses."""

from __future__ import annotations

import re

import pytest

DEVICE = "d--0000-0000-0000-000a"
FILE = b'{"some": "bytes"}'


@pytest.fixture
def form(ann):
    """Where to send a file, and the fields."""
    body = {"target": DEVICE, "timestamp": "2020-01-01T00:00:00Z"}
    note = ann.post("/note/", json=body).json()["id"]
    return ann.post(f"/note/{note}/uploadurl/", json={"name": "a.json"}).json()


@pytest.fixture
def send(anybody, form):
    """Returns what sends a file with the form, some of its fields changed."""

    def post(content=FILE, **changes):
        fields = {k: v for k, v in {**form["fields"], **changes}.items() if v is not None}
        return anybody.post(form["url"], data=fields, files={"file": ("a.json", content)})

    return post


@pytest.fixture
def link(ann, form, send):
    """The link to a file that was sent."""
    send()
    body = {"name": "a.json", "uuid": form["uuid"]}
    return ann.post("/note/1/uploadsuccess/", json=body).json()["url"]


def code(reply):
    return reply.status_code, re.search("<Code>(.*)</Code>", reply.text)[1]


def test_file_comes_and_goes(anybody, link):
    """The bytes that were sent come back, also under a name that ends in .json."""
    reply = anybody.get(link)
    assert (reply.status_code, reply.content) == (200, FILE)
    assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("size", "answer"),
    [
        (9, (400, "EntityTooSmall")),
        (10, 204),
        (4_096_000, 204),
        (4_096_001, (400, "EntityTooLarge")),
    ],
)
def test_size_is_limited(send, size, answer):
    """A file has ten bytes to four million and some, as the form says."""
    reply = send(b"x" * size)
    assert (code(reply) if reply.content else reply.status_code) == answer


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"signature": "AAAA"}, "SignatureDoesNotMatch"),
        ({"signature": None}, "SignatureDoesNotMatch"),
        ({"policy": "e30="}, "SignatureDoesNotMatch"),
        ({"policy": "\u00e9"}, "SignatureDoesNotMatch"),
        ({"key": "other"}, "AccessDenied"),
        ({"acl": "public-read"}, "AccessDenied"),
        ({"Content-Type": None}, "AccessDenied"),
        ({"success_action_status": "201"}, "AccessDenied"),
    ],
)
def test_changed_form_is_refused(send, change, expected):
    """A form counts only as it was signed, with all of its fields and no other."""
    assert code(send(**change)) == (403, expected)


def test_form_ends(send, clock):
    """A form counts for six hours."""
    clock[0] += 6 * 3600
    assert code(send()) == (403, "AccessDenied")


def test_form_counts_for_its_bucket(anybody, form):
    """A form of one bucket is refused by another."""
    url = form["url"].replace("media", "reports")
    reply = anybody.post(url, data=form["fields"], files={"file": ("a", FILE)})
    assert code(reply) == (403, "AccessDenied")


def test_form_needs_a_file(anybody, form):
    """A form without a file is 400."""
    reply = anybody.post(form["url"], files={"other": ("a", FILE)}, data=form["fields"])
    assert code(reply) == (400, "InvalidArgument")


def test_other_methods_are_refused(anybody):
    """The refusal of a method names those that there are."""
    reply = anybody.get("/s3/iotile-cloud-media")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "POST, OPTIONS")


def test_link_ends(anybody, link, clock):
    """A link counts for an hour."""
    clock[0] += 3600
    assert code(anybody.get(link)) == (403, "AccessDenied")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(r"a\.json", "b.json"), ("Expires=1", "Expires=2"), (r"\?.*", ""), ("Signature=", "S=")],
)
def test_changed_link_is_refused(anybody, link, pattern, text):
    """A link counts only as it was signed."""
    assert code(anybody.get(re.sub(pattern, text, link))) == (403, "AccessDenied")


def test_link_to_nothing(ann, anybody, form):
    """The link to a file that was never sent finds nothing."""
    body = {"name": "a.json", "uuid": form["uuid"]}
    link = ann.post("/note/1/uploadsuccess/", json=body).json()["url"]
    assert code(anybody.get(link)) == (404, "NoSuchKey")


def own_form(client, policy, **fields):
    """Fields of a form whose policy the caller made up and had signed."""
    signed = client.post("/s3file/sign/", json=policy).json()
    return {**fields, "policy": signed["policy"], "signature": signed["signature"]}


def test_policy_of_an_uploader_is_understood(ann, anybody):
    """A policy may give its sizes as texts, and ask how a field starts."""
    terms = [{"bucket": "b"}, ["content-length-range", "0", "99"], ["starts-with", "$key", "mine/"]]
    fields = own_form(ann, {"expiration": "2030-01-01T00:00:00Z", "conditions": terms})
    sent = {"files": {"file": ("f", FILE)}}
    assert anybody.post("/s3/b", data={"key": "mine/a", **fields}, **sent).status_code == 204
    refused = anybody.post("/s3/b", data={"key": "other/a", **fields}, **sent)
    assert code(refused) == (403, "AccessDenied")


@pytest.mark.parametrize(
    "policy",
    [
        {"conditions": []},
        {"expiration": "2030-01-01T00:00:00Z", "conditions": 5},
        {"expiration": "2030-01-01T00:00:00Z", "conditions": [["eq"]]},
        {"expiration": "2030-01-01T00:00:00Z", "conditions": [["content-length-range", "x", 1]]},
        {"expiration": "2030-01-01T00:00:00Z", "conditions": [["like", "$key", "a"]]},
    ],
)
def test_policy_that_makes_no_sense_is_400(ann, anybody, policy):
    """A signed policy in another form is refused, and breaks nothing."""
    reply = anybody.post("/s3/b", data=own_form(ann, policy), files={"file": ("f", FILE)})
    assert code(reply) == (400, "InvalidPolicyDocument")


def test_content_type_that_breaks_a_header_is_400(ann, anybody):
    """A type that would add a header to the answer with the file is refused."""
    terms = {"bucket": "b", "key": "k", "Content-Type": "a\r\nX: y"}
    fields = own_form(ann, {"expiration": "2030-01-01T00:00:00Z", "conditions": [terms]})
    sent = {"key": "k", "Content-Type": "a\r\nX: y", **fields}
    reply = anybody.post("/s3/b", data=sent, files={"file": ("f", FILE)})
    assert code(reply) == (400, "InvalidArgument")
