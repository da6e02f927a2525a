"""Everything the cloud remembers: records by kind and key, and readings by stream.

A record is a plain dict of JSON values.  The store gives them out as they are: whoever changes
one puts it back with `put`.  Knows nothing of resources, users or HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .series import Series

__all__ = ["Record", "Store"]

Record = dict[str, Any]

# The field by which the records of a kind are told apart; `slug` where nothing is said.
KEYS = {
    "project": "id",
    "event": "id",
    "streamer/report": "id",
    "property": "id",
    "mask": "target",
}


class Store:
    """All records and readings, in memory."""

    def __init__(self) -> None:
        self._records: dict[str, dict[Any, Record]] = {}
        self._series: dict[str, Series] = {}
        self._highest: dict[str, int] = {}

    def get(self, kind: str, key: object) -> Record | None:
        """Return the record of `kind` with this key, or None."""
        return self._records.get(kind, {}).get(key)

    def all(self, kind: str) -> Iterator[Record]:
        """Return every record of `kind`, oldest first."""
        return iter(tuple(self._records.get(kind, {}).values()))

    def find(self, kind: str, **fields: object) -> Record | None:
        """Return the first record of `kind` that has all these field values, or None."""
        wanted = fields.items()
        return next((r for r in self.all(kind) if all(r.get(k) == v for k, v in wanted)), None)

    def put(self, kind: str, record: Record) -> Record:
        """Keep `record`, in place of the one with the same key."""
        self._records.setdefault(kind, {})[record[KEYS.get(kind, "slug")]] = record
        if isinstance(record.get("id"), int):
            self._note_id(kind, record["id"])
        return record

    def remove(self, kind: str, record: Record) -> None:
        """Forget `record`, which is of `kind`."""
        del self._records[kind][record[KEYS.get(kind, "slug")]]

    def new_id(self, kind: str) -> int:
        """Return the next unused number for a record (or "data": a reading) of `kind`."""
        self._note_id(kind, self._highest.get(kind, 0) + 1)
        return self._highest[kind]

    def _note_id(self, kind: str, number: int) -> None:
        self._highest[kind] = max(number, self._highest.get(kind, 0))

    def series(self, stream: str) -> Series | None:
        """Return the readings of `stream`, or None when it never had one."""
        return self._series.get(stream)

    def all_series(self) -> Iterator[Series]:
        """Return the readings of every stream, stream by stream."""
        return iter(tuple(self._series.values()))

    def add_reading(self, of: dict[str, str], reading: Record) -> tuple[Series, int]:
        """Keep one reading of the stream that `of` names (stream, project, device, variable).

        A reading without an `id` gets the next one.  Returns where it is: series and row.
        """
        if "id" in reading:
            self._note_id("data", reading["id"])
        else:
            reading = {"id": self.new_id("data"), **reading}
        series = self._series.get(of["stream"])
        if series is None:
            series = self._series[of["stream"]] = Series(**of)
        series.append(reading)
        return series, len(series) - 1
