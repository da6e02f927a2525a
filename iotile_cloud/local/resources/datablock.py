"""Data blocks: archives of what a device had gathered; found by their full slug.

Knows nothing of how the archive is filled.
"""

from __future__ import annotations

from typing import Any

from ..access.permissions import can
from ..access.scopes import Test, allowed, mine
from ..readings.slugs import grouped
from ..rules.crud import resource_routes, show
from ..rules.fields import Call, Field, R, Resource, Route, W, read_only
from ..rules.filters import existing
from ..rules.makers import allow, completed, remove_by_staff, stamp
from ..rules.validate import check, validate
from ..shared.belongings import archive, forget_all
from ..storage.store import Record, Store
from ..web.errors import bad_fields, bad_request, forbidden
from ..web.messages import Reply, json_reply
from .device import FIELDS as DEVICE_FIELDS
from .device import is_busy, stream_counts
from .property import property_routes

__all__ = ["FIELDS", "RESOURCE", "ROUTES", "fetch_datablock", "new_datablock"]

_SHARED = (
    Field("title", required=True, most=100),
    Field("description", blank=True, default=""),
)
FIELDS = (
    *read_only("id", "slug"),
    *_SHARED,
    Field("device", "related", access=W, required=True, options=("device", "slug")),
    *read_only("block", "org", "sg", "created_on", "created_by"),
    Field("pid", access=R, default=""),
    Field("on_complete", "json", access=W),
)
UPDATED = (*_SHARED, *read_only("slug", "block", "org", "sg"))
_AFTERWARDS = tuple(f for f in DEVICE_FIELDS if f.name in ("label", "state"))
_EXTRA = ("id", "slug", "title", "description", "created_on")

PID = "pid:000000"  # what the server names a job that is done before it answers
_SEARCH_WITHIN = "Org argument (org=) is needed for search"


def sees_datablocks(call: Call) -> Test:
    """A user sees the blocks of the organisations that let him open them."""
    own, store = mine(call), call.store
    return lambda block: own(block) and can(store, call.user, block["org"], "can_access_datablock")


def fetch_datablock(call: Call, permission: str = "can_access_datablock") -> Record:
    """Return the data block that the URL names by its full slug."""
    return allowed(call, call.store.get("datablock", call.path["key"]), permission)


def search(call: Call, text: str) -> Test:
    """Keep the blocks of an organisation whose title or description holds the text."""
    if not call.args.get("org"):
        raise bad_request(_SEARCH_WITHIN)
    wanted = text.lower()
    return lambda block: wanted in f"{block['title']}\n{block['description']}".lower()


def post_datablock(call: Call) -> Reply:
    """Answer POST `/datablock/`: archive a device."""
    block = new_datablock(call, validate(call.store, FIELDS, call.body.data))
    return json_reply(show(call.store, FIELDS, block), 201)


def new_datablock(call: Call, values: Record) -> Record:
    """Archive what a device gathered, and return its new block as it was before the job ran.

    Args:
        values: title, device (slug), and perhaps description and on_complete.

    Raises:
        ApiError: 403, not for this user, or the device is busy; 400, bad on_complete.
    """
    store = call.store
    device = store.get("device", values["device"]) or {"org": None}
    if not can(store, call.user, device["org"], "can_create_datablock") or is_busy(store, device):
        raise forbidden()
    afterwards = _afterwards(store, values.get("on_complete"))
    numbers = [b["block"] for b in store.all("datablock") if b["device"] == device["slug"]]
    number = max(numbers, default=0) + 1
    slug = f"b--{grouped(number, 1)}-{device['slug'][8:]}"
    new = {"id": store.new_id("datablock"), "slug": slug, "block": number, "org": device["org"]}
    block = completed(FIELDS, {**new, **stamp(call), **values})
    block.pop("on_complete")
    store.put("datablock", {**block, "sg": device["sg"], "completed_on": block["created_on"]})
    archive(call, device, slug)
    store.put("device", {**device, **afterwards})
    return {**block, "pid": PID}


def _afterwards(store: Store, on_complete: Any) -> Record:
    """Return what becomes of the device: it is active again, or what `on_complete` says.

    One that says no state leaves the device busy, as on the server.
    """
    if not on_complete:
        return {"state": "N1", "active": True}
    wanted = on_complete.get("device", {}) if isinstance(on_complete, dict) else None
    values, errors = check(store, _AFTERWARDS, wanted, partial=True)
    if errors:
        raise bad_fields({"on_complete": [errors]})
    values.setdefault("state", "B0")
    return {**values, "active": values["state"] != "N0"}


def datablock_extra(call: Call) -> Reply:
    """Answer GET `/datablock/<slug>/extra/`: how much each stream of the block holds."""
    block = fetch_datablock(call)
    counts = stream_counts(call.store, block["slug"])
    return json_reply({**{name: block[name] for name in _EXTRA}, "stream_counts": counts})


def delete_datablock(call: Call, block: Record) -> None:
    """Remove a block and what it holds: staff only."""
    _remove(call, block)
    forget_all(call.store, block["slug"])


_remove = remove_by_staff("datablock", 403, flag=False)

RESOURCE = Resource(
    "datablock",
    FIELDS,
    visible=sees_datablocks,
    fetch=fetch_datablock,
    order=lambda block: int(block["id"]),
    filters={
        "org": existing("org", "org"),
        "device": existing("device", "device"),
        "q": search,
    },
    update_fields=UPDATED,
    may_write=allow,
    post=post_datablock,
    delete=delete_datablock,
)

ROUTES = (
    *resource_routes(RESOURCE),
    *property_routes("datablock", fetch_datablock),
    Route("/datablock/<key>/extra/", {"GET": datablock_extra}),
)
