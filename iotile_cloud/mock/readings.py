"""Points of the stream folder over HTTP: of a stream, of a source, as a table, counted.

Knows which rows answer what.  Knows nothing of the files' form.
"""

from __future__ import annotations

from typing import Any

from ..local.rules.fields import Call, Route
from ..local.rules.paging import LARGE, paged
from ..local.web.errors import detail, not_found
from ..local.web.messages import Reply, json_reply
from ..utils.gid import IOTileStreamSlug
from .points import belongs, json_file, points_of, stream_slugs
from .records import found, full_device
from .rows import row
from .state import Record
from .store import check_token, cloud_of

__all__ = ["ROWS"]

_EXTRA = ("id", "slug", "project", "label", "active", "created_on", "claimed_by", "claimed_on")


def _points(call: Call, stream: str) -> list[Record]:
    try:
        return points_of(cloud_of(call).stream_folder, stream)
    except ValueError as error:
        raise detail(400, str(error)) from None


def _file(call: Call, name: str) -> Reply:
    try:
        content = json_file(cloud_of(call).stream_folder, name)
    except ValueError as error:
        raise detail(400, str(error)) from None
    if content is None:
        raise not_found()
    return json_reply(content)


def stream_data(call: Call) -> Reply:
    """Answer GET `/stream/<slug>/data/`: every point of a stream that has a record."""
    found(cloud_of(call).streams, call.path["key"])
    return paged(call.request, _points(call, call.path["key"]), LARGE, lambda point: point)


def _of_filter(call: Call) -> list[Record]:
    """Return the points that `?filter=` names, each with the slugs of where it belongs."""
    slug = call.args.get("filter", "")
    slug = full_device(slug) if slug.startswith("d--") else slug
    streams = [s for s in stream_slugs(cloud_of(call).stream_folder) if belongs(s, slug)]
    rows = [{**point, **_slugs(stream)} for stream in streams for point in _points(call, stream)]
    return [{**point, "id": number} for number, point in enumerate(rows, 1)]


def _slugs(stream: str) -> dict[str, str]:
    try:
        return {**IOTileStreamSlug(stream).get_parts(), "stream": stream}
    except ValueError as error:
        raise detail(400, f"a file of the stream folder is not named by a slug: {error}") from None


def data(call: Call) -> Reply:
    """Answer GET `/data/`; without `filter` there are no rows."""
    return paged(call.request, _of_filter(call), LARGE, lambda point: point)


def table(call: Call) -> Reply:
    """Answer GET `/df/`: CSV, also when `format` says text or nothing."""
    if call.args.get("format", "") not in ("", "csv", "txt"):
        raise not_found()
    lines = ["row,int_value,stream_slug"]
    for point in _of_filter(call):
        lines.append(f"{point.get('timestamp')},{_number(point)},{point['stream']}")
    return Reply(200, "\n".join([*lines, ""]).encode(), "text/csv; charset=utf-8")


def _number(point: Record) -> Any:
    raw = point.get("int_value")
    return point.get("value") if raw is None else raw


def device_extra(call: Call) -> Reply:
    """Answer GET `/device/<slug>/extra/`: also how many points each of its streams has."""
    cloud, slug = check_token(call), call.path["key"]
    device = found(cloud.devices, slug)
    streams = {*stream_slugs(cloud.stream_folder), *cloud.streams}
    counts = {
        stream: {"data_cnt": count, "has_streamid": stream in cloud.streams}
        for stream in sorted(streams)
        if belongs(stream, slug) and (count := len(_points(call, stream)))
    }
    return json_reply({**{name: device.get(name) for name in _EXTRA}, "stream_counts": counts})


def event_data(call: Call) -> Reply:
    """Answer GET `/event/<id>/data/`: `event_<id>.json`."""
    check_token(call)
    return _file(call, f"event_{call.path['key']}.json")


def variable_type(call: Call) -> Reply:
    """Answer GET `/vartype/<slug>/`: `variable_types/<slug>.json`."""
    check_token(call)
    return _file(call, f"variable_types/{call.path['key']}.json")


ROWS: tuple[Route, ...] = (
    row("/stream/<key>/data/", GET=stream_data),
    row("/data/", GET=data),
    row("/df/", GET=table),
    row("/device/<key>/extra/", GET=device_extra),
    row("/event/<key>/data/", GET=event_data),
    row("/vartype/<key>/", GET=variable_type),
)
