"""Devices that travel: their trips, how they stand, and how they went."""

from __future__ import annotations

import pytest

DEVICE, IDLE, MASKED = (f"d--0000-0000-0000-000{digit}" for digit in "abe")
BLOCK = "b--0001-0000-0000-000a"
DENIED = {"detail": "Access Denied due to lack of sufficient permissions"}


def stream_of(variable, device=DEVICE):
    return f"s--0000-0001--{device[3:]}--{variable}"


def read(client, variable, moment, device=DEVICE):
    """Store one reading."""
    row = {"stream": stream_of(variable, device), "timestamp": moment, "int_value": 1}
    assert client.post("/data/", json=row).status_code == 201


@pytest.fixture
def trip(ann):
    """The times of a trip that has ended, with three readings on the way."""
    read(ann, "0e00", "2020-03-01T00:00:00Z")
    for hour in (1, 2, 3):
        read(ann, "5023", f"2020-03-01T0{hour}:00:00Z")
    read(ann, "0e01", "2020-03-01T04:00:00Z")
    return {
        "original_start": "2020-03-01T00:00:00Z",
        "original_end": "2020-03-01T04:00:00Z",
        "actual_start": "2020-03-01T00:00:00Z",
        "actual_end": "2020-03-01T04:00:00Z",
        "start_data": "2020-03-01T01:00:00Z",
        "end_data": "2020-03-01T03:00:00Z",
        "masked": False,
    }


def test_device_that_never_travelled(ann):
    """A device without trip has no times, and the streams of a trip all the same."""
    content = ann.get(f"/shipping/trip/{DEVICE}/").json()
    times = content.pop("trip_date_range")
    assert times.pop("masked") is False
    assert set(times.values()) == {None}
    assert content.pop("streams")[0] == {
        "type": "event",
        "label": "Shocks",
        "stream": stream_of("5020"),
    }
    assert content == {
        "slug": DEVICE,
        "label": "Device 10",
        "org": "acme",
        "project": "p--0000-0001",
        "state": "N1",
        "data_mask": None,
    }


def test_trip(ann, trip):
    """A trip lasts from its start to its end."""
    assert ann.get(f"/shipping/trip/{DEVICE}/").json()["trip_date_range"] == trip


def test_masked_trip(ann, trip):
    """A mask limits what counts as the trip."""
    mask = {"start": "2020-03-01T01:30:00Z", "end": "2020-03-01T03:30:00Z"}
    ann.patch(f"/device/{DEVICE}/mask/", json=mask)
    content = ann.get(f"/shipping/trip/{DEVICE}/").json()
    times = content["trip_date_range"]
    assert (times["actual_start"], times["actual_end"]) == (mask["start"], mask["end"])
    assert (times["original_start"], times["masked"]) == (trip["original_start"], True)
    assert content["data_mask"] == mask


def test_archive(ann, trip):
    """Archiving a trip makes a block, and leaves the device inactive."""
    reply = ann.post(f"/shipping/trip/{DEVICE}/archive/", json={"title": "T"})
    assert reply.status_code == 201
    assert reply.json() == {
        "id": 1,
        "slug": BLOCK,
        "title": "T",
        "description": "",
        "device": DEVICE,
        "block": 1,
        "org": "acme",
        "created_on": "2020-09-13T12:26:40Z",
        "pid": "pid:000000",
    }
    assert ann.get(f"/device/{DEVICE}/").json()["state"] == "N0"


def test_archived_trip(ann, trip):
    """The trip of a block has its times, the block's title for label, and a state of its own."""
    ann.post(f"/shipping/trip/{DEVICE}/archive/", json={"title": "T"})
    content = ann.get(f"/shipping/trip/{BLOCK}/").json()
    assert (content["label"], content["state"], "project" in content) == ("T", "A", False)
    assert content["trip_date_range"] == trip
    assert content["streams"][-1]["stream"] == f"s--0000-0000--{BLOCK[3:]}--5a07"


def test_archive_wants_a_title(ann):
    """An archive without a title is refused."""
    reply = ann.post(f"/shipping/trip/{DEVICE}/archive/", json={})
    assert (reply.status_code, list(reply.json())) == (400, ["title"])


def test_setup(ann):
    """An inactive device is made ready for a trip."""
    reply = ann.post(f"/shipping/trip/{IDLE}/setup/", json={})
    body = reply.json()
    assert (reply.status_code, body["state"], body["active"]) == (202, "N1", True)


