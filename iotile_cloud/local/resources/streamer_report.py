"""Device reports: uploads, and the record that stays of each.

Knows which device may send one, and what it is told.  Knows nothing of the formats
(`device_reports.py`), nor of which rows are new (`report_intake.py`).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import uuid4

from ...utils.basic import parse_utc, utc_text
from ..access.scopes import Test, visible
from ..readings.device_reports import parse_report
from ..readings.intake import new_readings
from ..readings.report_intake import DeviceReport, Digest, Lost, digest
from ..readings.slugs import grouped
from ..rules.crud import resource_routes, show
from ..rules.fields import Call, Field, Resource, Route, read_only
from ..rules.filters import (
    equals,
    of_time,
)
from ..rules.makers import stamp
from ..rules.validate import uuid_text
from ..storage.store import Record
from ..web.bodies import FORMS, MSGPACK
from ..web.errors import (
    ApiError,
    bad_request,
    not_found,
)
from ..web.messages import Reply, json_reply
from ..web.render import PACKED_API
from .event import new_event
from .streamer import check_staff, fetch_streamer, new_streamer, reports_of, sees_streamers

log = logging.getLogger("iotile_cloud.local")

_FLEXIBLE_ENGINE = 2  # the engine that reads flexible reports
_LEAD = 3600.0  # seconds that a device may have started in the future

FIELDS = (
    *read_only("id", "original_first_id", "original_last_id"),
    *read_only("actual_first_id", "actual_last_id", "streamer"),
    Field("sent_timestamp", "moment", null=True),
    Field("device_sent_timestamp", "int", null=True),
    Field("incremental_id", "int", null=True),
    Field("time_epsilon", "float", default=1.0),
    *read_only("created_on", "created_by"),
)


def sees_reports(call: Call) -> Test:
    """A user sees the reports of the streamers he sees."""
    seen, get = sees_streamers(call), call.store.get

    def test(report: Record) -> bool:
        streamer = get("streamer", report["streamer"])
        return streamer is not None and seen(streamer)

    return test


def fetch_report(call: Call) -> Record:
    """Return the streamer report that the URL names by its UUID."""
    key = uuid_text(call.path["key"])
    if key is None:
        raise bad_request("Streamer Report ID must be a UUID")
    return visible(call.store.get("streamer/report", key), sees_reports(call))


def post_report(call: Call) -> Reply:
    """Answer POST `/streamer/report/`: 201 with the number of readings and events in the file.

    That is an acknowledgement of receipt: what the server breaks on later is acknowledged as well,
    leaves nothing, and the record of the report says so with null.
    """
    received = _received(call)
    report = parse_report(call)
    device = call.store.get("device", f"d--{grouped(report.device, 4)}")
    if device is None:
        raise not_found()
    project = call.store.get("project", device["project"])
    if project is None:
        text = f"Device {device['slug']} has not been claimed. Yet, it is uploading a report"
        raise bad_request(text)
    booted = _booted(call, report, received)
    streamer = _streamer(call, device, report)
    if report.flexible and streamer["process_engine_ver"] < _FLEXIBLE_ENGINE:
        text = f"needs engine {_FLEXIBLE_ENGINE}, not {streamer['process_engine_ver']}"
        raise bad_request(f"A flexible report {text}")
    record = _record(call, streamer, report, received)
    prefix = f"s{project['slug'][1:]}--{device['slug'][3:]}--"
    try:
        left = digest(report, streamer, booted, _filtered(call, prefix))
        _keep(call, prefix, left)
    except Lost as reason:
        log.warning("a report of %s is acknowledged and lost: %s", streamer["slug"], reason)
    else:
        record |= {"actual_first_id": left.first, "actual_last_id": left.last}
        if left.last:
            streamer |= {"last_id": left.last, "last_reboot_ts": utc_text(booted)}
    call.store.put("streamer", streamer)
    call.store.put("streamer/report", record)
    return json_reply({"count": report.count}, 201)


def _received(call: Call) -> datetime:
    text = call.args.get("timestamp")
    if not text:
        raise ApiError(400, {"error": "missing timestamp argument"})
    try:
        return parse_utc(text)
    except ValueError as error:
        raise bad_request(str(error)) from None


def _booted(call: Call, report: DeviceReport, received: datetime) -> datetime:
    """Return when the device started, by its own account."""
    try:
        booted = received - timedelta(seconds=report.sent_timestamp)
    except OverflowError:
        text = f"Report timestamp {utc_text(received)} does not fit {report.sent_timestamp} s"
        raise bad_request(f"{text} since the device started") from None
    if booted.timestamp() > call.clock() + _LEAD:
        raise bad_request(f"Report timestamp {utc_text(received)} is in the future")
    return booted


def _streamer(call: Call, device: Record, report: DeviceReport) -> Record:
    """Return the streamer of a report, a new one when the report is its first."""
    found = call.store.find("streamer", device=device["slug"], index=report.streamer_index)
    if found:
        return dict(found)
    graph = call.store.get("sg", device["sg"]) or {}
    values = {
        "device": device["slug"],
        "index": report.streamer_index,
        "selector": report.selector,
        "process_engine_ver": graph.get("report_processing_engine_ver", _FLEXIBLE_ENGINE),
    }
    return new_streamer(call.store, device["slug"], values)


def _record(call: Call, streamer: Record, report: DeviceReport, received: datetime) -> Record:
    return {
        "id": str(uuid4()),
        "original_first_id": report.lowest_id,
        "original_last_id": report.highest_id,
        "actual_first_id": None,
        "actual_last_id": None,
        "streamer": streamer["slug"],
        "sent_timestamp": utc_text(received),
        "device_sent_timestamp": report.sent_timestamp,
        "incremental_id": report.report_id,
        "time_epsilon": 1.0,
        **stamp(call),
    }


def _filtered(call: Call, prefix: str) -> set[str]:
    """Return the variables whose stream of this device has a filter, its own or its project's."""
    _, project, device, _ = prefix.split("--")
    starts = (f"f--{project}--{device}--", f"f--{project}----")
    found = (f for f in call.store.all("filter") if f.get("active", True))
    return {f["slug"].rpartition("--")[2] for f in found if f["slug"].startswith(starts)}


