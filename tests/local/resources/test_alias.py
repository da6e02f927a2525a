"""Aliases and their taps: who manages them, and what they join."""

from __future__ import annotations

import pytest

ONE = "s--0000-0001--0000-0000-0000-000a--5001"
TWO = "s--0000-0001--0000-0000-0000-000e--5001"
FOREIGN = "s--0000-0002--0000-0000-0000-000c--5001"
DENIED = {"detail": "Access Denied due to lack of sufficient permissions"}
NEW = {"name": "Joined", "org": "acme"}


def tap(stream, minute, alias="a--0000-0000-0000-0001"):
    return {"alias": alias, "stream": stream, "timestamp": f"2020-01-01T00:{minute:02d}:00Z"}


@pytest.fixture
def alias(ann):
    """An alias that is one stream, and from minute five on another."""
    made = ann.post("/alias/", json=NEW).json()
    for body in (tap(TWO, 5), tap(ONE, 2)):
        assert ann.post("/tap/", json=body).status_code == 201
    return made


def test_new_alias_gets_the_next_slug(ann, alias):
    """An alias is numbered, and its slug and gid say the number."""
    second = ann.post("/alias/", json=NEW).json()
    assert (second["id"], second["slug"]) == (2, "a--0000-0000-0000-0002")
    assert second["gid"] == "0000-0000-0000-0002"
    assert second["created_by"] == "ann"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/alias/a--0000-0000-0000-0001/", None),
        ("POST", "/alias/", NEW),
        ("PATCH", "/alias/a--0000-0000-0000-0001/", {"name": "x"}),
        ("DELETE", "/alias/a--0000-0000-0000-0001/", None),
        ("GET", "/tap/1/", None),
        ("POST", "/tap/", tap(ONE, 1)),
        ("DELETE", "/tap/1/", None),
    ],
)
def test_members_do_not_manage_aliases(client_of, alias, method, path, body):
    """Whoever may not manage aliases may not even read one."""
    reply = client_of("bob").request(method, path, json=body)
    assert (reply.status_code, reply.json()) == (403, DENIED)


def test_lists_hold_the_own_organisation_only(client_of, alias):
    """The aliases and taps of other organisations are not listed."""
    eve = client_of("eve")
    assert eve.get("/alias/").json()["count"] == 0
    assert eve.get("/tap/").json()["count"] == 0


def test_taps_of_one_alias(ann, alias):
    """`target=` narrows the taps to one alias, and must exist."""
    other = ann.post("/alias/", json=NEW).json()
    ann.post("/tap/", json=tap(ONE, 1, other["slug"]))
    taps = ann.get("/tap/", params={"target": other["slug"]}).json()["results"]
    assert [row["alias"] for row in taps] == [other["slug"]]
    assert ann.get("/tap/", params={"target": "a--0009"}).status_code == 404


def test_a_stream_of_others_cannot_be_tapped(ann, alias):
    """An alias opens no stream that its manager may not read."""
    assert ann.post("/tap/", json=tap(FOREIGN, 9)).status_code == 403
    assert ann.patch("/tap/1/", json={"stream": FOREIGN}).status_code == 403


def test_an_alias_cannot_move_to_a_foreign_organisation(ann, alias):
    """An alias is moved only to where its aliases are managed by the caller too."""
    assert ann.patch(f"/alias/{alias['slug']}/", json={"org": "other"}).status_code == 403


def test_an_alias_takes_its_taps_along(ann, alias):
    """With an alias its taps are removed."""
    assert ann.delete(f"/alias/{alias['slug']}/").status_code == 204
    assert ann.get("/tap/").json()["count"] == 0
    assert ann.get("/tap/1/").status_code == 404


def test_data_of_an_alias(ann, alias):
    """Each tap gives the rows of its stream until the next tap, in order of time."""
    rows = ann.get("/data/", params={"filter": alias["slug"]}).json()["results"]
    minutes = [(row["stream"], row["timestamp"][14:16]) for row in rows]
    assert minutes == [(ONE, f"0{n}") for n in (2, 3, 4)] + [(TWO, f"0{n}") for n in range(5, 10)]


def test_data_of_an_alias_can_be_narrowed(ann, alias):
    """The range arguments and lastn apply to the rows of an alias."""
    args = {"filter": alias["slug"], "start": "2020-01-01T00:04:00Z", "lastn": "2"}
    rows = ann.get("/data/", params={**args, "end": "2020-01-01T00:07:00Z"}).json()["results"]
    assert [row["timestamp"][14:16] for row in rows] == ["05", "06"]


def test_data_of_an_alias_is_for_readers(client_of, alias):
    """The rows of an alias are not for other organisations, nor for operators."""
    for slug in ("eve", "olga"):
        rows = client_of(slug).get("/data/", params={"filter": alias["slug"]}).json()
        assert rows["count"] == 0
