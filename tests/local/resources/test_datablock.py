"""Data blocks: archives of what a device had gathered."""

from __future__ import annotations

import pytest

DEVICE = "d--0000-0000-0000-000a"
BLOCK = "b--0001-0000-0000-000a"
STREAM = f"s--0000-0001--{DEVICE[3:]}--5001"
ARCHIVED = f"s--0000-0000--{BLOCK[3:]}--5001"
MASKED = "d--0000-0000-0000-000e"


def archive(client, **more):
    return client.post("/datablock/", json={"title": "First", "device": DEVICE, **more})


def count(client, kind, source):
    return client.get(f"/{kind}/", params={"filter": source}).json()["count"]


def test_archive_is_answered(ann):
    """The answer to a POST is the block before its job ran: without a sensor graph."""
    reply = archive(ann, description="d")
    assert reply.status_code == 201
    assert reply.json() == {
        "id": 1,
        "slug": BLOCK,
        "title": "First",
        "description": "d",
        "block": 1,
        "org": "acme",
        "sg": None,
        "created_on": "2020-09-13T12:26:40Z",
        "created_by": "ann",
        "pid": "pid:000000",
    }


def test_block_takes_the_sensor_graph(ann):
    """A block has the sensor graph that its device had, and no job any more."""
    body = archive(ann, device="d--0000-0000-0000-000f").json()
    block = ann.get(f"/datablock/{body['slug']}/").json()
    assert (block["sg"], block["pid"]) == ("old-v1", "")


def test_blocks_are_numbered_by_device(ann):
    """Each device counts its blocks from one."""
    slugs = [archive(ann).json()["slug"], archive(ann).json()["slug"]]
    slugs.append(archive(ann, device=MASKED).json()["slug"])
    assert slugs == [BLOCK, BLOCK.replace("0001", "0002"), "b--0001-0000-0000-000e"]


def test_archive_moves_the_readings(ann):
    """The readings leave the device, and say the block in place of device and project."""
    archive(ann)
    assert (count(ann, "data", DEVICE), count(ann, "data", BLOCK)) == (0, 30)
    row = ann.get("/data/", params={"filter": ARCHIVED, "page_size": 1}).json()["results"][0]
    owner = (row["stream"], row["project"], row["device"], row["variable"])
    assert owner == (ARCHIVED, "", BLOCK, "v--0000-0001--5001")


def test_archive_moves_readings_without_a_stream(ann):
    """Readings need no record of their stream to be moved."""
    loose = STREAM.replace("5001", "5fff")
    ann.post("/data/", json={"stream": loose, "timestamp": "2020-01-01T00:00:00Z", "int_value": 1})
    archive(ann)
    assert count(ann, "data", ARCHIVED.replace("5001", "5fff")) == 1


def test_archive_moves_the_events(ann):
    """The events go to the block too."""
    archive(ann)
    assert (count(ann, "event", DEVICE), count(ann, "event", BLOCK)) == (0, 2)


def test_archive_copies_the_streams(ann):
    """The block gets copies of the streams, and the device keeps its own."""
    before = ann.get(f"/stream/{STREAM}/").json()
    archive(ann)
    copy = ann.get(f"/stream/{ARCHIVED}/").json()
    assert ann.get(f"/stream/{STREAM}/").json() == before
    assert copy["id"] != before["id"]
    owner = [copy[name] for name in ("project", "project_id", "device", "block", "variable")]
    assert owner == ["p--0000-0000", None, DEVICE, BLOCK, "v--0000-0000--5001"]
    assert copy["output_unit"] == before["output_unit"]
    assert ann.get(f"/stream/{ARCHIVED}/data/").json()["count"] == 30


def test_device_goes_on_after_an_archive(ann):
    """New readings of the device are its own again."""
    archive(ann)
    row = {"stream": STREAM, "timestamp": "2020-02-01T00:00:00Z", "int_value": 1}
    assert ann.post("/data/", json=row).status_code == 201
    assert (count(ann, "data", DEVICE), count(ann, "data", BLOCK)) == (1, 30)


def test_archive_moves_user_properties(ann):
    """The user's properties go to the block, and those of the system stay."""
    for name, system in (("Mine", False), ("@sys", True)):
        body = {"name": name, "str_value": "x", "is_system": system}
        ann.post(f"/device/{DEVICE}/new_property/", json=body)
    archive(ann)
    names = [
        [p["name"] for p in ann.get(f"/{path}/properties/").json()]
        for path in (f"device/{DEVICE}", f"datablock/{BLOCK}")
    ]
    assert names == [["@sys"], ["Mine"]]


@pytest.mark.parametrize(
    ("kind", "item"), [("note", {"note": "hi"}), ("location", {"lat": 1, "lon": 2})]
)
def test_archive_moves_notes_and_locations(ann, kind, item):
    """What users noted of the device, and where it was, goes to the block."""
    ann.post(f"/{kind}/", json={**item, "target": DEVICE, "timestamp": "2020-01-01T00:00:00Z"})
    archive(ann)
    assert ann.get(f"/{kind}/", params={"target": BLOCK}).json()["count"] == 1


def test_archive_leaves_a_note(ann):
    """The device gets a note that tells of the archive."""
    archive(ann)
    (note,) = ann.get("/note/", params={"target": DEVICE}).json()["results"]
    assert (note["type"], note["note"]) == (
        "si",
        f"Device data was archived. Datablock ID: {BLOCK}",
    )


def test_archive_moves_reports(ann):
    """Reports that were made of the device are reports of the block."""
    report = {"label": "R", "org": "acme", "source_ref": DEVICE}
    made = ann.post("/report/generated/", json=report).json()["id"]
    archive(ann)
    assert ann.get(f"/report/generated/{made}/").json()["source_ref"] == BLOCK