def test_setup_of_an_active_device(ann):
    """A device on its way is not set up."""
    reply = ann.post(f"/shipping/trip/{DEVICE}/setup/", json={})
    text = "Device must be in Inactive State before it can be setup for a trip"
    assert (reply.status_code, reply.json()) == (400, [text])


@pytest.mark.parametrize(
    ("who", "method", "path"),
    [
        ("eve", "GET", f"trip/{DEVICE}"),
        ("olga", "GET", f"trip/{DEVICE}"),
        ("bob", "POST", f"trip/{DEVICE}/archive"),
        ("olga", "POST", f"trip/{IDLE}/setup"),
        ("eve", "GET", "project/status/p--0000-0001"),
        ("eve", "GET", "org/quality/summary/acme"),
    ],
)
def test_refused(client_of, who, method, path):
    """What is not for a user is refused in words of its own."""
    reply = client_of(who).request(method, f"/shipping/{path}/", json={})
    assert (reply.status_code, reply.json()) == (403, DENIED)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "trip/zzz"),
        ("GET", "trip/d--0fff"),
        ("POST", f"trip/{BLOCK}/archive"),
        ("GET", "project/status/p--0fff"),
        ("GET", "project/status/zzz"),
        ("GET", "org/quality/summary/zzz"),
    ],
)
def test_unknown(client_of, method, path):
    """What is not there is 404, where the real server may break."""
    assert client_of("root").request(method, f"/shipping/{path}/", json={}).status_code == 404


def results(client):
    content = client.get("/shipping/project/status/p--0000-0001/").json()
    return {result["slug"]: result for result in content["results"]}


def test_project_status(ann):
    """The state of a project lists its active devices, and which properties it shows."""
    content = ann.get("/shipping/project/status/p--0000-0001/").json()
    assert content["config"]["properties"][0] == {"label": "Ship From", "key": "from"}
    assert [result["slug"][-1] for result in content["results"]] == ["a", "e", "f"]
    assert content["results"][0] == {
        "slug": DEVICE,
        "label": "Device 10",
        "state_label": "Normal - Active",
        "state_id": "N1",
        "last_update": "",
        "properties": {},
    }


def test_state_of_a_trip(ann, trip):
    """A trip that has ended says so, until the next one starts."""
    assert results(ann)[DEVICE]["state_label"] == "Normal - Trip Ended"
    read(ann, "0e00", "2020-03-02T00:00:00Z")
    assert results(ann)[DEVICE]["state_label"] == "Normal - Trip Started"


def test_state_of_a_busy_device(ann):
    """A device that a job works on is shown as such."""
    ann.patch(f"/device/{DEVICE}/", json={"state": "B1"})
    assert results(ann)[DEVICE]["state_label"] == "Busy - Archiving"


def summarise(client, **extra):
    event = {"stream": stream_of("5a07"), "timestamp": "2020-03-01T05:00:00Z"}
    assert client.post("/event/", json={**event, "extra_data": extra}).status_code == 201


def test_last_update_and_properties(ann):
    """The latest summary is the last update; the properties are those that are shown."""
    summarise(ann)
    for name in ("Ship To", "Other"):
        ann.post(f"/device/{DEVICE}/new_property/", json={"name": name, "str_value": "Oslo"})
    result = results(ann)[DEVICE]
    assert (result["last_update"], result["properties"]) == ("2020-03-01 05:00:00", {"to": "Oslo"})


def test_quality(ann):
    """The quality of an organisation is the summaries of its archived trips."""
    summarise(ann, **{"Event Count": 3, "Unknown": 1})
    assert ann.get("/shipping/org/quality/summary/acme/").json()["count"] == 0
    ann.post(f"/shipping/trip/{DEVICE}/archive/", json={"title": "T"})
    content = ann.get("/shipping/org/quality/summary/acme/").json()
    (result,) = content["results"]
    assert (result["Device"], result["Event Count"], result["Max Temp (C)"]) == (DEVICE, 3, None)
    assert list(result) == content["config"]["summary_keys"]


def test_quality_as_csv(ann):
    """The same as a table, one line for each trip."""
    summarise(ann, **{"Event Count": 3})
    ann.post(f"/shipping/trip/{DEVICE}/archive/", json={"title": "T"})
    reply = ann.get("/shipping/org/quality/summary/acme/?format=csv")
    head, line = reply.text.splitlines()
    assert reply.headers["Content-Type"].startswith("text/csv")
    assert (head[:17], line[:24]) == ("Device,START (UTC", f"{DEVICE},,")
