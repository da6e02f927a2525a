"""The trap of the session cookie: times become local, and some still say that they are UTC."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from dateutil import tz
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.local.web.messages import json_reply
from iotile_cloud.local.web.zones import OFFSET, local_times, read_times

STREAM = "s--0000-0001--0000-0000-0000-000a--5001"
EVENTS = "s--0000-0001--0000-0000-0000-000a--5002"
NEW_YORK = tz.gettz("America/New_York")


@pytest.fixture
def description(description):
    """The small cloud, with ann in New York."""
    description["users"][0]["time_zone"] = "America/New_York"
    return description


@pytest.fixture
def session(client_of):
    """Logs a user in and returns the header with the session's cookie."""

    def log_in(name):
        body = {"email": f"{name}@example.com", "password": f"{name}-secret"}
        reply = client_of(None).post("/auth/login/", json=body)
        return {"Cookie": f"sessionid={reply.cookies['sessionid']}"}

    return log_in


def first_time(client, path, headers):
    return client.get(path, headers=headers).json()["results"][0]["timestamp"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"/data/?filter={STREAM}", "2019-12-31T19:00:00Z"),
        (f"/stream/{STREAM}/data/", "2019-12-31T19:00:00Z"),
        (f"/event/?filter={EVENTS}", "2019-12-31T19:00:01-05:00"),
    ],
)
def test_cookie_beside_a_token_shifts_times(ann, session, path, expected):
    """Readings print local time as if it were UTC, other resources with its offset."""
    assert first_time(ann, path, session("ann")) == expected


def test_without_the_cookie_times_are_utc(ann):
    """A token alone does not switch to the zone of the profile."""
    assert first_time(ann, f"/data/?filter={STREAM}", {}) == "2020-01-01T00:00:00Z"


def test_profile_in_utc_changes_nothing(ann, session):
    """The zone is that of the session's user, which for most is UTC."""
    path = f"/data/?filter={STREAM}"
    assert first_time(ann, path, session("bob")) == "2020-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("start", "count"),
    [("2019-12-31T19:10:00", 20), ("2020-01-01T00:10:00Z", 20), ("2020-01-01T00:10:00", 0)],
)
def test_naive_argument_is_local(ann, session, start, count):
    """A start without a zone is read in the session's; one with a zone is what it says."""
    path = f"/data/?filter={STREAM}&start={start}"
    assert ann.get(path, headers=session("ann")).json()["count"] == count


def test_naive_time_in_a_body_is_local(ann, session):
    """What is posted without a zone is stored in UTC and shown as it was sent."""
    body = {"stream": STREAM, "int_value": 1, "timestamp": "2021-07-01T00:00:00"}
    reply = ann.post("/data/", json=body, headers=session("ann"))
    assert reply.json()["timestamp"] == "2021-07-01T00:00:00Z"
    stored = ann.get(f"/data/?filter={STREAM}&start=2021-01-01T00:00:00Z").json()["results"]
    assert [row["timestamp"] for row in stored] == ["2021-07-01T04:00:00Z"]


def test_objects_of_users_stay_as_they_are(ann, session):
    """Times in what a user stored as an object are not the server's to convert."""
    extra = {"start": "2020-01-01T00:00:00Z"}
    body = {"stream": EVENTS, "timestamp": "2020-01-01T00:00:00Z", "extra_data": extra}
    reply = ann.post("/event/", json=body, headers=session("ann"))
    assert reply.json()["extra_data"] == extra


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2021-05-05T12:00:00Z", "2021-05-05T08:00:00-04:00"),
        ("2021-12-05T12:00:00.250000Z", "2021-12-05T07:00:00.250000-05:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("12:00:00Z", "12:00:00Z"),
        (None, None),
    ],
)
def test_local_time_with_offset(stored, shown):
    """A time keeps its fraction and its moment; what is none, or cannot move, stays."""
    reply = local_times(json_reply([{"created_on": stored}]), NEW_YORK, OFFSET)
    assert reply == json_reply([{"created_on": shown}])


@pytest.mark.parametrize("bad", ["2021-13-05T12:00:00", "2021-05-05", "now", "", 5, None])
def test_what_is_no_time_is_left_to_who_reads_it(bad):
    """Only a whole time without a zone is converted."""
    assert read_times({"start": bad}, NEW_YORK) == {"start": bad}


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_any_body_can_be_read(data):
    """Whatever a body is, reading its times loses nothing of it."""
    assert read_times(data, NEW_YORK) == data


@given(st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2200, 1, 1)))
def test_shown_time_is_the_same_moment(moment):
    """The text with an offset names the moment that was stored."""
    text = OFFSET(moment.replace(tzinfo=timezone.utc).astimezone(NEW_YORK))
    shown = datetime.fromisoformat(text.replace("Z", "+00:00"))
    assert abs((shown - moment.replace(tzinfo=timezone.utc)).total_seconds()) < 60
