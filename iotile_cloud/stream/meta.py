"""What a frame, a table or a file tells about the readings in it.  Pure; plain JSON values.

Does not know where it is put.  A token is never part of it: of the connection it holds the
address alone, without a name or password that stands in there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from .receipt import Receipt

__all__ = ["KEY", "described", "json_text", "units_of"]

KEY = "iotile_cloud"
"""The name under which Arrow and Parquet keep it."""
_USER = re.compile(r"^(\w+://)?[^/]*@")
_UNITS = ("input_unit", "output_unit")


def units_of(record: Any) -> dict[str, Any] | None:
    """Return the units in the record of a stream, as the server has them; None without any.

    >>> units_of({"slug": "s--…", "input_unit": None, "output_unit": {"unit_short": "C"}})
    {'input_unit': None, 'output_unit': {'unit_short': 'C'}}
    """
    if not isinstance(record, dict):
        return None
    return {name: record.get(name) for name in _UNITS}


def described(
    domain: str | None,
    stream: object,
    query: Mapping[str, Any],
    units: Mapping[str, Any] | None,
    receipt: Receipt,
) -> dict[str, Any]:
    """Return where readings come from and how they were read.

    Args:
        domain: the address of the server.
        stream: the slug, None for readings of several streams.
        query: the arguments of the server.
        units: what `units_of` tells; None where there is no record to tell.
        receipt: the account of the download.

    >>> about = described("https://me:secret@iotile.cloud", None, {"lastn": 5}, None, Receipt())
    >>> about["domain"], about["query"], about["receipt"]["received"]
    ('https://iotile.cloud', {'lastn': 5}, 0)
    """
    from .. import __version__

    about = {
        "domain": domain and _USER.sub(r"\1", str(domain)),
        "stream": None if stream is None else str(stream),
        "query": dict(query),
        "units": units,
        "version": __version__,
        "receipt": asdict(receipt),
    }
    plain: dict[str, Any] = json.loads(json.dumps(about, default=str))
    return plain


def json_text(about: Mapping[str, Any]) -> str:
    """Return what is put beside a file."""
    return json.dumps(about, indent=2) + "\n"
