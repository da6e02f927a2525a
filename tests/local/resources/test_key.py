"""Keys of devices."""

from __future__ import annotations

import pytest

KEY = {"slug": "d--0000-0000-0000-000a", "type": "X-API-KEY", "secret": "s", "downloadable": True}


@pytest.fixture
def root(client_of):
    return client_of("root")


def test_staff_make_a_key(root, ann):
    """Staff make a key, and the device's owner may then download it."""
    reply = root.post("/key/", json=KEY)
    assert (reply.status_code, reply.json()) == (201, KEY)
    assert ann.get(f"/device/{KEY['slug']}/key/?type=X-API-KEY").json() == {"key": "s"}


def test_key_is_unique_per_type(root):
    """A device has one key of each type."""
    root.post("/key/", json=KEY)
    again = root.post("/key/", json=KEY)
    assert again.status_code == 400
    assert again.json() == {"non_field_errors": ["The fields slug, type must make a unique set."]}


def test_users_make_none(ann):
    """Nobody but staff makes keys, whatever the body."""
    assert ann.post("/key/", json={}).status_code == 403


def test_keys_are_not_read(root):
    """There is no list of keys."""
    reply = root.get("/key/")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "POST, OPTIONS")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "d--0000-0000-0000-0fff"}, "slug"),
        ({"type": "zz"}, "type"),
        ({"secret": ""}, "secret"),
    ],
)
def test_bad_key_is_refused(root, change, field):
    """A key of an unknown device or type, or without a secret, is 400."""
    reply = root.post("/key/", json={**KEY, **change})
    assert (reply.status_code, list(reply.json())) == (400, [field])
