"""Templates of properties: which names an organisation uses, with their choices.

Knows nothing of the properties themselves.
"""

from __future__ import annotations

from ..access.permissions import can
from ..access.scopes import Test, mine, numbered, visible
from ..rules.crud import resource_routes, show
from ..rules.fields import Call, Field, R, Resource, Route, read_only
from ..rules.filters import equals, existing
from ..rules.makers import completed
from ..rules.paging import STANDARD, paged
from ..rules.validate import validate
from ..storage.store import Record, Store
from ..web.errors import bad_fields, denied, not_found
from ..web.messages import Reply, json_reply, no_content

__all__ = ["FIELDS", "RESOURCE", "ROUTES"]


def _choices(store: Store, template: Record) -> list[Record]:
    found = [c for c in store.all("propertyenum") if c["template"] == template["id"]]
    return sorted(found, key=lambda choice: str(choice["value"]))


def _values(store: Store, template: Record) -> list[str]:
    return [choice["value"] for choice in _choices(store, template)]


def _maker(store: Store, template: Record) -> str | None:
    """Return who made it; where a description does not say, who made its organisation."""
    org = store.get("org", template["org"]) or {}
    return template.get("created_by") or org.get("created_by")


def _org(store: Store, choice: Record) -> str:
    return str((store.get("propertytemplate", choice["template"]) or {})["org"])


def _chooser(store: Store, choice: Record) -> str | None:
    """Return who made a choice; where a description does not say, who made its template."""
    template = store.get("propertytemplate", choice["template"]) or {}
    return choice.get("created_by") or _maker(store, template)


FIELDS = (
    *read_only("id"),
    Field("org", "related", required=True, options=("org", "slug")),
    Field("type", "choice", options=("int", "str", "bool"), default="str"),
    Field("name", required=True, most=48),
    Field("default", most=256, blank=True, default=""),
    Field("enums", access=R, show=_values),
    Field("extra", "json", null=True),
    Field("created_by", access=R, show=_maker),
)
_CHOICE = (
    *read_only("id"),
    Field("org", access=R, show=_org),
    Field("value", required=True, most=64),
    *read_only("template"),
    Field("created_by", access=R, show=_chooser),
)


def sees_templates(call: Call) -> Test:
    """A user sees the templates of his organisations."""
    return mine(call)


def fetch_template(call: Call) -> Record:
    """Return the template that the URL names by its number."""
    return visible(numbered(call, "propertytemplate"), sees_templates(call))


def manage_template(call: Call, record: Record) -> None:
    """Allow what only managers of the organisation may do."""
    if not can(call.store, call.user, record["org"], "can_manage_org_and_projects"):
        raise denied()


def create_template(call: Call, values: Record) -> Record:
    """Make a template without choices."""
    manage_template(call, values)
    number = call.store.new_id("propertytemplate")
    return completed(FIELDS, {"id": number, "created_by": call.user["slug"], **values})


def change_template(call: Call, template: Record, values: Record) -> None:
    """Let a template move only to an organisation that the caller manages too."""
    manage_template(call, {**template, **values})


def delete_template(call: Call, template: Record) -> None:
    """Remove a template with its choices."""
    manage_template(call, template)
    for choice in _choices(call.store, template):
        call.store.remove("propertyenum", choice)
    call.store.remove("propertytemplate", template)


def list_choices(call: Call) -> Reply:
    """Answer GET `/propertytemplate/<id>/enum/`: the choices."""
    found = _choices(call.store, fetch_template(call))
    return paged(call.request, found, STANDARD, lambda choice: show(call.store, _CHOICE, choice))


def _named(call: Call, template: Record) -> tuple[str, Record | None]:
    """Return the value that the body names, and the choice with it."""
    value = validate(call.store, _CHOICE, call.body.data)["value"]
    return value, call.store.find("propertyenum", template=template["id"], value=value)


def add_choice(call: Call) -> Reply:
    """Answer POST `/propertytemplate/<id>/enum/`."""
    template = fetch_template(call)
    manage_template(call, template)
    value, known = _named(call, template)
    if known is not None:
        raise bad_fields({"value": [f"{value} is a choice already."]})
    choice = {
        "id": call.store.new_id("propertyenum"),
        "value": value,
        "template": template["id"],
        "created_by": call.user["slug"],
    }
    return json_reply(show(call.store, _CHOICE, call.store.put("propertyenum", choice)), 201)


def remove_choice(call: Call) -> Reply:
    """Answer DELETE `/propertytemplate/<id>/enum/`, which names the choice in its body."""
    template = fetch_template(call)
    manage_template(call, template)
    _, known = _named(call, template)
    if known is None:
        raise not_found()
    call.store.remove("propertyenum", known)
    return no_content()


RESOURCE = Resource(
    "propertytemplate",
    FIELDS,
    visible=sees_templates,
    fetch=fetch_template,
    order=lambda template: (str(template["org"]), str(template["name"])),
    filters={"org": existing("org", "org"), "name": equals("name")},
    may_write=manage_template,
    create=create_template,
    change=change_template,
    delete=delete_template,
)

ROUTES = (
    *resource_routes(RESOURCE),
    Route(
        "/propertytemplate/<key>/enum/",
        {"GET": list_choices, "POST": add_choice, "DELETE": remove_choice},
        fields=_CHOICE,
    ),
)
