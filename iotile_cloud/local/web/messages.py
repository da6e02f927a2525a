"""What travels between the HTTP server and the engine: a request, a reply, an entry of the log.

Values only.  Knows nothing of sockets, routes or records.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import parse_qsl

from werkzeug.http import parse_cookie

__all__ = [
    "LogEntry",
    "Reply",
    "Request",
    "html",
    "html_page",
    "json_bytes",
    "json_reply",
    "no_content",
    "removed",
]

Headers = tuple[tuple[str, str], ...]
_PAGE = "<!doctype html>\n<html><title>{0}</title><body><h1>{0}</h1>{1}</body></html>\n"


@dataclass(frozen=True)
class LogEntry:
    """One request as it arrived: header names and values as sent, the query still encoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """One request, whole: the path decoded, the query still encoded, the body read."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @cached_property
    def args(self) -> Mapping[str, str]:
        """The query arguments; of a repeated one the last, as the server reads them."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        """The cookies by name."""
        return parse_cookie(self.header("Cookie").encode("ascii", "replace").decode())

    @cached_property
    def _lowered(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def header(self, name: str) -> str:
        """Return the value of the header `name`, in any case; "" when it was not sent."""
        return self._lowered.get(name.lower(), "")


@dataclass(frozen=True)
class Reply:
    """One reply, whole."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Headers = ()

    def adding(self, *headers: tuple[str, str]) -> Reply:
        """Return this reply with more headers."""
        return replace(self, headers=self.headers + headers)


def json_reply(value: object, status: int = 200, headers: Headers = ()) -> Reply:
    """Return `value` as JSON."""
    return Reply(status, json_bytes(value), headers=headers)


def json_bytes(value: object) -> bytes:
    """Return `value` in the compact form of JSON that the server writes."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    # Half a surrogate pair has no UTF-8; JSON writes it with the same backslash as Python.
    return text.encode("utf-8", "backslashreplace")


def no_content() -> Reply:
    """Return the empty 204, which the server still labels as JSON."""
    return Reply(204)


def removed() -> Reply:
    """Return the empty 204 of the common DELETE, which has no label: "" sends no header."""
    return Reply(204, content_type="")


def html(status: int, title: str) -> Reply:
    """Return a small HTML page: what the server sends where no resource answers."""
    return Reply(status, html_page(title), "text/html; charset=utf-8")


def html_page(title: str, content: str = "") -> bytes:
    """Return a page with `title` above `content`, both HTML already."""
    return _PAGE.format(title, content).encode("utf-8", "backslashreplace")
