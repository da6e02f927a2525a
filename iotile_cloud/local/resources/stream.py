"""Streams: a variable of one device (or of a project: virtual, or of a data block).

Knows nothing of readings.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from ..access.permissions import can
from ..access.scopes import Test, allowed, mine
from ..readings.slugs import full_slug, grouped
from ..rules.crud import resource_routes
from ..rules.fields import INT32, UINT31, Call, Field, Resource, read_only
from ..rules.filters import (
    equals,
    existing,
    in_project,
    truth,
)
from ..rules.makers import allow, completed, remove_by_staff, stamp
from ..rules.paging import SUPER
from ..storage.store import Record
from ..web.errors import (
    bad_fields,
    detail,
    forbidden,
    not_found,
)
from .variable import UNITS

DATA_TYPES = ("00", "D0", "E0", "E1", "E2", "E3")

STREAM_POST = (
    *read_only("id", "project"),
    Field("device", "related", options=("device", "slug")),
    Field("data_label", most=100, blank=True, default=""),
    Field("variable", "related", required=True, options=("variable", "slug")),
    *read_only("var_type"),
    Field("data_type", "choice", options=DATA_TYPES, default="00"),
    *read_only("multiplication_factor", "division_factor", "offset", "org", "created_on", "slug"),
    *read_only("created_by"),
)


FIELDS = (
    *read_only("id", "project_id", "project", "device", "block"),
    Field("data_label", most=100, blank=True, default=""),
    *read_only("variable", "var_type"),
    Field("data_type", "choice", options=DATA_TYPES, default="00"),
    Field("var_name", most=30, default=""),
    Field("var_lid", "int", limits=UINT31),
    *UNITS,
    *read_only("derived_stream"),
    Field("raw_value_format", most=5, blank=True, default="<L"),
    Field("mdo_type", "choice", options=("V", "S"), default="V"),
    Field("mdo_label", most=10, blank=True, default=""),
    Field("multiplication_factor", "int", null=True, default=1, limits=INT32),
    Field("division_factor", "int", null=True, default=1, limits=INT32),
    Field("offset", "float", null=True, default=0.0),
    *read_only("org", "created_on", "slug"),
    Field("enabled", "bool", default=True),
)


def sees_streams(call: Call) -> Test:
    """A user sees the streams of his active devices, unless the arguments ask for others."""
    own, args = mine(call), call.args
    if args.get("all") == "1" or args.get("device") or args.get("block"):
        return own
    if args.get("archived") == "1":
        return lambda stream: own(stream) and stream["block"] is not None
    if args.get("virtual") == "1":
        return lambda stream: own(stream) and stream["device"] is None
    active = {device["slug"] for device in call.store.all("device") if device["active"]}
    return lambda s: own(s) and s["block"] is None and s["device"] in active


def of_device(call: Call, text: str) -> Test:
    """Keep the streams of a device or data block, which must exist; `d--0001-...` means the block.

    Only full slugs are taken: the real server breaks on short ones.
    """
    slug = full_slug(text)
    if slug is None or slug[:1] not in ("d", "b"):
        raise forbidden()
    if slug != text:
        raise bad_fields({"device": [f"Give the full slug: {slug}"]})
    if not slug.startswith("d--0000-"):
        return existing("datablock", "block")(call, "b" + slug[1:])
    test = existing("device", "device")(call, slug)
    return lambda stream: test(stream) and stream["block"] is None


def fetch_stream(call: Call) -> Record:
    """Return the stream that the URL names, by a short slug too."""
    slug = full_slug(call.path["key"])
    stream = allowed(call, call.store.get("stream", slug), "can_read_stream_data")
    if stream.get("doubled"):
        raise detail(400, f"There are two streams {slug}, of which the server finds neither.")
    return stream


_FROM_VARIABLE = ("var_type", "input_unit", "output_unit", "raw_value_format", "mdo_label", "org")


_FACTORS = ("multiplication_factor", "division_factor", "offset")


def create_stream(call: Call, values: Record) -> Record:
    """Make the stream of a variable, for a device or (virtual) for the project itself.

    The server takes the same stream twice, and then finds neither of the two.
    """
    store = call.store
    variable = store.get("variable", values["variable"]) or {}
    project = store.get("project", variable["project"])
    if project is None:
        raise not_found()
    device = store.get("device", values.get("device"))
    if device and device["project"] != variable["project"]:
        if not can(store, call.user, device["org"]):
            raise forbidden()
        raise not_found()
    if not can(store, call.user, variable["org"], "can_modify_stream_ids"):
        raise forbidden()
    new = new_stream(call, project, device, variable)
    return {**new, **values, "doubled": store.get("stream", new["slug"]) is not None}


def new_stream(call: Call, project: Record, device: Record | None, variable: Record) -> Record:
    """Return a new stream of a variable, with the units and factors of the variable."""
    middle = device["slug"][3:] if device else grouped(0, 4)
    slug = f"s{project['slug'][1:]}--{middle}--{grouped(variable['lid'], 1)}"
    kind = call.store.get("vartype", variable["var_type"]) or {}
    new: dict[str, Any] = {name: variable[name] for name in (*_FROM_VARIABLE, *_FACTORS)}
    new |= {"id": str(uuid4()), "slug": slug, "data_type": kind.get("stream_data_type", "D0")}
    new |= {"project": project["slug"], "project_id": project["id"]}
    new |= {"device": device["slug"] if device else None, "variable": variable["slug"]}
    new |= {"var_name": variable["name"], "var_lid": variable["lid"], "mdo_type": "S"}
    return completed(FIELDS, {**new, **stamp(call), "created_by": call.user["id"]})


RESOURCE = Resource(
    "stream",
    FIELDS,
    visible=sees_streams,
    fetch=fetch_stream,
    order=lambda stream: str(stream["slug"]),
    filters={
        "project": in_project("slug"),
        "org": existing("org", "org"),
        "org__slug": existing("org", "org"),
        "device": of_device,
        "device__slug": equals("device"),
        "block": existing("datablock", "block"),
        "variable": existing("variable", "variable"),
        "enabled": truth("enabled"),
    },
    paging=SUPER,
    create_fields=STREAM_POST,
    may_write=allow,
    create=create_stream,
    delete=remove_by_staff("stream", 400, flag=False),
)

ROUTES = resource_routes(RESOURCE)
