"""The fields of every resource: types, access, limits and defaults, as the server publishes them.

Tables only.  Knows nothing of who may do what.
"""

from __future__ import annotations

import hashlib
from typing import Any

from .fields import Field, R, W
from .series import STATUSES, TYPES
from .slugs import grouped
from .store import Record, Store
from .windows import moment_text, second_text

__all__ = ["FIELDS", "STREAM_POST"]

_INT32 = (-(1 << 31), (1 << 31) - 1)
_UINT31 = (0, (1 << 31) - 1)
_DATA_TYPES = ("00", "D0", "E0", "E1", "E2", "E3")
_STATES = ("N0", "N1", "B0", "B1")


def _avatar(text: str, **sizes: int) -> dict[str, str]:
    digest = hashlib.md5(text.lower().encode(), usedforsecurity=False).hexdigest()
    address = f"https://secure.gravatar.com/avatar/{digest}?d=identicon&s="
    return {name: f"{address}{size}" for name, size in sizes.items()}


def _user_avatar(store: Store, user: Record) -> dict[str, str]:
    return _avatar(user["email"], tiny=28, thumbnail=80, medium=170)


def _org_avatar(store: Store, org: Record) -> dict[str, str]:
    return _avatar(org["slug"], tiny=28, thumbnail=100)


def _project_gid(store: Store, project: Record) -> Any:
    return project["slug"][3:]


def _device_gid(store: Store, device: Record) -> Any:
    return grouped(device["id"], 4)


def _busy(store: Store, device: Record) -> bool:
    return str(device["state"]).startswith("B")


def _time(store: Store, event: Record) -> str | None:
    return moment_text(event["timestamp"])


def _second(store: Store, reading: Record) -> str | None:
    return second_text(reading["timestamp"])


def _has_raw_data(store: Store, event: Record) -> bool:
    return event["s3key"] is not None


def _read(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, access=R) for name in names)


_MDO = (
    Field("multiplication_factor", "int", default=1, limits=_INT32),
    Field("division_factor", "int", default=1, limits=_INT32),
    Field("offset", "float", default=0.0),
)
_STREAM_MDO = (
    Field("multiplication_factor", "int", null=True, default=1, limits=_INT32),
    Field("division_factor", "int", null=True, default=1, limits=_INT32),
    Field("offset", "float", null=True, default=0.0),
)
_UNITS = (
    Field("input_unit", "unit", options=("available_input_units",)),
    Field("output_unit", "unit", options=("available_output_units",)),
)
_ROW = (
    Field("device_timestamp", "int", null=True),
    Field("timestamp", "moment", required=True, show=_second),
    Field("int_value", "int", null=True),
    Field("value", "float", null=True),
    Field("streamer_local_id", "int", default=0, limits=_UINT31),
    Field("dirty_ts", "bool", default=False),
    Field("status", "choice", options=STATUSES, default="unk"),
)

STREAM_POST = (
    *_read("id", "project"),
    Field("device", "related", options=("device", "slug")),
    Field("data_label", most=100, blank=True, default=""),
    Field("variable", "related", required=True, options=("variable", "slug")),
    *_read("var_type"),
    Field("data_type", "choice", options=_DATA_TYPES, default="00"),
    *_read("multiplication_factor", "division_factor", "offset", "org", "created_on", "slug"),
    *_read("created_by"),
)

