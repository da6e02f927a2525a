"""What belongs to no resource: the list of resources, and which server this is.

Knows nothing of records.
"""

from __future__ import annotations

import time

from ..fields import Call, Route
from ..messages import Reply, json_reply
from ..paging import absolute

_LISTED = (
    "account",
    "org",
    "project",
    "device",
    "variable",
    "stream",
    "streamer",
    "streamer/report",
    "data",
    "event",
    "server",
)


def root(call: Call) -> Reply:
    """Answer GET `/api/v1/`: the absolute URLs of the resources."""
    return json_reply({k: absolute(call.request, f"/api/v1/{k}/") for k in _LISTED})


def server(call: Call) -> Reply:
    """Answer GET `/server/`: the time, and which server this is."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(call.clock()))
    name = "IOTile Cloud (local)"
    return json_reply({"now": now, "stage": "dev", "name": name, "company": "local"})


ROUTES = (
    Route("/", {"GET": root}, access="public"),
    Route("/server/", {"GET": server}, access="public"),
)
