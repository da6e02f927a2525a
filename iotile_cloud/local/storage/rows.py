"""Readings and events: rows of streams in SQL, selected and ordered by its indexes.

Knows how a query is built.  Knows nothing of units, users or HTTP.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Optional, overload

from .database import Database
from .owners import Owners
from .tables import BY_TIME, NEVER, STREAM, TABLES

__all__ = ["EVERYTHING", "Piece", "Row", "Rows", "Selection", "Spans"]

Row = dict[str, Any]

# The least and the greatest value wanted of a column, both included; None is no limit, and a
# missing value lies in none.
Spans = dict[str, tuple[Optional[int], Optional[int]]]

_Where = tuple[str, list[Any]]  # a condition, and the values of its question marks

_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


class Piece(NamedTuple):
    """Rows whose `field` (stream, project, device or variable) is `slug`, within `spans`."""

    field: str
    slug: str
    spans: Spans | None = None


EVERYTHING = Piece("", "")


class Rows:
    """The rows of one table.

    A row is a dict: `id`, whose it is (`stream`, `project`, `device` and `variable`), and the
    columns of its table.
    """

    def __init__(self, database: Database, owners: Owners, table: str) -> None:
        self.table = table
        self.database = database
        self._owners = owners
        self._columns = TABLES[table]
        self._writers = [(column.of or column.name, column.write) for column in self._columns]
        names = ["owner", *(column.name for column in self._columns)]
        marks = ", ".join("?" for _ in names)
        self._insert = f"INSERT INTO {table} ({', '.join(names)}, id) VALUES ({marks}, ?)"
        self._update = f"UPDATE {table} SET {' = ?, '.join(names)} = ? WHERE id = ?"

    def add(self, row: Row) -> Row:
        """Keep a new row and return it; without an `id` it gets the next one.

        Raises:
            ValueError: a value does not fit its column, or the id is taken.
        """
        with self.database.transaction(), _clear_errors():
            cursor = self.database.execute(self._insert, self._values(row))
        return {**row, "id": cursor.lastrowid}

    def add_many(self, rows: Iterable[Row]) -> None:
        """Keep new rows, all or none of them.

        Raises:
            ValueError: a value does not fit its column, or an id is taken.
        """
        with _clear_errors():
            self.database.execute_each(self._insert, map(self._values, rows))

    def put(self, row: Row) -> Row:
        """Keep `row`, as `get` gave it, in place of the one with its id.

        Raises:
            ValueError: a value does not fit its column.
        """
        with self.database.transaction(), _clear_errors():
            self.database.execute(self._update, self._values(row))
        return row

    def remove(self, row: Row) -> None:
        """Forget `row`."""
        self.database.execute(f"DELETE FROM {self.table} WHERE id = ?", (row["id"],))

    def get(self, number: int) -> Row | None:
        """Return the whole row with this id, or None."""
        found = list(self.read("WHERE id = ?", (number,), every=True))
        return found[0] if found else None

    def select(
        self,
        pieces: Iterable[Piece],
        spans: Spans | None = None,
        order: tuple[str, ...] = BY_TIME,
        last: int | None = None,
    ) -> Selection:
        """Return the rows that belong to any of `pieces` and lie in all `spans`.

        Args:
            order: one of those in `tables.py`.
            last: how many, if not all: the latest ones.
        """
        found = [self._where(piece) for piece in pieces]
        if len(found) == 1 and found[0][0].startswith("owner = ?"):  # an index has this order
            order = tuple(term for term in order if term != STREAM)
        if spans and "timestamp" in spans:
            # The plus keeps SQLite from walking a whole stream by the index that has the order,
            # where the index of times leads to the few rows of the window.
            order = tuple(term if term == "timestamp" else f"+{term}" for term in order)
        any_of = " OR ".join(condition for condition, _ in found) or "0"
        limits, bounds = self._within(spans or {})
        condition = f"({any_of}){limits}"
        values = [value for _, some in found for value in some] + bounds
        if last is not None:
            latest = "ORDER BY timestamp DESC, id DESC LIMIT ?"
            condition = f"id IN (SELECT id FROM {self.table} WHERE {condition} {latest})"
            values.append(last)
        return Selection(self, condition, values, order)

    def counts(self, field: str, slug: str) -> dict[str, int]:
        """Return how many rows each stream has, of those whose `field` is `slug`."""
        query = f"SELECT owner, COUNT(*) FROM {self.table} WHERE owner = ? GROUP BY owner"
        counts: dict[str, int] = {}
        for number in self._owners.matching(field, slug):
            for owner, count in self.database.query(query, (number,)):
                stream = self._owners[owner]["stream"]
                counts[stream] = counts.get(stream, 0) + count
        return counts

    def read(self, rest: str, values: Iterable[Any], every: bool = False) -> Iterator[Row]:
        """Yield the rows of the query that ends in `rest`; `every` column, or the listed ones."""
        columns = [c for c in self._columns if c.listed or (every and not c.of)]
        names = ["id", *(column.name for column in columns)]
        readers = [(column.name, column.read) for column in columns if column.read]
        query = f"SELECT owner, {', '.join(names)} FROM {self.table} {rest}"
        for owner, *found in self.database.stream(query, values):
            row = {**self._owners[owner], **dict(zip(names, found))}
            for name, read in readers:
                row[name] = read(row[name])
            yield row

    def _values(self, row: Row) -> tuple[Any, ...]:
        values = [write(row[name]) if write else row[name] for name, write in self._writers]
        return (self._owners.number_of(row), *values, row.get("id"))

    def _where(self, piece: Piece) -> _Where:
        limits, bounds = self._within(piece.spans or {})
        if piece.field == "":
            return f"1{limits}", bounds
        owners = self._owners.matching(piece.field, piece.slug)
        if len(owners) == 1:
            return f"owner = ?{limits}", [*owners, *bounds]
        some = f"owner IN (SELECT id FROM owner WHERE {piece.field} = ?){limits}"
        return some, [piece.slug, *bounds]

    def _within(self, spans: Spans) -> _Where:
        """Return the condition that a row lies in all `spans`, to follow another one."""
        unknown = spans.keys() - {"id", *(column.name for column in self._columns)}
        if unknown:
            raise ValueError(f"no column of {self.table}: {', '.join(sorted(unknown))}")
        bounds: list[Any] = []
        for name, (least, most) in spans.items():
            highest = NEVER - 1 if name == "timestamp" else _MOST
            bounds += [_LEAST if least is None else least, highest if most is None else most]
        return "".join(f" AND {name} BETWEEN ? AND ?" for name in spans), bounds


class Selection(Sequence[Row]):
    """Rows that fulfil a condition, in order; asked of the database when they are needed.

    Rows that tie in the order come as the real server's do: how they follow each other depends
    on where the page begins, so that a walk over several pages loses some and doubles others.
    """

    def __init__(
        self, rows: Rows, condition: str, values: list[Any], order: tuple[str, ...]
    ) -> None:
        self._rows = rows
        self._where = f"WHERE {condition}"
        self._values = values
        self._order = ", ".join(order)
        self._count: int | None = None

    def __len__(self) -> int:
        if self._count is None:
            query = f"SELECT COUNT(*) FROM {self._rows.table} {self._where}"
            self._count = int(self._rows.database.query(query, self._values)[0][0])
        return self._count

    def __iter__(self) -> Iterator[Row]:
        return self._rows.read(f"{self._where} ORDER BY {self._order}, id", self._values)

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, int):
            place = range(len(self))[at]
            return self._page(place, 1)[0]
        start, stop, step = at.indices(len(self))
        if step != 1:
            return [self[place] for place in range(start, stop, step)]
        return self._page(start, stop - start)

    def _page(self, offset: int, size: int) -> list[Row]:
        if size < 1:
            return []
        order, tied = self._order, []
        if offset:
            # Another shuffle for each offset, by numbers of which no product leaves 64 bits.
            order, tied = f"{order}, id % 65521 * ? % 65521", [1 + offset * 40503 % 65520]
        ids = f"SELECT id FROM {self._rows.table} {self._where} ORDER BY {order}, id"
        rest = f"WHERE id IN ({ids} LIMIT ? OFFSET ?) ORDER BY {order}, id"
        return list(self._rows.read(rest, [*self._values, *tied, size, offset, *tied]))

    def delete(self) -> int:
        """Forget these rows and return how many they were."""
        statement = f"DELETE FROM {self._rows.table} {self._where}"
        return self._rows.database.execute(statement, self._values).rowcount


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Tell of a value that its column cannot keep."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError) as error:
        raise ValueError(f"the database refuses a row: {error}") from error
