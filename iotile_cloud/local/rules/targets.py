"""What notes, properties, locations and settings hang on: a target, named by its slug.

Knows which slug names which kind of record.  Knows nothing of what hangs there.
"""

from __future__ import annotations

from collections.abc import Callable

from ..access.permissions import can
from ..readings.sources import org_of_stream
from ..storage.store import Record, Store
from ..web.errors import bad_fields, forbidden
from .fields import Call

__all__ = ["allowed_target", "of_target", "target_record"]

_KINDS = {"d": "device", "b": "datablock", "v": "variable", "g": "fleet"}


def target_record(store: Store, slug: str) -> Record | None:
    """Return the record that `slug` names, or None; its `org` is its organisation.

    A stream needs no record of its own: its device or project stands for it.
    """
    if slug[:1] == "^":
        org = store.get("org", slug[1:])
        return {**org, "org": org["slug"]} if org else None
    prefix, dashes, _ = slug.partition("--")
    if not dashes:
        return None
    if prefix == "p":
        return store.find("project", slug=slug)
    if prefix == "s":
        owner = org_of_stream(store, slug)
        return {"slug": slug, "org": owner} if owner else None
    return store.get(_KINDS[prefix], slug) if prefix in _KINDS else None


def allowed_target(call: Call, slug: str, permission: str) -> Record:
    """Return what `slug` names when its organisation gives the caller `permission`.

    Raises:
        ApiError: 403, it is not for this user, or there is no such thing.
    """
    record = target_record(call.store, slug)
    if record is None or not can(call.store, call.user, record.get("org"), permission):
        raise forbidden()
    return record


def of_target(call: Call) -> Callable[[Record], bool]:
    """Return the test for records of the target that a list must name.

    Raises:
        ApiError: 400, it names none.
    """
    slug = call.args.get("target")
    if not slug:
        raise bad_fields({"target": ["This field is required."]})
    return lambda record: bool(record["target"] == slug)
