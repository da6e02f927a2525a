"""What the making, changing and removing of all kinds of records has in common.

Knows no resource by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timezone

from ...utils.basic import utc_text
from ..storage.store import Record
from ..web.errors import ApiError, forbidden, restricted
from ..web.messages import Reply
from .fields import Call, Field, Handler, Route

__all__ = [
    "add_note",
    "allow",
    "completed",
    "now_text",
    "remove_by_staff",
    "stamp",
    "written_by_staff",
]


def now_text(call: Call) -> str:
    """Return the time of the cloud's clock as the server writes it."""
    return utc_text(datetime.fromtimestamp(call.clock(), timezone.utc))


def stamp(call: Call) -> Record:
    """Return the fields of a new record that say who made it, and when."""
    return {"created_on": now_text(call), "created_by": call.user["slug"]}


def completed(fields: Iterable[Field], record: Record) -> Record:
    """Return `record` with the default of every field that it does not say."""
    return {f.name: f.default for f in fields if f.show is None} | record


def add_note(call: Call, target: str, text: str, kind: str) -> None:
    """Keep a note that the server writes by itself.

    Args:
        kind: its `type`: "ui" when a user asked for what it tells, "si" when a job did it.
    """
    note = {"id": call.store.new_id("note"), "target": target, "timestamp": now_text(call)}
    call.store.put("note", {**note, "note": text, "type": kind, "created_by": call.user["slug"]})


def allow(call: Call, record: Record) -> None:
    """Allow whoever could fetch the record."""


def remove_by_staff(kind: str, status: int, flag: bool) -> Callable[[Call, Record], None]:
    """Return the removal that staff may do (`flag`: with `staff=1`); others get `status`."""

    def remove(call: Call, record: Record) -> None:
        if not (call.all_orgs if flag else call.user.get("is_staff")):
            raise restricted(status)
        call.store.remove(kind, record)

    return remove


_WRITES = ("POST", "PUT", "PATCH", "DELETE")


def written_by_staff(
    routes: Iterable[Route],
    refuse: Callable[[], ApiError] = forbidden,
    methods: tuple[str, ...] = _WRITES,
) -> tuple[Route, ...]:
    """Return `routes` of which only staff may use `methods`; others learn nothing else there.

    Args:
        refuse: returns what others get.
    """

    def guarded(handler: Handler) -> Handler:
        def answer(call: Call) -> Reply:
            if not call.user.get("is_staff"):
                raise refuse()
            return handler(call)

        return answer

    return tuple(
        replace(
            route,
            handlers={m: guarded(h) if m in methods else h for m, h in route.handlers.items()},
        )
        for route in routes
    )
