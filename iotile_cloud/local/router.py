"""From the path of a request to its route: a tree of segments, the literal ones first.

Knows paths with placeholders.  Knows nothing of methods or handlers.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from .rules.fields import Route

__all__ = ["Match", "Router", "router_of"]

Match = tuple[Route, dict[str, str]]  # the route, and what stands in its placeholders

_KEY, _REST = "<", "<path:"  # how a segment, or all that is left, is written as a placeholder
_END = None


class Router:
    """Finds routes by path.

    `<key>` stands for one segment, `<path:rest>` for everything that is left; neither is empty.

    >>> route = Route("/org/<key>/", {})
    >>> Router([route]).match("/api/v1/org/acme/") == (route, {"key": "acme"})
    True
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root: dict[Any, Any] = {}
        for route in routes:
            node = self._root
            names = []
            for segment in (route.prefix + route.path).split("/"):
                kind = next((k for k in (_REST, _KEY) if segment.startswith(k)), None)
                names += [segment[len(kind) : -1]] if kind else []
                node = node.setdefault(kind or segment, {})
            node[_END] = (route, names)

    def match(self, path: str) -> Match | None:
        """Return the route of `path` and its parts, or None."""
        found = _find(self._root, path.split("/"))
        if found is None:
            return None
        (route, names), values = found
        return route, dict(zip(names, values))


@lru_cache(maxsize=4)
def router_of(routes: tuple[Route, ...]) -> Router:
    """Return the router of `routes`; clouds that serve the same ones share it."""
    return Router(routes)


def _find(node: dict[Any, Any], segments: list[str]) -> tuple[Any, list[str]] | None:
    if not segments:
        return (node[_END], []) if _END in node else None
    first, *others = segments
    if first in node and first not in (_KEY, _REST):
        found = _find(node[first], others)
        if found:
            return found
    if first and _KEY in node:
        found = _find(node[_KEY], others)
        if found:
            return found[0], [first, *found[1]]
    if first and _REST in node:
        return node[_REST][_END], ["/".join(segments)]
    return None
