"""Requests that devices of an organisation be updated: `/ota/request/`.

A request names its devices by a fleet, and by criteria of the form `type:operator:value`, such as
`os_version:lt:1.2`.  Knows nothing of what came of it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ..access.permissions import can
from ..access.scopes import Test, allowed, numbered
from ..rules.crud import resource_routes, show
from ..rules.fields import Call, Field, R, Resource, Route, read_only
from ..rules.makers import completed, now_text
from ..rules.paging import STANDARD, paged
from ..shared.versions import numbers
from ..storage.store import Record, Store
from ..web.errors import bad_fields, forbidden, not_found
from ..web.messages import Reply
from .fleet import members_of
from .ota_version import latest_versions, shown_versions

__all__ = ["FIELDS", "RESOURCE", "ROUTES", "requested_devices"]

FIELDS = (
    *read_only("id"),
    Field("script", "related", required=True, options=("ota/script", "slug")),
    Field("selection_criteria", "texts", default=()),
    Field("org", "related", required=True, options=("org", "slug")),
    Field("fleet", "related", options=("fleet", "slug")),
    Field("released_on", "moment", R),
    Field("completed_on", "moment", R),
)
_DEVICE = (
    *read_only("id", "slug", "sg", "template"),
    Field("versions", access=R, show=shown_versions),
)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_TYPES = tuple(f"{kind}_{what}" for kind in ("os", "app") for what in ("tag", "version"))


def sees_requests(call: Call) -> Test:
    """A list shows the requests of what its arguments name, and nothing when they do not."""
    named = any(call.args.get(name) for name in RESOURCE.filters)
    return lambda request: named


def of_org(call: Call, text: str) -> Test:
    """Keep the requests of an organisation, which must be the user's."""
    allowed_org(call, call.store.get("org", text))
    return lambda request: bool(request["org"] == text)


def of_fleet(call: Call, text: str) -> Test:
    """Keep the requests for a fleet, which must be of the user's organisations."""
    allowed(call, call.store.get("fleet", text))
    return lambda request: bool(request["fleet"] == text)


def of_scope(call: Call, text: str) -> Test:
    """Keep the requests for a fleet (`g--...`) or an organisation (with `^` or without)."""
    return of_fleet(call, text) if text.startswith("g--") else of_org(call, text.lstrip("^"))


def allowed_org(call: Call, org: Record | None) -> None:
    """Check that there is such an organisation, and that the user belongs to it."""
    if org is None:
        raise not_found()
    if not can(call.store, call.user, org["slug"]):
        raise forbidden()


def fetch_request(call: Call) -> Record:
    """Return the request that the URL names by its number."""
    return allowed(call, numbered(call, "ota/request"))


def manage_request(call: Call, request: Record) -> None:
    """Allow what needs the right to manage updates."""
    if not can(call.store, call.user, request["org"], "can_manage_ota"):
        raise forbidden()


def create_request(call: Call, values: Record) -> Record:
    """Make a request, released now."""
    _check(call, values)
    new = {"id": call.store.new_id("ota/request"), "released_on": now_text(call)}
    return completed(FIELDS, {**new, **values})


def change_request(call: Call, request: Record, values: Record) -> None:
    """Check what a request becomes."""
    _check(call, {**request, **values})


def delete_request(call: Call, request: Record) -> None:
    """Remove a request with its actions."""
    manage_request(call, request)
    for action in call.store.all("ota/action"):
        if action["deployment"] == request["id"]:
            call.store.remove("ota/action", action)
    call.store.remove("ota/request", request)


def _check(call: Call, request: Record) -> None:
    manage_request(call, request)
    fleet = call.store.get("fleet", request.get("fleet"))
    if fleet is not None and fleet["org"] != request["org"]:
        raise forbidden()
    for text in request.get("selection_criteria", ()):
        if _criterion(text) is None:
            error = f'"{text}" is not of the form type:operator:value'
            raise bad_fields({"selection_criteria": [error]})


def _criterion(text: str) -> tuple[str, Callable[[Any, Any], bool], tuple[int, ...]] | None:
    """Return the type, the operator and the value of a criterion, or None when it is none."""
    kind, _, rest = text.partition(":")
    name, _, value = rest.partition(":")
    test = _OPERATORS.get(name)
    if kind not in _TYPES or test is None or not numbers(value):
        return None
    return kind, test, numbers(value)


def _fits(facts: dict[str, tuple[int, ...]], text: str) -> bool:
    criterion = _criterion(text)
    if criterion is None:
        return False
    kind, test, wanted = criterion
    return kind in facts and test(facts[kind], wanted)


def _facts(store: Store, device: Record) -> dict[str, tuple[int, ...]]:
    """Return what criteria ask of a device, as the numbers of a version."""
    facts: dict[str, tuple[int, ...]] = {}
    for version in latest_versions(store, device["slug"]):
        facts[f"{version['type']}_tag"] = (version["tag"],)
        facts[f"{version['type']}_version"] = numbers(version["version"])
    return facts


def requested_devices(store: Store, request: Record) -> list[Record]:
    """Return the devices that a request is for."""
    fleet = store.get("fleet", request["fleet"]) if request["fleet"] else None
    members = {member["device"] for member in members_of(fleet)} if fleet else ()
    found = []
    for device in store.all("device"):
        inside = device["slug"] in members if request["fleet"] else device["org"] == request["org"]
        if inside and device["active"]:
            facts = _facts(store, device)
            if all(_fits(facts, text) for text in request["selection_criteria"]):
                found.append(device)
    return sorted(found, key=lambda device: int(device["id"]))


def list_devices(call: Call) -> Reply:
    """Answer GET `/ota/request/<id>/devices/`: the devices that the request is for."""
    devices = requested_devices(call.store, fetch_request(call))
    return paged(call.request, devices, STANDARD, lambda d: show(call.store, _DEVICE, d))


RESOURCE = Resource(
    "ota/request",
    FIELDS,
    visible=sees_requests,
    fetch=fetch_request,
    order=lambda request: int(request["id"]),
    filters={"org": of_org, "fleet": of_fleet, "scope": of_scope},
    may_write=manage_request,
    create=create_request,
    change=change_request,
    delete=delete_request,
)

ROUTES = (
    *resource_routes(RESOURCE),
    Route("/ota/request/<key>/devices/", {"GET": list_devices}),
)
