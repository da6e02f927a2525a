"""Templates of devices, sensor graphs, projects, organisations and components.

Everybody sees all of them; staff write them.  Knows nothing of what is made after them, nor of
what is in a sensor graph (`sensor_graph.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import uuid4

from ..access.scopes import visible
from ..readings.slugs import name_slug
from ..rules.crud import resource_routes, show
from ..rules.fields import INT32, RW, UINT31, Call, Field, R, Resource, Route, W, read_only
from ..rules.makers import allow, completed, stamp, written_by_staff
from ..rules.paging import STANDARD, paged
from ..rules.validate import validate
from ..shared.versions import numbers, put_versions
from ..storage.store import Record
from ..web.errors import bad_fields
from ..web.messages import Reply, json_reply

__all__ = ["DEVICE_FIELDS", "ORG", "ROUTES", "VERSION", "VERSION_PARTS", "template"]

VERSION = {"version": ("major_version", "minor_version", "patch_version")}
VERSION_PARTS = tuple(Field(name, "int", W, limits=INT32, default=0) for name in VERSION["version"])
ORG = Field("org", "related", required=True, options=("org", "slug"))
_NAME = Field("name", required=True, most=50)
_SHOWN_VERSION = Field("version", access=R, default="v0.0.0")
_EXTRA_DATA = Field("extra_data", "json", null=True)


def _number(name: str, access: str = RW) -> Field:
    return Field(name, "int", access, limits=UINT31, default=0)


_SKUS = (
    Field("external_sku", required=True, most=50),
    Field("internal_sku", most=50, blank=True, default=""),
)
_DEVICE_VERSIONS = {
    **VERSION,
    "os_version": ("os_major_version", "os_minor_version"),
    "hw_version": ("hw_major_version",),
}
DEVICE_FIELDS = (
    *read_only("id"),
    *_SKUS,
    Field("family", most=50, default=""),
    *read_only("slug"),
    ORG,
    _SHOWN_VERSION,
    *VERSION_PARTS,
    _number("os_tag"),
    Field("os_version", access=R, default="v0.0"),
    *(_number(name, W) for name in _DEVICE_VERSIONS["os_version"]),
    _number("hw_tag"),
    Field("hw_version", access=R, default="v0"),
    *(_number(name, W) for name in _DEVICE_VERSIONS["hw_version"]),
    Field("slots", access=R, default=()),
    *read_only("created_on"),
    Field("released_on", "date", required=True),
)
_SLOT = (
    Field("number", "int", required=True, limits=INT32),
    Field("component", "related", required=True, options=("component", "slug")),
    *read_only("hw_tag"),
)
_COMPONENT_FIELDS = (
    *read_only("id"),
    *_SKUS,
    *read_only("slug"),
    Field("type", "choice", required=True, options=("BTC", "SEN", "COM", "IOT")),
    Field("hw_tag", most=20, blank=True, default=""),
    Field("hw_name", most=20, blank=True, default=""),
    *VERSION_PARTS,
    _SHOWN_VERSION,
    Field("description", blank=True, default=""),
    *read_only("created_on"),
)
_PROJECT_FIELDS = (
    *read_only("id"),
    _NAME,
    *read_only("slug"),
    ORG,
    _SHOWN_VERSION,
    _EXTRA_DATA,
    *VERSION_PARTS,
    *read_only("created_on"),
)
_ORG_FIELDS = tuple(field for field in _PROJECT_FIELDS if field is not ORG)

# Kind of template -> what names it: kind of record, field.
_USERS = {
    "dt": (("device", "template"),),
    "sg": (("device", "sg"), ("datablock", "sg")),
    "pt": (("project", "project_template"), ("sg", "project_template")),
    "ot": (("org", "ot"),),
}


def _slug(kind: str, name: str, version: str) -> str:
    separated = version.replace(".", "-")
    return name_slug(f"{name}-{separated[1:] if kind == 'component' else separated}")


def _create(
    kind: str,
    fields: tuple[Field, ...],
    parts: Mapping[str, tuple[str, ...]],
    call: Call,
    values: Record,
) -> Record:
    """Make a template; there is one of each name and version."""
    put_versions(values, {}, parts)
    name = "external_sku" if "external_sku" in values else "name"
    slug = _slug(kind, values[name], values["version"])
    if call.store.get(kind, slug):
        unique = ", ".join((name, *VERSION["version"]))
        raise bad_fields({"non_field_errors": [f"The fields {unique} must make a unique set."]})
    number = str(uuid4()) if name == "external_sku" else call.store.new_id(kind)
    return completed(fields, {"id": number, "slug": slug, **stamp(call), **values})


def _change(
    parts: Mapping[str, tuple[str, ...]], call: Call, record: Record, values: Record
) -> None:
    put_versions(values, record, parts)


def _delete(kind: str, call: Call, record: Record) -> None:
    """Remove a template; what names it does so no longer."""
    for user, field in _USERS.get(kind, ()):
        for found in call.store.all(user):
            if found.get(field) == record["slug"]:
                call.store.put(user, {**found, field: None})
    call.store.remove(kind, record)


def template(
    kind: str,
    fields: tuple[Field, ...],
    parts: Mapping[str, tuple[str, ...]] = VERSION,
    **more: Any,
) -> Resource:
    """Return the resource of a kind of template.

    Args:
        parts: its versions (see `put_versions`).
        more: what else the `Resource` says, such as `filters`.
    """

    def order(record: Record) -> Any:
        name = record.get("external_sku") or record.get("name") or ""
        return name, numbers(record.get("version") or "")

    return Resource(
        kind,
        fields,
        visible=lambda call: lambda record: True,
        fetch=partial(fetch_template, kind),
        order=order,
        may_write=allow,
        create=partial(_create, kind, fields, parts),
        change=partial(_change, parts),
        delete=partial(_delete, kind),
        **{"filters": {}, **more},
    )


def fetch_template(kind: str, call: Call) -> Record:
    """Return the template that the URL names."""
    return visible(call.store.get(kind, call.path["key"]), lambda record: True)


def list_slots(call: Call) -> Reply:
    """Answer GET `/dt/<slug>/slot/`: which components are in a device, and where."""
    slots = fetch_template("dt", call).get("slots", ())
    return paged(call.request, slots, STANDARD, lambda slot: show(call.store, _SLOT, slot))


def add_slot(call: Call) -> Reply:
    """Answer POST `/dt/<slug>/slot/`: put a component into a slot that is free."""
    device = fetch_template("dt", call)
    new = validate(call.store, _SLOT, call.body.data)
    slots = list(device.get("slots", ()))
    if any(slot["number"] == new["number"] for slot in slots):
        raise bad_fields({"number": ["slot with this number already exists."]})
    new["hw_tag"] = (call.store.get("component", new["component"]) or {}).get("hw_tag", "")
    slots = sorted([*slots, new], key=lambda slot: int(slot["number"]))
    call.store.put("dt", {**device, "slots": slots})
    return json_reply(show(call.store, _SLOT, new), 201)


DEVICE = template("dt", DEVICE_FIELDS, _DEVICE_VERSIONS)
COMPONENT = template("component", _COMPONENT_FIELDS)
PROJECT = template("pt", _PROJECT_FIELDS)
ORGANISATION = template("ot", _ORG_FIELDS)

ROUTES = written_by_staff(
    (
        *resource_routes(DEVICE, keyed=("GET",)),
        Route(
            "/dt/<key>/slot/", {"GET": list_slots, "POST": add_slot}, keyed=("GET",), fields=_SLOT
        ),
        *resource_routes(COMPONENT),
        *resource_routes(PROJECT),
        *resource_routes(ORGANISATION),
    )
)
