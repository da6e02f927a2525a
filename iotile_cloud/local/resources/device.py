"""Devices: found by slug, short too; somebody else's is 403.

Knows nothing of readings but how many there are, nor of the jobs that change a device.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..access.permissions import can
from ..access.scopes import Test, allowed, mine
from ..readings.slugs import full_slug, grouped
from ..rules.crud import resource_routes, show
from ..rules.fields import Call, Field, Handler, R, Resource, Route, read_only
from ..rules.filters import equals, existing, in_project
from ..rules.makers import completed, now_text, remove_by_staff
from ..rules.paging import LARGE
from ..shared.belongings import forget_all
from ..storage.store import Record, Store
from ..web.errors import NO_PERMISSION, ApiError, forbidden, not_found, restricted
from ..web.messages import Reply, json_reply
from .ota_version import FIELDS as VERSION_FIELDS
from .property import property_routes
from .sensor_graph import FIELDS as GRAPH_FIELDS
from .streamer import FIELDS as STREAMER_FIELDS
from .templates import DEVICE_FIELDS as TEMPLATE_FIELDS

__all__ = ["FIELDS", "RESOURCE", "ROUTES", "fetch_device", "fetch_idle_device", "new_device"]

_STATES = ("N0", "N1", "B0", "B1")
_BUSY = "Device is busy. Operation cannot be completed at this time"
_NO_CHANGE = "User is not allowed to modify device"


def _device_gid(store: Store, device: Record) -> Any:
    return grouped(device["id"], 4)


def is_busy(store: Store, device: Record) -> bool:
    """Tell whether a job works on `device`."""
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
    Field("busy", access=R, show=is_busy),
    *read_only("created_on", "claimed_by", "claimed_on"),
)
_STAFF_WRITES = {
    "template": Field("template", "related", required=True, options=("dt", "slug")),
    "state": Field("state", access=R, default="N1"),
    "claimed_by": Field("claimed_by", "related", options=("account", "slug")),
}
STAFF_FIELDS = tuple(_STAFF_WRITES.get(field.name, field) for field in FIELDS)
_EXTRA = ("id", "slug", "project", "label", "active", "created_on", "claimed_by", "claimed_on")


def sees_devices(call: Call) -> Test:
    """A user sees the active devices of his organisations; `all=1` shows the others too."""
    own = mine(call)
    every = call.all_orgs or call.args.get("all") == "1"
    return lambda device: own(device) and (every or bool(device["active"]))


def claimed(call: Call, text: str) -> Test:
    """Keep the claimed devices, whichever truth is asked for; nonsense keeps all."""
    if text.lower() not in ("true", "false", "1", "0"):
        return lambda device: True
    return lambda device: device["claimed_by"] is not None


def fetch_device(call: Call, permission: str = "") -> Record:
    """Return the device that the URL names, by a short slug or by its data block's too."""
    slug = full_slug(call.path["key"]) or ""
    if slug[:1] in ("d", "b"):
        slug = "d--0000-" + slug[8:]
    return allowed(call, call.store.get("device", slug), permission)


def fetch_idle_device(call: Call, permission: str, refusal: str = NO_PERMISSION) -> Record:
    """Return the device that the URL names, when no job works on it.

    Args:
        permission: what the caller must be allowed to do.
        refusal: what a member is told who is not.

    Raises:
        ApiError: 404, there is none; 403, it is not for this user, or busy.
    """
    device = fetch_device(call)
    if not can(call.store, call.user, device["org"], permission):
        raise forbidden(refusal)
    if is_busy(call.store, device):
        raise forbidden(_BUSY)
    return device


def modify_device(call: Call, record: Record) -> None:
    """Allow what needs the right to change devices."""
    if not can(call.store, call.user, record["org"], "can_modify_device"):
        raise forbidden(_NO_CHANGE)


def change_device(call: Call, record: Record, values: Record) -> None:
    """Let the organisation follow the project, and the activity the state."""
    project = call.store.get("project", values.get("project"))
    if project is not None:
        modify_device(call, project)
        values["org"] = project["org"]
    if "state" in values:
        values["active"] = values["state"] != "N0"


def refuse_device(call: Call, values: Record) -> Record:
    """Refuse to make a device: only the vendor does."""
    raise restricted(403)


def create_device(call: Call, values: Record) -> Record:
    """Make a device, as the vendor does."""
    project = call.store.get("project", values.get("project"))
    return new_device(call, {"org": project["org"] if project else None, **values})


