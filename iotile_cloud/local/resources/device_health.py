"""How a device is doing: its status, and the health check that watches it.

Knows nothing of the reports from which the server learns how a device is doing.
"""

from __future__ import annotations

from typing import Any

from ..rules.crud import show
from ..rules.fields import UINT31, Call, Field, R, Route, read_only
from ..rules.makers import completed
from ..rules.validate import validate
from ..storage.store import Record, Store
from ..web.messages import Reply, json_reply
from .device import fetch_device, modify_device

__all__ = ["ROUTES"]

KIND = "device/status"


def _alert(store: Store, status: Record) -> Any:
    return status["last_known_state"] if status["health_check_enabled"] else "DSBL"


HEALTH_CHECK = (
    Field("health_check_enabled", "bool", default=False),
    Field("health_check_period", "int", limits=UINT31, default=7200),  # seconds
    Field("notification_recipients", "texts", default=[]),
)
FIELDS = (
    Field("alert", access=R, show=_alert),
    *read_only("last_report_ts"),
    Field("last_known_id", access=R, default=1),
    Field("last_known_state", access=R, default="UNK"),
    *HEALTH_CHECK,
)


def _status(store: Store, device: Record) -> Record:
    slug = device["slug"]
    return store.get(KIND, slug) or completed(FIELDS, {"slug": slug})


def read_status(call: Call) -> Reply:
    """Answer GET `/device/<slug>/status/` and `health/`."""
    status = _status(call.store, fetch_device(call))
    return json_reply(show(call.store, FIELDS, status))


def change_health_check(call: Call) -> Reply:
    """Answer PATCH `/device/<slug>/health/`."""
    device = fetch_device(call)
    modify_device(call, device)
    values = validate(call.store, HEALTH_CHECK, call.body.data, partial=True)
    status = call.store.put(KIND, {**_status(call.store, device), **values})
    return json_reply(show(call.store, HEALTH_CHECK, status))


ROUTES = (
    Route("/device/<key>/status/", {"GET": read_status}),
    Route("/device/<key>/health/", {"GET": read_status, "PATCH": change_health_check}),
)
