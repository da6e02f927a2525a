"""One page of a listing, and the links to its neighbours.

Knows the server's page classes and clamps.  Knows nothing of what is listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlencode

from ..web.errors import not_found
from ..web.messages import Reply, Request, json_reply

__all__ = ["LARGE", "STANDARD", "SUPER", "Paging", "absolute", "paged"]

Row = TypeVar("Row")


@dataclass(frozen=True)
class Paging:
    """How many rows a page has when nothing is asked, and at most."""

    default: int
    most: int


STANDARD = Paging(100, 1000)
LARGE = Paging(1000, 10000)
SUPER = Paging(5000, 20000)


def paged(
    request: Request, rows: Sequence[Row], paging: Paging, show: Callable[[Row], Any]
) -> Reply:
    """Return the page of `rows` that `request` asks for; only its own rows are shown.

    Raises:
        ApiError: 404, there is no such page.
    """
    size = _size(request.args.get("page_size", ""), paging)
    last = max(1, -(-len(rows) // size))
    page = _number(request.args.get("page", "1"), last)
    start = (page - 1) * size
    return json_reply(
        {
            "count": len(rows),
            "next": _link(request, page + 1) if page < last else None,
            "previous": _link(request, page - 1) if page > 1 else None,
            "results": [show(row) for row in rows[start : start + size]],
        }
    )


def _size(text: str, paging: Paging) -> int:
    """Return the page size: the maximum clamps in silence, nonsense counts as not asked."""
    return min(_digits(text), paging.most) or paging.default


def _number(text: str, last: int) -> int:
    page = last if text == "last" else _digits(text)
    if not 1 <= page <= last:
        raise not_found("Invalid page.")
    return page


def _digits(text: str) -> int:
    return int(text) if re.fullmatch(r"\s*\+?[0-9]{1,4000}\s*", text, re.ASCII) else 0


def _link(request: Request, page: int) -> str:
    args = parse_qs(request.query, keep_blank_values=True)
    args["page"] = [str(page)]
    if page == 1:
        del args["page"]
    query = urlencode(sorted(args.items()), doseq=True)
    return absolute(request, request.path) + (f"?{query}" if query else "")


def absolute(request: Request, path: str) -> str:
    """Return the absolute URL of `path`, as the client (or its proxy) addresses this server."""
    scheme = "https" if request.header("X-Forwarded-Proto") == "https" else "http"
    return f"{scheme}://{request.header('Host')}{quote(path)}"
