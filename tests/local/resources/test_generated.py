"""Reports of users: who sees and changes them, and their files."""

from __future__ import annotations

import pytest
import requests

ONE = "00000000-0000-4000-8000-0000000000a1"
PATH = f"/report/generated/{ONE}/"
NEW = {"label": "Fresh", "org": "acme", "source_ref": "d--0000-0000-0000-000a"}


@pytest.fixture
def description(describe):
    report = {
        "id": ONE,
        "label": "One",
        "source_ref": "d--0000-0000-0000-000a",
        "org": "acme",
        "status": "GS",
        "created_by": "ann",
    }
    return describe() | {"generated_reports": [report]}


def test_fields(ann):
    """A report shows the published fields, in their order."""
    assert list(ann.get(PATH).json()) == [
        "id",
        "label",
        "source_ref",
        "user_info",
        "url",
        "report",
        "created_on",
        "created_by",
        "org",
        "index_file",
        "status",
    ]


@pytest.mark.parametrize(
    ("user", "status", "count"),
    [("ann", 200, 1), ("bob", 200, 1), ("olga", 403, 0), ("eve", 403, 0)],
)
def test_who_reads(client_of, user, status, count):
    """Whoever may access the organisation's reports sees them; others get 403 and an empty list."""
    client = client_of(user)
    assert client.get(PATH).status_code == status
    assert client.get("/report/generated/").json()["count"] == count


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"org": "acme"}, 1),
        ({"org": "other"}, 0),
        ({"source_ref": NEW["source_ref"]}, 1),
        ({"status": "GS"}, 1),
        ({"status": "G1"}, 0),
        ({"created_by": 1}, 1),
        ({"created_by": 2}, 0),
    ],
)
def test_filters(ann, query, count):
    """The list is narrowed by organisation, source, status and author."""
    assert ann.get("/report/generated/", params=query).json()["count"] == count


@pytest.mark.parametrize(
    ("query", "status"),
    [({"org": "none"}, 404), ({"status": "zz"}, 400), ({"created_by": "x"}, 400)],
)
def test_bad_filters(ann, query, status):
    """An unknown organisation is 404; a status or author that is none is 400."""
    assert ann.get("/report/generated/", params=query).status_code == status


@pytest.mark.parametrize(("key", "status"), [("zzz", 400), (ONE[:-1] + "9", 404)])
def test_bad_key(ann, key, status):
    """A key is a UUID (the real server breaks on others), and must be known."""
    assert ann.get(f"/report/generated/{key}/").status_code == status


def test_create(ann):
    """A new report is empty, belongs to who made it, and has the server's odd Location."""
    reply = ann.post("/report/generated/", json=NEW)
    content = reply.json()
    assert (reply.status_code, reply.headers["Location"]) == (201, "None")
    assert (content["status"], content["created_by"]) == ("G0", "ann")
    assert content["user_info"]["username"] == "@ann"
    assert ann.get(f"/report/generated/{content['id']}/").json() == content


@pytest.mark.parametrize(("user", "status"), [("bob", 403), ("eve", 403)])
def test_who_creates(client_of, user, status):
    """A member, and a stranger, may not make reports."""
    assert client_of(user).post("/report/generated/", json=NEW).status_code == status


def test_create_needs_label_and_organisation(ann):
    """What is missing in a new report is named."""
    text = ["This field is required."]
    assert ann.post("/report/generated/", json={}).json() == {"label": text, "org": text}


def test_patch(ann, client_of):
    """Those who may make reports may change one, but not give it away."""
    assert ann.patch(PATH, json={"label": "B", "key": "x"}).json()["label"] == "B"
    assert client_of("bob").patch(PATH, json={"label": "C"}).status_code == 403
    assert ann.patch(PATH, json={"org": "other"}).status_code == 403
    assert ann.get(PATH).json()["org"] == "acme"


def test_delete(ann, client_of):
    """Those who may make reports may delete one."""
    assert client_of("bob").delete(PATH).status_code == 403
    assert ann.delete(PATH).status_code == 204
    assert ann.get(PATH).status_code == 404


def test_upload_form(ann):
    """The form says where the file goes, and what it is."""
    reply = ann.post(f"{PATH}uploadurl/", json={"name": "a.csv", "acl": "public-read"})
    fields = reply.json()["fields"]
    assert reply.status_code == 202
    assert fields["key"] == f"dev/shared/acme/{ONE}/a.csv"
    assert (fields["acl"], fields["Content-Type"]) == ("public-read", "text/csv")
    assert (fields["x-amz-meta-type"], fields["x-amz-meta-uuid"]) == ("report", ONE)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "a", "acl": "x"}, "acl"),
        ({"name": "a", "content_type": "x"}, "content_type"),
    ],
)
def test_bad_upload_form(ann, body, field):
    """A form needs a name; how it is shared and what it is must be one of the choices."""
    reply = ann.post(f"{PATH}uploadurl/", json=body)
    assert (reply.status_code, list(reply.json())) == (400, [field])


def test_member_may_not_upload(client_of):
    """Reading reports is not enough to upload a file."""
    bob = client_of("bob")
    assert bob.post(f"{PATH}uploadurl/", json={"name": "a"}).status_code == 403
    assert bob.post(f"{PATH}uploadsuccess/", json={"name": "a"}).status_code == 403


def test_file_comes_back(ann):
    """A file sent with the form is read through the link of the report's index file."""
    form = ann.post(f"{PATH}uploadurl/", json={"name": "index.html"}).json()
    file = {"file": ("index.html", b"<p>ten bytes</p>")}
    assert requests.post(form["url"], form["fields"], files=file, timeout=5).status_code == 204
    reply = ann.post(f"{PATH}uploadsuccess/", json={"name": "index.html"})
    assert (reply.status_code, reply.json()["file_type"]) == (202, "html")
    content = ann.get(PATH).json()
    assert (content["status"], content["index_file"]["title"]) == ("G1", "One")
    assert requests.get(content["index_file"]["url"], timeout=5).content == b"<p>ten bytes</p>"
