"""Projects: found by UUID; those of other organisations are 404.

Knows nothing of what is in them.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from ..access.permissions import can
from ..access.scopes import Test, mine, visible
from ..readings.slugs import grouped
from ..rules.crud import resource_routes, show
from ..rules.fields import Call, Field, R, Resource, Route, read_only
from ..rules.filters import (
    equals,
    existing,
    has_property,
    of_author,
)
from ..rules.makers import completed, remove_by_staff, stamp
from ..rules.validate import uuid_text, validate
from ..storage.store import Record, Store
from ..web.errors import (
    bad_request,
    denied,
)
from ..web.messages import Reply, json_reply
from .property import property_routes


def _project_gid(store: Store, project: Record) -> Any:
    return project["slug"][3:]


FIELDS = (
    *read_only("id"),
    Field("name", required=True, most=50),
    *read_only("slug"),
    Field("gid", access=R, show=_project_gid),
    Field("org", "related", required=True, options=("org", "slug")),
    Field("about", blank=True, default=""),
    Field("project_template", "related", options=("pt", "slug")),
    *read_only("created_on", "created_by"),
)

_FROM_DEVICE = (
    *(field for field in FIELDS if field.name in ("name", "org")),
    Field("device", "related", options=("device", "slug")),
)


def sees_projects(call: Call) -> Test:
    """A user sees the projects of his organisations."""
    return mine(call)


def fetch_project(call: Call) -> Record:
    """Return the project that the URL names by its UUID."""
    key = uuid_text(call.path["key"])
    if key is None:
        raise bad_request("Project ID must be a UUID")
    return visible(call.store.get("project", key), sees_projects(call))


def manage_org(call: Call, record: Record) -> None:
    """Allow what only managers of the organisation (or of the project's) may do."""
    org = record.get("org") or record["slug"]
    if not can(call.store, call.user, org, "can_manage_org_and_projects"):
        raise denied()


def change_project(call: Call, record: Record, values: Record) -> None:
    """Let a project move only to an organisation that the caller manages too."""
    if "org" in values:
        manage_org(call, values)


def create_project(call: Call, values: Record) -> Record:
    """Make a project, with the number after the highest."""
    manage_org(call, values)
    slugs = [project["slug"] for project in call.store.all("project")]
    number = 1 + max((int(slug[3:].replace("-", ""), 16) for slug in slugs), default=0)
    new = {"id": str(uuid4()), "slug": f"p--{grouped(number, 2)}", **stamp(call)}
    if call.store.get("pt", "default-template-v1-0-0"):
        new["project_template"] = "default-template-v1-0-0"
    return completed(FIELDS, {**new, **values})


def new_project(call: Call) -> Reply:
    """Answer POST `/project/new/`: a project made for a device, by the template of its kind."""
    values = validate(call.store, _FROM_DEVICE, call.body.data)
    device = call.store.get("device", values.pop("device", None)) or {}
    template = (call.store.get("sg", device.get("sg")) or {}).get("project_template")
    if template:
        values["project_template"] = template
    project = call.store.put("project", create_project(call, values))
    return json_reply({"id": project["id"]}, 201)


def _counts(store: Store, project: Record) -> dict[str, int]:
    own = [d for d in store.all("device") if d["project"] == project["id"]]
    active = sum(bool(device["active"]) for device in own)
    return {
        "active_devices": active,
        "inactive_devices": len(own) - active,
        "variables": sum(v["project"] == project["id"] for v in store.all("variable")),
        "streams": sum(s["project"] == project["slug"] for s in store.all("stream")),
    }


def project_extra(call: Call) -> Reply:
    """Answer GET `/project/<id>/extra/`: a project, and how much there is in it."""
    counts = Field("counts", access=R, show=_counts)
    return json_reply(show(call.store, (*FIELDS, counts), fetch_project(call)))


RESOURCE = Resource(
    "project",
    FIELDS,
    visible=sees_projects,
    fetch=fetch_project,
    order=lambda project: (str(project["org"]), str(project["name"])),
    filters={
        "org": existing("org", "org"),
        "org__slug": existing("org", "org"),
        "slug": equals("slug"),
        "name": equals("name"),
        "created_by": of_author,
        "property": has_property,
    },
    may_write=manage_org,
    create=create_project,
    change=change_project,
    delete=remove_by_staff("project", 400, flag=False),
)

ROUTES = (
    *resource_routes(RESOURCE),
    *property_routes("project", fetch_project),
    Route("/project/<key>/extra/", {"GET": project_extra}),
    Route("/project/new/", {"POST": new_project}, fields=_FROM_DEVICE),
)
