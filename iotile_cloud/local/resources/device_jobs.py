"""The jobs that work on a device: reset, trim and upgrade; here they are done at once.

Knows nothing of how what a device has gathered is taken away.
"""

from __future__ import annotations

from ..rules.fields import Call, Field, Route
from ..rules.makers import completed
from ..rules.validate import validate
from ..shared.belongings import reset, trim
from ..web.messages import Reply, json_reply
from .datablock import PID
from .device import fetch_device, fetch_idle_device

__all__ = ["ROUTES"]

_PERMISSION = "can_reset_device"

RESET = (
    Field("full", "bool", default=True),
    Field("include_properties", "bool", default=True),
    Field("include_notes_and_locations", "bool", default=True),
)
TRIM = (Field("start", "moment"), Field("end", "moment"))
UPGRADE = (Field("firmware", required=True, most=10),)


def post_reset(call: Call) -> Reply:
    """Answer POST `/device/<slug>/reset/`: forget what the device has gathered."""
    device = fetch_idle_device(call, _PERMISSION)
    reset(call.store, device["slug"], completed(RESET, validate(call.store, RESET, call.body.data)))
    return json_reply({"reset": "scheduled", "pid": PID}, 202)


def post_trim(call: Call) -> Reply:
    """Answer POST `/device/<slug>/trim/`: forget the rows before `start`, and from `end` on."""
    device = fetch_idle_device(call, _PERMISSION)
    values = completed(TRIM, validate(call.store, TRIM, call.body.data))
    trim(call.store, device["slug"], values["start"], values["end"])
    return json_reply({"trim": "scheduled"}, 202)


def post_upgrade(call: Call) -> Reply:
    """Answer POST `/device/<slug>/upgrade/`: the device gets a firmware, of which nothing shows."""
    slug = fetch_device(call, "can_modify_device")["slug"]
    firmware = validate(call.store, UPGRADE, call.body.data)["firmware"]
    msg = f"Device {slug} firmware upgraded to {firmware}"
    return json_reply({"slug": slug, "msg": msg}, 202)


ROUTES = (
    Route("/device/<key>/reset/", {"POST": post_reset}, fields=RESET),
    Route("/device/<key>/trim/", {"POST": post_trim}, fields=TRIM),
    Route("/device/<key>/upgrade/", {"POST": post_upgrade}, fields=UPGRADE),
)
