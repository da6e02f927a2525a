"""From a request to a reply: route, negotiate, authenticate, answer.

Knows the order of the server's checks.  Knows nothing of sockets, nor of any one resource.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping
from functools import cache
from urllib.parse import quote

from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from .auth import user_for_header
from .errors import ApiError, detail, method_not_allowed, not_found, unauthorized
from .fields import Call, Route
from .messages import Reply, Request, html, json_reply
from .store import Store
from .tokens import Signer

__all__ = ["Engine"]

log = logging.getLogger("iotile_cloud.local")

PREFIX = "/api/v1"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")
_JSON_RANGES = {"application/json", "application/*", "*/*"}


class Engine:
    """Answers requests from a store.

    Args:
        store: what the cloud remembers.
        signer: makes and reads its tokens.
        clock: returns the seconds since 1970.
        routes: what it answers, and where.
    """

    def __init__(
        self,
        store: Store,
        signer: Signer,
        clock: Callable[[], float],
        routes: tuple[Route, ...],
    ) -> None:
        self.store = store
        self.signer = signer
        self._clock = clock
        # One request at a time: so a bulk write is whole, and numbers are given out once.
        self._lock = threading.RLock()
        self._map = _map(PREFIX, routes).bind("")

    def handle(self, request: Request) -> Reply:
        """Return the reply to `request`; nothing is raised."""
        try:
            reply = self._answer(request)
        except ApiError as error:
            reply = error.reply
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            reply = html(500, "Internal Server Error")
        log.debug("%s %s -> %d", request.method, request.path, reply.status)
        return reply

    def _answer(self, request: Request) -> Reply:
        if not _HOST.fullmatch(request.header("Host")):
            return html(400, "Bad Request")
        path = re.sub(r"\.json/?$", "/", request.path)
        try:
            route, parts = self._map.match(path)
        except RequestRedirect:
            query = f"?{request.query}" if request.query else ""
            page = html(301, "Moved")
            return page.adding(("Location", quote(path) + "/" + query))
        except NotFound:
            return html(404, "Not Found")
        headers = (("Allow", ", ".join(_allowed(route))), ("Vary", "Accept, Origin, Cookie"))
        try:
            reply = self._dispatch(request, route, parts)
        except ApiError as error:
            reply = error.reply
        return reply.adding(*headers)

    def _dispatch(self, request: Request, route: Route, parts: Mapping[str, str]) -> Reply:
        _negotiate(request)
        with self._lock:
            user = {}
            if route.access != "open":
                header = request.header("Authorization")
                user = user_for_header(self.store, self.signer, header)
            if route.access == "user" and not user:
                raise unauthorized()
            if request.method == "OPTIONS":
                return json_reply({"name": route.path, "renders": ["application/json"]})
            method = "GET" if request.method == "HEAD" else request.method
            if method not in route.handlers:
                raise method_not_allowed(request.method)
            call = Call(request, self.store, self.signer, self._clock, user, parts, route.accepted)
            return route.handlers[method](call)


@cache  # the same for every engine, and slow to build
def _map(prefix: str, routes: tuple[Route, ...]) -> Map:
    rules = [Rule(prefix + route.path, endpoint=route) for route in routes]
    return Map(rules, merge_slashes=False)


def _allowed(route: Route) -> list[str]:
    """Return the methods of a route in the server's order."""
    extra = {"OPTIONS", "HEAD"} if "GET" in route.handlers else {"OPTIONS"}
    return [method for method in _METHODS if method in extra or method in route.handlers]


def _negotiate(request: Request) -> None:
    """Check that JSON is what is wanted: it is the only form here."""
    if request.args.get("format", "") not in ("", "json"):
        raise not_found()
    accept = request.header("Accept") or "*/*"
    ranges = {part.split(";")[0].strip() for part in accept.split(",")}
    if not ranges & _JSON_RANGES:
        raise detail(406, "Could not satisfy the request Accept header.")