def test_archive_moves_the_mask(ann):
    """The mask limits the same readings afterwards."""
    archive(ann, device=MASKED)
    block = "b--0001-0000-0000-000e"
    assert ann.get(f"/device/{MASKED}/mask/").json() == {"start": None, "end": None}
    assert ann.get(f"/datablock/{block}/mask/").json()["end"] == "2020-01-01T00:05:00Z"
    stream = f"s--0000-0000--{block[3:]}--5001"
    assert ann.get(f"/stream/{stream}/data/").json()["count"] == 3


@pytest.mark.parametrize(
    ("on_complete", "state", "active", "label"),
    [
        (None, "N1", True, "Device 10"),
        ({}, "N1", True, "Device 10"),
        ({"device": {"state": "N0", "label": "Shelf"}}, "N0", False, "Shelf"),
        ({"device": {"label": "Shelf"}}, "B0", True, "Shelf"),
    ],
)
def test_on_complete(ann, on_complete, state, active, label):
    """`on_complete` says what becomes of the device; without a state in it, it stays busy."""
    archive(ann, on_complete=on_complete)
    device = ann.get(f"/device/{DEVICE}/").json()
    assert (device["state"], device["active"], device["label"]) == (state, active, label)


@pytest.mark.parametrize(
    "on_complete", ["x", [1], {"device": 1}, {"device": {"state": "Z9"}}, {"device": {"label": []}}]
)
def test_bad_on_complete(ann, on_complete):
    """A device cannot become what it cannot be; nothing is archived then."""
    reply = archive(ann, on_complete=on_complete)
    assert (reply.status_code, list(reply.json())) == (400, ["on_complete"])
    assert count(ann, "data", DEVICE) == 30


def test_busy_device_is_not_archived(ann):
    """A second job waits until the first one is done."""
    archive(ann, on_complete={"device": {"label": "x"}})
    text = "You do not have permission to perform this action."
    assert (archive(ann).status_code, archive(ann).json()) == (403, {"detail": text})


@pytest.mark.parametrize("who", ["bob", "olga", "eve"])
def test_archive_refused(client_of, who):
    """Plain members, operators and strangers archive nothing."""
    assert archive(client_of(who)).status_code == 403


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["title", "device"]),
        ({"title": "x", "device": "d--000a"}, ["device"]),
        ({"title": "x" * 101, "device": DEVICE}, ["title"]),
        ([], ["non_field_errors"]),
    ],
)
def test_bad_archive(ann, body, fields):
    """An archive needs a title and a device, by its full slug."""
    reply = ann.post("/datablock/", json=body)
    assert (reply.status_code, list(reply.json())) == (400, fields)


@pytest.mark.parametrize(
    ("who", "key", "status"),
    [
        ("bob", BLOCK, 200),
        ("olga", BLOCK, 403),
        ("eve", BLOCK, 403),
        ("root", BLOCK, 200),
        ("ann", "b--0001-000a", 404),
        ("ann", "b--0009-0000-0000-000a", 404),
    ],
)
@pytest.mark.parametrize("action", ["", "extra/"])
def test_who_reads_a_block(ann, client_of, who, key, status, action):
    """A block is found by its full slug, by those who may open blocks."""
    archive(ann)
    assert client_of(who).get(f"/datablock/{key}/{action}").status_code == status


@pytest.mark.parametrize(
    ("who", "query", "found"),
    [
        ("ann", "", 2),
        ("ann", "org=acme", 2),
        ("ann", f"device={DEVICE}", 1),
        ("ann", "org=acme&q=SECOND", 1),
        ("ann", "org=other", 0),
        ("olga", "", 0),
        ("eve", "", 0),
        ("root", "", 0),
        ("root", "staff=1", 2),
    ],
)
def test_block_list(ann, client_of, who, query, found):
    """Lists hold the blocks that a user may open, narrowed by their arguments."""
    archive(ann)
    archive(ann, device=MASKED, title="Second")
    assert client_of(who).get(f"/datablock/?{query}").json()["count"] == found


@pytest.mark.parametrize(
    ("query", "status"), [("org=zzz", 404), ("device=d--0fff", 404), ("q=x", 400)]
)
def test_bad_block_filter(ann, query, status):
    """Unknown slugs are 404, and a search needs an organisation."""
    assert ann.get(f"/datablock/?{query}").status_code == status


def test_block_is_renamed(ann):
    """The answer to a change has fewer fields than the block."""
    archive(ann)
    body = ann.patch(f"/datablock/{BLOCK}/", json={"title": "T", "block": 9}).json()
    names = ["title", "description", "slug", "block", "org", "sg"]
    assert (list(body), body["title"], body["block"]) == (names, "T", 1)


def test_extra_counts(ann):
    """`extra/` counts the rows of each stream of the block."""
    archive(ann)
    counts = ann.get(f"/datablock/{BLOCK}/extra/").json()["stream_counts"]
    assert counts == {
        ARCHIVED: {"data_cnt": 30, "has_streamid": True},
        ARCHIVED.replace("5001", "5002"): {"event_cnt": 3, "has_streamid": True},
    }


def test_only_staff_delete_a_block(ann, client_of):
    """Users are refused; with a block go its readings."""
    archive(ann)
    reply = ann.delete(f"/datablock/{BLOCK}/")
    assert (reply.status_code, reply.json()) == (403, {"error": "Restricted Access. Contact Arch"})
    root = client_of("root")
    assert root.delete(f"/datablock/{BLOCK}/").status_code == 204
    assert root.get(f"/datablock/{BLOCK}/").status_code == 404
    assert root.get(f"/stream/{ARCHIVED}/").status_code == 404
    assert ann.get(f"/stream/{STREAM}/").status_code == 200