def new_device(call: Call, values: Record) -> Record:
    """Return a new device; it gets the least number that no device has.

    The server numbers devices in a sequence of its own, below the numbers of those that were
    made with a given one.
    """
    taken = {device["id"] for device in call.store.all("device")}
    number = next(n for n in range(1, len(taken) + 2) if n not in taken)
    new = {"id": number, "slug": f"d--{grouped(number, 4)}", "created_on": now_text(call)}
    return completed(FIELDS, {**new, **values})


_remove = remove_by_staff("device", 403, flag=True)


def delete_device(call: Call, device: Record) -> None:
    """Remove a device and all that belongs to it but its data blocks: staff only."""
    _remove(call, device)
    forget_all(call.store, device["slug"])


def stream_counts(store: Store, slug: str) -> dict[str, dict[str, int | bool]]:
    """Return how many readings and events each stream of a device (or data block) holds."""
    counts: dict[str, dict[str, int | bool]] = {}
    for name, rows in (("data_cnt", store.readings), ("event_cnt", store.events)):
        for stream, number in rows.counts("device", slug).items():
            counts.setdefault(stream, {})[name] = number
    for stream, count in counts.items():
        count["has_streamid"] = store.get("stream", stream) is not None
    return counts


def device_extra(call: Call) -> Reply:
    """Answer GET `/device/<slug>/extra/`: how much each stream of the device holds."""
    device = fetch_device(call)
    counts = stream_counts(call.store, device["slug"])
    return json_reply({**{name: device[name] for name in _EXTRA}, "stream_counts": counts})


def _template_of(kind: str, field: str, fields: tuple[Field, ...]) -> Handler:
    """Return what answers with the template of `kind` that the device names in `field`."""

    def answer(call: Call) -> Reply:
        template = call.store.get(kind, fetch_device(call)[field])
        if template is None:
            raise not_found()
        return json_reply(show(call.store, fields, template))

    return answer


def _list_of(kind: str, order: str, fields: tuple[Field, ...]) -> Handler:
    """Return what answers with the plain list of the device's records of `kind`."""

    def answer(call: Call) -> Reply:
        slug = fetch_device(call)["slug"]
        found = [record for record in call.store.all(kind) if record["device"] == slug]
        found.sort(key=lambda record: record[order])
        return json_reply([show(call.store, fields, record) for record in found])

    return answer


def device_filterlog(call: Call) -> Reply:
    """Answer GET `/device/<slug>/filterlog/`: nothing is logged."""
    fetch_device(call)
    return json_reply({"device_filter_logs": []})


def device_key(call: Call) -> Reply:
    """Answer GET `/device/<slug>/key/?type=`: a token made now, or a stored key."""
    device, kind = fetch_device(call), call.args.get("type")
    if not kind:
        raise ApiError(400, {"msg": "No type specified"})
    if kind == "a-jwt" and device["active"] and device["claimed_by"]:
        claims = {"user": device["claimed_by"], "device": device["slug"]}
        return json_reply({"key": call.signer.sign({**claims, "project": device["project"]})})
    key = call.store.find("key", slug=device["slug"], type=kind, downloadable=True)
    if key is None:
        raise ApiError(403, {"msg": "No key available"})
    return json_reply({"key": key["secret"]})


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
        "claimed": claimed,
        # The server looks at the properties of projects here, so that it never finds one.
        "property": lambda call, text: lambda device: False,
    },
    paging=LARGE,
    may_write=modify_device,
    create=refuse_device,
    change=change_device,
    delete=delete_device,
)
FOR_STAFF = replace(RESOURCE, fields=STAFF_FIELDS, create=create_device)

ROUTES = (
    *resource_routes(RESOURCE, FOR_STAFF),
    # A short slug lists no properties, as on the server.
    *property_routes("device", fetch_device, target=lambda call, device: call.path["key"]),
    Route("/device/<key>/extra/", {"GET": device_extra}),
    Route("/device/<key>/sg/", {"GET": _template_of("sg", "sg", GRAPH_FIELDS)}),
    Route("/device/<key>/template/", {"GET": _template_of("dt", "template", TEMPLATE_FIELDS)}),
    Route("/device/<key>/versions/", {"GET": _list_of("ota/version", "type", VERSION_FIELDS)}),
    Route("/device/<key>/streamers/", {"GET": _list_of("streamer", "index", STREAMER_FIELDS)}),
    Route("/device/<key>/filterlog/", {"GET": device_filterlog}),
    Route("/device/<key>/key/", {"GET": device_key}),
)
