"""What came of updates, and what a device needs to know of them: `/ota/action/`, `/ota/device/`.

Any member reports what his device did; only staff change a report.  Knows nothing of scripts.
"""

from __future__ import annotations

from functools import partial

from ..access.scopes import Test, allowed
from ..rules.crud import resource_routes, show
from ..rules.fields import Call, Field, R, Resource, Route, read_only
from ..rules.filters import existing, of_number
from ..rules.makers import allow, completed, now_text, written_by_staff
from ..storage.store import Record, Store
from ..web.errors import restricted
from ..web.messages import Reply, json_reply
from .device import fetch_device
from .ota_request import FIELDS as REQUEST_FIELDS
from .ota_request import requested_devices
from .ota_version import fetch_of_device, sees_of_devices, shown_versions

__all__ = ["FIELDS", "RESOURCE", "ROUTES"]

FIELDS = (
    *read_only("id"),
    Field("deployment", "pk", required=True, options=("ota/request", "id")),
    Field("device", "related", required=True, options=("device", "slug")),
    *read_only("created_on"),
    Field("last_attempt_on", "moment", null=True),
    Field("attempt_successful", "bool", default=False),
    Field("device_confirmation", access=R, default=False),
    Field("log", null=True, blank=True),
)


def sees_actions(call: Call) -> Test:
    """A list shows what was done for a request or with a device, and nothing else."""
    if not any(call.args.get(name) for name in RESOURCE.filters):
        return lambda action: False
    return sees_of_devices(call)


def create_action(call: Call, values: Record) -> Record:
    """Make an action of a device, which must be the user's."""
    allowed(call, call.store.get("device", values["device"]))
    new = {"id": call.store.new_id("ota/action"), "created_on": now_text(call)}
    return completed(FIELDS, {**new, **values})


def delete_action(call: Call, action: Record) -> None:
    """Remove an action."""
    call.store.remove("ota/action", action)


def _requests(store: Store, device: Record) -> list[Record]:
    """Return the open requests that are for `device`."""
    mine = [r for r in store.all("ota/request") if r["org"] == device["org"]]
    found = [r for r in mine if not r["completed_on"] and device in requested_devices(store, r)]
    return [show(store, REQUEST_FIELDS, request) for request in found]


def device_info(call: Call) -> Reply:
    """Answer GET `/ota/device/<slug>/`: what a device runs, should run, and was updated with."""
    store, device = call.store, fetch_device(call)
    actions = [a for a in store.all("ota/action") if a["device"] == device["slug"]]
    return json_reply(
        {
            "slug": device["slug"],
            "template": device["template"],
            "sg": device["sg"],
            "deployments": _requests(store, device),
            "actions": [show(store, FIELDS, action) for action in actions],
            "versions": shown_versions(store, device),
        }
    )


RESOURCE = Resource(
    "ota/action",
    FIELDS,
    visible=sees_actions,
    fetch=partial(fetch_of_device, "ota/action"),
    order=lambda action: int(action["id"]),
    filters={
        "request": of_number("deployment", "request"),
        "device": existing("device", "device"),
    },
    may_write=allow,
    create=create_action,
    delete=delete_action,
)

ROUTES = (
    *written_by_staff(
        resource_routes(RESOURCE), partial(restricted, 403), ("PUT", "PATCH", "DELETE")
    ),
    Route("/ota/device/<key>/", {"GET": device_info}),
)
