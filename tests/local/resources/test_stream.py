"""Streams: which a list holds, and what may be made and changed."""

from __future__ import annotations

import pytest

BLOCK = "b--0001-0000-0000-000a"
ARCHIVED = "s--0000-0000--0001-0000-0000-000a--5001"
ACTIVE = "s--0000-0001--0000-0000-0000-000a--5001"
INACTIVE = "s--0000-0001--0000-0000-0000-000b--5001"
VIRTUAL = "s--0000-0001--0000-0000-0000-0000--5001"


@pytest.fixture
def description(description):
    """The small cloud with a data block that holds a stream."""
    description["datablocks"] = [{"id": 1, "slug": BLOCK, "title": "B", "block": 1, "org": "acme"}]
    description["streams"].append(
        {
            "slug": ARCHIVED,
            "project": "p--0000-0000",
            "device": "d--0000-0000-0000-000a",
            "block": BLOCK,
            "variable": "v--0000-0000--5001",
            "org": "acme",
        }
    )
    return description


@pytest.mark.parametrize(
    ("query", "wanted", "unwanted"),
    [
        ({}, {ACTIVE}, {INACTIVE, VIRTUAL, ARCHIVED}),
        ({"all": "1"}, {ACTIVE, INACTIVE, VIRTUAL, ARCHIVED}, set()),
        ({"virtual": "1"}, {VIRTUAL}, {ACTIVE, ARCHIVED}),
        ({"archived": "1"}, {ARCHIVED}, {ACTIVE, VIRTUAL}),
        ({"block": BLOCK}, {ARCHIVED}, {ACTIVE}),
        ({"device": BLOCK}, {ARCHIVED}, {ACTIVE}),
        ({"device": "d--0001-0000-0000-000a"}, {ARCHIVED}, {ACTIVE}),
        ({"device": "d--0000-0000-0000-000b"}, {INACTIVE}, {ACTIVE}),
        ({"device__slug": "d--0000-0000-0000-000b"}, set(), {INACTIVE}),
        ({"variable": "v--0000-0001--5001"}, {ACTIVE}, {INACTIVE}),
        ({"org__slug": "acme"}, {ACTIVE}, {INACTIVE}),
        ({"enabled": "false"}, set(), {ACTIVE}),
    ],
)
def test_which_streams_a_list_holds(ann, query, wanted, unwanted):
    """Streams of inactive devices, of blocks and of no device are listed on demand only."""
    slugs = {row["slug"] for row in ann.get("/stream/", params=query).json()["results"]}
    assert wanted <= slugs
    assert not unwanted & slugs


@pytest.mark.parametrize(
    "query", [{"variable": "v--0000-0001--9999"}, {"block": "b--0009-0000-0000-000a"}]
)
def test_unknown_sources_are_404(ann, query):
    """A variable or block that is not there is 404."""
    assert ann.get("/stream/", params=query).status_code == 404


def test_a_stream_made_twice_is_lost(ann):
    """A second POST is taken, and from then on the stream cannot be asked for."""
    body = {"variable": "v--0000-0001--5003", "device": "d--0000-0000-0000-000a"}
    first, second = (ann.post("/stream/", json=body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    slug = first.json()["slug"]
    for path in (f"/stream/{slug}/", f"/stream/{slug}/data/"):
        reply = ann.get(path)
        assert reply.status_code == 400
        assert slug in reply.json()["detail"]


@pytest.mark.parametrize("who", ["ann", "bob"])
def test_readers_change_streams(client_of, who):
    """Whoever may read a stream's data may change the stream."""
    body = {"data_label": who, "mdo_type": "V", "offset": None, "enabled": False}
    changed = client_of(who).patch(f"/stream/{ACTIVE}/", json=body)
    assert {name: changed.json()[name] for name in body} == body


@pytest.mark.parametrize(("who", "status"), [("olga", 403), ("eve", 403)])
def test_others_do_not(client_of, who, status):
    """An operator may not, and no other organisation."""
    assert client_of(who).patch(f"/stream/{ACTIVE}/", json={}).status_code == status
