"""Fleets: devices of an organisation that are updated together; others' fleets are 404.

Knows nothing of what the devices are updated with.
"""

from __future__ import annotations

from ..access.permissions import can
from ..access.scopes import Test, mine, visible
from ..readings.slugs import grouped
from ..rules.crud import resource_routes, show
from ..rules.fields import Call, Field, Resource, Route, read_only
from ..rules.filters import existing, truth
from ..rules.makers import completed, stamp
from ..rules.paging import STANDARD, paged
from ..rules.validate import validate
from ..storage.store import Record
from ..web.errors import ApiError, forbidden, not_found
from ..web.messages import Reply, json_reply

__all__ = ["FIELDS", "RESOURCE", "ROUTES", "fetch_fleet", "members_of"]

FIELDS = (
    *read_only("id"),
    Field("name", required=True, most=50),
    *read_only("slug"),
    Field("org", "related", required=True, options=("org", "slug")),
    Field("description", blank=True, default=""),
    *read_only("created_on", "created_by"),
    Field("is_network", "bool", default=False),
)
MEMBER = (
    Field("device", "related", required=True, options=("device", "slug")),
    Field("always_on", "bool", default=False),
    Field("is_access_point", "bool", default=False),
)


def sees_fleets(call: Call) -> Test:
    """A user sees the fleets of his organisations."""
    return mine(call)


def fetch_fleet(call: Call) -> Record:
    """Return the fleet that the URL names."""
    return visible(call.store.get("fleet", call.path["key"]), sees_fleets(call))


def manage_fleet(call: Call, record: Record) -> None:
    """Allow what needs the right to manage updates, which owners and admins do not have."""
    if not can(call.store, call.user, record["org"], "can_manage_ota"):
        raise forbidden()


def create_fleet(call: Call, values: Record) -> Record:
    """Make a fleet without devices."""
    manage_fleet(call, values)
    number = call.store.new_id("fleet")
    new = {"id": number, "slug": f"g--{grouped(number, 3)}", "members": []}
    return completed(FIELDS, {**new, **stamp(call), **values})


def change_fleet(call: Call, record: Record, values: Record) -> None:
    """Let a fleet move only to an organisation whose updates the caller manages too."""
    if "org" in values:
        manage_fleet(call, values)


def delete_fleet(call: Call, record: Record) -> None:
    """Remove a fleet; its devices stay."""
    manage_fleet(call, record)
    call.store.remove("fleet", record)


def of_device(call: Call, text: str) -> Test:
    """Keep the fleets that a device belongs to; the device must exist."""
    if call.store.get("device", text) is None:
        raise not_found()
    return lambda fleet: _member(fleet, text) is not None


def members_of(fleet: Record) -> list[Record]:
    """Return the members of a fleet: device (slug), always_on, is_access_point."""
    members: list[Record] = fleet.get("members", [])
    return members


def _member(fleet: Record, device: str) -> Record | None:
    return next((m for m in members_of(fleet) if m["device"] == device), None)


def list_members(call: Call) -> Reply:
    """Answer GET `/fleet/<slug>/devices/`."""
    members = members_of(fetch_fleet(call))
    return paged(call.request, members, STANDARD, lambda m: show(call.store, MEMBER, m))


def register(call: Call) -> Reply:
    """Answer POST `/fleet/<slug>/register/`: add a device of the same organisation."""
    fleet = fetch_fleet(call)
    manage_fleet(call, fleet)
    new = completed(MEMBER, validate(call.store, MEMBER, call.body.data))
    device = call.store.get("device", new["device"])
    if device is None or device["org"] != fleet["org"]:
        raise forbidden()
    if _member(fleet, new["device"]):
        raise ApiError(400, {"error": "Device already exists"})
    call.store.put("fleet", {**fleet, "members": [*members_of(fleet), new]})
    return json_reply(show(call.store, MEMBER, new), 201)


def deregister(call: Call) -> Reply:
    """Answer POST `/fleet/<slug>/deregister/`: take a device out."""
    fleet = fetch_fleet(call)
    manage_fleet(call, fleet)
    device = validate(call.store, MEMBER[:1], call.body.data)["device"]
    if _member(fleet, device) is None:
        raise not_found()
    others = [member for member in members_of(fleet) if member["device"] != device]
    call.store.put("fleet", {**fleet, "members": others})
    return json_reply({"device": device}, 202)


RESOURCE = Resource(
    "fleet",
    FIELDS,
    visible=sees_fleets,
    fetch=fetch_fleet,
    order=lambda fleet: int(fleet["id"]),
    filters={
        "org": existing("org", "org"),
        "device": of_device,
        "is_network": truth("is_network"),
    },
    may_write=manage_fleet,
    create=create_fleet,
    change=change_fleet,
    delete=delete_fleet,
)

ROUTES = (
    *resource_routes(RESOURCE),
    Route("/fleet/<key>/devices/", {"GET": list_members}),
    Route("/fleet/<key>/register/", {"POST": register}, fields=MEMBER),
    Route("/fleet/<key>/deregister/", {"POST": deregister}, fields=MEMBER[:1]),
)
