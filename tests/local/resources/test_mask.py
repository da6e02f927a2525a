"""Data masks of devices and data blocks."""

from __future__ import annotations

import pytest

DEVICE = "d--0000-0000-0000-000a"
BLOCK = "b--0001-0000-0000-000a"
START, END = "2020-01-01T00:10:00Z", "2020-01-01T00:20:00Z"
BOTH = {"start": START, "end": END}


@pytest.fixture
def description(describe):
    content = describe()
    block = {"id": 1, "slug": BLOCK, "title": "Old", "device": DEVICE, "block": 1, "org": "acme"}
    content["datablocks"] = [{**block, "created_by": "ann", "sg": None}]
    return content


@pytest.fixture(params=[f"/device/{DEVICE}/mask/", f"/datablock/{BLOCK}/mask/"])
def mask(request):
    """The path of a mask, of each kind that has one."""
    return request.param


def test_no_mask(ann, mask):
    """What was never masked has neither start nor end."""
    assert ann.get(mask).json() == {"start": None, "end": None}


def test_mask_is_kept(ann, mask):
    """A mask is answered with two empty lists, and read without them."""
    reply = ann.patch(mask, json={"start": START, "end": "2020-01-01T00:20:00.999Z"})
    assert (reply.status_code, reply.json()) == (202, {**BOTH, "events": [], "data": []})
    assert ann.get(mask).json() == BOTH


def test_mask_is_replaced(ann, mask):
    """What a new mask does not say is open: it is not merged with the old one."""
    ann.patch(mask, json=BOTH)
    ann.patch(mask, json={"start": START})
    assert ann.get(mask).json() == {"start": START, "end": None}


def test_mask_is_deleted(ann, mask):
    """A deleted mask is gone; deleting nothing is fine too."""
    ann.patch(mask, json=BOTH)
    assert [ann.delete(mask).status_code for _ in range(2)] == [204, 204]
    assert ann.get(mask).json() == {"start": None, "end": None}


@pytest.mark.parametrize("body", [{}, {"start": "x"}, {"start": None}, []])
def test_bad_mask(ann, mask, body):
    """A mask needs a start or an end that can be read."""
    assert ann.patch(mask, json=body).status_code == 400


@pytest.mark.parametrize(("who", "method"), [("bob", "PATCH"), ("bob", "DELETE"), ("eve", "GET")])
def test_mask_refused(client_of, mask, who, method):
    """A mask is for those who may reset a device."""
    assert client_of(who).request(method, mask, json=BOTH).status_code == 403


def test_mask_limits_the_readings(ann):
    """A masked device shows the readings within its mask."""
    ann.patch(f"/device/{DEVICE}/mask/", json=BOTH)
    assert ann.get("/stream/s--0001--000a--5001/data/").json()["count"] == 10


def test_mask_is_an_event(ann):
    """The server keeps a mask as the one event of a variable of its own."""
    ann.patch(f"/device/{DEVICE}/mask/", json={"start": START})
    ann.patch(f"/device/{DEVICE}/mask/", json=BOTH)
    source = {"filter": f"s--0000-0001--{DEVICE[3:]}--5a09"}
    (event,) = ann.get("/event/", params=source).json()["results"]
    assert event["extra_data"] == {**BOTH, "events": [], "data": []}
    assert (event["status"], event["timestamp"]) == ("cln", "2020-09-13T12:26:40Z")


def test_mask_leaves_a_note(ann):
    """A note tells of the mask."""
    ann.patch(f"/device/{DEVICE}/mask/", json=BOTH)
    (note,) = ann.get("/note/", params={"target": DEVICE}).json()["results"]
    assert note["note"] == f"Data mask set ( start: {START} end: {END} )"
