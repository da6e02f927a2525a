"""Streams: which a list holds, and what may be made and changed."""

from __future__ import annotations

import pytest

DEVICE = "d--0000-0000-0000-000a"
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


def test_stream_by_short_slug(ann):
    """A stream answers to a slug without its leading groups."""
    assert ann.get("/stream/s--0001--000a--5001/").json()["slug"] == ACTIVE


@pytest.mark.parametrize(("device", "status"), [("d--000a", 400), ("zzz", 403)])
def test_stream_device_filter_wants_the_full_slug(ann, device, status):
    """A short device slug is refused here (the real server breaks on it)."""
    assert ann.get("/stream/", params={"device": device}).status_code == status


def test_operator_lists_streams_but_reads_none(client_of):
    """An operator sees the list of streams, but no stream."""
    olga = client_of("olga")
    assert ACTIVE in [row["slug"] for row in olga.get("/stream/").json()["results"]]
    assert olga.get(f"/stream/{ACTIVE}/").status_code == 403


def test_stream_create(ann):
    """A new stream takes units and factors from its variable."""
    body = {"variable": "v--0000-0001--5003", "device": DEVICE}
    reply = ann.post("/stream/", json=body)
    assert reply.status_code == 201
    assert reply.json()["slug"] == "s--0000-0001--0000-0000-0000-000a--5003"
    assert reply.json()["created_by"] == 1
    whole = ann.get(f"/stream/{reply.json()['slug']}/").json()
    assert whole["input_unit"]["slug"] == "in--temp--millikelvin"


def test_stream_create_virtual(ann):
    """A stream without a device belongs to the project."""
    slug = ann.post("/stream/", json={"variable": "v--0000-0001--5002"}).json()["slug"]
    assert slug == "s--0000-0001--0000-0000-0000-0000--5002"


@pytest.mark.parametrize(
    ("who", "variable", "device", "status"),
    [
        ("ann", "v--0000-0001--9999", DEVICE, 400),
        ("ann", "v--0000-0002--5001", DEVICE, 404),
        ("eve", "v--0000-0001--5003", DEVICE, 403),
    ],
)
def test_stream_create_refused(client_of, who, variable, device, status):
    """A stream needs a variable of the device's project, and is made by its own people."""
    reply = client_of(who).post("/stream/", json={"variable": variable, "device": device})
    assert reply.status_code == status


def test_stream_patch_unit(ann):
    """A stream takes any unit that exists."""
    path = f"/stream/{VIRTUAL}/"
    good = ann.patch(path, json={"output_unit": "out--temp--celsius", "enabled": False}).json()
    assert (good["output_unit"]["unit_short"], good["enabled"]) == ("C", False)
    bad = ann.patch(path, json={"output_unit": "zzz"})
    assert bad.json() == {"output_unit": ["Object with slug=zzz does not exist."]}


def test_stream_delete(ann, client_of):
    """Only staff remove a stream."""
    assert ann.delete(f"/stream/{VIRTUAL}/").status_code == 400
    assert client_of("root").delete(f"/stream/{VIRTUAL}/").status_code == 204


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
        ({"device": "d--0000-0000-0000-000c"}, set(), {ACTIVE}),
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
    "query",
    [
        {"variable": "v--0000-0001--9999"},
        {"block": "b--0009-0000-0000-000a"},
        {"device": "b--0009-0000-0000-000a"},
        {"device": "d--0000-0000-0000-0fff"},
    ],
)
def test_unknown_sources_are_404(ann, query):
    """A variable, block or device that is not there is 404."""
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
