"""The demo data set: a small cloud with water meters and shipping trackers, to try things on.

`demo_description` and `demo_rows` give what a server is filled with, `demo_facts` what a client
must then find.  Knows no store and no request.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from heapq import merge
from typing import Any

from ..readings.values import stored_value
from . import _records as records
from ._facts import DemoFacts, DemoUpload, Extremes, demo_facts
from ._world import DEVICES, SHOCK_VARIABLE, SHOCKS, SOURCES, START, Source, count_of

__all__ = [
    "DemoFacts",
    "DemoUpload",
    "Extremes",
    "demo_description",
    "demo_facts",
    "demo_rows",
]


def demo_description() -> dict[str, Any]:
    """Return everything but the readings, as a cloud description that a server can load.

    >>> demo_description()["users"][0]["email"]
    'demo@example.com'
    """
    streams = [_stream(source) for source in SOURCES]
    for device in sorted({shock.device for shock in SHOCKS}):
        streams.append(records.stream(device, SHOCK_VARIABLE, records.SHOCK_TYPE, None))
    variables = {stream["variable"]: records.variable(stream) for stream in streams}
    return {
        "users": [records.user()],
        "orgs": [records.org()],
        "projects": [records.project(gid) for gid in records.PROJECTS],
        "devices": [records.device(number) for number in DEVICES],
        "vartypes": [records.var_type(slug) for slug in records.VAR_TYPES],
        "variables": list(variables.values()),
        "streams": streams,
        "events": [records.event(number) for number in range(len(SHOCKS))],
        "streamers": [
            records.streamer(number, device, last_id=count_of(device))
            for number, device in enumerate(DEVICES, start=1)
        ],
    }


def demo_rows() -> Iterator[dict[str, Any]]:
    """Yield every reading as a row in order of `id`, with an aware `timestamp`.

    >>> row = next(demo_rows())
    >>> row["stream"], row["int_value"]
    ('s--0000-0101--0000-0000-0000-2001--5001', 0)
    """
    number = 0
    streams = [_stream(source) for source in SOURCES]
    for device in DEVICES:
        for local_id, (uptime, place, at) in enumerate(_readings(device), start=1):
            number += 1
            raw = SOURCES[place].raw(at)
            stream = streams[place]
            kind, value = stored_value(raw, stream, None)
            yield {
                "id": number,
                "stream": stream["slug"],
                "project": stream["project"],
                "device": stream["device"],
                "variable": stream["variable"],
                "type": kind,
                "timestamp": START + timedelta(seconds=uptime),
                "int_value": raw,
                "value": value,
                "device_timestamp": uptime,
                "streamer_local_id": local_id,
                "dirty_ts": False,
                "status": "cln",
            }


def _readings(device: int) -> Iterator[tuple[int, int, int]]:
    """Yield uptime, place in SOURCES and index of each reading of a device, by time."""
    return merge(
        *(
            [(at * source.step, place, at) for at in range(source.count)]
            for place, source in enumerate(SOURCES)
            if source.device == device
        )
    )


def _stream(source: Source) -> dict[str, Any]:
    return records.stream(source.device, source.variable, source.var_type, source.output)
