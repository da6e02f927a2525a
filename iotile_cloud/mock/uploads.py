"""Device reports over HTTP: read as far as the mock cares, and kept.

Knows both formats, without their signatures: a mock takes what no server could check.  Knows
nothing of readings.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from ..local.rules.fields import Call, Route
from ..local.web.bodies import FORMS, parse_msgpack
from ..local.web.errors import ApiError, bad_request
from ..local.web.messages import Reply, json_reply
from ..utils.basic import parse_utc, utc_text
from ..utils.gid import IOTileStreamerSlug
from .quick_add import is_system_selector
from .rows import row
from .store import cloud_of

__all__ = ["ROWS"]

_HEADER = struct.Struct("<BBHLLLBBH")  # format, length (8 + 16 bits), device, id, sent, flags, ..
_READING = 16  # bytes
_FOOTER = struct.Struct("<LL16s")  # lowest and highest id, signature


@dataclass(frozen=True)
class _Report:
    """What the record of a report tells of it."""

    device: int
    index: int
    selector: int
    report_id: int
    sent: int
    lowest_id: int
    highest_id: int
    count: int


def post_report(call: Call) -> Reply:
    """Answer POST `/streamer/report/`: the number of readings and events in the one file."""
    received = call.args.get("timestamp")
    if not received:
        raise ApiError(400, {"error": "missing timestamp argument"})
    try:
        received = utc_text(parse_utc(received))
    except ValueError as error:
        raise bad_request(str(error)) from None
    files = list(call.body.files.values())
    if len(files) != 1:
        raise ApiError(400, {"error": f"expected one file, got {len(files)}"})
    file = files[0]
    report = (_packed if file.name.endswith(".mp") else _binary)(file.content)
    _keep(call, report, received, file.content)
    return json_reply({"count": report.count})


def _binary(content: bytes) -> _Report:
    smallest = _HEADER.size + _FOOTER.size
    if len(content) < smallest:
        raise bad_request(f"a report has at least {smallest} bytes, this has {len(content)}")
    kind, low, high, device, report_id, sent, _, index, selector = _HEADER.unpack_from(content)
    if kind != 1:
        raise bad_request(f"expected report format 1, got {kind}")
    stated = high << 8 | low
    if stated != len(content) or (stated - smallest) % _READING:
        raise bad_request(f"the report says it has {stated} bytes, it has {len(content)}")
    lowest, highest, _ = _FOOTER.unpack_from(content, len(content) - _FOOTER.size)
    count = (stated - smallest) // _READING
    return _Report(device, index, selector, report_id, sent, lowest, highest, count)


def _packed(content: bytes) -> _Report:
    fields = parse_msgpack(content)
    if not isinstance(fields, dict) or fields.get("format") != "v100":
        raise bad_request("expected a msgpack map with the format v100")
    rows = [fields.get(name) or [] for name in ("data", "events")]
    if not all(isinstance(part, list) for part in rows):
        raise bad_request("data and events must be lists")
    return _Report(
        device=_number(fields, "device", 48),
        index=_number(fields, "streamer_index", 16),
        selector=_number(fields, "streamer_selector", 32),
        report_id=_number(fields, "incremental_id", 32),
        sent=_number(fields, "device_sent_timestamp", 32),
        lowest_id=_number(fields, "lowest_id", 32),
        highest_id=_number(fields, "highest_id", 32),
        count=sum(map(len, rows)),
    )


def _number(fields: dict[str, Any], name: str, bits: int) -> int:
    value = fields.get(name)
    if type(value) is not int or not 0 <= value < 1 << bits:
        raise bad_request(f"{name} must be a number of at most {bits} bits, not {value!r}")
    return value


def _keep(call: Call, report: _Report, received: str, content: bytes) -> None:
    """Keep a report, and let its streamer, made when it is new, remember what was acknowledged."""
    cloud, made = cloud_of(call), cloud_of(call)._fixed_utc_timestr()
    slug = str(IOTileStreamerSlug(report.device, report.index))
    if slug not in cloud.streamers:
        cloud.quick_add_streamer(report.device, report.index, 0, report.selector)
    streamer = cloud.streamers[slug]
    known = streamer.get("last_id") or 0
    news = report.highest_id > known
    uuid = str(uuid4())
    cloud.reports[uuid] = {
        "id": uuid,
        "original_first_id": report.lowest_id,
        "original_last_id": report.highest_id,
        "actual_first_id": max(report.lowest_id, known + 1) if news else 0,
        "actual_last_id": report.highest_id if news else 0,
        "streamer": slug,
        "sent_timestamp": received,
        "device_sent_timestamp": report.sent,
        "incremental_id": report.report_id,
        "time_epsilon": 1.0,
        "created_on": made,
        "created_by": "quick-test-user",
    }
    cloud.raw_report_files[uuid] = content
    streamer["last_id"] = max(known, report.highest_id)
    streamer["selector"] = report.selector
    streamer["is_system"] = is_system_selector(report.selector)


ROWS: tuple[Route, ...] = (row("/streamer/report/", accepted=FORMS, POST=post_report),)
