"""Which versions of its operating system and application a device has reported: `/ota/version/`.

Staff write them.  Knows nothing of updates.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ..access.permissions import orgs_of
from ..access.scopes import Test, allowed, numbered
from ..rules.crud import resource_routes, show
from ..rules.fields import UINT31, Call, Field, R, Resource, W, read_only
from ..rules.filters import existing
from ..rules.makers import allow, completed, now_text, written_by_staff
from ..shared.versions import put_versions
from ..storage.store import Record, Store
from ..web.errors import restricted

__all__ = [
    "FIELDS",
    "RESOURCE",
    "ROUTES",
    "fetch_of_device",
    "latest_versions",
    "sees_of_devices",
    "shown_versions",
]

_VERSION = {"version": ("major_version", "minor_version")}

FIELDS = (
    Field("device", "related", required=True, options=("device", "slug")),
    Field("type", "choice", required=True, options=("os", "app")),
    Field("tag", "int", required=True, limits=UINT31),
    Field("version", access=R, default="v0.0"),
    *(Field(name, "int", W, limits=UINT31, default=0) for name in _VERSION["version"]),
    Field("streamer_local_id", "int", default=1),
    Field("updated_ts", "moment", null=True),
    *read_only("created_on"),
)


def sees_of_devices(call: Call) -> Test:
    """A user sees what belongs to the devices of his organisations."""
    if call.all_orgs:
        return lambda record: True
    orgs = orgs_of(call.store, call.user)
    devices = {device["slug"] for device in call.store.all("device") if device["org"] in orgs}
    return lambda record: record["device"] in devices


def fetch_of_device(kind: str, call: Call) -> Record:
    """Return the record of `kind` that the URL names by its number, if its device is the user's."""
    record = numbered(call, kind)
    allowed(call, call.store.get("device", record["device"]))
    return record


def _newest_first(version: Record) -> Any:
    return -version["id"]


def latest_versions(store: Store, device: str) -> list[Record]:
    """Return the version of each type that a device reported last, the newest first."""
    found = [v for v in store.all("ota/version") if v["device"] == device]
    found.sort(key=lambda version: (version["streamer_local_id"], version["id"]))
    last = {version["type"]: version for version in found}
    return sorted(last.values(), key=_newest_first)


def shown_versions(store: Store, device: Record) -> list[Record]:
    """Return the latest versions of a device as they are shown."""
    return [show(store, FIELDS, version) for version in latest_versions(store, device["slug"])]


def latest(call: Call, text: str) -> Test:
    """Keep, of each device and type, the version that was reported last."""
    if text.lower() not in ("true", "1"):
        return lambda version: True
    devices = {version["device"] for version in call.store.all("ota/version")}
    kept = {v["id"] for device in devices for v in latest_versions(call.store, device)}
    return lambda version: version["id"] in kept


def of_type(call: Call, text: str) -> Test:
    """Keep the versions of a type."""
    return lambda version: bool(version["type"] == text)


def create_version(call: Call, values: Record) -> Record:
    """Make a version of a device."""
    put_versions(values, {}, _VERSION)
    new = {"id": call.store.new_id("ota/version"), "created_on": now_text(call)}
    return completed(FIELDS, {**new, **values})


def change_version(call: Call, record: Record, values: Record) -> None:
    """Keep the parts of the number that were not sent."""
    put_versions(values, record, _VERSION)


def delete_version(call: Call, record: Record) -> None:
    """Remove a version."""
    call.store.remove("ota/version", record)


RESOURCE = Resource(
    "ota/version",
    FIELDS,
    visible=sees_of_devices,
    fetch=partial(fetch_of_device, "ota/version"),
    order=_newest_first,
    filters={"device": existing("device", "device"), "type": of_type, "latest": latest},
    may_write=allow,
    create=create_version,
    change=change_version,
    delete=delete_version,
)

ROUTES = written_by_staff(resource_routes(RESOURCE), partial(restricted, 403))
