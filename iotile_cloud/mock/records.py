"""The dictionaries as resources: a listing, and each record by its key.

A table of kinds and four small answers.  Knows nothing of readings, reports or logins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..local.rules.fields import Call, Route
from ..local.rules.paging import STANDARD, paged
from ..local.web.errors import bad_fields, not_found
from ..local.web.messages import Reply, json_reply
from ..utils.gid import IOTileDeviceSlug
from .points import belongs
from .rows import row
from .state import Record, State
from .store import check_token, cloud_of

__all__ = ["KINDS", "ROWS", "Kind", "found", "full_device"]

Wanted = Callable[[State, Record, str], bool]


@dataclass(frozen=True)
class Kind:
    """One dictionary of the state, and how it is served.

    Args:
        path: where, below `/api/v1/`.
        held: the name of the dictionary.
        filters: query argument -> whether a record is wanted for its text.
        narrow: the listing is empty unless one of the filters is given.
    """

    path: str
    held: str
    filters: Mapping[str, Wanted] = field(default_factory=dict)
    narrow: bool = False


def _equals(name: str) -> Wanted:
    return lambda _state, record, text: record.get(name) == text


def _of_device(_state: State, record: Record, text: str) -> bool:
    return record.get("device") == full_device(text)


def _with_device(state: State, fleet: Record, text: str) -> bool:
    members = [state.fleet_members.get(key, {}) for key, r in state.fleets.items() if r is fleet]
    return any(full_device(text) in devices for devices in members)


def _of_source(_state: State, record: Record, text: str) -> bool:
    slug = full_device(text) if text.startswith("d--") else text
    return belongs(str(record.get("stream", record.get("slug"))), slug)


def _of_project(state: State, stream: Record, text: str) -> bool:
    slug = state.projects.get(text, {}).get("slug", text)
    return {slug, text} & {stream.get("project"), stream.get("project_id")} != set() or belongs(
        str(stream.get("slug")), slug
    )


def full_device(text: str) -> str:
    """Return the full slug of a device; what is none stays, and fits nothing."""
    try:
        return str(IOTileDeviceSlug(text))
    except ValueError:
        return text


KINDS = (
    Kind("org", "orgs"),
    Kind("project", "projects", {"org__slug": _equals("org")}),
    Kind("device", "devices", {"project": _equals("project")}),
    Kind("datablock", "datablocks"),
    Kind(
        "stream",
        "streams",
        {"device": _of_source, "project": _of_project, "block": _of_source},
        narrow=True,
    ),
    Kind("event", "events", {"filter": _of_source}, narrow=True),
    Kind("property", "properties", {"target": _equals("target")}, narrow=True),
    Kind("fleet", "fleets", {"device": _with_device}),
    Kind("streamer", "streamers", {"device": _of_device}),
    Kind("streamer/report", "reports"),
    Kind("sg", "sgs"),
    Kind("dt", "dts"),
    Kind("report/generated", "generated_reports"),
    Kind("ota/device", "ota_devices"),
    Kind("ota/script", "ota_scripts"),
)


def list_records(kind: Kind, call: Call) -> Reply:
    """Answer GET on a listing."""
    state = cloud_of(call)
    asked = {name: text for name in kind.filters if (text := call.args.get(name))}
    rows = [] if kind.narrow and not asked else list(getattr(state, kind.held).values())
    for name, text in asked.items():
        rows = [record for record in rows if kind.filters[name](state, record, text)]
    return paged(call.request, rows, STANDARD, lambda record: record)


def found(held: Mapping[Any, Any], key: str) -> Any:
    """Return what a dictionary has by the key of a URL, which may stand for a number.

    Raises:
        ApiError: 404, nothing.
    """
    if key in held:
        return held[key]
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else None
    if number in held:
        return held[number]
    raise not_found()


def retrieve(kind: Kind, call: Call) -> Reply:
    """Answer GET on a record."""
    return json_reply(found(getattr(check_token(call), kind.held), call.path["key"]))


def change(kind: Kind, call: Call) -> Reply:
    """Answer PATCH on a record: its very dictionary changes."""
    record = found(getattr(check_token(call), kind.held), call.path["key"])
    values = call.body.data
    if not isinstance(values, dict):
        text = f"Invalid data. Expected a dictionary, but got {type(values).__name__}."
        raise bad_fields({"non_field_errors": [text]})
    if unknown := values.keys() - record.keys():
        raise bad_fields({name: ["This record has no such field."] for name in sorted(unknown)})
    record.update(values)
    return json_reply(record)


def fleet_devices(call: Call) -> Reply:
    """Answer GET `/fleet/<slug>/devices/`: the members."""
    members = found(cloud_of(call).fleet_members, call.path["key"])
    rows = [
        {"device": slug, "always_on": always_on, "is_access_point": access}
        for slug, access, always_on in members.values()
    ]
    return paged(call.request, rows, STANDARD, lambda member: member)


def org_projects(call: Call) -> Reply:
    """Answer GET `/org/<slug>/projects/`."""
    cloud = cloud_of(call)
    found(cloud.orgs, call.path["key"])
    rows = [p for p in cloud.projects.values() if p.get("org") == call.path["key"]]
    return paged(call.request, rows, STANDARD, lambda project: project)


ROWS: tuple[Route, ...] = (
    *(row(f"/{kind.path}/", GET=partial(list_records, kind)) for kind in KINDS),
    *(
        row(f"/{kind.path}/<key>/", GET=partial(retrieve, kind), PATCH=partial(change, kind))
        for kind in KINDS
    ),
    row("/fleet/<key>/devices/", GET=fleet_devices),
    row("/org/<key>/projects/", GET=org_projects),
)
