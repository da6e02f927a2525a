"""Where devices were."""

from __future__ import annotations

import pytest

DEVICE = "d--0000-0000-0000-000a"
MASKED = "d--0000-0000-0000-000e"


def place(minute=0, target=DEVICE, lat=1.5, lon="-2.25"):
    moment = f"2020-01-01T00:{minute:02d}:00Z"
    return {"target": target, "timestamp": moment, "lat": lat, "lon": lon}


def test_location_is_kept(ann):
    """A location shows its coordinates as text with six places, and who told it."""
    reply = ann.post("/location/", json=place())
    expected = {
        "id": 1,
        "timestamp": "2020-01-01T00:00:00Z",
        "target": DEVICE,
        "lat": "1.500000",
        "lon": "-2.250000",
        "user": "ann",
    }
    assert (reply.status_code, reply.json()) == (201, expected)
    assert ann.get(f"/location/?target={DEVICE}").json()["results"] == [expected]


def test_device_moves(ann):
    """The device is where its newest location says."""
    ann.post("/location/", json=[place(0), place(1, lat="7.25")])
    device = ann.get(f"/device/{DEVICE}/").json()
    assert (device["lat"], device["lon"]) == ("7.250000", "-2.250000")


@pytest.mark.parametrize("count", [0, 2])
def test_list_answers_count_and_last(ann, count):
    """A POST of a list answers how many there were, and the last."""
    reply = ann.post("/location/", json=[place(minute) for minute in range(count)])
    body = reply.json()
    assert (reply.status_code, body["count"]) == (201, count)
    assert (body["last"] or {}).get("timestamp") == ("2020-01-01T00:01:00Z" if count else None)


def test_list_has_one_target(ann):
    """Locations of two targets in one list are 400, and none is kept."""
    reply = ann.post("/location/", json=[place(), place(target=MASKED)])
    text = "Found more than one target. All entries must be for same target."
    assert (reply.status_code, reply.json()) == (400, [text])
    assert ann.get(f"/location/?target={DEVICE}").json()["count"] == 0


def test_bad_item_spoils_the_list(ann):
    """A bad item is named in its place, and none is kept."""
    reply = ann.post("/location/", json=[place(), {"target": DEVICE}, 7])
    assert reply.status_code == 400
    assert [sorted(errors) for errors in reply.json()] == [[], ["timestamp"], ["non_field_errors"]]
    assert ann.get(f"/location/?target={DEVICE}").json()["count"] == 0


@pytest.mark.parametrize(
    ("lat", "text"),
    [
        (1.123456789, "Ensure that there are no more than 9 digits in total."),
        ("0.1234567", "Ensure that there are no more than 6 decimal places."),
        (1234, "Ensure that there are no more than 3 digits before the decimal point."),
        ("1e999999999", "Ensure that there are no more than 9 digits in total."),
        ("NaN", "A valid number is required."),
        ([], "A valid number is required."),
    ],
)
def test_bad_coordinate_is_refused(ann, lat, text):
    """A coordinate has at most three digits and six places."""
    reply = ann.post("/location/", json=place(lat=lat))
    assert (reply.status_code, reply.json()) == (400, {"lat": [text]})


@pytest.mark.parametrize(
    ("query", "minutes"),
    [("", [1, 2, 4, 6]), ("&mask=1", [2, 4]), ("&start=2020-01-01T00:02:00Z", [2, 4, 6])],
)
def test_list_is_cut(ann, query, minutes):
    """The list is by time, within start and end, and with `mask=1` within the mask."""
    ann.post("/location/", json=[place(minute, MASKED) for minute in (4, 1, 6, 2)])
    rows = ann.get(f"/location/?target={MASKED}{query}").json()["results"]
    assert [row["timestamp"] for row in rows] == [f"2020-01-01T00:0{m}:00Z" for m in minutes]


@pytest.mark.parametrize("query", ["", "?start=x&target=" + DEVICE, "?target="])
def test_bad_query_is_refused(ann, query):
    """A list without target, or with a time that is none, is 400."""
    assert ann.get(f"/location/{query}").status_code == 400


@pytest.mark.parametrize("user", ["olga", "eve"])
def test_locations_are_not_for_everybody(client_of, ann, user):
    """Operators and strangers see no location and add none."""
    ann.post("/location/", json=place())
    client = client_of(user)
    assert client.get(f"/location/?target={DEVICE}").json()["count"] == 0
    assert client.post("/location/", json=place()).status_code == 403


def test_unknown_target(ann):
    """An unknown target has no locations and takes none."""
    target = "d--0000-0000-0000-0fff"
    assert ann.get(f"/location/?target={target}").json()["count"] == 0
    assert ann.post("/location/", json=place(target=target)).status_code == 404
