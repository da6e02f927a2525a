"""Configuration: attributes of users, organisations, projects and devices, and their names.

What a device does not say its project says, then its organisation, then its user.  Knows nothing
of what the attributes configure.
"""

from __future__ import annotations

import json

from ..access.permissions import can
from ..access.scopes import Test, numbered
from ..rules.crud import resource_routes, show
from ..rules.fields import Call, Field, Resource, Route, W, read_only
from ..rules.filters import contains, equals
from ..rules.makers import add_note, completed, now_text
from ..rules.targets import of_target, target_record
from ..storage.store import Record
from ..web.errors import ApiError, bad_fields, forbidden, not_found
from ..web.messages import Reply, json_reply

__all__ = ["ATTRIBUTE_FIELDS", "NAME_FIELDS", "ROUTES"]

NAME_FIELDS = (
    *read_only("id"),
    Field("name", required=True, most=64),
    Field("description", null=True, blank=True),
    Field("tags", "texts", default=()),
)
ATTRIBUTE_FIELDS = (
    *read_only("id"),
    Field("target", required=True, most=64),
    Field("name", required=True, most=64),
    Field("data", "json", null=True),
    *read_only("updated_on"),
    Field("log_as_note", "bool", access=W),
)

# The prefix of a target -> what its organisation must allow who writes there; "@": himself only.
_TO_WRITE = {
    "^": "can_manage_org_and_projects",
    "p": "can_manage_org_and_projects",
    "d": "can_modify_device",
}
_NO_UPDATE = "PUT and PATCH methods are not supported; use POST with the right target"
_INCOMPLETE = "Missing target and/or name"


def _by_staff(call: Call, record: Record) -> None:
    if not call.user["is_staff"]:
        raise forbidden()


def create_name(call: Call, values: Record) -> Record:
    """Make a name, which staff may do."""
    _by_staff(call, values)
    _check_new(call, values["name"])
    return completed(NAME_FIELDS, {"id": call.store.new_id("config/name"), **values})


def change_name(call: Call, record: Record, values: Record) -> None:
    """Keep names unique, and let the attributes follow."""
    new = str(values.get("name", record["name"]))
    if new == record["name"]:
        return
    _check_new(call, new)
    for attribute in _attributes(call, record["name"]):
        call.store.put("config/attr", {**attribute, "name": new})


def delete_name(call: Call, record: Record) -> None:
    """Remove a name with its attributes, which staff may do."""
    _by_staff(call, record)
    for attribute in _attributes(call, record["name"]):
        call.store.remove("config/attr", attribute)
    call.store.remove("config/name", record)


def _check_new(call: Call, name: str) -> None:
    if call.store.find("config/name", name=name):
        text = "config attribute name with this name already exists."
        raise bad_fields({"name": [text]})


def _attributes(call: Call, name: str) -> list[Record]:
    return [a for a in call.store.all("config/attr") if a["name"] == name]


def _may(call: Call, slug: str, write: bool) -> bool:
    """Tell whether the caller may read (or write) the attributes of a target."""
    if slug[:1] == "@":
        return bool(call.user["is_staff"] or slug[1:] == call.user["slug"])
    target = target_record(call.store, slug)
    if target is None or slug[:1] not in _TO_WRITE:
        return False
    return can(call.store, call.user, target["org"], _TO_WRITE[slug[:1]] if write else "")


def sees_attributes(call: Call) -> Test:
    """A list shows the attributes of one target, none of somebody else's."""
    same = of_target(call)
    return same if _may(call, call.args["target"], write=False) else lambda attribute: False


def fetch_attribute(call: Call) -> Record:
    """Return the attribute that the URL names by its number."""
    attribute = numbered(call, "config/attr")
    if not _may(call, attribute["target"], write=False):
        raise forbidden()
    return attribute


def create_attribute(call: Call, values: Record) -> Record:
    """Make an attribute, or put another value in the place of what the target has."""
    target, name = values["target"], values["name"]
    if not _may(call, target, write=True):
        raise forbidden()
    if call.store.find("config/name", name=name) is None:
        raise bad_fields({"name": [f"Object with name={name} does not exist."]})
    old = call.store.find("config/attr", target=target, name=name)
    data = values.get("data")
    if values.get("log_as_note"):
        add_note(call, target, f"Configuration {name} set to {json.dumps(data)}", "sc")
    number = old["id"] if old else call.store.new_id("config/attr")
    updated = {"data": data, "updated_on": now_text(call)}
    return {"id": number, "target": target, "name": name, **updated}


def refuse_update(call: Call, attribute: Record) -> None:
    """Refuse PUT and PATCH: a POST overwrites."""
    raise ApiError(400, {"error": _NO_UPDATE})


def delete_attribute(call: Call, attribute: Record) -> None:
    """Remove an attribute."""
    if not _may(call, attribute["target"], write=True):
        raise forbidden()
    call.store.remove("config/attr", attribute)


def search(call: Call) -> Reply:
    """Answer GET `/config/attr/search/`: what holds for a target, its own or from above it."""
    slug, name = call.args.get("target"), call.args.get("name")
    if not slug or not name:
        raise ApiError(400, {"error": _INCOMPLETE})
    if not _may(call, slug, write=False):
        raise forbidden()
    for place in _upwards(call, slug):
        found = call.store.find("config/attr", target=place, name=name)
        if found is not None:
            return json_reply(show(call.store, ATTRIBUTE_FIELDS, found))
    raise not_found()


def _upwards(call: Call, slug: str) -> list[str]:
    """Return the targets that are asked in turn: device, project, organisation, user."""
    places = [slug]
    record = target_record(call.store, slug) or {}
    if slug[:1] == "d":
        project = call.store.get("project", record["project"]) or {}
        places += [project["slug"]] if project else []
    if slug[:1] in ("d", "p") and record["org"]:
        places.append(f"^{record['org']}")
    return places if slug[:1] == "@" else [*places, f"@{call.user['slug']}"]


NAMES = Resource(
    "config/name",
    NAME_FIELDS,
    visible=lambda call: lambda name: True,
    fetch=lambda call: numbered(call, "config/name"),
    order=lambda name: str(name["name"]),
    filters={
        "name": equals("name"),
        "name_q": contains("name"),
        "tag": lambda call, text: lambda name: text in name["tags"],
    },
    may_write=_by_staff,
    create=create_name,
    change=change_name,
    delete=delete_name,
)
ATTRIBUTES = Resource(
    "config/attr",
    ATTRIBUTE_FIELDS,
    visible=sees_attributes,
    fetch=fetch_attribute,
    order=lambda attribute: str(attribute["name"]),
    filters={"name": equals("name"), "name_q": contains("name")},
    may_write=refuse_update,
    create=create_attribute,
    delete=delete_attribute,
)

ROUTES = (
    *resource_routes(NAMES),
    *resource_routes(ATTRIBUTES),
    Route("/config/attr/search/", {"GET": search}),
)
