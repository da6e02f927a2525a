"""The raw data of events as files: an upload with its event, the data, and a link to it.

Knows nothing of how events are listed.
"""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

from ..readings.windows import moment_text
from ..rules.fields import Call, Field, Route
from ..rules.validate import validate
from ..shared.files import file_link, keep_file
from ..storage.store import Record
from ..web.bodies import FORMS, MSGPACK, File
from ..web.errors import ApiError, bad_fields, bad_request
from ..web.messages import Reply, json_bytes, json_reply
from ..web.render import PACKED_API
from ..web.zones import UTC
from .event import BUCKET, CHANGEABLE, FIELDS, check_stream, fetch_event, new_event

_UPLOAD = (
    *(f for f in FIELDS if f.name in ("stream", "timestamp", "streamer_local_id")),
    Field("device_timestamp", "int", null=True),
    Field("encoded_extra_data", blank=True),
)
_MOST_UNPACKED = 64 << 20  # bytes of a gzipped file, unpacked


def upload_event(call: Call) -> Reply:
    """Answer POST `/event/upload/`: an event whose raw data is a JSON file."""
    values = _upload_values(call)
    extra = values.pop("encoded_extra_data", None)
    checked = {"extra_data": extra, "data": values["data"]}
    event = new_event(call, {**values, **validate(call.store, CHANGEABLE, checked)})
    names = ("id", "stream", "device_timestamp")
    answer = {name: event[name] for name in names}
    answer["timestamp"] = moment_text(event["timestamp"])
    answer["streamer_local_id"] = event["streamer_local_id"]
    answer["encoded_extra_data"] = None if extra is None else str(extra)
    return json_reply(answer, 201)


def _upload_values(call: Call) -> Record:
    file = call.body.files.get("file")
    if file is None:
        raise ApiError(400, {"error": "missing request.data['file']"})
    ext = next((ext for ext in ("json", "json.gz") if file.name.endswith(f".{ext}")), None)
    if ext is None:
        raise bad_request("Unsupported extension for Stream Event")
    values = validate(call.store, _UPLOAD, call.body.data)
    if "encoded_extra_data" in values:
        values["encoded_extra_data"] = _decoded(values["encoded_extra_data"])
    check_stream(call, values["stream"])
    return {**values, "ext": ext, "data": _content(file, ext)}


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        text = f"Failed to deserialize value: {error}"
        raise bad_fields({"encoded_extra_data": [text]}) from None


def _content(file: File, ext: str) -> Any:
    content = file.content
    try:
        if ext == "json.gz":
            unpacker = zlib.decompressobj(wbits=31)
            content = unpacker.decompress(content, _MOST_UNPACKED)
            if not unpacker.eof:
                raise ValueError("cut short, or too big")
        return json.loads(content)
    except (ValueError, zlib.error, RecursionError) as error:
        raise bad_request(f"{file.name} is not readable as {ext}: {error}") from None


def event_data(call: Call) -> Reply:
    """Answer GET `/event/<id>/data/`: the raw data."""
    event = fetch_event(call)
    if event["s3key"] is None:
        raise ApiError(404, {"error": "Event has no data"})
    if event["raw_data"] is None:  # described with a key, but without what is under it
        raise ApiError(404, {"error": f"{event['s3key']} is not in the storage"})
    return json_reply(event["raw_data"])


def event_url(call: Call) -> Reply:
    """Answer GET `/event/<id>/url/`: a link with which anybody can fetch the raw data, or null."""
    event = fetch_event(call)
    key, data = event["s3key"], event["raw_data"]
    if key is None:
        return json_reply({"url": None})
    if data is not None:
        packed = event["ext"] == "json.gz"
        content = gzip.compress(json_bytes(data)) if packed else json_bytes(data)
        kind = "application/gzip" if packed else "application/json"
        keep_file(call.store, BUCKET, key, kind, content)
    return json_reply({"url": file_link(call, BUCKET, key)})


ROUTES = (
    Route(
        "/event/upload/",
        {"POST": upload_event},
        accepted=(*FORMS, MSGPACK),
        renderers=PACKED_API,
        methods=("POST", "HEAD"),
    ),
    Route("/event/<key>/data/", {"GET": event_data}, renderers=PACKED_API, times=UTC),
    Route("/event/<key>/url/", {"GET": event_url}, renderers=PACKED_API),
)
