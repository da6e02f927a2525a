"""Streamers: reading for their people, writing for staff."""

from __future__ import annotations

import pytest

ONE = "/streamer/t--0000-0000-0000-000a--0000/"
NEW = {"device": "d--0000-0000-0000-000e", "index": 1, "selector": 0x5FFF}


def test_staff_create(client_of):
    """Staff make a streamer; its slug follows from device and index."""
    reply = client_of("root").post("/streamer/", json=NEW)
    assert reply.status_code == 201
    assert reply.json() == {
        "id": 2,
        "slug": "t--0000-0000-0000-000e--0001",
        "device": "d--0000-0000-0000-000e",
        "process_engine_ver": 0,
        "index": 1,
        "last_id": 0,
        "last_reboot_ts": None,
        "is_system": True,
        "selector": 0x5FFF,
    }


def test_same_streamer_twice_is_400(client_of):
    """A device has one streamer of an index."""
    root = client_of("root")
    root.post("/streamer/", json=NEW)
    assert root.post("/streamer/", json=NEW).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/streamer/"), ("PATCH", ONE), ("PUT", ONE), ("DELETE", ONE)],
)
def test_users_only_read(ann, method, path):
    """Whoever is not staff writes nothing."""
    reply = ann.request(method, path, json=NEW)
    text = "You do not have permission to perform this action."
    assert (reply.status_code, reply.json()) == (403, {"detail": text})


def test_staff_patch(client_of, ann):
    """Staff set how far a streamer has come; what was not sent stays."""
    root = client_of("root")
    reply = root.patch(f"{ONE}?staff=1", json={"last_id": 7})
    assert (reply.status_code, reply.json()["last_id"]) == (200, 7)
    assert ann.get(ONE).json()["selector"] == 0xD7FF


def test_slug_follows_the_index(client_of, ann):
    """A streamer that gets another index gets another slug, and is one streamer still."""
    client_of("root").patch(f"{ONE}?staff=1", json={"index": 255})
    assert ann.get(ONE).status_code == 404
    assert ann.get("/streamer/t--0000-0000-0000-000a--00ff/").status_code == 200
    assert ann.get("/streamer/").json()["count"] == 1


def test_staff_delete(client_of, ann):
    """Staff remove a streamer."""
    assert client_of("root").delete(f"{ONE}?staff=1").status_code == 204
    assert ann.get(ONE).status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"device": "d--000a"}, 200),
        ({"device": "zzz"}, 400),
        ({"device": "d--0fff"}, 404),
        ({"selector": "zz"}, 400),
        ({"selector": 0xD7FF}, 200),
    ],
)
def test_filters(ann, query, status):
    """A device may be short but must exist; a selector is a number."""
    reply = ann.get("/streamer/", params=query)
    assert reply.status_code == status
    assert status != 200 or reply.json()["count"] == 1


def test_staff_write_report_records(client_of, ann):
    """Staff correct and remove the record of a report; users do not."""
    root = client_of("root")
    file = {
        "file": (
            "r.json",
            b'{"format":"v100","device":10,"streamer_index":9,'
            b'"streamer_selector":65536,"device_sent_timestamp":0,"incremental_id":1,'
            b'"lowest_id":0,"highest_id":0}',
        )
    }
    ann.post("/streamer/report/", params={"timestamp": "2020-03-01T00:00:00Z"}, files=file)
    path = f"/streamer/report/{ann.get('/streamer/report/').json()['results'][0]['id']}/"
    assert ann.patch(path, json={"time_epsilon": 2.5}).status_code == 403
    assert ann.delete(path).status_code == 403
    reply = root.patch(f"{path}?staff=1", json={"time_epsilon": 2.5})
    assert (reply.status_code, reply.json()["time_epsilon"]) == (200, 2.5)
    assert root.delete(f"{path}?staff=1").status_code == 204
    assert ann.get("/streamer/report/").json()["count"] == 0


class TestReports:
    """What becomes of the records of a streamer's reports."""

    @pytest.fixture
    def description(self, describe):
        slug, key = "t--0000-0000-0000-000a--0000", "00000000-0000-4000-8000-0000000000b1"
        return describe() | {"streamer_reports": [{"id": key, "streamer": slug}]}

    def test_they_follow_the_streamer(self, client_of, ann):
        """A streamer that gets another index keeps its reports."""
        client_of("root").patch(f"{ONE}?staff=1", json={"index": 5})
        moved = "t--0000-0000-0000-000a--0005"
        assert [r["streamer"] for r in ann.get(f"/streamer/{moved}/report/").json()] == [moved]

    def test_they_go_with_the_streamer(self, client_of):
        """The reports of a deleted streamer are gone, also for a new one of the same slug."""
        root = client_of("root")
        root.delete(f"{ONE}?staff=1")
        root.post("/streamer/", json={"device": "d--0000-0000-0000-000a"})
        assert root.get(f"{ONE}report/?staff=1").json() == []
