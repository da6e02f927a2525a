"""Devices: found by slug, short too; somebody else's is 403.

Knows nothing of readings but how many there are.
"""

from __future__ import annotations

from typing import Any

from ..crud import resource_routes
from ..errors import (
    forbidden,
    restricted,
)
from ..fields import Call, Field, R, Resource, Route, read_only
from ..filters import (
    equals,
    existing,
    in_project,
)
from ..makers import remove_by_staff
from ..messages import Reply, json_reply
from ..paging import LARGE
from ..permissions import can
from ..scopes import Test, allowed, mine
from ..slugs import full_slug, grouped
from ..store import Record, Store

_STATES = ("N0", "N1", "B0", "B1")


def _device_gid(store: Store, device: Record) -> Any:
    return grouped(device["id"], 4)


def _busy(store: Store, device: Record) -> bool:
    return str(device["state"]).startswith("B")


FIELDS = (
    *read_only("id", "slug"),
    Field("gid", access=R, show=_device_gid),
    Field("label", most=100, blank=True, default=""),
    Field("active", "bool", default=True),
    Field("external_id", most=24, blank=True, default=""),
    Field("sg", "related", options=("sg", "slug")),
    *read_only("template", "org"),
    Field("project", "related", null=True, options=("project", "id")),
    Field("lat", "decimal", null=True),
    Field("lon", "decimal", null=True),
    Field("state", "choice", options=_STATES, blank=True, default="N1"),
    Field("busy", access=R, show=_busy),
    *read_only("created_on", "claimed_by", "claimed_on"),
)


def sees_devices(call: Call) -> Test:
    """A user sees the active devices of his organisations; `all=1` shows the others too."""
    own = mine(call)
    every = call.all_orgs or call.args.get("all") == "1"
    return lambda device: own(device) and (every or bool(device["active"]))


def fetch_device(call: Call) -> Record:
    """Return the device that the URL names, by a short slug or by its data block's too."""
    slug = full_slug(call.path["key"]) or ""
    if slug[:1] in ("d", "b"):
        slug = "d--0000-" + slug[8:]
    return allowed(call, call.store.get("device", slug))


def modify_device(call: Call, record: Record) -> None:
    """Allow what needs the right to change devices."""
    if not can(call.store, call.user, record["org"], "can_modify_device"):
        raise forbidden("User is not allowed to modify device")


def change_device(call: Call, record: Record, values: Record) -> None:
    """Let the organisation follow the project, and the activity the state."""
    if "project" in values:
        project = call.store.get("project", values["project"]) or {"org": None}
        if not can(call.store, call.user, project["org"], "can_modify_device"):
            raise forbidden("User is not allowed to modify device")
        values["org"] = project["org"]
    if "state" in values:
        values["active"] = values["state"] != "N0"


def refuse_device(call: Call, values: Record) -> Record:
    """Refuse to make a device: only the vendor does."""
    raise restricted(403)


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


RESOURCE = Resource(
    "device",
    FIELDS,
    visible=sees_devices,
    fetch=fetch_device,
    order=lambda device: int(device["id"]),
    filters={
        "project": in_project("id"),
        "org__slug": equals("org"),
        "dt": existing("dt", "template"),
        "sg": existing("sg", "sg"),
        "external_id": equals("external_id"),
        "claimed": lambda call, text: lambda device: device["claimed_by"] is not None,
        "property": lambda call, text: lambda device: False,
    },
    paging=LARGE,
    may_write=modify_device,
    create=refuse_device,
    change=change_device,
    delete=remove_by_staff("device", 403, flag=True),
)

ROUTES = (
    *resource_routes(RESOURCE),
    Route("/device/<key>/extra/", {"GET": device_extra}),
)
