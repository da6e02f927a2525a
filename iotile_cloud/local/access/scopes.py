"""Who sees which records: the tests behind every listing, and the refusals behind every URL.

Somebody else's record is 404 on some resources and 403 on others; each resource says which.
Knows no resource by name.
"""

from __future__ import annotations

from collections.abc import Callable

from ..rules.fields import Call
from ..storage.store import Record
from ..web.errors import forbidden, not_found
from .permissions import can, orgs_of

__all__ = ["Test", "allowed", "mine", "numbered", "visible"]

Test = Callable[[Record], bool]


def mine(call: Call, field: str = "org") -> Test:
    """Return the test for records of the caller's organisations (staff=1: of all).

    Args:
        field: where the records name their organisation.
    """
    if call.all_orgs:
        return lambda record: True
    orgs = orgs_of(call.store, call.user)
    return lambda record: record.get(field) in orgs


def visible(record: Record | None, test: Test) -> Record:
    """Return `record` when `test` lets the caller see it, else raise 404."""
    if record is None or not test(record):
        raise not_found()
    return record


def allowed(call: Call, record: Record | None, permission: str = "") -> Record:
    """Return `record` when its organisation gives the caller `permission`.

    Raises:
        ApiError: 404, there is no record; 403, it is not for this user.
    """
    if record is None:
        raise not_found()
    if not can(call.store, call.user, record.get("org"), permission):
        raise forbidden()
    return record


def numbered(call: Call, kind: str) -> Record:
    """Return the record of `kind` whose number the URL names.

    Raises:
        ApiError: 404, there is none, or it is no number.
    """
    key = call.path["key"]
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else None
    return visible(call.store.get(kind, number), lambda record: True)
