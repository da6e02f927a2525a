"""The records of the demo data set, in the form in which a cloud description has them.

Knows what a record looks like; which devices, streams and numbers there are is `_demo_world`'s.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ...utils.basic import utc_text
from ...utils.gid import (
    IOTileDeviceSlug,
    IOTileProjectSlug,
    IOTileStreamerSlug,
    IOTileStreamSlug,
    gid2int,
)
from ._world import DEVICES, SHOCK_VARIABLE, SHOCKS, START, TRACKER_PROJECT, WATER_PROJECT

Record = dict[str, Any]

_MADE = utc_text(START)
_ORG = "demo-org"
_USER = "demo"
SHOCK_TYPE = "shock-event"
PROJECTS = {WATER_PROJECT: "Water Meters", TRACKER_PROJECT: "Shipping Trackers"}
_TEMPLATES = {WATER_PROJECT: "default-template-v1-0-0", TRACKER_PROJECT: "shipping-template-v1-0-0"}
_GRAPHS = {WATER_PROJECT: "water-meter-v1-4-0", TRACKER_PROJECT: "shipping-v1-0-0"}
_NAMES = {
    0x5001: "Mains",
    0x5002: "Garden",
    0x5020: "Shock",
    0x5021: "Pressure",
    0x5022: "Relative Humidity",
    0x5023: "Temperature",
}

# Variable type -> name, unit of storage, data type, input units and output units.  A unit is slug,
# full name, short name, m, d, o and, of an output unit, decimal places.
_Units = list[tuple[Any, ...]]
VAR_TYPES: dict[str, tuple[str, str, str, _Units, _Units]] = {
    "water-meter-volume": (
        "Water Meter Volume",
        "Liter",
        "D0",
        [("gallons", "Gallons", "G", 378541, 100000, 0.0)],
        [
            ("gallons", "Gallons", "G", 100000, 378541, 0.0, 0),
            ("liters", "Liters", "L", 1, 1, 0.0, 0),
        ],
    ),
    "temp": (
        "Temp",
        "Kelvin",
        "D0",
        [("millikelvin", "milliKelvin", "mK", 1, 1000, 0.0)],
        [
            ("celsius", "Celsius", "C", 1, 1, -273.15, 1),
            ("fahrenheit", "Fahrenheit", "F", 9, 5, -459.67, 1),
        ],
    ),
    "relative-humidity": (
        "Relative Humidity",
        "Percent RH",
        "D0",
        [("pod1-m", "POD1-M", "%", 1, 1024, 0.0)],
        [("percent", "Percent", "% RH", 1, 1, 0.0, 1)],
    ),
    "pressure": (
        "Pressure",
        "Pascal",
        "D0",
        [("pod1-m", "POD1-M", "", 1, 1, 0.0)],
        [("millibar", "Millibar", "mbar", 1, 100, 0.0, 0)],
    ),
    SHOCK_TYPE: ("Shock Event", "Event", "E2", [], []),
}
_UNIT = ("slug", "unit_full", "unit_short", "m", "d", "o", "decimal_places")


def _uuid(kind: int, number: int) -> str:
    return f"d{kind:07x}-0000-4000-8000-{number:012x}"


def user() -> dict[str, Any]:
    return {
        "id": 1,
        "email": "demo@example.com",
        "username": _USER,
        "slug": _USER,
        "name": "Demo User",
        "tagline": "",
        "password": "demo",
        "is_staff": False,
        "is_active": True,
        "time_zone": "UTC",
        "created_at": _MADE,
        "drf_token": None,
    }


def org() -> dict[str, Any]:
    member = {"user": _USER, "role": "a0", "is_active": True, "is_org_admin": True}
    return {
        "id": _uuid(1, 1),
        "name": "Demo Org",
        "slug": _ORG,
        "about": "",
        "is_vendor": False,
        "created_by": _USER,
        "created_on": _MADE,
        "ot": None,
        "members": [{**member, "created_on": _MADE}],
    }


def project(gid: int) -> dict[str, Any]:
    return {
        "id": _uuid(2, gid),
        "gid": gid,
        "slug": str(IOTileProjectSlug(gid)),
        "name": PROJECTS[gid],
        "about": "",
        "org": _ORG,
        "project_template": _TEMPLATES[gid],
        "is_template": False,
        "created_by": _USER,
        "created_on": _MADE,
    }


def device(number: int) -> dict[str, Any]:
    project, label = DEVICES[number]
    return {
        "id": number,
        "slug": str(IOTileDeviceSlug(number)),
        "label": label,
        "active": True,
        "state": "N1",
        "external_id": "",
        "template": "pod-1gg1-v3-0-0",
        "sg": _GRAPHS[project],
        "org": _ORG,
        "project": _uuid(2, project),
        "lat": None,
        "lon": None,
        "created_on": _MADE,
        "claimed_by": _USER,
        "claimed_on": _MADE,
    }


def var_type(slug: str) -> Record:
    name, storage, data_type, inputs, outputs = VAR_TYPES[slug]
    return {
        "name": name,
        "slug": slug,
        "available_input_units": [_unit("in", slug, unit) for unit in inputs],
        "available_output_units": [_unit("out", slug, unit) for unit in outputs],
        "stream_data_type": data_type,
        "decoder": None,
        "schema": None,
        "storage_units_full": storage,
        "storage_units_short": "",
    }


def stream(device: int, lid: int, type_slug: str, output: str | None) -> Record:
    project, _ = DEVICES[device]
    slug = IOTileStreamSlug.build(project=project, device=device, variable=lid)
    kind = var_type(type_slug)
    shown = f"out--{type_slug}--{output}"
    units = {unit["slug"]: unit for unit in kind["available_output_units"]}
    return {
        "id": _uuid(3, device << 16 | lid),
        "project_id": _uuid(2, project),
        **slug.get_parts(),
        "block": None,
        "data_label": "",
        "var_type": type_slug,
        "data_type": kind["stream_data_type"],
        "var_name": _NAMES[lid],
        "var_lid": lid,
        "input_unit": next(iter(kind["available_input_units"]), None),
        "output_unit": units.get(shown),
        "derived_stream": None,
        "raw_value_format": "<L",
        "mdo_type": "S",
        "mdo_label": "",
        "multiplication_factor": 1,
        "division_factor": 1,
        "offset": 0.0,
        "org": _ORG,
        "created_on": _MADE,
        "slug": str(slug),
        "enabled": True,
    }


def variable(of: Record) -> Record:
    """Return the variable of the stream record `of`."""
    same = ("var_type", "input_unit", "output_unit", "org", "created_on", "raw_value_format")
    factors = ("multiplication_factor", "division_factor", "offset", "mdo_label")
    return {
        "id": _uuid(4, gid2int(of["project"][3:]) << 16 | of["var_lid"]),
        "name": of["var_name"],
        "lid": of["var_lid"],
        "derived_variable": None,
        "project": of["project_id"],
        "about": "",
        "units": "",
        "decimal_places": 2,
        "web_only": False,
        "app_only": False,
        "slug": of["variable"],
        **{name: of[name] for name in same + factors},
    }


def event(number: int) -> Record:
    shock = SHOCKS[number]
    project, _ = DEVICES[shock.device]
    slug = IOTileStreamSlug.build(project=project, device=shock.device, variable=SHOCK_VARIABLE)
    uuid = _uuid(5, number + 1)
    return {
        "id": number + 1,
        "stream": str(slug),
        **slug.get_parts(),
        "timestamp": utc_text(START + timedelta(seconds=shock.at)),
        "device_timestamp": shock.at,
        "streamer_local_id": 0,
        "dirty_ts": False,
        "status": "cln",
        "ext": "json",
        "uuid": uuid,
        "s3_key_path": "demo",
        "s3key": f"demo/{uuid}.json",
        "extra_data": {
            "axis": shock.axis,
            "duration": shock.duration,
            "peak": shock.peak / 1000,
        },
        "raw_data": shock.waveform(),
    }


def streamer(number: int, device: int, last_id: int) -> Record:
    return {
        "id": number,
        "slug": str(IOTileStreamerSlug(device, 0)),
        "device": str(IOTileDeviceSlug(device)),
        "process_engine_ver": 2,
        "index": 0,
        "last_id": last_id,
        "last_reboot_ts": _MADE,
        "is_system": False,
        "selector": 0xD7FF,
    }


def _unit(way: str, type_slug: str, unit: tuple[Any, ...]) -> Record:
    fields = dict(zip(_UNIT, unit))
    fields["slug"] = f"{way}--{type_slug}--{fields['slug']}"
    return {**fields, "derived_units": {}} if way == "out" else fields
