"""More readings than one report may hold, as several reports that follow each other.

The cloud stores only what has a higher id than all that it has, so the order of the reports and
where they are cut decide whether anything is lost.  Knows no bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from .flexible import FlexibleDictionaryReport
from .reading import Event, Reading, number
from .readings import Readings
from .signed_list import SignedListReport

if TYPE_CHECKING:
    from typing import SupportsIndex

    from ..utils.gid import IOTileDeviceSlug

__all__ = ["in_parts"]

_Kind = TypeVar("_Kind", SignedListReport, FlexibleDictionaryReport)

# A signed list of so many readings has a size at which the cloud takes it for cut off by a phone.
_CHOPPED = 12_285


def in_parts(
    kind: type[_Kind],
    device: SupportsIndex | str | IOTileDeviceSlug,
    readings: Iterable[Reading],
    *,
    most: int | None = None,
    report_id: int | None = None,
    **fields: Any,
) -> list[_Kind]:
    """Make as many reports as are needed, to be uploaded in this order.

    Readings are sorted by their ids, and two of the same id are never parted.

    Args:
        kind: SignedListReport or FlexibleDictionaryReport.
        most: how many readings and events one report may hold; None: what the format can.
        report_id: of the first one, the next ones count up; None: each has the id after the
            highest in it, as devices do.
        fields: what else the `from_readings` of the kind takes, but `received`.

    Raises:
        ValueError: more than `most` share an id, or an argument is out of its range.

    >>> readings = [Reading(0x5001, value, 100, 7 + value) for value in range(5)]
    >>> [report.report_id for report in in_parts(SignedListReport, 1, readings, most=2)]
    [9, 11, 12]
    """
    limit = kind.MOST_READINGS
    most = limit if most is None else number("most", most, 1, limit)
    if "received" in fields:
        raise ValueError("received has no place here: a part does not know the reboots in the next")
    rows: Readings = Readings.of(readings).saying_times()
    events: tuple[Event, ...] = tuple(fields.pop("events", ()))
    ids = [*rows.reading_id, *(event.reading_id for event in events)]
    reports: list[_Kind] = []
    for places in _cut(ids, most, _CHOPPED if kind is SignedListReport else 0):
        if events:
            fields["events"] = [events[at - len(rows)] for at in places if at >= len(rows)]
        next_id = _next_id(reports, ids[places[-1]], report_id)
        report = kind.from_readings(
            device,
            rows.take([place for place in places if place < len(rows)]),
            report_id=next_id,
            **fields,
        )
        reports.append(report)
    return reports


def _next_id(reports: Sequence[Any], highest: int, first: int | None) -> int:
    if first is not None:
        return first + len(reports)
    return max(highest, reports[-1].report_id if reports else 0) + 1


def _cut(ids: Sequence[int], most: int, never: int) -> list[list[int]]:
    """Return the places of `ids` in order, cut into parts of at most `most` and not of `never`."""
    order = sorted(range(len(ids)), key=ids.__getitem__)
    parts, start = [], 0
    while start < len(order):
        end = _end(ids, order, start, most)
        if end - start == never:
            end = _end(ids, order, start, never - 1)
        parts.append(order[start:end])
        start = end
    return parts


def _end(ids: Sequence[int], order: Sequence[int], start: int, most: int) -> int:
    end = min(start + most, len(order))
    while start < end < len(order) and ids[order[end]] and ids[order[end - 1]] == ids[order[end]]:
        end -= 1
    if end == start:
        text = f"more than {most} readings have the id {ids[order[start]]}"
        raise ValueError(f"{text}; they cannot stand in one report, and parted some get lost")
    return end
