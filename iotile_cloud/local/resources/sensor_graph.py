"""Sensor graphs: what a kind of device measures, and how it is shown.

Everybody sees all of them; staff write them.  Knows nothing of the devices that run them.
"""

from __future__ import annotations

import re
from functools import partial

from ..rules.crud import resource_routes, show
from ..rules.fields import INT32, UINT31, Call, Field, R, Route, W, read_only
from ..rules.filters import equals, of_author
from ..rules.makers import completed, written_by_staff
from ..rules.paging import STANDARD, paged
from ..rules.validate import validate
from ..shared.versions import part_of
from ..storage.store import Record
from ..web.errors import bad_fields
from ..web.messages import Reply, json_reply
from .property import NEW_OF_TARGET, OF_TARGET, set_property
from .templates import ORG, VERSION, fetch_template, template

__all__ = ["FIELDS", "RESOURCE", "ROUTES"]

_VERSIONS = {**VERSION, "app_version": ("app_major_version", "app_minor_version")}

FIELDS = (
    *read_only("id"),
    Field("name", required=True, most=50),
    *read_only("slug"),
    ORG,
    Field("project_template", "related", options=("pt", "slug")),
    Field("variable_templates", access=R, default=()),
    Field("display_widget_templates", access=R, default=()),
    Field("ui_extra", "json", null=True),
    Field("report_processing_engine_ver", "int", limits=UINT31, default=0),
    *(
        Field(name, "int", limits=INT32, show=part_of("version", place))
        for place, name in enumerate(VERSION["version"])
    ),
    Field("version", access=R, default="v0.0.0"),
    Field("app_tag", "int", limits=UINT31, default=0),
    Field("app_major_version", "int", limits=UINT31, show=part_of("app_version", 0)),
    Field("app_minor_version", "int", W, limits=UINT31),
    Field("app_version", access=R, default="v0.0"),
    *read_only("created_on"),
)

_LABEL = Field("label", most=60, blank=True, default="")
_LID = Field("lid_hex", most=4, default="0000")
_VARIABLE = (
    *read_only("id"),
    _LABEL,
    _LID,
    Field("derived_lid_hex", most=4, blank=True, default=""),
    Field("var_type", "related", required=True, options=("vartype", "slug")),
    Field("default_input_unit", "unit", null=True, options=("available_input_units",)),
    Field("default_output_unit", "unit", null=True, options=("available_output_units",)),
    Field("ctype", most=16, default="unsigned int"),
    Field("m", "int", limits=INT32, default=1),
    Field("d", "int", limits=INT32, default=1),
    Field("o", "float", default=0.0),
    Field("app_only", "bool", default=False),
    Field("web_only", "bool", default=False),
)
_WIDGET = (
    *read_only("id"),
    _LABEL,
    _LID,
    Field("type", "choice", options=("val", "btn", "sbt"), default="val"),
    Field("args", "json", null=True),
    Field("var_type", "related", options=("vartype", "slug")),
    Field("derived_unit_type", most=20, blank=True, default=""),
    Field("show_in_app", "bool", default=False),
    Field("show_in_web", "bool", default=True),
)
_GRAPH = Field("sg", "related", W, required=True, options=("sg", "slug"))


def list_properties(call: Call) -> Reply:
    """Answer GET `/sg/<slug>/property/`."""
    slug = fetch_template("sg", call)["slug"]
    found = [p for p in call.store.all("property") if p["target"] == slug]
    found.sort(key=lambda prop: str(prop["name"]))
    return paged(call.request, found, STANDARD, lambda p: show(call.store, OF_TARGET, p))


def add_property(call: Call) -> Reply:
    """Answer POST `/sg/<slug>/property/`: a property, in place of the one of its name."""
    return set_property(call, fetch_template("sg", call)["slug"])


def _add_part(name: str, fields: tuple[Field, ...], call: Call) -> Reply:
    """Add to the list `name` of a sensor graph; the list is kept in order of the variables."""
    values = validate(call.store, (_GRAPH, *fields), call.body.data)
    graph = call.store.get("sg", values.pop("sg")) or {}
    new = completed(fields, {"id": _next_id(call, name), **_checked(values)})
    parts = [*graph.get(name, ()), new]
    parts.sort(key=lambda part: str(part.get("lid_hex")))
    call.store.put("sg", {**graph, name: parts})
    return json_reply(show(call.store, fields, new), 201)


def _checked(values: Record) -> Record:
    """Return values with full numbers of variables, and the slugs of units."""
    for name in ("lid_hex", "derived_lid_hex"):
        text = values.get(name, "")
        if text and not re.fullmatch(r"[0-9a-f]{1,4}", text.lower()):
            raise bad_fields({name: ["Not a hexadecimal number."]})
        if text:
            values[name] = text.lower().zfill(4)
    units = ("default_input_unit", "default_output_unit")
    return {**values, **{name: values[name]["slug"] for name in units if values.get(name)}}


def _next_id(call: Call, name: str) -> int:
    graphs = call.store.all("sg")
    return 1 + max((part.get("id", 0) for sg in graphs for part in sg.get(name, ())), default=0)


RESOURCE = template(
    "sg",
    FIELDS,
    _VERSIONS,
    filters={"created_by": of_author, "org__slug": equals("org"), "slug": equals("slug")},
)
_POST_ONLY = ("POST", "HEAD", "OPTIONS")

ROUTES = written_by_staff(
    (
        *resource_routes(RESOURCE, keyed=("GET",), max_age=900),
        Route(
            "/sg/<key>/property/",
            {"GET": list_properties, "POST": add_property},
            keyed=("GET",),
            fields=NEW_OF_TARGET,
        ),
        *(
            Route(
                f"/{path}/",
                {"POST": partial(_add_part, name, fields)},
                fields=(_GRAPH, *fields),
                methods=_POST_ONLY,
            )
            for path, name, fields in (
                ("vartemplate", "variable_templates", _VARIABLE),
                ("widget", "display_widget_templates", _WIDGET),
            )
        ),
    )
)
