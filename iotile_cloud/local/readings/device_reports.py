"""From an uploaded file to the report in it: binary, JSON or msgpack, as its name tells.

Knows the two formats, and the words in which the server refuses a file.  Knows no streamer, and
not what is new.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from ...streamer.errors import (
    FieldError,
    FlagsError,
    HashError,
    IdsError,
    KeyMissingError,
    ReportError,
)
from ...streamer.items import stream_number
from ...streamer.signed_list import SignedListReport
from ..rules.fields import INT64, UINT31, Call, Field
from ..rules.validate import check, validate
from ..storage.store import Record, Store
from ..storage.tables import STATUSES
from ..web.bodies import File, parse_json, parse_msgpack
from ..web.errors import ApiError, bad_fields, bad_request
from .report_intake import CHOPPED, COMPLETE, DeviceReport
from .slugs import grouped

__all__ = ["parse_report"]

_CHOPPED_SIZES = range(196_593, 196_608)  # what a phone leaves of a report that is too big for it

_STATED_IDS, _FOOTER = struct.Struct("<LL"), 24  # the ids at the beginning of the footer

_UINT32 = (0, (1 << 32) - 1)
_HEADER = (
    Field("format", required=True),
    Field("device", "int", required=True, limits=(0, INT64[1])),
    Field("streamer_index", "int", required=True, limits=(0, 0xFFFF)),
    Field("streamer_selector", "int", required=True, limits=UINT31),
    Field("device_sent_timestamp", "int", required=True),
    Field("incremental_id", "int", required=True, null=True),
    Field("lowest_id", "int", required=True),
    Field("highest_id", "int", required=True),
    Field("events", "json"),
    Field("data", "json"),
)
_ITEM = (
    Field("device_timestamp", "int", null=True),
    Field("timestamp", "moment", null=True),
    Field("streamer_local_id", "int", required=True, limits=_UINT32),
    Field("dirty_ts", "bool"),
    Field("status", "choice", options=STATUSES),
)
_READING = (*_ITEM, Field("value", "int", required=True))
_EVENT = (*_ITEM, Field("extra_data", "object", null=True), Field("data", "json"))


def parse_report(call: Call) -> DeviceReport:
    """Return the report in the file of a request.

    Raises:
        ApiError: 400, there is no file, or none that can be read.
    """
    file = call.body.files.get("file")
    if file is None:
        raise ApiError(400, {"error": "missing request.data['file']"})
    name = file.name.rpartition("/")[2]
    extension = name[name.rfind(".") :] if "." in name else ""
    if extension not in _FORMATS:
        text = "Streamer Report file extension not supported. Expected: .bin, .json or .mp"
        raise bad_request(text)
    return _FORMATS[extension](call, file)


def _binary(call: Call, file: File) -> DeviceReport:
    try:
        report = SignedListReport.parse(file.content)
    except (FieldError, IdsError):  # the server looks at neither
        report = SignedListReport.parse(file.content, verify=False)
    except ReportError as error:
        raise bad_request(_refusal(file.content, call.user, error)) from None
    lowest, highest = _STATED_IDS.unpack_from(file.content, len(file.content) - _FOOTER)
    return DeviceReport(
        device=report.device.get_id(),
        streamer_index=report.streamer_index,
        selector=report.selector,
        report_id=report.report_id,
        sent_timestamp=report.sent_timestamp,
        lowest_id=lowest,
        highest_id=highest,
        count=len(report.readings),
        readings=[
            {
                "stream": f"{stream:04x}",
                "int_value": value,
                "device_timestamp": raw_time,
                "streamer_local_id": reading_id,
                "status": "cln",
            }
            for stream, raw_time, reading_id, _, value in zip(*report.readings.said_columns())
        ],
        events=[],
        marker=CHOPPED if len(file.content) in _CHOPPED_SIZES else COMPLETE,
    )


def _refusal(content: bytes, user: Record, error: ReportError) -> str:
    """Return the server's words for the two refusals that it has words for, else our own."""
    if isinstance(error, (FlagsError, KeyMissingError)):
        return f"Unrecognized signature flags (user=@{user['slug']})"
    if isinstance(error, HashError):
        device = grouped(int.from_bytes(content[4:8], "little"), 4)
        return f"Invalid Hash: d--{device} (idx={content[17]}, user=@{user['slug']})"
    return f"Streamer report is not readable: {error}"


def _flexible(parse: Callable[[bytes], Any]) -> Callable[[Call, File], DeviceReport]:
    """Return the reader of a flexible dictionary whose file `parse` reads."""

    def read(call: Call, file: File) -> DeviceReport:
        try:
            content = parse(file.content)
        except ApiError as error:
            raise bad_request(f"JSON parsing error: {error.args[1]['detail']}") from None
        return _dictionary(call.store, validate(call.store, _HEADER, content))

    return read


def _dictionary(store: Store, header: Record) -> DeviceReport:
    items = {name: _listed(header, name) for name in ("data", "events")}
    readings, flaw = _rows(store, _READING, items["data"])
    events, other = _rows(store, _EVENT, items["events"])
    for row in readings:
        row["int_value"] = row.pop("value")
    return DeviceReport(
        device=header["device"],
        streamer_index=header["streamer_index"],
        selector=header["streamer_selector"],
        report_id=header["incremental_id"],
        sent_timestamp=header["device_sent_timestamp"],
        lowest_id=header["lowest_id"],
        highest_id=header["highest_id"],
        count=len(items["data"]) + len(items["events"]),
        readings=readings,
        events=events,
        flexible=True,
        flaw=flaw or other,
    )


def _listed(header: Record, name: str) -> list[Any]:
    items = header.get(name)
    if items is not None and not isinstance(items, list):
        text = f'Expected a list of items but got type "{type(items).__name__}".'
        raise bad_fields({name: [text]})
    return items or []


def _rows(store: Store, fields: tuple[Field, ...], items: list[Any]) -> tuple[list[Record], str]:
    """Return the rows that `items` say, and what is wrong with the first bad one ("": none is)."""
    rows: list[Record] = []
    for at, item in enumerate(items):
        values, errors = check(store, fields, item)
        values["stream"] = _variable(item.get("stream")) if not errors else ""
        if not values["stream"]:
            return [], f"item {at}: {errors or 'its stream is no variable'}"
        rows.append(values)
    return rows, ""


def _variable(stream: object) -> str:
    """Return the local id of a variable, given as number or hex text, as four digits; "": none.

    >>> _variable(20742), _variable("5106"), _variable("zz")
    ('5106', '5106', '')
    """
    try:
        return f"{stream_number(stream):04x}"
    except ValueError:
        return ""


_FORMATS: dict[str, Callable[[Call, File], DeviceReport]] = {
    "": _binary,
    ".bin": _binary,
    ".json": _flexible(parse_json),
    ".mp": _flexible(parse_msgpack),
}
