"""What `filter=` names on `/data/` and `/event/`: a stream, device, block or variable.

Knows the slugs, and who may read what.  Knows nothing of readings or HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import bad_request, detail
from .permissions import can
from .slugs import full_slug, stream_parts
from .store import Record, Store

__all__ = ["Source", "org_of_stream", "readable_source"]

# What a row must equal to belong to a source: the name of its field, and the slug.
Source = tuple[str, str]

_FIELDS = {"s": "stream", "d": "device", "b": "device", "v": "variable"}
_ILLEGAL = (
    "Illegal filter argument format (Illegal Stream). "
    "Stream slug must have three terms: s--<prj>--<dev>--<var>"
)


def readable_source(store: Store, user: Record, args: Mapping[str, str]) -> Source | None:
    """Return what `filter=` names, or None: unknown, short, or not for this user (no rows).

    Raises:
        ApiError: 400, a stream slug without three terms, or an organisation or a user.
    """
    slug = args.get("filter", "")
    if slug[:1] in ("^", "@"):
        raise bad_request("filter must be a stream, device, data block or variable slug")
    if slug.startswith("s--") and slug.count("--") != 3:
        raise detail(400, _ILLEGAL)
    if full_slug(slug) != slug or slug[0] not in _FIELDS:
        return None
    org = _org(store, slug)
    if org is None or not can(store, user, org, "can_read_stream_data"):
        return None
    return _FIELDS[slug[0]], slug


def _org(store: Store, slug: str) -> str | None:
    if slug[0] == "s":
        return org_of_stream(store, slug)
    kind = {"d": "device", "b": "datablock", "v": "variable"}[slug[0]]
    return (store.get(kind, slug) or {}).get("org")


def org_of_stream(store: Store, slug: str) -> str | None:
    """Return the organisation of a stream, with or without a record: its device's or project's.

    None when `slug` is not full, or its device, block or project is unknown or unclaimed.
    """
    parts = stream_parts(slug)
    if parts is None:
        return None
    project, device, _ = parts
    owner: dict[str, Any] | None
    if device:
        owner = store.get("device" if device[0] == "d" else "datablock", device)
    else:
        owner = store.find("project", slug=project)
    return (owner or {}).get("org")
