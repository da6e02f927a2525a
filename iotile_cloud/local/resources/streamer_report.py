"""Device reports: uploads, and the record that stays of each.

Receives a signed list, checks it, stores what is new.  Knows nothing of how the file was made; the
format itself lives in `iotile_cloud.streamer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

from ...streamer.signed_list import HashError, Reading, ReportError, SignedListReport
from ...utils.basic import parse_utc, utc_text
from ..crud import resource_routes, show
from ..errors import (
    ApiError,
    bad_request,
    not_found,
)
from ..fields import Call, Field, Resource, Route, read_only
from ..filters import (
    equals,
    of_time,
)
from ..intake import new_reading
from ..makers import stamp
from ..messages import Reply, json_reply
from ..scopes import Test, visible
from ..store import Record
from ..validate import uuid_text
from .streamer import fetch_streamer, new_streamer, sees_streamers

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


_COMPLETE = "5a05"  # the variable that marks a whole report


_REBOOT = 0x5C00


_SYSTEM = 0x5FFF  # the selector of system streams


_OLD_ENGINE_REFUSES = 0xD7FF


_ABSOLUTE = 1 << 31  # a raw time with this bit counts from 2000-01-01


_Y2K = datetime(2000, 1, 1, tzinfo=timezone.utc)


_BINARY = (".bin", "")


def post_report(call: Call) -> Reply:
    """Answer POST `/streamer/report/`: 201 with the number of readings in the file."""
    received = _received(call)
    report = _parsed(call)
    try:
        booted = received - timedelta(seconds=report.sent_timestamp)
    except OverflowError:
        raise bad_request(f"Report timestamp {utc_text(received)} is too early") from None
    device = call.store.get("device", str(report.device))
    if device is None:
        raise not_found()
    project = call.store.get("project", device["project"])
    if project is None:
        text = f"Device {device['slug']} has not been claimed. Yet, it is uploading a report"
        raise bad_request(text)
    if booted > _now(call) + timedelta(hours=1):
        raise bad_request(f"Report timestamp {utc_text(received)} is in the future")
    streamer = _streamer(call, device, report)
    record = _record(call, streamer, report, received)
    if not (streamer["process_engine_ver"] == 0 and report.selector == _OLD_ENGINE_REFUSES):
        prefix = f"s{project['slug'][1:]}--{device['slug'][3:]}--"
        _process(call, prefix, streamer, report, booted, record)
    call.store.put("streamer", streamer)
    call.store.put("streamer/report", record)
    return json_reply({"count": len(report.readings)}, 201)


def _now(call: Call) -> datetime:
    return datetime.fromtimestamp(call.clock(), timezone.utc)


def _received(call: Call) -> datetime:
    text = call.args.get("timestamp")
    if not text:
        raise ApiError(400, {"error": "missing timestamp argument"})
    try:
        return parse_utc(text)
    except ValueError as error:
        raise bad_request(str(error)) from None


def _parsed(call: Call) -> SignedListReport:
    file = call.body.files.get("file")
    if file is None:
        raise ApiError(400, {"error": "missing request.data['file']"})
    name = file.name.rpartition("/")[2]
    extension = name[name.rfind(".") :] if "." in name else ""
    if extension not in (*_BINARY, ".json", ".mp"):
        text = "Streamer Report file extension not supported. Expected: .bin, .json or .mp"
        raise bad_request(text)
    if extension not in _BINARY:
        raise bad_request(f"The local cloud does not read {extension} reports; send a .bin file")
    try:
        return SignedListReport.parse(file.content)
    except ReportError as error:
        raise bad_request(_refusal(file.content, call.user, error)) from None


def _refusal(content: bytes, user: Record, error: ReportError) -> str:
    """Return the server's words for the two refusals that it has words for, else our own."""
    whole = len(content) >= 44 and int.from_bytes(content[:4], "little") == len(content) << 8 | 1
    if whole and content[16] != 0:
        return f"Unrecognized signature flags (user=@{user['slug']})"
    if isinstance(error, HashError):
        device = SignedListReport.from_readings(int.from_bytes(content[4:8], "little"), ()).device
        return f"Invalid Hash: {device} (idx={content[17]}, user=@{user['slug']})"
    return f"Streamer report is not readable: {error}"


def _streamer(call: Call, device: Record, report: SignedListReport) -> Record:
    """Return the streamer of a report, a new one when the report is its first."""
    index = report.streamer_index
    found = call.store.find("streamer", device=device["slug"], index=index)
    if found:
        return found
    graph = call.store.get("sg", device["sg"]) or {}
    values = {
        "device": device["slug"],
        "index": index,
        "selector": report.selector,
        "is_system": report.selector == _SYSTEM,
        "process_engine_ver": graph.get("report_processing_engine_ver", 2),
    }
    return new_streamer(call.store, device["slug"], values)


def _record(call: Call, streamer: Record, report: SignedListReport, received: datetime) -> Record:
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


def _process(
    call: Call,
    prefix: str,
    streamer: Record,
    report: SignedListReport,
    booted: datetime,
    record: Record,
) -> None:
    """Store the readings with ids above the streamer's last one, and move that one up."""
    new = [r for r in report.readings if r.reading_id > streamer["last_id"]]
    kept = [r for r in new if streamer["is_system"] or r.stream != _REBOOT]
    rows = _readings(prefix, kept, booted)
    if new:
        rows.append(_marker(prefix, report, booted))
    for reading in [new_reading(call.store, row) for row in rows]:
        call.store.add_reading(*reading)
    record["actual_first_id"] = min((r.reading_id for r in new), default=0)
    record["actual_last_id"] = max((r.reading_id for r in new), default=0)
    if new:
        streamer["last_id"] = record["actual_last_id"]
        streamer["last_reboot_ts"] = utc_text(booted)


def _readings(prefix: str, readings: Sequence[Reading], booted: datetime) -> list[Record]:
    return [
        {
            "stream": f"{prefix}{reading.stream:04x}",
            "timestamp": _time(reading.raw_time, booted),
            "int_value": reading.value,
            "device_timestamp": reading.raw_time,
            "streamer_local_id": reading.reading_id,
            "status": "cln",
        }
        for reading in readings
    ]


def _time(raw: int, booted: datetime) -> datetime:
    if raw & _ABSOLUTE:
        return _Y2K + timedelta(seconds=raw ^ _ABSOLUTE)
    return booted + timedelta(seconds=raw)


def _marker(prefix: str, report: SignedListReport, booted: datetime) -> dict[str, Any]:
    """Return the row that tells that a whole report was stored."""
    return {
        "stream": prefix + _COMPLETE,
        "timestamp": _time(report.sent_timestamp, booted),
        "int_value": len(report.readings),
        "device_timestamp": report.sent_timestamp,
        "streamer_local_id": report.report_id,
        "status": "cln",
    }


def streamer_reports(call: Call) -> Reply:
    """Answer GET `/streamer/<slug>/report/`: a plain list."""
    streamer, fields = fetch_streamer(call), FIELDS
    mine = [r for r in call.store.all("streamer/report") if r["streamer"] == streamer["slug"]]
    return json_reply([show(call.store, fields, report) for report in mine])


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
)

ROUTES = (
    *resource_routes(RESOURCE),
    Route("/streamer/<key>/report/", {"GET": streamer_reports}),
)
