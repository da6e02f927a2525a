"""What each role may do."""

from __future__ import annotations

import pytest

from iotile_cloud.local.access.permissions import PERMISSIONS, permissions_of

NONE = frozenset()
OPERATORS = {"can_read_stream_ids", "can_create_stream_data", "can_access_companion"}
DEVELOPERS_OWN = {"can_manage_ota", "can_create_stream_ids"}
OWNERS_OWN = {"can_delete_org", "can_delete_datablock"}


def forbidden_to(role):
    return {name for name, given in permissions_of(role).items() if not given}


@pytest.mark.parametrize(
    ("role", "missing"),
    [
        ("s0", NONE),
        ("a0", DEVELOPERS_OWN),
        ("a1", DEVELOPERS_OWN | OWNERS_OWN),
        ("d1", OWNERS_OWN),
        ("r1", set(PERMISSIONS) - OPERATORS),
        ("zz", set(PERMISSIONS)),
    ],
)
def test_what_a_role_may_not_do(role, missing):
    """Each role lacks what the server's table says; an unknown one lacks all."""
    assert forbidden_to(role) == missing


def test_members_run_devices_but_not_the_organisation():
    """A member reads and changes devices, and neither claims, resets nor archives them."""
    missing = forbidden_to("m1")
    assert {"can_claim_devices", "can_reset_device", "can_create_datablock"} <= missing
    assert not {"can_modify_device", "can_read_stream_data", "can_modify_stream_ids"} & missing
