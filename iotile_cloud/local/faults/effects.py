"""What a fault does to the request that it strikes: from a request to a reply and its delivery.

Pure but for the two functions that it is given.  Knows nothing of sockets, nor of which request
is struck.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email.utils import format_datetime
from http.client import responses
from typing import Any
from urllib.parse import urlsplit

from ..web.messages import Reply, Request, html, json_reply
from ..web.server import Delivery

__all__ = ["Effect"]

Handle = Callable[[Request], Reply]


@dataclass(frozen=True)
class Effect:
    """The effects of one rule, as `Faults.add` describes them."""

    delay: float = 0.0
    status: int | None = None
    retry_after: int | str | datetime | None = None
    cut: str | int | float | None = None
    reset: bool = False
    truncate: int | float | None = None
    repeat_page: bool = False
    expire_tokens: bool = False

    def concerns(self, request: Request) -> bool:
        """Tell whether the request has what the effect is about: a page before it, a token."""
        if self.repeat_page and request.args.get("page", "") in ("", "1"):
            return False
        return not self.expire_tokens or request.header("Authorization")[:4].lower() == "jwt "

    def befall(
        self, request: Request, handle: Handle, expire_tokens: Callable[[], None]
    ) -> Delivery:
        """Return what becomes of the reply to `request`.

        Args:
            request: the request that is struck.
            handle: returns the reply to a request as it would be without a fault.
            expire_tokens: lets every token that was issued so far have ended.
        """
        if self.cut == "before":
            return Delivery(None, self.delay, reset=self.reset)
        if self.expire_tokens:
            expire_tokens()
        reply = self._refusal() if self.status else handle(request)
        if self.repeat_page:
            reply = _with_previous_rows(reply, request, handle)
        if self.cut == "reply":
            return Delivery(None, self.delay, reset=self.reset)
        if self.truncate is not None:
            reply = replace(reply, body=reply.body[: _size(self.truncate, reply.body)])
        kept = None if self.cut is None else _size(self.cut, reply.body)
        return Delivery(reply, self.delay, kept, self.reset)

    def _refusal(self) -> Reply:
        """Return the page of a proxy in front of the server: the server itself sends no 503."""
        status = self.status or 0
        reply = Reply(status) if status in (204, 304) else html(status, responses.get(status, ""))
        if self.retry_after is None:
            return reply
        return reply.adding(("Retry-After", _header(self.retry_after)))


def _header(moment: int | str | datetime) -> str:
    if not isinstance(moment, datetime):
        return str(moment)
    utc = moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(timezone.utc)
    return format_datetime(utc, usegmt=True)


def _size(part: str | int | float, body: bytes) -> int:
    if isinstance(part, float):
        return int(len(body) * part)
    return len(body) if isinstance(part, str) else min(part, len(body))


def _with_previous_rows(reply: Reply, request: Request, handle: Handle) -> Reply:
    """Return a page with the rows of the one before it; what is no such page stays."""
    page = _page(reply)
    if not page.get("previous"):
        return reply
    before = _page(handle(replace(request, query=urlsplit(page["previous"]).query)))
    if "results" not in before:  # gone meanwhile
        return reply
    return replace(reply, body=json_reply({**page, "results": before["results"]}).body)


def _page(reply: Reply) -> dict[str, Any]:
    if reply.status != 200 or reply.content_type != "application/json":
        return {}
    value = json.loads(reply.body)
    return value if isinstance(value, dict) else {}
