"""Lets a command run up to its first request, shows that request, and sends nothing.

What is shown is what the session would have sent, since it is the session that made it.  Knows
nothing of commands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Callable

from ..api.connection import Api

__all__ = ["NothingSent", "rehearse"]

_SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})


class NothingSent(Exception):
    """A request was shown instead of sent, and there will be no answer."""


def rehearse(api: Api, show: Callable[[Mapping[str, Any]], None]) -> None:
    """Make `api` hand its requests to `show`, each of which then ends in `NothingSent`.

    Args:
        api: whose session sends nothing any more.
        show: gets `method`, `url`, `headers` without any credentials, and `body`: the value of a
            JSON body, how long and of what kind another one is, None without one.
    """
    stage: Any = _Stage(show)  # no class of requests: this room knows none
    for scheme in ("https://", "http://"):
        api.session.mount(scheme, stage)


class _Stage:
    """Stands where the session has its connections."""

    def __init__(self, show: Callable[[Mapping[str, Any]], None]) -> None:
        self._show = show

    def send(self, request: Any, **_: Any) -> Any:
        headers = {
            # A boundary is another one each time, and tells nothing.
            name: value.partition("; boundary=")[0]
            for name, value in request.headers.items()
            if name.lower() not in _SECRET
        }
        self._show(
            {
                "method": request.method,
                "url": request.url,
                "headers": headers,
                "body": _body(request.body, request.headers.get("Content-Type", "")),
            }
        )
        raise NothingSent

    def close(self) -> None:
        """Close nothing."""


def _body(body: Any, kind: str) -> Any:
    if body is None:
        return None
    if kind != "application/json":
        return f"<{len(body):,} bytes of {kind.partition(';')[0]}>"
    return json.loads(body)
