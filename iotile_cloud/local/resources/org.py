"""Organisations: a user sees those he belongs to; the others are 404.

Knows nothing of the devices in them.
"""

from __future__ import annotations

from uuid import uuid4

from ..access.scopes import Test, mine, visible
from ..readings.slugs import name_slug
from ..rules.crud import resource_routes, show
from ..rules.fields import Call, Field, R, Resource, Route, read_only
from ..rules.filters import (
    contains,
    of_author,
)
from ..rules.makers import completed, remove_by_staff, stamp
from ..rules.paging import STANDARD, paged
from ..shared.avatars import org_avatar
from ..storage.store import Record
from ..web.errors import (
    bad_fields,
    bad_request,
)
from ..web.messages import Reply
from . import project

FIELDS = (
    *read_only("id"),
    Field("name", required=True, most=50),
    *read_only("slug", "ot"),
    Field("about", blank=True, default=""),
    *read_only("created_on", "created_by"),
    Field("avatar", access=R, show=org_avatar),
    Field("domain_names", access=R, default=()),
)


def sees_orgs(call: Call) -> Test:
    """A user sees the organisations he belongs to."""
    return mine(call, "slug")


def fetch_org(call: Call) -> Record:
    """Return the organisation that the URL names."""
    return visible(call.store.get("org", call.path["key"]), sees_orgs(call))


def create_org(call: Call, values: Record) -> Record:
    """Make an organisation, owned by its maker."""
    _check_org_name(call, values)
    slug = name_slug(values["name"])
    if not slug:
        raise bad_fields({"name": ["A slug needs a letter a-z or a digit in the name."]})
    if call.store.get("org", slug):
        raise bad_request("Organization with this Name produces duplicate slug.")
    stamped = stamp(call)
    owner = {"user": call.user["slug"], "role": "a0", "is_active": True, "is_org_admin": True}
    members = [{**owner, "created_on": stamped["created_on"]}]
    return completed(
        FIELDS, {"id": str(uuid4()), "slug": slug, "members": members, **stamped, **values}
    )


def change_org(call: Call, record: Record, values: Record) -> None:
    """Keep the names of organisations unique; the slug stays."""
    if values.get("name") != record["name"]:
        _check_org_name(call, values)


def _check_org_name(call: Call, values: Record) -> None:
    if "name" in values and call.store.find("org", name=values["name"]):
        raise bad_fields({"name": ["Organization with this Company Name already exists."]})


def org_projects(call: Call) -> Reply:
    """Answer GET `/org/<slug>/projects/`: the organisation's projects by name."""
    slug = fetch_org(call)["slug"]
    rows = [project for project in call.store.all("project") if project["org"] == slug]
    rows.sort(key=lambda project: str(project["name"]))
    fields = project.FIELDS
    return paged(call.request, rows, STANDARD, lambda row: show(call.store, fields, row))


RESOURCE = Resource(
    "org",
    FIELDS,
    visible=sees_orgs,
    fetch=fetch_org,
    order=lambda org: str(org["name"]),
    filters={"search": contains("name"), "created_by": of_author},
    may_write=project.manage_org,
    create=create_org,
    change=change_org,
    delete=remove_by_staff("org", 403, flag=True),
)

ROUTES = (
    *resource_routes(RESOURCE),
    Route("/org/<key>/projects/", {"GET": org_projects}),
)
