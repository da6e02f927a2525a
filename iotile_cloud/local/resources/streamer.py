"""Streamers: how far the reports of a device have been stored.

Knows nothing of what is in a report.
"""

from __future__ import annotations

from ..crud import resource_routes
from ..errors import (
    ApiError,
    detail,
    forbidden,
    not_found,
)
from ..fields import INT32, UINT31, Call, Field, R, Resource, read_only
from ..filters import (
    equals,
)
from ..makers import completed
from ..paging import STANDARD
from ..scopes import Test, mine, visible
from ..slugs import full_slug, grouped
from ..store import Record, Store

FIELDS = (
    *read_only("id", "slug"),
    Field("device", "related", required=True, options=("device", "slug")),
    Field("process_engine_ver", access=R, default=0),
    Field("index", "int", default=0, limits=INT32),
    Field("last_id", "int", default=0),
    Field("last_reboot_ts", "moment", null=True),
    Field("is_system", access=R, default=False),
    Field("selector", "int", default=0xFFFF, limits=UINT31),
)


def sees_streamers(call: Call) -> Test:
    """A user sees the streamers of his organisations' devices."""
    own, get = mine(call), call.store.get
    return lambda streamer: own(get("device", streamer["device"]) or {})


def fetch_streamer(call: Call) -> Record:
    """Return the streamer that the URL names."""
    return visible(call.store.get("streamer", call.path["key"]), sees_streamers(call))


def streamers_of_device(call: Call, text: str) -> Test:
    """Keep the streamers of a device, which must exist; a short slug will do."""
    slug = full_slug(text)
    if slug is None:
        raise detail(400, f"Illegal device format. Expected HEX number. Got {text}")
    if call.store.get("device", slug) is None:
        raise not_found()
    return lambda streamer: bool(streamer["device"] == slug)


def create_streamer(call: Call, values: Record) -> Record:
    """Make a streamer: staff only."""
    if not call.user.get("is_staff"):
        raise forbidden()
    return new_streamer(call.store, values["device"], values)


def new_streamer(store: Store, device: str, values: Record) -> Record:
    """Return a new streamer of a device."""
    index = values.get("index", 0)
    slug = f"t{device[1:]}--{grouped(index, 1)}"
    if store.get("streamer", slug):
        raise ApiError(400, [f"Streamer {slug} already exists."])
    return completed(FIELDS, {"id": store.new_id("streamer"), "slug": slug, **values})


RESOURCE = Resource(
    "streamer",
    FIELDS,
    visible=sees_streamers,
    fetch=fetch_streamer,
    order=lambda streamer: int(streamer["id"]),
    filters={
        "device": streamers_of_device,
        "selector": equals("selector", int),
        "slug": equals("slug"),
    },
    paging=STANDARD,
    create=create_streamer,
)

ROUTES = resource_routes(RESOURCE)
