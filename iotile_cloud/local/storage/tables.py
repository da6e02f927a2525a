"""The tables of readings and events: their columns, indexes and orders.

Times are whole microseconds since 1970 in UTC.  Knows nothing of queries, users or HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

__all__ = [
    "BY_STREAM",
    "BY_STREAMER_ID",
    "BY_TIME",
    "NEVER",
    "OWNER",
    "STATUSES",
    "STREAM",
    "TABLES",
    "TYPES",
    "Column",
    "schema",
]

TYPES = ("Num", "ITR", "P-0", "P-1", "P-E")
STATUSES = ("unk", "cln", "drt", "utc")

NEVER = (1 << 63) - 1  # stands for a missing time: so it sorts last, as on the server
OWNER = ("stream", "project", "device", "variable")  # what every row of a stream says alike


@dataclass(frozen=True)
class Column:
    """One column: what it takes, and how the value of a row is written and read.

    Args:
        kind: what SQLite calls the type.
        options: the only texts that it takes; empty: any.
        listed: else it is given out for a single row only, since it may be large.
        of: it is worked out from this value of the row, for queries only.
    """

    name: str
    kind: str
    null: bool = False
    options: tuple[str, ...] = ()
    write: Callable[[Any], Any] | None = None
    read: Callable[[Any], Any] | None = None
    listed: bool = True
    of: str = ""

    @property
    def definition(self) -> str:
        """The column in SQL; without its check SQLite would keep text in a column of numbers."""
        check = _one_of(f"typeof({self.name})", (self.kind, "null") if self.null else (self.kind,))
        if self.options:
            check += f" AND {_one_of(self.name, self.options)}"
        return f"{self.name} {self.kind.upper()} CHECK ({check})"


def _one_of(term: str, texts: tuple[str, ...]) -> str:
    """Return the condition that `term` is one of `texts`; IN would build a table for each row."""
    return "(" + " OR ".join(f"{term} = '{text}'" for text in texts) + ")"


def _write_time(moment: int | None) -> int:
    return NEVER if moment is None else moment


def _read_time(moment: int) -> int | None:
    return None if moment == NEVER else moment


def _write_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _read_json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _has_error(extra: Any) -> bool:
    return isinstance(extra, dict) and "error" in extra


_COMMON = (
    Column("timestamp", "integer", write=_write_time, read=_read_time),
    Column("device_timestamp", "integer", null=True),
    Column("streamer_local_id", "integer"),
    Column("dirty_ts", "integer", write=bool, read=bool),
    Column("status", "text", options=STATUSES),
)

# Table -> its columns, besides `id` and the number of its owner.
TABLES = {
    "reading": (
        *_COMMON,
        Column("int_value", "integer", null=True),
        Column("value", "real", null=True),  # not-a-number becomes null here
        Column("type", "text", options=TYPES),
    ),
    "event": (
        *_COMMON,
        Column("ext", "text", null=True),
        Column("uuid", "text"),
        Column("s3key", "text", null=True),
        Column("extra_data", "text", null=True, write=_write_json, read=_read_json),
        Column("raw_data", "text", null=True, write=_write_json, read=_read_json, listed=False),
        Column("failed", "integer", write=_has_error, listed=False, of="extra_data"),
    ),
}

# The orders of listings: the terms by which rows are sorted.
STREAM = "(SELECT stream FROM owner WHERE owner.id = owner)"
BY_TIME = ("timestamp",)
BY_STREAMER_ID = ("streamer_local_id", STREAM, "timestamp")
BY_STREAM = (STREAM, "streamer_local_id", "timestamp")


def schema() -> Iterator[str]:
    """Yield the statements that make the tables."""
    names = ", ".join(f"{name} TEXT NOT NULL" for name in OWNER)
    yield f"CREATE TABLE owner (id INTEGER PRIMARY KEY, {names})"
    for name in OWNER:
        yield f"CREATE INDEX owner_{name} ON owner ({name})"
    for table, columns in TABLES.items():
        definitions = ", ".join(column.definition for column in columns)
        # AUTOINCREMENT: a number is not given out again after the newest row is gone.
        yield (
            f"CREATE TABLE {table} (id INTEGER PRIMARY KEY AUTOINCREMENT,"
            f" owner INTEGER NOT NULL, {definitions})"
        )
        yield f"CREATE INDEX {table}_time ON {table} (owner, timestamp)"
        yield f"CREATE INDEX {table}_order ON {table} (owner, streamer_local_id, timestamp)"