def _keep(call: Call, prefix: str, left: Digest) -> None:
    """Store the rows and events that a report leaves, all or none of them."""

    def row(values: Record) -> Record:
        return {**values, "stream": prefix + values["stream"]}

    try:
        readings = new_readings(call.store, map(row, left.readings))
    except ApiError as error:
        raise Lost(str(error.args[1])) from None
    call.store.readings.add_many(readings)
    for values in left.events:
        new_event(call, row(values))


def delete_report(call: Call, report: Record) -> None:
    """Remove the record of a report: staff only."""
    check_staff(call)
    call.store.remove("streamer/report", report)


def streamer_reports(call: Call) -> Reply:
    """Answer GET `/streamer/<slug>/report/`: a plain list."""
    found = reports_of(call.store, fetch_streamer(call))
    return json_reply([show(call.store, FIELDS, report) for report in found])


RESOURCE = Resource(
    "streamer/report",
    FIELDS,
    visible=sees_reports,
    fetch=fetch_report,
    order=lambda report: str(report["created_on"]),
    filters={
        "streamer__slug": equals("streamer"),
        "created_by__slug": equals("created_by"),
        "start": of_time("sent_timestamp", "start"),
        "end": of_time("sent_timestamp", "end"),
    },
    post=post_report,
    accepted=(*FORMS, MSGPACK),
    may_write=check_staff,
    delete=delete_report,
)

ROUTES = (
    *resource_routes(RESOURCE, renderers=PACKED_API),
    Route("/streamer/<key>/report/", {"GET": streamer_reports}),
)
