"""Every path that the cloud serves, and what answers there: the table of contents.

Knows all routes.  Knows nothing of requests in flight.
"""

from __future__ import annotations

import time

from .accounts import AUTH_ROUTES
from .crud import resource_routes, show
from .errors import forbidden
from .events import EVENT_ROUTES
from .fields import Call, Route
from .intake import post_data
from .messages import Reply, json_reply
from .paging import STANDARD, absolute, paged
from .readings import list_data, list_stream_data, retrieve_data
from .reports import REPORT_ROUTES
from .resources import RESOURCES
from .scopes import fetch_device, fetch_org, fetch_variable
from .tables import FIELDS

__all__ = ["PREFIX", "ROUTES"]

PREFIX = "/api/v1"
_LISTED = (*(resource.kind for resource in RESOURCES), "data", "event", "server")
_NO_TYPE = {"name": "", "stream_data_type": None, "storage_units_full": ""}


def root(call: Call) -> Reply:
    """Answer GET `/api/v1/`: the absolute URLs of the resources."""
    return json_reply({k: absolute(call.request, f"{PREFIX}/{k}/") for k in _LISTED})


def server(call: Call) -> Reply:
    """Answer GET `/server/`: the time, and which server this is."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(call.clock()))
    name = "IOTile Cloud (local)"
    return json_reply({"now": now, "stage": "dev", "name": name, "company": "local"})


def org_projects(call: Call) -> Reply:
    """Answer GET `/org/<slug>/projects/`: the organisation's projects by name."""
    slug = fetch_org(call)["slug"]
    rows = [project for project in call.store.all("project") if project["org"] == slug]
    rows.sort(key=lambda project: str(project["name"]))
    fields = FIELDS["project"]
    return paged(call.request, rows, STANDARD, lambda row: show(call.store, fields, row))


def device_extra(call: Call) -> Reply:
    """Answer GET `/device/<slug>/extra/`: how much each stream of the device holds."""
    device, store = fetch_device(call), call.store
    names = ("id", "slug", "project", "label", "active", "created_on", "claimed_by", "claimed_on")
    counts: dict[str, dict[str, int | bool]] = {}
    for series in store.all_series():
        if series.device == device["slug"]:
            counts[series.stream] = {"data_cnt": len(series)}
    for event in store.all("event"):
        if event["device"] == device["slug"]:
            count = counts.setdefault(event["stream"], {})
            count["event_cnt"] = count.get("event_cnt", 0) + 1
    for slug, count in counts.items():
        count["has_streamid"] = store.get("stream", slug) is not None
    return json_reply({**{name: device[name] for name in names}, "stream_counts": counts})


def variable_type(call: Call) -> Reply:
    """Answer GET `/variable/<slug>/type/`: the variable's type; an empty one without."""
    kind = call.store.get("vartype", fetch_variable(call)["var_type"])
    return json_reply(_NO_TYPE if kind is None else kind)


def refuse(call: Call) -> Reply:
    """Refuse what only staff of the real server may do."""
    raise forbidden()


_DATA = {"GET": retrieve_data, "PUT": refuse, "PATCH": refuse, "DELETE": refuse}
_COMMON = tuple(route for resource in RESOURCES for route in resource_routes(resource))

ROUTES = (
    Route("/", {"GET": root}, access="public"),
    Route("/server/", {"GET": server}, access="public"),
    *AUTH_ROUTES,
    *_COMMON,
    Route("/org/<key>/projects/", {"GET": org_projects}),
    Route("/device/<key>/extra/", {"GET": device_extra}),
    Route("/variable/<key>/type/", {"GET": variable_type}),
    Route("/stream/<key>/data/", {"GET": list_stream_data}),
    Route("/data/", {"GET": list_data, "POST": post_data}),
    Route("/data/<key>/", _DATA),
    *EVENT_ROUTES,
    *REPORT_ROUTES,
)
