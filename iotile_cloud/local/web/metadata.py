"""What OPTIONS tells of a route: the forms it takes and gives, and the fields that it writes.

Knows the tables of a route.  Knows no resource.
"""

from __future__ import annotations

from typing import Any

from ..rules.fields import Field, R, Route

__all__ = ["metadata"]

_TYPES = {
    "bool": "boolean",
    "choice": "choice",
    "date": "date",
    "decimal": "decimal",
    "email": "email",
    "float": "float",
    "int": "integer",
    "moment": "datetime",
    "text": "string",
}


def metadata(route: Route) -> dict[str, Any]:
    """Return the answer to OPTIONS, in the server's shape and our own words."""
    words = route.path.replace("<key>", "instance").replace("/", " ").split()
    told = {
        "name": " ".join(words).title(),
        "description": "",
        "renders": [form.media_type for form in route.renderers],
        "parses": list(route.accepted),
    }
    written = {m: _fields(route) for m in ("POST", "PUT") if m in route.handlers and route.fields}
    return {**told, "actions": written} if written else told


def _fields(route: Route) -> dict[str, Any]:
    return {field.name: _field(field) for field in route.fields}


def _field(field: Field) -> dict[str, Any]:
    told = {
        "type": _TYPES.get(field.kind, "field"),
        "required": field.required,
        "read_only": field.access == R,
        "label": field.name.replace("_", " ").capitalize(),
    }
    return told if field.most is None else {**told, "max_length": field.most}
