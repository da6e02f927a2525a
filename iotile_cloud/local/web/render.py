"""The forms in which a route answers, and which of them a request asks for.

A form is a value in the table of a route.  Knows nothing of what is answered.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus

import msgpack  # type: ignore[import-untyped,import-not-found,unused-ignore]
from werkzeug.http import parse_options_header

from ..access.sessions import csrf_cookie
from .errors import detail, not_found
from .messages import Reply, Request, html_page

__all__ = ["API", "PACKED_API", "Renderer", "error_text", "negotiated"]

JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Renderer:
    """One form of an answer.

    Args:
        format: its name as `?format=` and the suffix of a path say it, and as a handler reads it.
        media_type: its name in an Accept header.
        convert: returns a reply, which is JSON, in this form.
    """

    format: str
    media_type: str
    convert: Callable[[Reply], Reply]

    def render(self, reply: Reply) -> Reply:
        """Return `reply` in this form; what is empty, or no JSON, stays as it is."""
        if reply.content_type != JSON_TYPE or not reply.body:
            return reply
        return self.convert(reply)


def _page(reply: Reply) -> Reply:
    """Return a page for people: the status, the headers and the data."""
    status = f"{reply.status} {HTTPStatus(reply.status).phrase}"
    text = json.dumps(json.loads(reply.body), indent=2, ensure_ascii=False)
    body = html_page(status, f"<pre>{html.escape(text)}</pre>")
    page = replace(reply, body=body, content_type="text/html; charset=utf-8")
    return page.adding(csrf_cookie())


def _packed(reply: Reply) -> Reply:
    body = msgpack.packb(json.loads(reply.body), unicode_errors="replace")
    return replace(reply, body=body, content_type="application/msgpack")


def _error_text(media_type: str, reply: Reply) -> Reply:
    if reply.status < 400:
        return reply
    data = json.loads(reply.body)
    text = data.get("detail", data) if isinstance(data, dict) else data
    text = " ".join(map(str, text)) if isinstance(text, list) else str(text)
    body = f"Error: {text}".encode("utf-8", "backslashreplace")
    return replace(reply, body=body, content_type=f"{media_type}; charset=utf-8")


def error_text(format: str, media_type: str) -> Renderer:
    """Return the form of a table: its handler writes it, and errors are plain text in it."""
    return Renderer(format, media_type, partial(_error_text, media_type))


_JSON = Renderer("json", JSON_TYPE, lambda reply: reply)
_PAGE = Renderer("api", "text/html", _page)
API = (_JSON, _PAGE)
PACKED_API = (_JSON, Renderer("msgpack", "application/msgpack", _packed), _PAGE)


def negotiated(request: Request, renderers: tuple[Renderer, ...], suffix: str) -> Renderer:
    """Return the form that `request` asks for.

    The more exact a range of the Accept header, the more it counts; among equals, the first form
    of the route.  Like the real server, this does not look at `q`.

    Args:
        suffix: the format that the path ends in, or "".

    Raises:
        ApiError: 404, there is no such format; 406, nothing fits the Accept header.
    """
    name = suffix or request.args.get("format", "")
    if name:
        renderers = tuple(form for form in renderers if form.format == name)
        if not renderers:
            raise not_found()
    ranges = list(_ranges(request.header("Accept") or "*/*"))
    for level in (3, 2, 1, 0):
        wanted = {text for text, precedence in ranges if precedence == level}
        for form in renderers:
            kind = form.media_type.partition("/")[0]
            if wanted & {form.media_type, f"{kind}/*", "*/*"}:
                return form
    raise detail(406, "Could not satisfy the request Accept header.")


def _ranges(header: str) -> Iterator[tuple[str, int]]:
    """Yield the ranges of an Accept header, each with how exact it is."""
    for part in header.split(","):
        text, options = parse_options_header(part)
        text = text.lower()
        if text == "*/*":
            yield text, 0
        elif text.endswith("/*"):
            yield text, 1
        else:
            yield text, 2 if options.keys() <= {"q"} else 3
