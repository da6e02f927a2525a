"""Who may do what: the roles of an organisation, and what each may not do.

Staff may do everything with a record they name.  Knows nothing of HTTP.
"""

from __future__ import annotations

from ..storage.store import Record, Store

__all__ = ["can", "orgs_of", "permissions_of"]

PERMISSIONS = (
    "can_delete_org",
    "can_manage_users",
    "can_manage_ota",
    "can_manage_org_and_projects",
    "can_claim_devices",
    "can_modify_device",
    "can_read_stream_ids",
    "can_modify_stream_ids",
    "can_read_device_properties",
    "can_modify_device_properties",
    "can_read_notes",
    "can_read_device_locations",
    "can_read_stream_data",
    "can_create_stream_data",
    "can_manage_stream_aliases",
    "can_create_datablock",
    "can_access_datablock",
    "can_delete_datablock",
    "can_reset_device",
    "can_access_reports",
    "can_create_reports",
    "can_create_stream_ids",
    "can_access_classic",
    "can_access_webapp",
    "can_access_companion",
)
_ALL = frozenset(PERMISSIONS)
_ADMIN = _ALL - {"can_delete_org", "can_manage_ota", "can_delete_datablock"}
_ADMIN -= {"can_create_stream_ids"}
_MEMBER = _ADMIN - {"can_manage_users", "can_manage_org_and_projects", "can_claim_devices"}
_MEMBER -= {"can_manage_stream_aliases", "can_create_datablock", "can_reset_device"}
_MEMBER -= {"can_create_reports", "can_access_classic"}
_OPERATOR = {"can_read_stream_ids", "can_create_stream_data", "can_access_companion"}

ROLES = {
    "s0": _ALL,  # the vendor's staff
    "a0": _ADMIN | {"can_delete_org", "can_delete_datablock"},  # owner
    "a1": _ADMIN,
    "m1": _MEMBER,
    "r1": frozenset(_OPERATOR),
    "d1": _ALL - {"can_delete_org", "can_delete_datablock"},  # developer
}


def permissions_of(role: str) -> dict[str, bool]:
    """Return every permission by name, and whether `role` has it."""
    return {name: name in ROLES.get(role, ()) for name in PERMISSIONS}


def _role(store: Store, user: Record, org: str | None) -> str:
    members = (store.get("org", org) or {}).get("members", ())
    active = (m for m in members if m.get("is_active", True))
    return next((m["role"] for m in active if m["user"] == user.get("slug")), "")


def can(store: Store, user: Record, org: str | None, permission: str = "") -> bool:
    """Tell whether `user` has `permission` (without one: belongs at all) in the organisation."""
    if user.get("is_staff"):
        return True
    role = _role(store, user, org)
    return permission in ROLES.get(role, ()) if permission else bool(role)


def orgs_of(store: Store, user: Record) -> set[str]:
    """Return the slugs of the organisations to which `user` belongs; staff or not."""
    return {org["slug"] for org in store.all("org") if _role(store, user, org["slug"])}
