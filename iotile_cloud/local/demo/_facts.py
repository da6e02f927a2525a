"""What a client must find in the demo data set, worked out from the formulas alone.

Uses neither the records nor the server's rules for values, so that it can check both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ...utils.gid import IOTileDeviceSlug, IOTileProjectSlug, IOTileStreamSlug
from ._world import (
    DAY,
    DEVICES,
    SHOCK_VARIABLE,
    SHOCKS,
    SOURCES,
    START,
    TRACKER_PROJECT,
    UPLOAD_COUNT,
    WATER_PROJECT,
    Source,
    count_of,
)


@dataclass(frozen=True)
class Extremes:
    """The lowest, the highest and the last number of a stream, in its output unit."""

    lowest: float
    highest: float
    last: float
    unit: str


@dataclass(frozen=True)
class DemoUpload:
    """Readings that are not in the cloud yet, for a report that a device would send.

    Reading ids count up from `first_id`; `raw_times` and `sent_timestamp` are seconds of uptime;
    `received` is when a gateway takes the report; `times` are those that the readings then have.
    """

    device: str
    streamer_index: int
    stream: str
    variable: int
    first_id: int
    values: tuple[int, ...]
    raw_times: tuple[int, ...]
    sent_timestamp: int
    received: datetime
    times: tuple[datetime, ...]
    output_sum: float


@dataclass(frozen=True)
class DemoFacts:
    """The truth about the demo data set; streams are named by slug, times are in UTC.

    Sums are of output values, in gallons, over the water project: `sums` over everything and
    `window_sums` from `start` (inclusive) to `end` (exclusive).  A sum of floats that went through
    litres may differ from them in the last digits.
    """

    email: str
    password: str
    water_project: str
    tracker_project: str
    device_count: int
    stream_count: int
    counts: dict[str, int]
    total_count: int
    sums: dict[str, float]
    total: float
    start: datetime
    end: datetime
    window_sums: dict[str, float]
    window_total: float
    temperatures: dict[str, Extremes]
    event_count: int
    worst_event: int
    worst_stream: str
    worst_peak: float
    upload: DemoUpload


def demo_facts() -> DemoFacts:
    """Work out what a client must find in the demo data set.

    >>> demo_facts().event_count
    10
    """
    water = [source for source in SOURCES if DEVICES[source.device][0] == WATER_PROJECT]
    counts = {_slug(source): source.count for source in SOURCES}
    sums = {_slug(source): _sum(source, 0, source.count * source.step) for source in water}
    window = {_slug(source): _sum(source, DAY, 2 * DAY) for source in water}
    worst = max(range(len(SHOCKS)), key=lambda at: SHOCKS[at].peak)
    return DemoFacts(
        email="demo@example.com",
        password="demo",  # noqa: S106 - it opens nothing but the demo
        water_project=str(IOTileProjectSlug(WATER_PROJECT)),
        tracker_project=str(IOTileProjectSlug(TRACKER_PROJECT)),
        device_count=len(DEVICES),
        stream_count=len(counts) + len({shock.device for shock in SHOCKS}),
        counts=counts,
        total_count=sum(counts.values()),
        sums=sums,
        total=sum(sums.values()),
        start=START + timedelta(seconds=DAY),
        end=START + timedelta(seconds=2 * DAY),
        window_sums=window,
        window_total=sum(window.values()),
        temperatures=_temperatures(),
        event_count=len(SHOCKS),
        worst_event=worst + 1,
        worst_stream=_stream(SHOCKS[worst].device, SHOCK_VARIABLE),
        worst_peak=SHOCKS[worst].peak / 1000,
        upload=_upload(SOURCES[0]),
    )


def _stream(device: int, variable: int) -> str:
    project, _ = DEVICES[device]
    return str(IOTileStreamSlug.build(project=project, device=device, variable=variable))


def _slug(source: Source) -> str:
    return _stream(source.device, source.variable)


def _sum(source: Source, start: int, end: int) -> float:
    """Add up the readings from `start` to before `end`, in seconds after START."""
    within = (at for at in range(source.count) if start <= at * source.step < end)
    return sum(source.shown(source.raw(at)) for at in within)


def _temperatures() -> dict[str, Extremes]:
    units = {"celsius": "C", "fahrenheit": "F"}
    found = {}
    for source in SOURCES:
        if source.output in units:
            raws = [source.raw(at) for at in range(source.count)]
            shown = [source.shown(raw) for raw in (min(raws), max(raws), raws[-1])]
            found[_slug(source)] = Extremes(shown[0], shown[1], shown[2], units[source.output])
    return found


def _upload(source: Source) -> DemoUpload:
    places = range(source.count, source.count + UPLOAD_COUNT)
    values = tuple(source.raw(at) for at in places)
    raw_times = tuple(at * source.step for at in places)
    sent = raw_times[-1] + source.step
    return DemoUpload(
        device=str(IOTileDeviceSlug(source.device)),
        streamer_index=0,
        stream=_slug(source),
        variable=source.variable,
        first_id=count_of(source.device) + 1,
        values=values,
        raw_times=raw_times,
        sent_timestamp=sent,
        received=START + timedelta(seconds=sent),
        times=tuple(START + timedelta(seconds=at) for at in raw_times),
        output_sum=sum(map(source.shown, values)),
    )