FIELDS: dict[str, tuple[Field, ...]] = {
    "account": (
        *_read("id"),
        Field("email", "email", required=True, most=254),
        Field("username", required=True, most=40),
        *_read("created_at", "updated_at"),
        Field("name", most=120, blank=True, default=""),
        Field("tagline", most=260, blank=True, default=""),
        Field("avatar", access=R, show=_user_avatar),
        *_read("slug"),
        Field("is_staff", access=R, default=False),
    ),
    "org": (
        *_read("id"),
        Field("name", required=True, most=50),
        *_read("slug", "ot"),
        Field("about", blank=True, default=""),
        *_read("created_on", "created_by"),
        Field("avatar", access=R, show=_org_avatar),
        Field("domain_names", access=R, default=()),
    ),
    "project": (
        *_read("id"),
        Field("name", required=True, most=50),
        *_read("slug"),
        Field("gid", access=R, show=_project_gid),
        Field("org", "related", required=True, options=("org", "slug")),
        Field("about", blank=True, default=""),
        Field("project_template", "related", options=("pt", "slug")),
        *_read("created_on", "created_by"),
    ),
    "device": (
        *_read("id", "slug"),
        Field("gid", access=R, show=_device_gid),
        Field("label", most=100, blank=True, default=""),
        Field("active", "bool", default=True),
        Field("external_id", most=24, blank=True, default=""),
        Field("sg", "related", options=("sg", "slug")),
        *_read("template", "org"),
        Field("project", "related", null=True, options=("project", "id")),
        Field("lat", "decimal", null=True),
        Field("lon", "decimal", null=True),
        Field("state", "choice", options=_STATES, blank=True, default="N1"),
        Field("busy", access=R, show=_busy),
        *_read("created_on", "claimed_by", "claimed_on"),
    ),
    "variable": (
        *_read("id"),
        Field("name", required=True, most=30),
        Field("lid", "int", required=True, limits=(0, 0xFFFF)),
        Field("var_type", "related", options=("vartype", "slug")),
        *_UNITS,
        Field("derived_variable", "related", options=("variable", "slug")),
        Field("project", "related", required=True, null=True, options=("project", "id")),
        *_read("org"),
        Field("about", most=60, blank=True, default=""),
        *_read("created_on"),
        Field("raw_value_format", most=5, blank=True, default="<L"),
        Field("units", most=10, blank=True, default=""),
        *_MDO,
        # The server takes any 32-bit number; more places than this are of no use, nor below 0.
        Field("decimal_places", "int", default=0, limits=(0, 100)),
        Field("mdo_label", most=10, blank=True, default=""),
        Field("web_only", "bool", default=False),
        Field("app_only", "bool", default=False),
        *_read("slug"),
    ),
    "stream": (
        *_read("id", "project_id", "project", "device", "block"),
        Field("data_label", most=100, blank=True, default=""),
        *_read("variable", "var_type"),
        Field("data_type", "choice", options=_DATA_TYPES, default="00"),
        Field("var_name", most=30, default=""),
        Field("var_lid", "int", limits=_UINT31),
        *_UNITS,
        *_read("derived_stream"),
        Field("raw_value_format", most=5, blank=True, default="<L"),
        Field("mdo_type", "choice", options=("V", "S"), default="V"),
        Field("mdo_label", most=10, blank=True, default=""),
        *_STREAM_MDO,
        *_read("org", "created_on", "slug"),
        Field("enabled", "bool", default=True),
    ),
    "data": (
        *_read("id"),
        Field("stream", required=True),
        *_read("project", "device", "variable"),
        Field("type", "choice", options=TYPES, default="Num"),
        *_ROW,
    ),
    "event": (
        *_read("id"),
        Field("stream", required=True),
        *_read("project", "device", "variable"),
        Field("s3bucket", access=R, default="iotile-cloud-stream-event-data"),
        *_read("s3key"),
        Field("ext", "choice", null=True, blank=True, options=("json", "json.gz", "csv")),
        Field("has_raw_data", access=R, show=_has_raw_data),
        *(f for f in _ROW if f.name == "device_timestamp"),
        Field("timestamp", "moment", required=True, show=_time),
        *(f for f in _ROW if f.name in ("streamer_local_id", "dirty_ts", "status")),
        Field("data", "json", access=W),
        Field("extra_data", "object", null=True),
    ),
    "streamer": (
        *_read("id", "slug"),
        Field("device", "related", required=True, options=("device", "slug")),
        Field("process_engine_ver", access=R, default=0),
        Field("index", "int", default=0, limits=_INT32),
        Field("last_id", "int", default=0),
        Field("last_reboot_ts", "moment", null=True),
        Field("is_system", access=R, default=False),
        Field("selector", "int", default=0xFFFF, limits=_UINT31),
    ),
    "streamer/report": (
        *_read("id", "original_first_id", "original_last_id"),
        *_read("actual_first_id", "actual_last_id", "streamer"),
        Field("sent_timestamp", "moment", null=True),
        Field("device_sent_timestamp", "int", null=True),
        Field("incremental_id", "int", null=True),
        Field("time_epsilon", "float", default=1.0),
        *_read("created_on", "created_by"),
    ),
}
