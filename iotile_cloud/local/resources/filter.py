"""Stream filters: state machines that watch a stream; their parts are in `filter_parts.py`.

Knows nothing of readings: no filter acts here.
"""

from __future__ import annotations

from ..access.permissions import can, orgs_of
from ..access.scopes import Test
from ..rules.crud import resource_routes
from ..rules.fields import Call, Field, R, Resource, read_only
from ..rules.makers import now_text
from ..storage.store import Record, Store
from ..web.errors import bad_fields, forbidden, not_found
from .filter_changes import part_routes, remove_part
from .filter_parts import STATE, TRANSITION, parts_of, shown_parts

WRITE = "can_modify_stream_ids"


def _input_stream(store: Store, record: Record) -> str | None:
    """Return the slug of the one stream that is watched; None when it is a whole variable."""
    slug = "s" + record["slug"][1:]
    return slug if store.get("stream", slug) else None


FIELDS = (
    *read_only("id", "slug"),
    Field("name", most=50, default=""),
    Field("input_stream", access=R, show=_input_stream),
    Field("project", "related", required=True, options=("project", "slug")),
    Field("variable", "related", required=True, options=("variable", "slug")),
    Field("device", "related", options=("device", "slug")),
    Field("active", access=R, default=True),
    Field("states", access=R, show=shown_parts(STATE)),
    Field("transitions", access=R, show=shown_parts(TRANSITION)),
    *read_only("created_on", "created_by"),
)


def _org(store: Store, record: Record) -> str | None:
    return (store.find("project", slug=record["project"]) or {}).get("org")


def sees_filters(call: Call) -> Test:
    """A user sees the filters of the projects of his organisations."""
    if call.all_orgs:
        return lambda record: True
    orgs = orgs_of(call.store, call.user)
    slugs = {p["slug"] for p in call.store.all("project") if p["org"] in orgs}
    return lambda record: record["project"] in slugs


def fetch_filter(call: Call) -> Record:
    """Return the filter that the URL names by its full slug."""
    record = call.store.get("filter", call.path["key"])
    if record is None:
        raise not_found()
    if not can(call.store, call.user, _org(call.store, record)):
        raise forbidden()
    return record


def check_writable(call: Call, record: Record) -> None:
    """Check that the caller may change the filters of its project."""
    if not can(call.store, call.user, _org(call.store, record), WRITE):
        raise forbidden()


def create_filter(call: Call, values: Record) -> Record:
    """Make a filter of a variable, on one device or on all of its project."""
    check_writable(call, values)
    variable = values["variable"]
    if not variable.startswith(f"v{values['project'][1:]}--"):
        raise bad_fields({"variable": [f"{variable} is not of project {values['project']}."]})
    device = call.store.get("device", values.get("device"))
    project = call.store.find("project", slug=values["project"]) or {}
    if device is not None and device["project"] != project.get("id"):
        raise bad_fields({"device": [f"{device['slug']} is not in {values['project']}."]})
    middle = device["slug"][3:] if device else ""
    slug = f"f{values['project'][1:]}--{middle}--{variable.rpartition('--')[2]}"
    if call.store.get("filter", slug):
        raise bad_fields({"non_field_errors": ["Filter for this stream already exists"]})
    made = {"created_on": now_text(call), "created_by": call.user["id"]}
    new = {"id": call.store.new_id("filter"), "slug": slug, "name": "", "active": True}
    return {"device": None, **new, **made, **values}


def change_filter(call: Call, record: Record, values: Record) -> None:
    """Keep what the slug is made of."""
    for name in ("project", "variable", "device"):
        if values.get(name, record[name]) != record[name]:
            raise bad_fields({name: ["A filter stays with its stream: make another one."]})


def remove_filter(call: Call, record: Record) -> None:
    """Remove a filter with all its parts."""
    check_writable(call, record)
    for part in (STATE, TRANSITION):
        for one in parts_of(call.store, part, record["slug"]):
            remove_part(call.store, part, one)
    call.store.remove("filter", record)


RESOURCE = Resource(
    "filter",
    FIELDS,
    visible=sees_filters,
    fetch=fetch_filter,
    order=lambda record: str(record["slug"]),
    filters={},
    may_write=check_writable,
    create=create_filter,
    change=change_filter,
    delete=remove_filter,
)

ROUTES = (*resource_routes(RESOURCE), *part_routes(fetch_filter, check_writable))
