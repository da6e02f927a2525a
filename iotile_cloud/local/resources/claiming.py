"""Claiming: how a device comes into a project, gets the streams of its sensor graph, and leaves.

Knows nothing of what else is done with a device.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..access.permissions import can
from ..readings.slugs import full_slug, grouped
from ..rules.fields import Call, Field, Route
from ..rules.makers import completed, now_text
from ..rules.validate import uuid_text, validate
from ..shared.belongings import forget_streams
from ..storage.store import Record, Store
from ..web.errors import detail, forbidden, not_found
from ..web.messages import Reply, json_reply
from .device import fetch_idle_device
from .stream import new_stream
from .variable import create_variable

__all__ = ["ROUTES", "claim"]

_PERMISSION = "can_claim_devices"
_RAW_FORMATS = {"int": "<l"}  # by the C type of a variable template; "<L" for all others
# Field of a variable template -> the variable's.
_FROM_TEMPLATE = {
    "m": "multiplication_factor",
    "d": "division_factor",
    "o": "offset",
    "app_only": "app_only",
    "web_only": "web_only",
}

CLAIMABLE = (Field("slugs", "texts", required=True),)
CLAIM = (Field("device", required=True, most=22), Field("project", required=True, most=36))
UNCLAIM = (Field("label", most=100), Field("clean_streams", "bool", default=False))


def _claimable(device: Record) -> bool:
    return device["claimed_by"] is None and device["project"] is None


def post_claimable(call: Call) -> Reply:
    """Answer POST `/device/claimable/`: which of some devices can be claimed."""
    wanted = set(validate(call.store, CLAIMABLE, call.body.data)["slugs"])
    devices = [device for device in call.store.all("device") if device["slug"] in wanted]
    devices.sort(key=lambda device: int(device["id"]))
    found = [{"slug": device["slug"], "claimable": _claimable(device)} for device in devices]
    return json_reply({"count": len(found), "results": found}, 202)


def post_claim(call: Call) -> Reply:
    """Answer POST `/device/claim/`: bring a device into a project."""
    values = validate(call.store, CLAIM, call.body.data)
    project = _project(call.store, values["project"])
    device = call.store.get("device", full_slug(values["device"]))
    if project is None or device is None:
        raise not_found()
    if not can(call.store, call.user, project["org"], _PERMISSION):
        raise forbidden("No claim permissions")
    if not _claimable(device):
        raise detail(400, "Device is not claimable")
    claim(call, device, project)
    names = {"project": project["slug"], "project_id": project["id"]}
    return json_reply({"claimed": True, "device": device["slug"], **names}, 202)


def _project(store: Store, text: str) -> Record | None:
    """Return the project with this UUID or slug; raises when the text is neither."""
    key, slug = uuid_text(text), full_slug(text)
    if key is not None:
        return store.get("project", key)
    if slug is None or slug[0] != "p":
        raise detail(400, "Project is not a Valid Slug or UUID")
    return store.find("project", slug=slug)


def claim(call: Call, device: Record, project: Record) -> None:
    """Bring `device` into `project`, with a stream for each variable of its sensor graph."""
    store = call.store
    new = {"project": project["id"], "org": project["org"]}
    new |= {"claimed_by": call.user["slug"], "claimed_on": now_text(call)}
    device = store.put("device", {**device, **new})
    graph = store.get("sg", device["sg"]) or {}
    for template in graph.get("variable_templates", ()):
        variable = _variable(call, project, template)
        stream = new_stream(call, project, device, variable)
        if store.get("stream", stream["slug"]) is None:  # else it is left from an earlier claim
            store.put("stream", stream)


def _variable(call: Call, project: Record, template: Record) -> Record:
    """Return the variable of a project that a template describes, made when it is not there."""
    lid = int(template["lid_hex"], 16)
    old = call.store.get("variable", f"v{project['slug'][1:]}--{grouped(lid, 1)}")
    if old is not None:
        return old
    kind = call.store.get("vartype", template.get("var_type")) or {}
    values = {"name": template["label"], "lid": lid, "project": project["id"]}
    values |= {"var_type": kind.get("slug"), "decimal_places": 2}
    values |= {"raw_value_format": _RAW_FORMATS.get(str(template.get("ctype")), "<L")}
    values |= {new: template[old] for old, new in _FROM_TEMPLATE.items() if old in template}
    for way in ("input", "output"):
        slug = template.get(f"default_{way}_unit")
        values[f"{way}_unit"] = _unit(kind.get(f"available_{way}_units", ()), slug)
    return call.store.put("variable", create_variable(call, values))


def _unit(units: Iterable[Record], slug: str | None) -> Record | None:
    return next((unit for unit in units if unit["slug"] == slug), None)


def post_unclaim(call: Call) -> Reply:
    """Answer POST `/device/<slug>/unclaim/`: take a device out of its project."""
    device = fetch_idle_device(call, _PERMISSION, "No unclaim permissions")
    slug = device["slug"]
    values = completed(UNCLAIM, validate(call.store, UNCLAIM, call.body.data))
    if values["clean_streams"]:
        forget_streams(call.store, slug)
    label = values["label"] or f"Device ({device['id']})"
    nobody = {"org": None, "project": None, "claimed_by": None, "claimed_on": None}
    call.store.put("device", {**device, **nobody, "label": label})
    msg = f"Unclaimed task was scheduled for {slug}"
    return json_reply({"unclaimed": slug, "msg": msg}, 202)


ROUTES = (
    Route("/device/claimable/", {"POST": post_claimable}, fields=CLAIMABLE),
    Route("/device/claim/", {"POST": post_claim}, fields=CLAIM),
    Route("/device/<key>/unclaim/", {"POST": post_unclaim}, fields=UNCLAIM),
)
