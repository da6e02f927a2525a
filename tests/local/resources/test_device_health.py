"""The status of a device, and its health check."""

from __future__ import annotations

import pytest

HEALTH = "/device/d--000a/health/"
FRESH = {
    "alert": "DSBL",
    "last_report_ts": None,
    "last_known_id": 1,
    "last_known_state": "UNK",
    "health_check_enabled": False,
    "health_check_period": 7200,
    "notification_recipients": [],
}


@pytest.mark.parametrize("action", ["status", "health"])
def test_status_of_a_new_device(ann, action):
    """Nothing is known of a device whose health nobody checks."""
    assert ann.get(f"/device/d--000a/{action}/").json() == FRESH


def test_health_check_is_switched_on(ann):
    """The answer to a change has the three fields that can change, and the status knows of it."""
    body = {
        "health_check_enabled": True,
        "health_check_period": 600,
        "notification_recipients": ["user:ann"],
    }
    reply = ann.patch(HEALTH, json=body)
    assert (reply.status_code, reply.json()) == (200, body)
    assert ann.get("/device/d--000a/status/").json() == {**FRESH, **body, "alert": "UNK"}


def test_health_check_keeps_what_was_not_sent(ann):
    """A change of one field leaves the others."""
    ann.patch(HEALTH, json={"health_check_period": 600})
    body = ann.patch(HEALTH, json={"health_check_enabled": True}).json()
    assert body["health_check_period"] == 600


@pytest.mark.parametrize(
    ("field", "value", "errors"),
    [
        ("health_check_period", "x", ["A valid integer is required."]),
        ("health_check_period", -1, ["Ensure this value is greater than or equal to 0."]),
        ("health_check_enabled", "x", ["Must be a valid boolean."]),
        ("notification_recipients", "a", ['Expected a list of items but got type "str".']),
        ("notification_recipients", [{}], {"0": ["Not a valid string."]}),
    ],
)
def test_bad_health_check(ann, field, value, errors):
    """A bad value is refused by field."""
    reply = ann.patch(HEALTH, json={field: value})
    assert (reply.status_code, reply.json()) == (400, {field: errors})


def test_operator_does_not_change_the_health_check(client_of):
    """An operator sees how a device does, and changes nothing."""
    olga = client_of("olga")
    assert olga.get(HEALTH).status_code == 200
    assert olga.patch(HEALTH, json={"health_check_enabled": True}).status_code == 403
