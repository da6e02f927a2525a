"""The jobs that work on a device: reset, trim, upgrade."""

from __future__ import annotations

import pytest

DEVICE = "d--0000-0000-0000-000a"
MASKED = "d--0000-0000-0000-000e"
STREAM = f"s--0000-0001--{DEVICE[3:]}--5001"


def count(client, kind, source=DEVICE, **args):
    return client.get(f"/{kind}/", params={"filter": source, **args}).json()["count"]


def start(client, job, body=None, device=DEVICE):
    return client.post(f"/device/{device}/{job}/", json=body or {})


def test_reset_forgets_readings_and_events(ann):
    """A reset device has neither readings nor events, and keeps its streams."""
    reply = start(ann, "reset")
    answer = {"reset": "scheduled", "pid": "pid:000000"}
    assert (reply.status_code, reply.json()) == (202, answer)
    assert (count(ann, "data"), count(ann, "event")) == (0, 0)
    assert ann.get(f"/stream/{STREAM}/").status_code == 200


def test_reset_forgets_the_mask(ann):
    """The mask goes with the events that keep it."""
    start(ann, "reset", device=MASKED)
    assert ann.get(f"/device/{MASKED}/mask/").json() == {"start": None, "end": None}


@pytest.mark.parametrize(("body", "left"), [({}, 0), ({"include_properties": False}, 1)])
def test_reset_and_properties(ann, body, left):
    """Properties go along unless they are excluded."""
    ann.post(f"/device/{DEVICE}/new_property/", json={"name": "A", "int_value": 1})
    start(ann, "reset", body)
    assert len(ann.get(f"/device/{DEVICE}/properties/").json()) == left


@pytest.mark.parametrize(("body", "left"), [({}, 0), ({"include_notes_and_locations": False}, 1)])
@pytest.mark.parametrize(
    ("kind", "item"), [("note", {"note": "hi"}), ("location", {"lat": 1, "lon": 2})]
)
def test_reset_and_notes(ann, kind, item, body, left):
    """Notes and locations go along unless they are excluded."""
    item = {**item, "target": DEVICE, "timestamp": "2020-01-01T00:00:00Z"}
    assert ann.post(f"/{kind}/", json=item).status_code == 201
    start(ann, "reset", body)
    assert ann.get(f"/{kind}/", params={"target": DEVICE}).json()["count"] == left


@pytest.mark.parametrize(("full", "left"), [(True, 0), (False, 1)])
def test_full_reset_forgets_the_streamers(ann, full, left):
    """After a full reset the reports of the device begin anew."""
    start(ann, "reset", {"full": full})
    assert len(ann.get(f"/device/{DEVICE}/streamers/").json()) == left


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ({"start": "2020-01-01T00:10:00Z"}, 20),
        ({"end": "2020-01-01T00:10:00Z"}, 10),
        ({"start": "2020-01-01T00:10:00Z", "end": "2020-01-01T00:20:00Z"}, 10),
        ({}, 30),
    ],
)
def test_trim(ann, body, rows):
    """What remains lies from the start on and before the end."""
    reply = start(ann, "trim", body)
    assert (reply.status_code, reply.json()) == (202, {"trim": "scheduled"})
    assert count(ann, "data", STREAM) == rows


def test_trim_takes_events_too(ann):
    """Events outside the span are gone, and other devices keep what they have."""
    start(ann, "trim", {"end": "2020-01-01T00:00:02Z"})
    assert count(ann, "event") == 1
    assert count(ann, "data", MASKED) == 10


def test_trim_keeps_the_mask(ann):
    """The event of a mask is no reading of the device."""
    mask = {"start": "2020-01-01T00:00:00Z"}
    ann.patch(f"/device/{DEVICE}/mask/", json=mask)
    start(ann, "trim", {"end": "2020-01-01T00:10:00Z"})
    assert count(ann, "event", STREAM.replace("5001", "5a09")) == 1


def test_trim_wants_times(ann):
    """A time that cannot be read is refused."""
    assert list(start(ann, "trim", {"start": "x"}).json()) == ["start"]


def test_upgrade(ann):
    """An upgrade is acknowledged."""
    reply = start(ann, "upgrade", {"firmware": "v1.2"})
    msg = f"Device {DEVICE} firmware upgraded to v1.2"
    assert (reply.status_code, reply.json()) == (202, {"slug": DEVICE, "msg": msg})


def test_upgrade_wants_a_short_name(ann):
    """A firmware has ten characters at most."""
    text = "Ensure this field has no more than 10 characters."
    assert start(ann, "upgrade", {"firmware": "v1.2.3.4.5.6"}).json() == {"firmware": [text]}


@pytest.mark.parametrize("job", ["reset", "trim"])
def test_member_starts_no_job(client_of, job):
    """A plain member neither resets nor trims."""
    text = "You do not have permission to perform this action."
    reply = start(client_of("bob"), job)
    assert (reply.status_code, reply.json()) == (403, {"detail": text})
