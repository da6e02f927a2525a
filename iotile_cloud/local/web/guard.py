"""Which requests are refused unread: paths and headers that no honest client sends.

Pure.  Knows nothing of routes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import unquote

from .messages import Request

__all__ = ["decoded_path", "has_clear_end", "is_honest"]

_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?", re.ASCII)
_HIDDEN = re.compile(r"%(2f|5c|00)", re.IGNORECASE)  # a slash, a backslash, NUL
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # a folded header holds line ends


def decoded_path(path: str) -> str:
    """Return the path of a request line as text.

    Raises:
        ValueError: it is no UTF-8, or hides a slash or NUL.

    >>> decoded_path("/api/v1/org/%C3%A9/")
    '/api/v1/org/é/'
    """
    if _HIDDEN.search(path):
        raise ValueError(f"the path hides a separator: {path!r}")
    return unquote(path, errors="strict")


def has_clear_end(headers: Iterable[tuple[str, str]]) -> bool:
    """Tell whether everybody who reads these headers agrees on where the body ends.

    >>> has_clear_end([("Host", "a"), ("Content-Length", "3")])
    True
    >>> has_clear_end([("Host", "a"), ("Content-Length", "3"), ("Transfer-Encoding", "chunked")])
    False
    """
    lowered = [(name.lower(), value.strip(" \t").lower()) for name, value in headers]
    times = Counter(name for name, _ in lowered)
    coding = dict(lowered).get("transfer-encoding", "chunked")
    twice = any(times[name] > 1 for name in ("host", "content-length", "transfer-encoding"))
    both = times["content-length"] and times["transfer-encoding"]
    return not twice and not both and coding == "chunked"


def is_honest(request: Request) -> bool:
    r"""Tell whether `request` names a host, and has no tricks in its path or headers.

    >>> is_honest(Request("GET", "/api/v1/", headers={"Host": "localhost:80"}))
    True
    >>> is_honest(Request("GET", "/api/v1/../x", headers={"Host": "localhost"}))
    False
    """
    if not _HOST.fullmatch(request.header("Host")):
        return False
    if any(_CONTROL.search(text) for pair in request.headers.items() for text in pair):
        return False
    if (
        _CONTROL.search(request.path + request.query)
        or "\\" in request.path
        or "\t" in request.path
    ):
        return False
    return not {".", ".."} & set(request.path.split("/"))
