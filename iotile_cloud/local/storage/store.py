"""Everything the cloud remembers: records by kind and key, readings and events by stream.

A record is a plain dict of JSON values.  The store gives them out as they are: whoever changes
one puts it back with `put`.  Knows nothing of resources, users or HTTP.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from .database import Database
from .owners import Owner, Owners
from .rows import Rows
from .tables import schema

__all__ = ["Record", "Store"]

Record = dict[str, Any]

# The field by which the records of a kind are told apart; `slug` where nothing is said.
KEYS = {
    "project": "id",
    "streamer/report": "id",
    "report/generated": "id",
    "property": "id",
    "propertytemplate": "id",
    "propertyenum": "id",
    "note": "id",
    "location": "id",
    "config/name": "id",
    "config/attr": "id",
    "invitation": "id",
    "api_key": "digest",
    "key": "id",
    "file": "id",
    "mask": "target",
    "ota/request": "id",
    "ota/action": "id",
    "ota/version": "id",
    "tap": "id",
    "filter/state": "id",
    "filter/transition": "id",
    "filter/trigger": "id",
    "filter/action": "id",
}


# The store's own kind: its secret, and the highest number given out for each kind.
_OWN = "store"

_RECORDS = (
    "CREATE TABLE record"
    " (number INTEGER PRIMARY KEY, kind TEXT, key TEXT, body TEXT, UNIQUE (kind, key))"
)
_PUT = (
    "INSERT INTO record (kind, key, body) VALUES (?, ?, ?)"
    " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body"
)


class Store:
    """All records and rows, in a database file or in memory.

    Records are read from memory and written to the database as well; rows live there alone.

    Args:
        path: the database file, made when it is absent; None keeps everything in memory.

    Attributes:
        durable: it is a file, and so outlives this process.
        readings: the rows of `/data/`.
        events: the rows of `/event/`.

    Raises:
        ValueError: the file is no database of this version of the cloud.
        OSError: the file cannot be opened, is in use, or other users may read it.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.durable = path is not None
        self._database = Database(path, (_RECORDS, *schema()))
        self._records: dict[str, dict[Any, Record]] = {}
        try:
            self._reload()
        except (sqlite3.DatabaseError, LookupError, TypeError, ValueError) as error:
            self._database.close()
            raise ValueError(f"{os.fspath(path or '')} is damaged: {error!r}") from error
        self._database.when_undone(self._reload)
        if not self.get(_OWN, "secret"):
            self.put(_OWN, {"slug": "secret", "value": secrets.token_hex(32)})
        self._owners = Owners(self._database)
        self.readings = Rows(self._database, self._owners, "reading")
        self.events = Rows(self._database, self._owners, "event")

    def _reload(self) -> None:
        self._records = {}
        for kind, body in self._database.query("SELECT kind, body FROM record ORDER BY number"):
            record = json.loads(body)
            self._records.setdefault(kind, {})[record[_key_field(kind)]] = record

    @property
    def is_open(self) -> bool:
        """Whether the store can be used: its file was not closed."""
        return bool(self._database.close.alive)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever put here."""
        return not any(records for kind, records in self._records.items() if kind != _OWN)

    @property
    def secret(self) -> bytes:
        """The key that signs this store's tokens."""
        return bytes.fromhex(self._records[_OWN]["secret"]["value"])

    def transaction(self) -> AbstractContextManager[None]:
        """Keep everything that is done inside or, when it raises, nothing of it."""
        return self._database.transaction()

    def pause(self) -> AbstractContextManager[None]:
        """Let others change the store while something else than the store takes its time.

        For the outermost transaction: what it did so far is kept.  Records may differ afterwards.
        """
        return self._database.pause()

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
        key = record[_key_field(kind)]
        with self.transaction():
            self._database.execute(_PUT, (kind, json.dumps(key), json.dumps(record)))
            self._records.setdefault(kind, {})[key] = record
            if isinstance(record.get("id"), int):
                self._note_id(kind, record["id"])
        return record

    def remove(self, kind: str, record: Record) -> None:
        """Forget `record`, which is of `kind`."""
        key = record[_key_field(kind)]
        with self.transaction():
            statement = "DELETE FROM record WHERE kind = ? AND key = ?"
            self._database.execute(statement, (kind, json.dumps(key)))
            del self._records[kind][key]

    def new_id(self, kind: str) -> int:
        """Return the next number for a record of `kind`; none is given out twice."""
        with self.transaction():
            number = self._highest(kind) + 1
            self._note_id(kind, number)
        return number

    def _highest(self, kind: str) -> int:
        own = self.get(_OWN, f"highest {kind}")
        return own["value"] if own else 0

    def _note_id(self, kind: str, number: int) -> None:
        if number > self._highest(kind):
            self.put(_OWN, {"slug": f"highest {kind}", "value": number})

    def move(self, field: str, slug: str, change: Callable[[Owner], Owner]) -> None:
        """Move all readings and events of some streams elsewhere.

        Args:
            field: what picks them: stream, project, device or variable.
            slug: what that must be.
            change: is given each stream's four names as a dict and returns the new ones.
        """
        self._owners.move(field, slug, change)

    def copy(self) -> Store:
        """Return a store in memory with the same content, which goes its own way."""
        twin = Store()
        self._database.copy_to(twin._database)
        twin._reload()
        twin._owners.reload()
        return twin

    def close(self) -> None:
        """Let go of the file; the store is of no use afterwards.  In memory it just goes on."""
        if self.durable:
            self._database.close()


def _key_field(kind: str) -> str:
    return KEYS.get(kind, "slug")
