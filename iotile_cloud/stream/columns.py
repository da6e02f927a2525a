"""Readings as typed columns: eight bytes a number, and a mask for what is null.

What kind each column is, and how values become one, is in `kinds`.  Knows nothing of requests or
of JSON.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional, overload

from ..api.exceptions import HttpUnexpectedReplyError
from .kinds import Data, column
from .stamps import NO_TIME, text_of

__all__ = ["ColumnTimes", "Columns", "column_span", "ordered_column_span"]


class Columns:
    """Readings, column by column.

    A column is an `array.array`, which numpy, pandas and Arrow take over without a copy: 64-bit
    integers for `timestamp` (nanoseconds since 1970 in UTC), `int_value` and the ids, doubles for
    `value` and `output_value`; `stream` is a list of texts.  Of events, `has_raw_data` has a byte
    each, and `extra_data` is a list of JSON texts.  Where a reading has null, the column has a
    stand-in (NaN; 0; in `timestamp` -2**63, which is numpy's NaT) and its mask has 1.  A NaN that
    the server sent is not masked.

    `len()` is the number of readings; iterating gives the names.

    Args:
        data: the columns, of one length.
        masks: one byte a reading, for columns that have nulls.

    Raises:
        ValueError: they are not of one length.

    >>> rows = [{"timestamp": "1970-01-01T00:00:01Z", "value": None}]
    >>> columns = Columns.of(rows, ("timestamp", "value"))
    >>> columns["timestamp"], columns.tolist("value"), columns.nulls("value")
    (array('q', [1000000000]), [None], 1)
    """

    __slots__ = ("_data", "_masks")
    __hash__ = None  # type: ignore[assignment]  # it can grow

    def __init__(
        self, data: Mapping[str, Data], masks: Mapping[str, bytearray] | None = None
    ) -> None:
        self._data = dict(data)
        self._masks = dict(masks or {})
        lengths = {len(one) for one in (*self._data.values(), *self._masks.values())}
        if len(lengths) > 1:
            raise ValueError(f"columns and masks have one length, not {sorted(lengths)}")

    @classmethod
    def of(cls, rows: Sequence[Any], names: Sequence[str]) -> Columns:
        """Return columns of `rows`, which are dictionaries; an absent field is null.

        Raises:
            HttpUnexpectedReplyError: a field is of another kind than its column.
        """
        for row in rows:
            if not isinstance(row, dict):
                text = f"a reading should be a JSON object, not {row!r:.200}"
                raise HttpUnexpectedReplyError(text)
        return cls.made({name: [row.get(name) for row in rows] for name in names})

    @classmethod
    def made(cls, values: Mapping[str, Sequence[Any]]) -> Columns:
        """Return columns of these values, None for null; raises like `of`."""
        made = {name: column(name, given) for name, given in values.items()}
        data = {name: one for name, (one, _) in made.items()}
        return cls(data, {name: mask for name, (_, mask) in made.items() if mask is not None})

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self._data)

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return next((len(one) for one in self._data.values()), 0)

    @overload
    def __getitem__(self, key: str) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> Columns: ...
    def __getitem__(self, key: str | slice) -> Any:
        """Return the column of a name; or, for a slice, columns of these readings alone."""
        if isinstance(key, str):
            return self._data[key]
        data = {name: one[key] for name, one in self._data.items()}
        return Columns(data, {name: mask[key] for name, mask in self._masks.items()})

    def mask(self, name: str) -> bytearray:
        """Return one byte a reading: 1 where the column is null."""
        length = len(self._data[name])
        return self._masks[name] if name in self._masks else bytearray(length)

    def nulls(self, name: str) -> int:
        """Return how many readings have null in a column."""
        return self.mask(name).count(1)

    def tolist(self, name: str) -> list[Any]:
        """Return a column as Python values, None for null."""
        one = self._data[name]
        flags = isinstance(one, array) and one.typecode == "b"
        values: list[Any] = list(map(bool, one) if flags else one)
        for place in _places(self._masks.get(name, b"")):
            values[place] = None
        return values

    def only(self, names: Sequence[str]) -> Columns:
        """Return these columns alone; they are shared, not copied."""
        masks = {name: mask for name, mask in self._masks.items() if name in names}
        return Columns({name: self._data[name] for name in names}, masks)

    def beside(self, other: Columns) -> Columns:
        """Return these columns and those of `other`, which has as many readings; shared."""
        return Columns({**self._data, **other._data}, {**self._masks, **other._masks})

    def take(self, places: Sequence[int]) -> Columns:
        """Return the readings that stand in these places, in this order."""
        data = {name: _taken(one, places) for name, one in self._data.items()}
        masks = {name: bytearray(_taken(mask, places)) for name, mask in self._masks.items()}
        return Columns(data, masks)

    def extend(self, other: Columns) -> None:
        """Put the readings of `other`, which has the same columns, behind these.

        Raises:
            ValueError: it has other columns.
            BufferError: a column is shared (with numpy, say), so it cannot grow.
        """
        if self.names != other.names:
            raise ValueError(f"columns {self.names} cannot take columns {other.names}")
        before, more = len(self), len(other)
        for name, one in self._data.items():
            if name in self._masks or name in other._masks:
                mask = self._masks.setdefault(name, bytearray(before))
                mask += other._masks.get(name, bytes(more))
            one.extend(other._data[name])  # type: ignore[arg-type]  # of the same kind

    def __eq__(self, other: object) -> bool:
        """Tell whether names, values and masks are the same; a NaN is the same as itself."""
        if not isinstance(other, Columns):
            return NotImplemented
        return self.names == other.names and all(
            _bits(one) == _bits(other._data[name]) and self.mask(name) == other.mask(name)
            for name, one in self._data.items()
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {', '.join(self._data)}: {len(self)} rows>"


def _taken(one: Any, places: Sequence[int]) -> Any:
    taken = [one[place] for place in places]
    return array(one.typecode, taken) if isinstance(one, array) else taken


def _bits(one: Data) -> Any:
    return one.tobytes() if isinstance(one, array) else one


def _places(mask: bytes | bytearray) -> Iterator[int]:
    place = mask.find(1)
    while place >= 0:
        yield place
        place = mask.find(1, place + 1)


class ColumnTimes(Sequence[Optional[int]]):
    """The times of readings in microseconds since 1970."""

    def __init__(self, columns: Columns) -> None:
        self._times = columns["timestamp"]

    def __len__(self) -> int:
        return len(self._times)

    def __getitem__(self, row: Any) -> Any:
        time = self._times[row]
        return None if time == NO_TIME else time // 1000


def column_span(columns: Columns) -> tuple[str | None, str | None, int]:
    """Return the earliest and the latest time, as the server writes it, and how many have none.

    >>> column_span(Columns.made({"timestamp": [None, "2018-01-02T00:00:00Z"]}))
    ('2018-01-02T00:00:00Z', '2018-01-02T00:00:00Z', 1)
    """
    times, nulls = columns["timestamp"], columns.nulls("timestamp")
    if nulls == len(times):
        return None, None, nulls
    first = min(time for time in times if time != NO_TIME) if nulls else min(times)
    return text_of(first), text_of(max(times)), nulls


def ordered_column_span(columns: Columns) -> tuple[str | None, str | None, int]:
    """Return what `column_span` returns, of rows in order of time, those without one last."""
    times, nulls = columns["timestamp"], columns.nulls("timestamp")
    if nulls == len(times):
        return None, None, nulls
    return text_of(times[0]), text_of(times[len(times) - nulls - 1]), nulls
