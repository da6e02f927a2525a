"""What `filter=` names on `/data/`, `/event/` and `/df/`, as pieces of the rows in the store.

Knows the slugs, and who may read what.  Knows nothing of how rows are shown.
"""

from __future__ import annotations

from typing import Any

from ..access.permissions import can
from ..rules.fields import Call
from ..storage.rows import Piece
from ..storage.store import Record, Store
from ..web.errors import bad_request, detail
from .slugs import full_slug, stream_parts
from .windows import micros, narrowed

__all__ = ["masked", "org_of_stream", "readable_pieces", "taps_of"]

_FIELDS = {"s": "stream", "d": "device", "b": "device", "v": "variable"}
_KINDS = {"d": "device", "b": "datablock", "v": "variable", "a": "alias"}
_ILLEGAL = (
    "Illegal filter argument format (Illegal Stream). "
    "Stream slug must have three terms: s--<prj>--<dev>--<var>"
)


def readable_pieces(call: Call) -> list[Piece]:
    """Return the rows that `filter=` names; none when it is unknown, short or not for this user.

    Raises:
        ApiError: 400, a stream slug without three terms, or an organisation or a user.
    """
    store, slug = call.store, call.args.get("filter", "")
    if slug[:1] in ("^", "@"):
        raise bad_request("filter must be a stream, device, data block, variable or alias slug")
    if slug.startswith("s--") and slug.count("--") != 3:
        raise detail(400, _ILLEGAL)
    if slug == "future" and call.all_orgs:
        return [Piece("", "", {"timestamp": (int(call.clock() * 1_000_000) + 1, None)})]
    org = _org(store, slug)
    if org is None or not can(store, call.user, org, "can_read_stream_data"):
        return []
    return _tapped(store, slug) if slug[0] == "a" else [Piece(_FIELDS[slug[0]], slug)]


def _org(store: Store, slug: str) -> str | None:
    if slug[:1] == "s":
        return org_of_stream(store, slug) if full_slug(slug) == slug else None
    return (store.get(_KINDS.get(slug[:1], ""), slug) or {}).get("org")


def _tapped(store: Store, alias: str) -> list[Piece]:
    """Return the rows of an alias: of the stream of each tap, until the next tap."""
    taps = taps_of(store, alias)
    starts: list[Any] = [micros(tap["timestamp"]) for tap in taps]
    ends = [start - 1 for start in starts[1:]] + [None]
    return [
        Piece("stream", tap["stream"], {"timestamp": span})
        for tap, span in zip(taps, zip(starts, ends))
    ]


def taps_of(store: Store, alias: str) -> list[Record]:
    """Return the taps of the alias with this slug, in order of time."""
    taps = [tap for tap in store.all("tap") if tap["alias"] == alias]
    return sorted(taps, key=lambda tap: micros(tap["timestamp"]))


def masked(store: Store, piece: Piece) -> Piece:
    """Return `piece` without the rows that the mask of its device (or data block) hides."""
    slug = piece.slug
    if piece.field == "stream":
        slug = (stream_parts(slug) or ("", "", ""))[1]
    return piece._replace(spans=narrowed(piece.spans or {}, store.get("mask", slug)))


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
