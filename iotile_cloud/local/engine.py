"""From a request to a reply: route, negotiate, authenticate, answer.

Knows the order of the server's checks.  Knows nothing of sockets, nor of any one resource.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import tzinfo
from urllib.parse import quote

from .access.auth import Asker, identified, org_of_key
from .access.sessions import find_session, session_cookie
from .access.tokens import Signer
from .router import router_of
from .rules.fields import Call, Route
from .storage.store import Record, Store
from .web.cors import is_preflight, preflight, with_origin
from .web.errors import ApiError, method_not_allowed, unauthorized
from .web.guard import is_honest
from .web.messages import Reply, Request, html, json_reply
from .web.metadata import metadata
from .web.render import negotiated
from .web.zones import local_times, zone_named

__all__ = ["Engine"]

log = logging.getLogger("iotile_cloud.local")

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_SUFFIX = re.compile(r"\.([a-z0-9]+)/?$")


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
        self._router = router_of(routes)

    def handle(self, request: Request) -> Reply:
        """Return the reply to `request`; nothing is raised."""
        try:
            reply = self._answer(request)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            reply = html(500, "Internal Server Error")
        log.debug("%s %s -> %d", request.method, request.path, reply.status)
        return reply

    def _answer(self, request: Request) -> Reply:
        if not is_honest(request):
            return html(400, "Bad Request")
        if is_preflight(request):
            return preflight(request)
        return with_origin(request, self._routed(request))

    def _routed(self, request: Request) -> Reply:
        suffix = _SUFFIX.search(request.path)
        path = request.path[: suffix.start()] + "/" if suffix else request.path
        found = self._router.match(path)
        if found is None and self._router.match(path + "/"):
            query = f"?{request.query}" if request.query else ""
            headers = (("Location", quote(path) + "/" + query), ("Vary", "Origin"))
            return Reply(301, b"", "text/html; charset=utf-8", headers)
        if found is None:
            return html(404, "Not Found").adding(("Vary", "Origin, Cookie"))
        route, parts = found
        reply = self._in_form(request, route, parts, suffix[1] if suffix else "")
        allow = ("Allow", ", ".join(_allowed(route)))
        if not route.renderers:
            return reply.adding(allow) if reply.status == 405 else reply
        return reply.adding(allow, ("Vary", "Accept, Origin, Cookie"))

    def _in_form(
        self, request: Request, route: Route, parts: Mapping[str, str], suffix: str
    ) -> Reply:
        """Answer in the form that is asked for; until that is known, errors have the usual one."""
        form = route.renderers[0] if route.renderers else None
        try:
            if form is not None:
                form = negotiated(request, route.renderers, suffix)
            reply = self._dispatch(request, route, parts, form.format if form else "")
        except ApiError as error:
            reply = error.reply
        return form.render(reply) if form else reply

    def _dispatch(
        self, request: Request, route: Route, parts: Mapping[str, str], form: str
    ) -> Reply:
        with self.store.transaction():  # one request at a time, and all of it or nothing
            session = find_session(self.store, request, self._clock())
            asker = Asker()
            if route.access != "open":
                asker = identified(self.store, self.signer, request, session)
            method = "GET" if request.method == "HEAD" else request.method
            key_org = org_of_key(self.store, request) if method in route.keyed else ""
            if route.access == "user" and not (asker.user or key_org):
                raise unauthorized()
            if method == "OPTIONS" and method in _allowed(route):
                return json_reply(metadata(route))
            if method not in route.handlers:
                raise method_not_allowed(request.method)
            call = Call(
                request,
                self.store,
                self.signer,
                self._clock,
                asker.user,
                parts,
                route.accepted,
                form,
                _zone(self.store, session),
                session,
                key_org,
            )
            reply = local_times(route.handlers[method](call), call.zone, route.times)
            if asker.by_session and route.max_age and reply.status == 200:
                reply = reply.adding(("Cache-Control", f"max-age={route.max_age}"))
            return self._with_session(reply, session)

    def _with_session(self, reply: Reply, session: Record | None) -> Reply:
        """Send the session's cookie again when it is used for the first time, as the server does.

        There, that is when the zone of the user's profile goes into the session.
        """
        if session is None or session["used"] or self.store.get("session", session["slug"]) is None:
            return reply
        self.store.put("session", {**session, "used": True})
        return reply.adding(session_cookie(session))


def _zone(store: Store, session: Record | None) -> tzinfo | None:
    if session is None:
        return None
    return zone_named((store.get("account", session["user"]) or {}).get("time_zone"))


def _allowed(route: Route) -> tuple[str, ...]:
    """Return the methods of a route in the server's order."""
    extra = {"OPTIONS", "HEAD"} if "GET" in route.handlers else {"OPTIONS"}
    found = (name for name in _METHODS if name in extra or name in route.handlers)
    return route.methods or tuple(found)
