"""One SQLite database, in a file or in memory: opened safely, changed in whole transactions.

Knows files, locks and SQLite.  Knows no table.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

__all__ = ["Database"]

_APPLICATION = 0x494F5443  # "IOTC": how SQLite's own header tells whose file it is
_VERSION = 1  # of the tables; a file with another one is refused
_NO_STORE = "is not a database of the embedded cloud; name a new file, or one that it made"


class Database:
    """A connection that several threads share, one transaction at a time.

    Args:
        path: the file, made when it is absent; None keeps everything in memory.
        schema: the statements that make the tables of a new database.

    Raises:
        ValueError: the file is something else, or of another version.
        PermissionError: other users of this machine may read the file.
        OSError: the file cannot be opened, or another process has it open.
    """

    def __init__(self, path: str | os.PathLike[str] | None, schema: Iterable[str]) -> None:
        name = ":memory:" if path is None else _own_file(path)
        # Statements are committed by hand: Python's own habit splits what belongs together.
        self._open = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=0)
        self.close = weakref.finalize(self, self._open.close)
        self._lock = threading.RLock()
        self._undo: list[Callable[[], None]] = []
        self._before = 0  # changes that were made before the transaction began
        try:
            self._prepare(name, schema)
        except sqlite3.OperationalError as error:
            self.close()
            if "locked" in str(error):
                raise OSError(f"{name} is in use by another process or cloud") from None
            raise OSError(f"{name} cannot be opened: {error}") from error
        except sqlite3.DatabaseError as error:
            self.close()
            raise ValueError(f"{name} {_NO_STORE} ({error})") from None
        except ValueError:
            self.close()
            raise

    def _prepare(self, name: str, schema: Iterable[str]) -> None:
        self.execute("PRAGMA locking_mode = EXCLUSIVE")  # two processes would mix their records
        found, version, tables = (
            self.query(pragma)[0][0]
            for pragma in (
                "PRAGMA application_id",
                "PRAGMA user_version",
                "SELECT COUNT(*) FROM sqlite_master",
            )
        )
        if tables and found != _APPLICATION:
            raise ValueError(f"{name} {_NO_STORE}")
        if tables and version != _VERSION:
            raise ValueError(f"{name} has tables of version {version}; expected {_VERSION}")
        self.execute("PRAGMA journal_mode = WAL")
        # What is committed is handed to the operating system, so it outlives a kill of this
        # process.  A loss of power may take the latest commits along, whole ones only.
        self.execute("PRAGMA synchronous = NORMAL")
        with self.transaction():
            # Takes the lock at once, so that a second process learns of the first at its start.
            self.execute(f"PRAGMA application_id = {_APPLICATION}")
            self.execute(f"PRAGMA user_version = {_VERSION}")
            for statement in () if tables else schema:
                self.execute(statement)

    def execute(self, statement: str, values: Iterable[Any] = ()) -> sqlite3.Cursor:
        """Run a statement that changes something; outside a transaction it is one by itself."""
        cursor = self._open.execute(statement, tuple(values))
        cursor.fetchall()  # a pragma answers, and is in the way of a commit until it is read
        return cursor

    def query(self, statement: str, values: Iterable[Any] = ()) -> list[Any]:
        """Return what a statement finds, as tuples."""
        return self._open.execute(statement, tuple(values)).fetchall()

    def stream(self, statement: str, values: Iterable[Any] = ()) -> Iterator[Any]:
        """Yield what a statement finds, tuple by tuple, without holding all of it."""
        cursor = self._open.execute(statement, tuple(values))
        try:
            yield from cursor
        finally:
            cursor.close()

    def execute_each(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> int:
        """Run one statement for every row of values, and return for how many."""
        with self.transaction():
            return self._open.executemany(statement, rows).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do everything inside or, when it raises, nothing; within another it is part of that."""
        with self._lock:
            if self._open.in_transaction:
                yield
                return
            self._begin()
            try:
                yield
                self.execute("COMMIT")
            except BaseException as error:
                self._roll_back()
                # A change that the database refused (a full disk) may be in memory already.
                if self._open.total_changes != self._before or isinstance(error, sqlite3.Error):
                    for undo in self._undo:
                        undo()
                raise

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Keep what the transaction did so far, and let others have theirs meanwhile."""
        self.execute("COMMIT")
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()
            self._begin()

    def _begin(self) -> None:
        self._before = self._open.total_changes
        self.execute("BEGIN")

    def _roll_back(self) -> None:
        if self._open.in_transaction:  # some errors end it
            self.execute("ROLLBACK")

    def when_undone(self, undo: Callable[[], None]) -> None:
        """Call `undo` after changes were taken back, to read again what memory has of them."""
        self._undo.append(undo)

    def copy_to(self, other: Database) -> None:
        """Overwrite `other` with everything that is here."""
        with self._lock:
            self._open.backup(other._open)


def _own_file(path: str | os.PathLike[str]) -> str:
    """Return the absolute path of a file that only its owner may read; made when absent."""
    name = os.path.abspath(os.fspath(path))
    # A file that is there is not opened: closing it would drop the lock that a cloud of this very
    # process may hold on it.
    with suppress(FileExistsError):
        os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    status = os.stat(name)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(f"{name} is no ordinary file")
    if os.name == "posix" and status.st_mode & 0o077:
        # It holds the passwords' hashes and the key of all tokens; -wal and -shm follow its mode.
        if status.st_size:
            raise PermissionError(f"others may read {name}; run: chmod 600 {name}")
        Path(name).chmod(0o600)
    return name
