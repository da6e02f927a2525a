"""The time zone of a session: what it does to the times in a request and in its reply.

The real server switches to the zone of the user's profile as soon as a session cookie comes, even
beside a token.  Times are known by the names they stand under.  Knows no resource.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from dateutil import tz

from ...utils.basic import parse_utc, utc_text
from .messages import Reply, json_bytes

__all__ = ["LABELLED_Z", "OFFSET", "UTC", "Times", "local_times", "read_times", "zone_named"]

Times = Callable[[datetime], str]
_NAME = re.compile(r"(?:\w+_)?(?:timestamp|start|end|on|at|ts)", re.ASCII)
_SHOWN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)
_NAIVE = re.compile(r"\s*\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?\s*", re.ASCII)
_USERS_OWN = ("extra_data", "data", "ui_extra", "args")  # objects that the server hands through
_DEPTH = 8  # the server's own objects are flatter


def zone_named(name: str | None) -> tzinfo | None:
    """Return the time zone of a profile, or None where it makes no difference or is unknown.

    >>> zone_named("UTC"), zone_named("America/New_York") is None
    (None, False)
    """
    return None if name in (None, "", "UTC") else tz.gettz(name)


def _with_offset(moment: datetime) -> str:
    """Return a local time as most resources print it: with its offset.

    >>> OFFSET(datetime(2021, 5, 5, 8, tzinfo=tz.gettz("America/New_York")))
    '2021-05-05T08:00:00-04:00'
    """
    text = moment.isoformat()
    return text[: -len("+00:00")] + "Z" if text.endswith("+00:00") else text


def _labelled_z(moment: datetime) -> str:
    """Return a local time as readings print it: as if it were UTC.

    >>> LABELLED_Z(datetime(2021, 5, 5, 8, tzinfo=tz.gettz("America/New_York")))
    '2021-05-05T08:00:00Z'
    """
    return moment.replace(tzinfo=None).isoformat() + "Z"


# How a route prints the times of a session with a zone; a few stay in UTC.
OFFSET: Times = _with_offset
LABELLED_Z: Times = _labelled_z
UTC: Times = utc_text


def local_times(reply: Reply, zone: tzinfo | None, times: Times) -> Reply:
    """Return `reply` with the times in its JSON put into `zone`."""
    if zone is None or times is UTC or reply.content_type != "application/json" or not reply.body:
        return reply

    def shown(name: str, value: Any, depth: int) -> Any:
        if isinstance(value, str) and _NAME.fullmatch(name) and _SHOWN.fullmatch(value):
            return _local(value, zone, times)
        return value if name in _USERS_OWN else walked(value, depth + 1)

    def walked(value: Any, depth: int) -> Any:
        if depth > _DEPTH:
            return value
        if isinstance(value, list):
            return [walked(item, depth + 1) for item in value]
        if isinstance(value, dict):
            return {name: shown(name, item, depth) for name, item in value.items()}
        return value

    return replace(reply, body=json_bytes(walked(json.loads(reply.body), 0)))


def _local(text: str, zone: tzinfo, times: Times) -> str:
    try:
        return times(parse_utc(text).astimezone(zone))
    except (OverflowError, ValueError):
        return text  # the first or the last day there is


def read_times(data: Any, zone: tzinfo | None) -> Any:
    """Return the arguments or the body of a request with the times in UTC that say no zone.

    Args:
        data: a mapping, or a list of such; other data, and what lies deeper, stays as it is.
        zone: where a time without a zone is meant to be; None: in UTC already.

    >>> read_times({"start": "2021-05-05T08:00"}, tz.gettz("America/New_York"))
    {'start': '2021-05-05T12:00:00Z'}
    """
    if zone is None:
        return data
    if isinstance(data, list):
        return [_read_row(item, zone) for item in data]
    return _read_row(data, zone)


def _read_row(row: Any, zone: tzinfo) -> Any:
    if not isinstance(row, Mapping):
        return row
    return {name: _read(str(name), value, zone) for name, value in row.items()}


def _read(name: str, value: Any, zone: tzinfo) -> Any:
    if isinstance(value, str) and _NAME.fullmatch(name) and _NAIVE.fullmatch(value):
        try:
            return utc_text(parse_utc(value.strip()).replace(tzinfo=zone))
        except (OverflowError, ValueError):
            return value  # no such day: whoever reads it says so
    return value
