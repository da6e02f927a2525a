"""The readings of one stream, in columns: about 50 bytes a reading and quick to cut.

Times are whole microseconds since 1970 in UTC.  Knows nothing of units, users or HTTP.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any, Optional

__all__ = ["STATUSES", "TYPES", "Series", "Spans"]

# The least and the greatest value wanted of a column, both included; None is no limit.
Spans = dict[str, tuple[Optional[int], Optional[int]]]

TYPES = ("Num", "ITR", "P-0", "P-1", "P-E")
STATUSES = ("unk", "cln", "drt", "utc")

_COLUMNS = {
    "id": "q",
    "timestamp": "q",
    "int_value": "q",
    "value": "d",
    "device_timestamp": "q",
    "streamer_local_id": "I",
}
_NULLABLE = ("timestamp", "int_value", "value", "device_timestamp")  # bit 0, 1, 2, 3 of a mark
_BIT = {name: 1 << bit for bit, name in enumerate(_NULLABLE)}
_DIRTY = 1 << len(_NULLABLE)
_LAST = 1 << 63  # later than any time: where the database sorts a missing one


class Series:
    """The readings of the stream `stream`, which belong to one device, project and variable."""

    def __init__(self, stream: str, project: str, device: str, variable: str) -> None:
        self.stream = stream
        self.project = project
        self.device = device
        self.variable = variable
        self._columns: dict[str, array[Any]] = {n: array(code) for n, code in _COLUMNS.items()}
        self._marks = bytearray()  # which values are null, and dirty_ts
        self._labels = bytearray()  # type and status
        self._orders: dict[str, Sequence[int]] = {}

    def __len__(self) -> int:
        return len(self._marks)

    def append(self, reading: dict[str, Any]) -> None:
        """Add one reading: a dict with the columns' names, `type`, `status` and `dirty_ts`."""
        mark = _DIRTY if reading["dirty_ts"] else 0
        for name in _NULLABLE:
            if reading[name] is None:
                mark |= _BIT[name]
        for name, column in self._columns.items():
            column.append(reading[name] or 0)
        self._marks.append(mark)
        label = TYPES.index(reading["type"]) * len(STATUSES) + STATUSES.index(reading["status"])
        self._labels.append(label)
        self._orders.clear()

    def get(self, row: int, name: str) -> Any:
        """Return one value; a missing one is None."""
        if self._marks[row] & _BIT.get(name, 0):
            return None
        return self._columns[name][row]

    def reading(self, row: int) -> dict[str, Any]:
        """Return one reading as it was added."""
        kind, status = divmod(self._labels[row], len(STATUSES))
        values = {name: self.get(row, name) for name in self._columns}
        dirty = bool(self._marks[row] & _DIRTY)
        return {**values, "type": TYPES[kind], "status": STATUSES[status], "dirty_ts": dirty}

    def time_key(self, row: int) -> int:
        """Return what sorts a row by time: missing times come last."""
        if self._marks[row] & _BIT["timestamp"]:
            return _LAST
        moment: int = self._columns["timestamp"][row]
        return moment

    def streamer_key(self, row: int) -> tuple[int, int]:
        """Return what sorts a row by streamer_local_id, then by time."""
        return self._columns["streamer_local_id"][row], self.time_key(row)

    def by_time(self) -> Sequence[int]:
        """Return the rows in order of time; equal times stay in order of arrival."""
        return self._order("timestamp", self.time_key)

    def by_streamer_id(self) -> Sequence[int]:
        """Return the rows in order of streamer_local_id, then of time."""
        return self._order("streamer_local_id", self.streamer_key)

    def _order(self, name: str, key: Callable[[int], Any]) -> Sequence[int]:
        if name not in self._orders:
            self._orders[name] = array("I", sorted(range(len(self)), key=key))
        return self._orders[name]

    def cut(self, rows: Sequence[int], spans: Spans) -> Sequence[int]:
        """Return those of `rows` whose values lie in all `spans`; a missing value lies in none."""
        for name, (least, most) in spans.items():
            column, marks, null = self._columns[name], self._marks, _BIT.get(name, 0)
            low = -_LAST if least is None else least
            high = _LAST if most is None else most
            rows = [r for r in rows if low <= column[r] <= high and not marks[r] & null]
        return rows

    def row_of(self, number: int) -> int | None:
        """Return the row whose id is `number`, or None."""
        try:
            return self._columns["id"].index(number)
        except ValueError:
            return None
