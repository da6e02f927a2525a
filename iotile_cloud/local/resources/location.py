"""Where a device was, and when.

Knows nothing of what a device measured there.
"""

from __future__ import annotations

from ..access.permissions import can
from ..access.scopes import Test, numbered
from ..readings.windows import micros
from ..rules.crud import create, resource_routes, show
from ..rules.fields import Call, Field, Resource, read_only
from ..rules.filters import of_time
from ..rules.paging import LARGE
from ..rules.targets import allowed_target, of_target, target_record
from ..storage.store import Record
from ..web.errors import bad_request, not_found
from ..web.messages import Reply

__all__ = ["FIELDS", "RESOURCE", "ROUTES"]

FIELDS = (
    *read_only("id"),
    Field("timestamp", "moment", required=True),
    Field("target", required=True),
    Field("lat", "decimal"),
    Field("lon", "decimal"),
    *read_only("user"),
)
_ONE_TARGET = "Found more than one target. All entries must be for same target."


def sees_locations(call: Call) -> Test:
    """A list shows the locations of one target, none of somebody else's; `mask=1` cuts them."""
    same, slug = of_target(call), call.args["target"]
    target = target_record(call.store, slug)
    org = (target or {}).get("org")
    if target is None or not can(call.store, call.user, org, "can_read_device_locations"):
        return lambda location: False
    mask = call.store.get("mask", slug) if call.args.get("mask") == "1" else None
    limits = {name: mask[name] for name in ("start", "end") if mask[name]} if mask else {}
    tests = [same, *(of_time("timestamp", name)(call, text) for name, text in limits.items())]
    return lambda location: all(test(location) for test in tests)


def create_location(call: Call, values: Record) -> Record:
    """Make a location; a device is from then on where its newest one says."""
    slug = values["target"]
    if target_record(call.store, slug) is None:
        raise not_found()
    allowed_target(call, slug, "can_modify_device")
    place = {"lat": None, "lon": None, **values}
    device = call.store.get("device", slug)
    if device is not None:
        call.store.put("device", {**device, "lat": place["lat"], "lon": place["lon"]})
    return {"id": call.store.new_id("location"), "user": call.user["slug"], **place}


def post_locations(call: Call) -> Reply:
    """Answer POST `/location/`: one location, or a list of one target's."""
    data = call.body.data
    items = data if isinstance(data, list) else [data]
    if len({str(item.get("target")) for item in items if isinstance(item, dict)}) > 1:
        raise bad_request(_ONE_TARGET)
    return create(RESOURCE, call)


def counted(call: Call, locations: list[Record]) -> Record:
    """Return what the POST of a list answers."""
    last = show(call.store, FIELDS, locations[-1]) if locations else None
    return {"count": len(locations), "last": last}


RESOURCE = Resource(
    "location",
    FIELDS,
    visible=sees_locations,
    fetch=lambda call: numbered(call, "location"),
    order=lambda location: (micros(location["timestamp"]), location["id"]),
    filters={name: of_time("timestamp", name) for name in ("start", "end")},
    paging=LARGE,
    create=create_location,
    many=counted,
    post=post_locations,
    record=(),
)

ROUTES = resource_routes(RESOURCE)
