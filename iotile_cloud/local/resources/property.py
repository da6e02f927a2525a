"""Properties: named numbers, texts and truths of a device, project or data block.

Knows nothing of what they describe, nor of their templates.
"""

from __future__ import annotations

from collections.abc import Callable

from ..access.permissions import can
from ..access.scopes import Test, numbered
from ..rules.crud import resource_routes, show
from ..rules.fields import INT32, Call, Field, Resource, Route, W, read_only
from ..rules.targets import allowed_target, target_record
from ..rules.validate import validate
from ..storage.store import Record, Store
from ..web.errors import ApiError, bad_fields, detail, forbidden
from ..web.messages import Reply, json_reply

__all__ = [
    "FIELDS",
    "NEW_OF_TARGET",
    "OF_TARGET",
    "RESOURCE",
    "ROUTES",
    "property_routes",
    "set_property",
]

READ, MODIFY = "can_read_device_properties", "can_modify_device_properties"

_NAME = Field("name", required=True, most=40)
_IS_SYSTEM = Field("is_system", "bool", default=False)
_VALUES = (
    Field("int_value", "int", access=W, limits=INT32),
    Field("str_value", access=W, blank=True, most=256),
    Field("bool_value", "bool", access=W),
)
_TYPES = {field.name: field.name[: -len("_value")] for field in _VALUES}
OF_TARGET = (*read_only("id"), _NAME, *read_only("value", "type"), _IS_SYSTEM)
NEW_OF_TARGET = (_NAME, *_VALUES, _IS_SYSTEM)
_TARGET = Field("target", required=True, most=42)

FIELDS = (*OF_TARGET, _TARGET)
WRITTEN = (_TARGET, _NAME, *_VALUES, _IS_SYSTEM, *read_only("value"))

_TARGET_NEEDED = "target argument (e.g. target=d--0000-0000-0000-1234) is required"
_ONE_VALUE = "Only one of int_value, str_value, or bool_value can be used"
_NOT_UNIQUE = "The fields target, name must make a unique set."


def sees_properties(call: Call) -> Test:
    """A list shows the properties of one target, which must be readable."""
    target = call.args.get("target", "")
    if target[:3] not in ("p--", "d--", "b--"):
        raise detail(406, _TARGET_NEEDED)
    allowed_target(call, target, READ)
    return lambda prop: bool(prop["target"] == target)


def fetch_property(call: Call) -> Record:
    """Return the property that the URL names by its number."""
    prop = numbered(call, "property")
    allowed_target(call, prop["target"], READ)
    return prop


def modify_property(call: Call, prop: Record) -> None:
    """Allow what needs the right to change properties."""
    allowed_target(call, prop["target"], MODIFY)


def create_property(call: Call, values: Record) -> Record:
    """Make a property; a target has one of each name."""
    _check_unique(call.store, values)
    typed = _typed(values)
    if typed is None:
        raise bad_fields({"non_field_errors": [_ONE_VALUE]})
    _check_target(call, values["target"])
    return {"id": call.store.new_id("property"), "is_system": False, **typed}


def change_property(call: Call, prop: Record, values: Record) -> None:
    """Give a property another value, and perhaps another name or target.

    A PUT that does not say `is_system` makes it false: the one field with a default on the server.
    """
    if call.request.method == "PUT":
        values.setdefault("is_system", False)
    changed = {**prop, **values}
    if (changed["target"], changed["name"]) != (prop["target"], prop["name"]):
        _check_unique(call.store, changed)
    typed = _typed(values)
    if typed is None:
        raise bad_fields({"non_field_errors": [_ONE_VALUE]})
    _check_target(call, changed["target"])
    values.clear()
    values.update(typed)


def delete_property(call: Call, prop: Record) -> None:
    """Remove a property."""
    modify_property(call, prop)
    call.store.remove("property", prop)


def _typed(values: Record) -> Record | None:
    """Return `values` with the one `*_value` as value and type, or None: there is not one."""
    given = [name for name in _TYPES if name in values]
    if len(given) != 1:
        return None
    plain = {name: value for name, value in values.items() if name not in _TYPES}
    return {**plain, "value": values[given[0]], "type": _TYPES[given[0]]}


def _check_unique(store: Store, values: Record) -> None:
    if store.find("property", target=values["target"], name=values["name"]):
        raise bad_fields({"non_field_errors": [_NOT_UNIQUE]})


def _check_target(call: Call, slug: str) -> None:
    if slug[:3] not in ("p--", "d--", "b--") or target_record(call.store, slug) is None:
        raise bad_fields({"target": [f"Object with slug={slug} does not exist."]})
    allowed_target(call, slug, MODIFY)


def _of_slug(call: Call, record: Record) -> str:
    return str(record["slug"])


def set_property(call: Call, target: str) -> Reply:
    """Answer the POST of a property of `target`, in place of the one of its name."""
    values = _typed(validate(call.store, NEW_OF_TARGET, call.body.data))
    if values is None:
        raise ApiError(400, "Only one of int_value,str_value,bool_value can be used")
    old = call.store.find("property", target=target, name=values["name"])
    number = old["id"] if old else call.store.new_id("property")
    new = {"id": number, "target": target, "is_system": False, **values}
    return json_reply(show(call.store, OF_TARGET, call.store.put("property", new)), 201)


def property_routes(
    kind: str,
    fetch: Callable[[Call], Record],
    target: Callable[[Call, Record], str] = _of_slug,
) -> tuple[Route, ...]:
    """Return the routes of the properties of one record: `properties/` and `new_property/`.

    Args:
        kind: the kind of record that has them, as in its URL.
        fetch: returns the record that the URL names, or raises.
        target: returns the target whose properties are listed.
    """

    def properties(call: Call) -> Reply:
        record = fetch(call)
        if not can(call.store, call.user, record["org"], READ):
            raise forbidden("User has no access to read properties")
        slug = target(call, record)
        found = [p for p in call.store.all("property") if p["target"] == slug]
        found.sort(key=lambda prop: str(prop["name"]))
        return json_reply([show(call.store, OF_TARGET, prop) for prop in found])

    def new_property(call: Call) -> Reply:
        record = fetch(call)
        if not can(call.store, call.user, record["org"], MODIFY):
            raise forbidden("User has no access to modify properties")
        return set_property(call, record["slug"])

    return (
        Route(f"/{kind}/<key>/properties/", {"GET": properties}),
        Route(f"/{kind}/<key>/new_property/", {"POST": new_property}, fields=NEW_OF_TARGET),
    )


RESOURCE = Resource(
    "property",
    FIELDS,
    visible=sees_properties,
    fetch=fetch_property,
    order=lambda prop: str(prop["name"]),
    filters={},
    create_fields=WRITTEN,
    update_fields=WRITTEN,
    may_write=modify_property,
    create=create_property,
    change=change_property,
    delete=delete_property,
)

ROUTES = resource_routes(RESOURCE)
