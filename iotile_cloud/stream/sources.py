"""Finds the streams of whatever a slug names: a project, device, archive, fleet, variable, stream.

Knows which listing tells the streams of which kind of slug.  Knows nothing of readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Union

from ..api.exceptions import HttpUnexpectedReplyError, RestBaseException
from ..utils.gid import IOTileCloudSlug, parse_slug
from .ordered import Brought, in_order

__all__ = ["Found", "by_slug", "listed", "look_up", "source_slug", "streams_of"]

Found = Union["list[dict[str, Any]]", Exception]
_FILTERS = {"p": "project", "d": "device", "b": "device", "v": "variable"}  # of GET /stream/


def listed(sources: Any) -> list[str]:
    """Return sources as texts, each once; a single one needs no list.

    >>> listed("p--0101"), listed(["d--1", "d--1"])
    (['p--0101'], ['d--1'])
    """
    one = isinstance(sources, (str, IOTileCloudSlug))
    return list(dict.fromkeys(map(str, [sources] if one else sources)))


def source_slug(source: Any) -> IOTileCloudSlug:
    """Return the whole slug of something that has streams; short forms are good.

    Raises:
        ValueError: it is no slug, or of a kind that has no streams.

    >>> str(source_slug("p--0101"))
    'p--0000-0101'
    """
    slug = parse_slug(str(source))
    if slug.kind not in (*_FILTERS, "g", "s"):
        kinds = "a project (p--), device (d--), archive (b--), fleet (g--), variable (v--)"
        raise ValueError(f"{slug} has no streams; name {kinds} or stream (s--)")
    return slug


def streams_of(api: Any, source: Any) -> list[dict[str, Any]]:
    """Return the records of all streams of `source`.

    Args:
        api: an `Api` that has a token.
        source: a slug, as text or object; short forms are good.

    Raises:
        ValueError: it is no slug, or of a kind that has no streams.
        RestBaseException: a request failed, or brought no streams.

    >>> sorted(stream["var_name"] for stream in streams_of(api, "d--2001"))
    ['Garden', 'Mains']
    """
    slug = source_slug(source)
    if slug.kind == "s":
        return [_checked(api.stream(str(slug)).get())]
    if slug.kind == "g":
        members = list(api.fleet(str(slug)).devices.each())
        return [one for member in members for one in streams_of(api, _device_of(member))]
    return [_checked(one) for one in api.stream.each(**{_FILTERS[slug.kind]: str(slug)})]


def _device_of(member: Any) -> str:
    device = member.get("device") if isinstance(member, dict) else None
    if not device:
        raise HttpUnexpectedReplyError(f"a member of a fleet was expected, not {member!r:.200}")
    return str(device)


def _checked(record: Any) -> dict[str, Any]:
    if not isinstance(record, dict) or not record.get("slug"):
        raise HttpUnexpectedReplyError(f"a stream was expected, not {record!r:.200}")
    return record


def look_up(api: Any, sources: Sequence[str], workers: int) -> Iterator[tuple[str, Found]]:
    """Yield each source with its streams, or with the error that looking for them met."""

    def read(source: str) -> Brought[str, tuple[str, Found]]:
        try:
            return Brought((source, streams_of(api, source)))
        except (RestBaseException, ValueError) as error:
            return Brought((source, error))

    return in_order(sources, read, min(workers, len(sources)))


def by_slug(records: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return each stream once, by its slug, in the order given."""
    found: dict[str, dict[str, Any]] = {}
    for record in records:
        found.setdefault(record["slug"], record)
    return found
