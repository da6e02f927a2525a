"""The search for devices and data blocks in an organisation: `devices/` and `archives/`.

The real server asks a search engine; here the records themselves are looked through.  Knows its
paging, which no other listing has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from ..rules.crud import show
from ..rules.fields import Call, Field, Route
from ..storage.store import Record
from ..web.errors import not_found
from ..web.messages import Reply, json_reply
from .datablock import FIELDS as DATABLOCK
from .device import FIELDS as DEVICE
from .org import fetch_org

__all__ = ["ROUTES"]

_PAGE = 10
_NOT_PROPERTIES = {"q", "page", "page_size", "format", "staff"}
_TEXTS = ("slug", "label", "external_id", "title", "description")


def _search(kind: str, fields: tuple[Field, ...], call: Call) -> Reply:
    """Answer GET: the records of `kind` with the text `q` and the properties that are asked."""
    org = fetch_org(call)["slug"]
    properties = _properties(call)
    wanted = {k: v.lower() for k, v in call.args.items() if v and k not in _NOT_PROPERTIES}
    text = call.args.get("q", "").lower()
    found = [
        record
        for record in call.store.all(kind)
        if record["org"] == org
        and _matches(record, properties.get(record["slug"], {}), text, wanted)
    ]
    found.sort(key=lambda record: str(record["slug"]))
    return _page(call, [show(call.store, fields, record) for record in found])


def _properties(call: Call) -> dict[str, dict[str, str]]:
    """Return the properties of all targets as lower-case texts: target -> name -> value."""
    found: dict[str, dict[str, str]] = {}
    for prop in call.store.all("property"):
        found.setdefault(prop["target"], {})[prop["name"]] = str(prop["value"]).lower()
    return found


def _matches(
    record: Record, properties: Mapping[str, str], text: str, wanted: Mapping[str, str]
) -> bool:
    texts = [str(record.get(name) or "").lower() for name in _TEXTS]
    if not any(text in candidate for candidate in (*texts, *properties.values())):
        return False
    return all(properties.get(name) == value for name, value in wanted.items())


def _page(call: Call, rows: list[Record]) -> Reply:
    asked = call.args.get("page") or "1"
    page = int(asked) if re.fullmatch(r"[0-9]{1,18}", asked) else 0
    last = max(1, -(-len(rows) // _PAGE))
    if not 1 <= page <= last:
        raise not_found("Invalid page.")
    return json_reply(
        {
            "next_page": page + 1 if page < last else None,
            "prev_page": page - 1 if page > 1 else None,
            "count": len(rows),
            "results": rows[(page - 1) * _PAGE : page * _PAGE],
        }
    )


ROUTES = (
    Route("/org/<key>/devices/", {"GET": partial(_search, "device", DEVICE)}),
    Route("/org/<key>/archives/", {"GET": partial(_search, "datablock", DATABLOCK)}),
)
