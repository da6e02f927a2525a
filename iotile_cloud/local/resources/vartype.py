"""Variable types: the units in which a variable is sent, stored and shown.

Read-only: everybody sees all of them.  Knows nothing of variables.
"""

from __future__ import annotations

from ..access.scopes import Test, visible
from ..rules.crud import resource_routes
from ..rules.fields import Call, Field, R, Resource
from ..storage.store import Record

DATA_TYPES = ("00", "D0", "E0", "E1", "E2", "E3")

FIELDS = (
    Field("name", required=True, most=26),
    Field("slug", access=R),
    Field("available_input_units", access=R, default=()),
    Field("available_output_units", access=R, default=()),
    Field("stream_data_type", "choice", options=DATA_TYPES, default="00"),
    Field("decoder", access=R),
    Field("schema", access=R),
    Field("storage_units_full", most=26, blank=True, default=""),
    Field("storage_units_short", access=R, default=""),
)


def sees_vartypes(call: Call) -> Test:
    """Everybody sees every type."""
    return lambda kind: True


def fetch_vartype(call: Call) -> Record:
    """Return the type that the URL names."""
    return visible(call.store.get("vartype", call.path["key"]), sees_vartypes(call))


RESOURCE = Resource(
    "vartype",
    FIELDS,
    visible=sees_vartypes,
    fetch=fetch_vartype,
    order=lambda kind: str(kind["slug"]),
    filters={},
)

ROUTES = resource_routes(RESOURCE, keyed=("GET",), max_age=900)
