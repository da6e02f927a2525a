"""The rows of the mock's table: open routes that take JSON whatever the content type says.

Knows the engine's routes.  Knows no resource.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..local.rules.fields import Handler, Route
from ..local.web.bodies import AS_JSON

__all__ = ["joined", "row", "with_loose_paths"]


def row(path: str, accepted: tuple[str, ...] = AS_JSON, **handlers: Handler) -> Route:
    """Return a route; each keyword is a method and what answers it."""
    return Route(path, handlers, access="open", accepted=accepted, renderers=())


def joined(routes: Iterable[Route]) -> tuple[Route, ...]:
    """Return `routes` with those of one path made one, which accepts what the last one does."""
    found: dict[str, Route] = {}
    for route in routes:
        known = found.get(route.path, route)
        found[route.path] = replace(route, handlers={**known.handlers, **route.handlers})
    return tuple(found.values())


def with_loose_paths(routes: Iterable[Route]) -> tuple[Route, ...]:
    """Return `routes`, each also without the slash at its end, and for longer paths of no route.

    So `/device/<key>/anything/` answers as `/device/<key>/`.  A listing whose records have a route
    does not answer for them.
    """
    given = tuple(routes)
    paths = {route.path for route in given}
    closed = [route for route in given if route.path.endswith("/")]
    slashless = (replace(route, path=route.path[:-1]) for route in closed)
    open_ended = (route for route in closed if f"{route.path}<key>/" not in paths)
    longer = (replace(route, path=f"{route.path}<path:rest>") for route in open_ended)
    return (*given, *slashless, *longer)
