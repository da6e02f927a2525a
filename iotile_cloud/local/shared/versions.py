"""Version numbers: shown as one text (`v1.2.3`), written one part a field.

Knows nothing of what has versions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..storage.store import Record, Store

__all__ = ["numbers", "part_of", "put_versions", "version_text"]


def numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of a version; a text without any has none.

    >>> numbers("v1.2.3"), numbers("1.2"), numbers("new")
    ((1, 2, 3), (1, 2), ())
    """
    # Twenty digits are more than any field takes, and convert fast.
    return tuple(int(number) for number in re.findall(r"-?[0-9]{1,20}", text))


def version_text(*parts: int) -> str:
    """Return the text of a version.

    >>> version_text(1, 2, 3)
    'v1.2.3'
    """
    return "v" + ".".join(map(str, parts))


def part_of(name: str, place: int) -> Callable[[Store, Record], Any]:
    """Return what shows one part of the version that a record keeps under `name`."""

    def show(store: Store, record: Record) -> int:
        parts = numbers(record.get(name) or "")
        return parts[place] if place < len(parts) else 0

    return show


def put_versions(values: Record, old: Record, parts: Mapping[str, tuple[str, ...]]) -> None:
    """Replace, in `values`, the parts of versions by their texts.

    Args:
        old: the record that `values` go into; parts that were not sent stay as it has them.
        parts: for each version, the fields in which its parts are written.
    """
    for name, fields in parts.items():
        known = (*numbers(old.get(name) or ""), *(0 for _ in fields))
        version = [values.pop(field, number) for field, number in zip(fields, known)]
        values[name] = version_text(*version)
