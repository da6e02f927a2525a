"""What the making, changing and removing of all kinds of records has in common.

Knows no resource by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timezone

from ..utils.basic import utc_text
from .errors import restricted
from .fields import Call, Field
from .store import Record

__all__ = ["allow", "completed", "now_text", "remove_by_staff", "stamp"]


def now_text(call: Call) -> str:
    """Return the time of the cloud's clock as the server writes it."""
    return utc_text(datetime.fromtimestamp(call.clock(), timezone.utc))


def stamp(call: Call) -> Record:
    """Return the fields of a new record that say who made it, and when."""
    return {"created_on": now_text(call), "created_by": call.user["slug"]}


def completed(fields: Iterable[Field], record: Record) -> Record:
    """Return `record` with the default of every field that it does not say."""
    return {f.name: f.default for f in fields if f.show is None} | record


def allow(call: Call, record: Record) -> None:
    """Allow whoever could fetch the record."""


def remove_by_staff(kind: str, status: int, flag: bool) -> Callable[[Call, Record], None]:
    """Return the removal that staff may do (`flag`: with `staff=1`); others get `status`."""

    def remove(call: Call, record: Record) -> None:
        if not (call.all_orgs if flag else call.user.get("is_staff")):
            raise restricted(status)
        call.store.remove(kind, record)

    return remove
