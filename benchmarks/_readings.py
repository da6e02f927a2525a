"""The readings that the server of the benchmarks has: their bytes, built before anyone asks.

Knows the two forms in which the cloud sends a reading, and where in time each lies.  Knows no HTTP.

Every stream begins with the same readings, one a minute; its slug says how many it has.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import accumulate
from typing import Any

FIRST = datetime(2023, 1, 1, tzinfo=timezone.utc)
STEP = 60  # seconds from one reading to the next
PROJECT = "p--0000-0001"
UNIT = {"m": 1, "d": 1000, "o": 0.0}  # what makes an output value of a stored one
FIRST_VARIABLE = 0x5000


def slug_of(rows: int, number: int = 0) -> str:
    """Return the slug of the stream `number` among those that have `rows` readings.

    >>> slug_of(1_000_000)
    's--0000-0001--0000-0000-000f-4240--5000'
    """
    return f"s--0000-0001--0000-0000-{rows >> 16:04x}-{rows & 0xFFFF:04x}--{5 * 4096 + number:04x}"


def rows_of(slug: str) -> int:
    """Return how many readings the stream has.

    >>> rows_of("s--0000-0001--0000-0000-000f-4240--5000")
    1000000
    """
    device = slug.split("--")[2]
    return int(device.replace("-", ""), 16)


def raw_value(number: int) -> int:
    """Return what the device sent as reading `number`: six digits that look like measured ones."""
    return 100_001 + number * 7919 % 89_999 * 10


class Table:
    """Lines of text that lie side by side in memory, so that any run of them is one slice."""

    def __init__(self, lines: Iterable[str], separator: str) -> None:
        texts = [line + separator for line in lines]
        self._bytes = memoryview("".join(texts).encode("ascii"))
        self._begins = list(accumulate(map(len, texts), initial=0))
        self._separator = len(separator)

    def part(self, begin: int, end: int) -> memoryview:
        """Return the lines from `begin` to before `end`, without the last separator."""
        if begin >= end:
            return self._bytes[:0]
        return self._bytes[self._begins[begin] : self._begins[end] - self._separator]


class Readings:
    """The readings of all streams.

    Args:
        rows: how many the longest stream has.
    """

    def __init__(self, rows: int) -> None:
        begin = int(FIRST.timestamp())
        self._seconds = range(begin, begin + rows * STEP, STEP)
        self.json = Table(map(_json, range(rows)), ",")
        self._slug = slug_of(rows)
        self._csv = Table((f"{_csv(number)}{self._slug}" for number in range(rows)), "\n")

    def csv(self, slug: str, begin: int, end: int) -> bytes | memoryview:
        """Return lines of the table of the stream `slug`."""
        lines = self._csv.part(begin, end)
        if slug == self._slug:
            return lines
        return bytes(lines).replace(self._slug.encode("ascii"), slug.encode("ascii"))

    def span(self, rows: int, start: datetime | None, end: datetime | None) -> tuple[int, int]:
        """Return where in the first `rows` readings a window begins, and where it ends."""
        first = bisect_left(self._seconds, start.timestamp()) if start else 0
        last = bisect_left(self._seconds, end.timestamp()) if end else rows
        return min(first, rows), min(last, rows)


_MINUTES = [f"{minute // 60:02}:{minute % 60:02}:00" for minute in range(24 * 60)]


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return (FIRST + timedelta(days=number)).date().isoformat()


def _time(number: int) -> tuple[str, str]:
    return _day(number // 1440), _MINUTES[number % 1440]


def _json(number: int) -> str:
    raw, (day, minute) = raw_value(number), _time(number)
    return (
        f'{{"type":"Num","timestamp":"{day}T{minute}Z","int_value":{raw},"value":{raw}.0,'
        f'"output_value":{raw / 1000},"display_value":"{raw / 1000:.2f}",'
        f'"streamer_local_id":{number + 1}}}'
    )


def _csv(number: int) -> str:
    day, minute = _time(number)
    return f"{day} {minute}+00:00,{raw_value(number)}.0,"


def record(slug: str) -> bytes:
    """Return what the cloud tells about a stream itself."""
    project, device, variable = slug.split("--")[1:]
    fields: dict[str, Any] = {
        "id": "00000000-0000-4000-8000-000000000000",
        "project_id": "00000000-0000-4000-8000-000000000001",
        "project": f"p--{project}",
        "device": f"d--{device}",
        "block": None,
        "data_label": "",
        "variable": f"v--{project}--{variable}",
        "var_type": "voltage",
        "data_type": "D0",
        "var_name": f"Input {variable}",
        "var_lid": int(variable, 16),
        "input_unit": None,
        "output_unit": {
            "slug": "out--voltage--volts",
            "unit_full": "Volts",
            "unit_short": "V",
            **UNIT,
            "decimal_places": 2,
            "derived_units": {},
        },
        "derived_stream": None,
        "raw_value_format": "<L",
        "mdo_type": "S",
        "mdo_label": "",
        "multiplication_factor": 1,
        "division_factor": 1,
        "offset": 0.0,
        "org": "benchmark",
        "created_on": "2023-01-01T00:00:00Z",
        "slug": slug,
        "enabled": True,
    }
    return json.dumps(fields, separators=(",", ":")).encode("ascii")
