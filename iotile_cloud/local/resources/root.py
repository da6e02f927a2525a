"""What belongs to no resource: the list of resources, and which server this is.

Knows nothing of records.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..rules.fields import Call, Route
from ..rules.paging import absolute
from ..web.messages import Reply, json_reply


def listing(routes: Iterable[Route]) -> Route:
    """Return the route of GET `/api/v1/`: the absolute URLs of whatever of `routes` one can GET."""
    listed = {
        route.path.strip("/"): route.prefix + route.path
        for route in routes
        if "GET" in route.handlers and "<" not in route.path and "/auth/" not in route.path
    }

    def root(call: Call) -> Reply:
        return json_reply({name: absolute(call.request, path) for name, path in listed.items()})

    return Route("/", {"GET": root}, access="public")


def server(call: Call) -> Reply:
    """Answer GET `/server/`: the time, and which server this is."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(call.clock()))
    name = "IOTile Cloud (local)"
    return json_reply({"now": now, "stage": "dev", "name": name, "company": "local"})


ROUTES = (Route("/server/", {"GET": server}, access="public"),)
