"""Devices as a factory sees them, with the Api-Key of an organisation; staff see them all.

Knows nothing of what is done with a device once it has been sold.
"""

from __future__ import annotations

from typing import Any

from ..access.scopes import Test
from ..readings.slugs import full_slug
from ..rules.crud import resource_routes, show
from ..rules.fields import Call, Field, R, Resource, Route
from ..rules.filters import equals, existing
from ..rules.paging import LARGE
from ..rules.validate import check
from ..storage.store import Record, Store
from ..web.errors import bad_fields, forbidden, not_found
from ..web.messages import Reply, json_reply
from .device import FIELDS as DEVICE_FIELDS
from .device import claimed, new_device

__all__ = ["ROUTES"]

_VIRTUAL = "generic-virtual-device-v1-0-0"
_NAMES = ("id", "slug", "gid", "created_on", "template", "sg")


def _is_claimed(store: Store, device: Record) -> Any:
    return device["claimed_by"] is not None


_SHOWN = {field.name: field for field in DEVICE_FIELDS}
FIELDS = (
    *(_SHOWN[name] for name in _NAMES),
    Field("claimed", access=R, show=_is_claimed),
)
VIRTUAL = (
    Field("sg", "related", required=True, options=("sg", "slug")),
    Field("user", "related", required=True, options=("account", "slug")),
)
_ORG = Field("org", "related", required=True, options=("org", "slug"))
_QTY = Field("qty", "int", default=1, limits=(1, 1000))


def sees_products(call: Call) -> Test:
    """A key sees the devices of its organisation, active or not."""
    if call.user.get("is_staff"):
        return lambda device: True
    if not call.key_org:
        raise forbidden()
    return lambda device: bool(device["org"] == call.key_org)


def fetch_product(call: Call) -> Record:
    """Return the device that the URL names, by a short slug too."""
    test = sees_products(call)
    device = call.store.get("device", full_slug(call.path["key"]))
    if device is None:
        raise not_found()
    if not test(device):
        raise forbidden()
    return device


def staff_only(call: Call, record: Record) -> None:
    """Allow what only members of staff may do."""
    if not call.user.get("is_staff"):
        raise forbidden()


def add_keys(call: Call, shown: Record) -> Record:
    """Add the keys that the device may give out, when they are asked for (`keys=1`)."""
    if call.args.get("keys") != "1":
        return shown
    found = (key for key in call.store.all("key") if key["slug"] == shown["slug"])
    keys = [{n: key[n] for n in ("type", "secret")} for key in found if key["downloadable"]]
    return {**shown, "keys": keys}


def create_virtual(call: Call) -> Reply:
    """Answer POST `/production/device/create_virtual/`: make `qty` devices without hardware."""
    if not (call.key_org or call.user.get("is_staff")):
        raise forbidden()
    values, errors = check(call.store, (_QTY,), call.body.data)
    if errors:
        raise bad_fields(errors)
    qty = values.get("qty", 1)
    fields = VIRTUAL if call.key_org else (_ORG, *VIRTUAL)
    values, errors = check(call.store, fields, call.body.data)
    if errors:
        raise bad_fields([errors] * qty)
    org = call.key_org or values["org"]
    return json_reply([_virtual(call, org, values) for _ in range(qty)], 201)


def _virtual(call: Call, org: str, values: Record) -> Record:
    template = _VIRTUAL if call.store.get("dt", _VIRTUAL) else None
    new = {"org": org, "sg": values["sg"], "template": template, "claimed_by": values["user"]}
    device = call.store.put("device", new_device(call, new))
    return show(call.store, DEVICE_FIELDS, device)


RESOURCE = Resource(
    "device",
    FIELDS,
    path="production/device",
    visible=sees_products,
    fetch=fetch_product,
    order=lambda device: int(device["id"]),
    filters={
        "dt": existing("dt", "template"),
        "sg": existing("sg", "sg"),
        "claimed": claimed,
        "org__slug": equals("org"),
    },
    paging=LARGE,
    may_write=staff_only,
    present=add_keys,
)

ROUTES = (
    *resource_routes(RESOURCE, keyed=("GET",)),
    Route("/production/device/create_virtual/", {"POST": create_virtual}, keyed=("POST",)),
)
