"""What a slug means, in every form.  Pure."""

from __future__ import annotations

from typing import Any

from ._grammar import GRAMMAR
from ._html import table
from .gid import (
    IOTileBlockSlug,
    IOTileCloudSlug,
    IOTileDeviceSlug,
    IOTileStreamerSlug,
    IOTileStreamSlug,
    IOTileVariableSlug,
    gid2int,
    gid_join,
    gid_split,
)

__all__ = ["forms_html", "forms_of", "short"]


def forms_of(slug: IOTileCloudSlug) -> dict[str, Any]:
    """Return what a slug means, by name.

    >>> forms_of(IOTileVariableSlug("v--0005--5001"))["project"]
    'p--0000-0005'
    """
    return {"kind": GRAMMAR[slug.kind][0], "slug": str(slug), "short": short(slug), **_parts(slug)}


def forms_html(slug: IOTileCloudSlug) -> str:
    """Return what a slug means as a table for a notebook."""
    return table([], [(name, str(value)) for name, value in forms_of(slug).items()])


def short(slug: IOTileCloudSlug) -> str:
    """Return the shortest text that is read as this slug.

    >>> short(IOTileDeviceSlug(0x2001)), short(IOTileBlockSlug(1, block=2))
    ('d--2001', 'b--0002-0000-0000-0001')
    """
    kind, *terms = gid_split(str(slug))
    if kind == IOTileBlockSlug.kind:  # its first group is the block: none can be left out
        return str(slug)
    return gid_join([kind, *map(_without_zeros, terms)])


def _without_zeros(term: str) -> str:
    while term.startswith("0000-"):
        term = term[5:]
    return term


def _parts(slug: IOTileCloudSlug) -> dict[str, Any]:
    if isinstance(slug, IOTileStreamSlug):
        parts: dict[str, Any] = slug.get_parts()
        return {**parts, "local_id": slug.formatted_local_id()}
    if isinstance(slug, IOTileVariableSlug):
        project = gid_split(str(slug))[1]
        return {"project": gid_join(["p", project]), "local_id": slug.formatted_local_id()}
    if isinstance(slug, IOTileStreamerSlug):
        return {"device": slug.get_device(), "index": gid2int(slug.get_index())}
    if isinstance(slug, IOTileBlockSlug):
        return {"device": str(IOTileDeviceSlug(slug.get_id())), "block": slug.get_block()}
    number = slug.get_id()
    block = {"block": str(IOTileBlockSlug(str(slug)))} if number >> 48 else {}
    return {"number": number, "hex": f"0x{number:x}", **block}
