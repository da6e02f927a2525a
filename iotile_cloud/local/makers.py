"""How records come to be, change and go, where the common rules are not enough.

Each maker gets validated values and returns the whole record.  Knows nothing of HTTP.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

from ..utils.basic import utc_text
from .errors import ApiError, bad_fields, bad_request, denied, forbidden, not_found, restricted
from .fields import Call
from .permissions import can
from .slugs import grouped, name_slug
from .store import Record, Store
from .tables import FIELDS

__all__ = ["completed", "now_text", "stamp"]


def now_text(call: Call) -> str:
    """Return the time of the cloud's clock as the server writes it."""
    return utc_text(datetime.fromtimestamp(call.clock(), timezone.utc))


def stamp(call: Call) -> Record:
    """Return the fields of a new record that say who made it, and when."""
    return {"created_on": now_text(call), "created_by": call.user["slug"]}


def completed(kind: str, record: Record) -> Record:
    """Return `record` with the default of every field that it does not say."""
    return {f.name: f.default for f in FIELDS[kind] if f.show is None} | record


# --- account


def change_account(call: Call, record: Record, values: Record) -> None:
    """Keep e-mail addresses and user names unique, and note the time."""
    errors = {}
    for name in ("email", "username"):
        other = call.store.find("account", **{name: values[name]}) if name in values else None
        if other not in (None, record):
            errors[name] = [f"account with this {name} already exists."]
    if errors:
        raise bad_fields(errors)
    values["updated_at"] = now_text(call)


# --- org and project


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
        "org", {"id": str(uuid4()), "slug": slug, "members": members, **stamped, **values}
    )


def change_org(call: Call, record: Record, values: Record) -> None:
    """Keep the names of organisations unique; the slug stays."""
    if values.get("name") != record["name"]:
        _check_org_name(call, values)


def _check_org_name(call: Call, values: Record) -> None:
    if "name" in values and call.store.find("org", name=values["name"]):
        raise bad_fields({"name": ["Organization with this Company Name already exists."]})


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
    return completed("project", {**new, **values})


# --- device, variable, stream


def modify_device(call: Call, record: Record) -> None:
    """Allow what needs the right to change devices."""
    if not can(call.store, call.user, record["org"], "can_modify_device"):
        raise forbidden("User is not allowed to modify device")


def change_device(call: Call, record: Record, values: Record) -> None:
    """Let the organisation follow the project, and the activity the state."""
    if "project" in values:
        project = call.store.get("project", values["project"]) or {"org": None}
        if not can(call.store, call.user, project["org"], "can_modify_device"):
            raise forbidden("User is not allowed to modify device")
        values["org"] = project["org"]
    if "state" in values:
        values["active"] = values["state"] != "N0"


def refuse_device(call: Call, values: Record) -> Record:
    """Refuse to make a device: only the vendor does."""
    raise restricted(403)


def create_variable(call: Call, values: Record) -> Record:
    """Make a variable; the server lets any user do so, in any project."""
    project = call.store.get("project", values["project"])
    if project is None:
        raise bad_fields({"project": ["This field may not be null."]})
    slug = f"v{project['slug'][1:]}--{grouped(values['lid'], 1)}"
    if call.store.get("variable", slug):
        raise bad_fields({"lid": [f"Variable {slug} already exists."]})
    new = {"id": str(uuid4()), "slug": slug, "org": project["org"], **stamp(call)}
    return completed("variable", {**new, **values})


_FROM_VARIABLE = ("var_type", "input_unit", "output_unit", "raw_value_format", "mdo_label", "org")
_FACTORS = ("multiplication_factor", "division_factor", "offset")


def create_stream(call: Call, values: Record) -> Record:
    """Make the stream of a variable, for a device or (virtual) for the project itself."""
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
    middle = device["slug"][3:] if device else grouped(0, 4)
    slug = f"s{project['slug'][1:]}--{middle}--{grouped(variable['lid'], 1)}"
    if store.get("stream", slug):
        raise bad_fields({"non_field_errors": [f"Stream {slug} already exists."]})
    kind = store.get("vartype", variable["var_type"]) or {}
    new: dict[str, Any] = {name: variable[name] for name in (*_FROM_VARIABLE, *_FACTORS)}
    new |= {"id": str(uuid4()), "slug": slug, "data_type": kind.get("stream_data_type", "D0")}
    new |= {"project": project["slug"], "project_id": project["id"], "device": None}
    new |= {"var_name": variable["name"], "var_lid": variable["lid"], "mdo_type": "S"}
    return completed("stream", {**new, **stamp(call), "created_by": call.user["id"], **values})


def allow(call: Call, record: Record) -> None:
    """Allow whoever could fetch the record."""


# --- who may remove


def remove_by_staff(kind: str, status: int, flag: bool) -> Any:
    """Return the removal that staff may do (`flag`: with `staff=1`), others get `status`."""

    def remove(call: Call, record: Record) -> None:
        if not (call.all_orgs if flag else call.user.get("is_staff")):
            raise restricted(status)
        call.store.remove(kind, record["id"] if kind == "project" else record["slug"])

    return remove


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
    return completed("streamer", {"id": store.new_id("streamer"), "slug": slug, **values})
