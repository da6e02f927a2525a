"""Shipping: a device that travels; its trips, their state, and how they went.

A trip begins with a reading of "Trip Start" and ends with one of "Trip End"; its summaries are
events.  Knows nothing of how a summary is worked out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Optional

from ..access.permissions import can
from ..readings.slugs import full_slug
from ..readings.windows import micros, second_text
from ..rules.crud import show
from ..rules.fields import Call, Field, R, Route, read_only
from ..rules.validate import validate
from ..shared.belongings import stream_slug
from ..storage.rows import Piece
from ..storage.store import Record, Store
from ..web.errors import bad_request, denied, not_found
from ..web.messages import Reply, json_reply
from ..web.render import API, error_text
from .datablock import new_datablock
from .device import FIELDS as DEVICE_FIELDS

__all__ = ["ROUTES", "UPDATE"]

UPDATE = "5a08"  # its events tell that something of a trip was summed up anew
_START, _END, _SUMMARY = "0e00", "0e01", "5a07"
# The streams of a trip: variable, type, label.
_STREAMS = (
    ("5020", "event", "Shocks"),
    ("5021", "data", "Pressure"),
    ("5022", "data", "Relative Humidity"),
    ("5023", "data", "Temperature"),
    (_SUMMARY, "event", "Summary"),
)
_SUMMARY_KEYS = (
    "Device",
    "START (UTC)",
    "END (UTC)",
    "Duration (Days)",
    "Event Count",
    "First event at (UTC)",
    "Last event at (UTC)",
    "Max Humidity (% RH)",
    "Min Humidity (% RH)",
    "Median Humidity (% RH)",
    "Max Pressure (Mbar)",
    "Min Pressure (Mbar)",
    "Median Pressure (Mbar)",
    "Max Temp (C)",
    "Min Temp (C)",
    "Median Temp (C)",
    "Above 30C",
    "Below 17C",
    "Max Peak (G)",
    "TimeStamp(MaxPeak) (UTC)",
    "DeltaV at Max Peak (in/s)",
    "MaxDeltaV (in/s)",
    "TimeStamp(MaxDeltaV) (UTC)",
    "Peak at MaxDeltaV (G)",
)
_PROPERTIES = {"from": "Ship From", "to": "Ship To"}
Times = tuple[Optional[str], Optional[str]]

_STATES = {"N0": "Normal - Inactive", "B0": "Busy - Resetting", "B1": "Busy - Archiving"}

ARCHIVED = (
    *read_only("id", "slug"),
    Field("title", required=True, most=100),
    Field("description", blank=True, default=""),
    *read_only("device", "block", "org", "created_on"),
    Field("pid", access=R, default=""),
)


def _travelling(call: Call, permission: str, *kinds: str) -> Record:
    """Return what the URL names, which is of one of these kinds of record.

    Raises:
        ApiError: 404, there is none; 403, in other words than elsewhere: not for this user.
    """
    slug = full_slug(call.path["key"])
    record = next(filter(None, (call.store.get(kind, slug) for kind in kinds)), None)
    if record is None:
        raise not_found()
    if not can(call.store, call.user, record["org"], permission):
        raise denied()
    return record


def read_trip(call: Call) -> Reply:
    """Answer GET `/shipping/trip/<slug>/`: the trip of a device, or the one in a data block."""
    store = call.store
    record = _travelling(call, "can_read_stream_data", "device", "datablock")
    mask = store.get("mask", record["slug"])
    limits = {name: _shown(mask[name]) for name in ("start", "end")} if mask else None
    trip = {
        "trip_date_range": _date_range(store, record, limits),
        "data_mask": limits,
        "streams": [
            {"type": kind, "label": label, "stream": stream_slug(store, record, variable)}
            for variable, kind, label in _STREAMS
        ],
    }
    names = {"slug": record["slug"], "org": record["org"]}
    if record["slug"][0] == "b":
        return json_reply({**names, "state": "A", "label": record["title"], **trip})
    project = store.get("project", record["project"]) or {"slug": None}
    names |= {"label": record["label"], "project": project["slug"], "state": record["state"]}
    return json_reply({**names, **trip})


def _shown(moment: str | None) -> str | None:
    return second_text(micros(moment)) if moment else None


def _date_range(store: Store, record: Record, limits: Record | None) -> Record:
    """Return when a trip began and ended: as recorded, and within its mask."""
    mask = limits or {"start": None, "end": None}
    start = _bounds(store, record, (_START,))[0]
    end = _bounds(store, record, (_END,))[1]
    data = [variable for variable, kind, _ in _STREAMS if kind == "data"]
    first, last = _bounds(store, record, data)
    return {
        "original_start": start,
        "original_end": end,
        "actual_start": mask["start"] or start,
        "actual_end": mask["end"] or end,
        "start_data": first,
        "end_data": last,
        "masked": limits is not None,
    }


def post_setup(call: Call) -> Reply:
    """Answer POST `/shipping/trip/<slug>/setup/`: make an inactive device ready for a trip."""
    device = _travelling(call, "can_modify_device", "device")
    if device["state"] != "N0":
        raise bad_request("Device must be in Inactive State before it can be setup for a trip")
    device = call.store.put("device", {**device, "state": "N1", "active": True})
    return json_reply(show(call.store, DEVICE_FIELDS, device), 202)


def post_archive(call: Call) -> Reply:
    """Answer POST `/shipping/trip/<slug>/archive/`: end a trip; its device is inactive then."""
    device = _travelling(call, "can_create_datablock", "device")
    values = validate(call.store, ARCHIVED, call.body.data)
    after = {"device": {"state": "N0"}}
    block = new_datablock(call, {**values, "device": device["slug"], "on_complete": after})
    return json_reply(show(call.store, ARCHIVED, block), 201)


def project_status(call: Call) -> Reply:
    """Answer GET `/shipping/project/status/<slug>/`: how the devices of a project travel."""
    project = call.store.find("project", slug=full_slug(call.path["key"]))
    if project is None:
        raise not_found()
    if not can(call.store, call.user, project["org"]):
        raise denied()
    devices = [d for d in call.store.all("device") if d["project"] == project["id"]]
    shown = [{"label": label, "key": key} for key, label in _PROPERTIES.items()]
    answer = {name: project[name] for name in ("id", "name", "slug")}
    answer["config"] = {"properties": shown, "show_external_id": False}
    answer["results"] = [
        _device_status(call.store, device)
        for device in sorted(devices, key=lambda device: str(device["slug"]))
        if device["active"]
    ]
    return json_reply(answer)


def _device_status(store: Store, device: Record) -> Record:
    event = _last_event(store, device, _SUMMARY, UPDATE)
    updated = second_text(event["timestamp"]) if event else None
    properties = {p["name"]: p["value"] for p in store.all("property") if _of(p, device)}
    return {
        "slug": device["slug"],
        "label": device["label"],
        "state_label": _STATES.get(device["state"]) or _trip_state(store, device),
        "state_id": device["state"],
        "last_update": (updated or "")[:19].replace("T", " "),
        "properties": {k: properties[p] for k, p in _PROPERTIES.items() if p in properties},
    }


def _of(prop: Record, device: Record) -> bool:
    return bool(prop["target"] == device["slug"])


def _trip_state(store: Store, device: Record) -> str:
    start = _bounds(store, device, (_START,))[1]
    end = _bounds(store, device, (_END,))[1]
    if end and (not start or end >= start):
        return "Normal - Trip Ended"
    return "Normal - Trip Started" if start else "Normal - Active"


def org_quality(call: Call) -> Reply:
    """Answer GET `/shipping/org/quality/summary/<slug>/`: the summaries of the archived trips."""
    store = call.store
    org = store.get("org", call.path["key"])
    if org is None:
        raise not_found()
    if not can(store, call.user, org["slug"], "can_access_reports"):
        raise denied()
    blocks = [block for block in store.all("datablock") if block["org"] == org["slug"]]
    found = ((block, _last_event(store, block, _SUMMARY)) for block in blocks)
    rows = [{"Device": block["device"], **(e["extra_data"] or {})} for block, e in found if e]
    answer = {name: org[name] for name in ("id", "name", "slug")}
    answer["config"] = {"summary_keys": list(_SUMMARY_KEYS), "property_keys": []}
    results = [{key: row.get(key) for key in _SUMMARY_KEYS} for row in rows]
    if call.form == "csv":
        return Reply(200, _csv(results), "text/csv; charset=utf-8")
    return json_reply({**answer, "count": len(results), "results": results})


def _csv(rows: list[Record]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, _SUMMARY_KEYS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "backslashreplace")


def _bounds(store: Store, record: Record, variables: Iterable[str]) -> Times:
    """Return the times of the first and the last reading of some variables of a device."""
    rows = store.readings.select(_pieces(store, record, variables), {"timestamp": (None, None)})
    if not rows:
        return None, None
    return second_text(rows[0]["timestamp"]), second_text(rows[-1]["timestamp"])


def _last_event(store: Store, record: Record, *variables: str) -> Record | None:
    rows = store.events.select(_pieces(store, record, variables), last=1)
    return rows[0] if rows else None


def _pieces(store: Store, record: Record, variables: Iterable[str]) -> list[Piece]:
    return [Piece("stream", stream_slug(store, record, variable)) for variable in variables]


_CSV = error_text("csv", "text/csv")

ROUTES = (
    Route("/shipping/trip/<key>/", {"GET": read_trip}),
    Route("/shipping/trip/<key>/setup/", {"POST": post_setup}),
    Route("/shipping/trip/<key>/archive/", {"POST": post_archive}, fields=ARCHIVED),
    Route("/shipping/project/status/<key>/", {"GET": project_status}),
    Route("/shipping/org/quality/summary/<key>/", {"GET": org_quality}, renderers=(*API, _CSV)),
)
