"""What lets pages of other sites use the cloud: every origin may, with credentials.

Pure.  Knows nothing of routes.
"""

from __future__ import annotations

from .messages import Reply, Request

__all__ = ["is_preflight", "preflight", "with_origin"]

_ALLOWED = (
    ("Access-Control-Allow-Headers", "accept, accept-encoding, authorization, content-type, dnt, "
     "origin, user-agent, x-csrftoken, x-requested-with"),
    ("Access-Control-Allow-Methods", "DELETE, GET, OPTIONS, PATCH, POST, PUT"),
    ("Access-Control-Max-Age", "86400"),
)  # fmt: skip


def is_preflight(request: Request) -> bool:
    """Tell whether a browser asks what it may do, before it does it."""
    asked = request.header("Access-Control-Request-Method")
    return request.method == "OPTIONS" and bool(asked) and _is_api(request)


def preflight(request: Request) -> Reply:
    """Return the answer to a preflight: everything is allowed, whatever the path."""
    reply = Reply(200, b"", "text/html; charset=utf-8", (("Vary", "Origin"),))
    reply = with_origin(request, reply)
    return reply.adding(*_ALLOWED) if request.header("Origin") else reply


def with_origin(request: Request, reply: Reply) -> Reply:
    """Return `reply` with the headers that let the page that asked read it."""
    origin = request.header("Origin")
    if not origin or not _is_api(request):
        return reply
    return reply.adding(
        ("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true")
    )


def _is_api(request: Request) -> bool:
    return request.path.startswith("/api")
