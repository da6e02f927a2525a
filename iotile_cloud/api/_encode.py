"""How Python values become text in a query or a form, and JSON in a body.  Pure.

| value                  | text                                                  |
|------------------------|-------------------------------------------------------|
| None                   | left out                                              |
| datetime               | UTC, ISO 8601 with Z, fractions when there are any    |
| date                   | ISO 8601, as it is                                    |
| bytes                  | read as UTF-8                                         |
| mapping                | refused                                               |
| other iterables        | the argument again for each item                      |
| anything else          | `str()`: text, numbers, True and False, slugs, UUIDs  |
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ..utils.basic import utc_text
from ..utils.gid import IOTileCloudSlug

__all__ = ["json_body", "pairs"]


def pairs(arguments: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Return the name-value pairs that `arguments` stand for, in their order.

    Raises:
        TypeError: a value is a mapping or nested, which a query has no text for.

    >>> pairs({"device": "d--1", "active": True, "page": None, "id": [1, 2]})
    [('device', 'd--1'), ('active', 'True'), ('id', '1'), ('id', '2')]
    """
    found: list[tuple[str, str]] = []
    for name, value in (arguments or {}).items():
        single = isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable)
        items = [value] if single else value
        found.extend((name, _text(name, item)) for item in items if item is not None)
    return found


def _text(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, Iterable) and not isinstance(value, str):
        raise TypeError(f"{name}={value!r}: a query holds single values and flat lists of them")
    return str(value)


def json_body(data: Any) -> bytes | None:
    """Return `data` as JSON text, None for None: everything else is sent, also {} and [].

    Datetimes are written in UTC, slugs, UUIDs and decimals as text.

    Raises:
        TypeError: a value has no JSON form.
        ValueError: a number is NaN or infinite, which JSON does not know.

    >>> json_body({"name": "My new Org"}), json_body({}), json_body(None)
    (b'{"name": "My new Org"}', b'{}', None)
    """
    if data is None:
        return None
    return json.dumps(data, default=_jsonable, allow_nan=False).encode("ascii")


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (IOTileCloudSlug, UUID, Decimal)):
        return str(value)
    if hasattr(value, "tolist"):  # NumPy scalars and arrays
        return value.tolist()
    raise TypeError(f"{value!r} ({type(value).__name__}) has no JSON form")
