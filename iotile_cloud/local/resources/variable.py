"""Variables: what the streams of a project measure, and in which unit.

Knows nothing of streams.
"""

from __future__ import annotations

from uuid import uuid4

from ..access.permissions import can
from ..access.scopes import Test, allowed, mine
from ..readings.slugs import full_slug, grouped
from ..rules.crud import resource_routes
from ..rules.fields import INT32, Call, Field, Resource, Route, read_only
from ..rules.filters import (
    contains,
    existing,
    in_project,
)
from ..rules.makers import allow, completed, remove_by_staff, stamp
from ..rules.paging import LARGE
from ..rules.validate import uuid_text
from ..storage.store import Record
from ..web.errors import bad_fields, forbidden
from ..web.messages import Reply, json_reply

UNITS = (
    Field("input_unit", "unit", options=("available_input_units",)),
    Field("output_unit", "unit", options=("available_output_units",)),
)
FIELDS = (
    *read_only("id"),
    Field("name", required=True, most=30),
    Field("lid", "int", required=True, limits=(0, 0xFFFF)),
    Field("var_type", "related", options=("vartype", "slug")),
    *UNITS,
    Field("derived_variable", "related", options=("variable", "slug")),
    Field("project", "related", required=True, null=True, options=("project", "id")),
    *read_only("org"),
    Field("about", most=60, blank=True, default=""),
    *read_only("created_on"),
    Field("raw_value_format", most=5, blank=True, default="<L"),
    Field("units", most=10, blank=True, default=""),
    Field("multiplication_factor", "int", default=1, limits=INT32),
    Field("division_factor", "int", default=1, limits=INT32),
    Field("offset", "float", default=0.0),
    # The server takes any 32-bit number; more places than this are of no use, nor below 0.
    Field("decimal_places", "int", default=0, limits=(0, 100)),
    Field("mdo_label", most=10, blank=True, default=""),
    Field("web_only", "bool", default=False),
    Field("app_only", "bool", default=False),
    *read_only("slug"),
)


def sees_variables(call: Call) -> Test:
    """A user sees the variables of his organisations, and on demand those of none."""
    own = mine(call)
    if call.args.get("include_templates") != "1":
        return own
    return lambda variable: own(variable) or (variable["project"] or variable["org"]) is None


def of_project(call: Call, text: str) -> Test:
    """Keep the variables of a project; by its UUID also those without a project."""
    test = in_project("id")(call, text)
    if uuid_text(text) is None:
        return test
    return lambda variable: variable["project"] is None or test(variable)


def fetch_variable(call: Call) -> Record:
    """Return the variable that the URL names, by a short slug too."""
    return allowed(call, call.store.get("variable", full_slug(call.path["key"])))


def create_variable(call: Call, values: Record) -> Record:
    """Make a variable; the server lets any user do so, in any project."""
    project = call.store.get("project", values["project"])
    if project is None:
        raise bad_fields({"project": ["This field may not be null."]})
    _check_unique(call, values)
    slug = f"v{project['slug'][1:]}--{grouped(values['lid'], 1)}"
    if call.store.get("variable", slug):  # one that has got another number or project since
        raise bad_fields({"lid": [f"Variable {slug} already exists."]})
    new = {"id": str(uuid4()), "slug": slug, "org": project["org"], **stamp(call)}
    return completed(FIELDS, {**new, **values})


def change_variable(call: Call, record: Record, values: Record) -> None:
    """Let the organisation follow the project, to which the caller must belong."""
    project = call.store.get("project", values.get("project"))
    if project is not None:
        if not can(call.store, call.user, project["org"]):
            raise forbidden()
        values["org"] = project["org"]
    changed = {**record, **values}
    if (changed["project"], changed["lid"]) != (record["project"], record["lid"]):
        _check_unique(call, changed)


def _check_unique(call: Call, values: Record) -> None:
    """Keep the numbers of a project's variables different."""
    project, lid = values["project"], values["lid"]
    if project and call.store.find("variable", project=project, lid=lid):
        raise bad_fields({"non_field_errors": [_NOT_UNIQUE]})


_NOT_UNIQUE = "The fields project, lid must make a unique set."
_NO_TYPE = {"name": "", "stream_data_type": None, "storage_units_full": ""}


def variable_type(call: Call) -> Reply:
    """Answer GET `/variable/<slug>/type/`: the variable's type; an empty one without."""
    kind = call.store.get("vartype", fetch_variable(call)["var_type"])
    return json_reply(_NO_TYPE if kind is None else kind)


RESOURCE = Resource(
    "variable",
    FIELDS,
    visible=sees_variables,
    fetch=fetch_variable,
    order=lambda variable: str(variable["slug"]),
    filters={
        "project": of_project,
        "org": existing("org", "org"),
        "search": contains("name"),
    },
    paging=LARGE,
    may_write=allow,
    create=create_variable,
    change=change_variable,
    delete=remove_by_staff("variable", 400, flag=False),
)

ROUTES = (
    *resource_routes(RESOURCE),
    Route("/variable/<key>/type/", {"GET": variable_type}),
)
