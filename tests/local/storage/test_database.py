"""A database file is safe: whole transactions, one owner, nobody else's file."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest

from iotile_cloud.local.storage.database import Database

SCHEMA = ("CREATE TABLE thing (number INTEGER)",)
posix_only = pytest.mark.skipif(os.name == "nt", reason="modes are another matter there")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cloud.db"


@pytest.fixture
def database(path):
    opened = Database(path, SCHEMA)
    yield opened
    opened.close()


def count(database):
    return database.query("SELECT COUNT(*) FROM thing")[0][0]


def fail_after(database, *statements):
    with database.transaction():
        for statement in statements:
            database.execute(statement)
        raise KeyError("x")


def add(database):
    database.execute("INSERT INTO thing VALUES (1)")


def test_transaction_is_whole(database):
    """What raises inside a transaction takes everything back."""
    add(database)

    def fail():
        with database.transaction():
            add(database)
            with database.transaction():
                add(database)
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    assert count(database) == 1


def test_undoing_is_told(database):
    """Memory hears of changes that were taken back, and not of reads that failed."""
    undone = []
    database.when_undone(lambda: undone.append(True))
    for statement in ("SELECT 1", "INSERT INTO thing VALUES (1)"):
        with pytest.raises(KeyError):
            fail_after(database, statement)
    assert undone == [True]


def test_transactions_of_threads_take_turns(database):
    """Two threads never share a transaction."""
    inside, order = threading.Event(), []

    def other():
        inside.wait(5)
        with database.transaction():
            order.append("other")

    thread = threading.Thread(target=other)
    thread.start()
    with database.transaction():
        inside.set()
        thread.join(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]


@posix_only
def test_files_are_the_owners_alone(database, path):
    """The file, and the log beside it, can be read by nobody else."""
    add(database)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}
    assert len(list(path.parent.iterdir())) > 1


@posix_only
def test_readable_file_is_refused(database, path):
    """A store that others may read is not opened, and the error says what to do."""
    database.close()
    path.chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        Database(path, SCHEMA)


@posix_only
def test_empty_file_becomes_private(path):
    """An empty file is a new store, whatever its mode was."""
    path.touch(0o644)
    Database(path, SCHEMA).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_file_in_use_is_refused(database, path):
    """A second cloud on the same file is told so."""
    with pytest.raises(OSError, match="in use"):
        Database(path, SCHEMA)
    assert database


def foreign(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE other (x)")
    connection.close()


def newer(path):
    Database(path, SCHEMA).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_bytes(b"x" * 5000), "is not a database of the embedded cloud"),
        (lambda path: path.write_text("hello"), "is not a database of the embedded cloud"),
        (foreign, "is not a database of the embedded cloud"),
        (newer, "tables of version 99; expected 1"),
    ],
)
def test_other_files_are_refused_untouched(path, make, words):
    """A file that is something else stays as it is, and the error says what it is not."""
    path.touch(0o600)
    make(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=words):
        Database(path, SCHEMA)
    assert path.read_bytes() == before


def test_folder_is_refused(tmp_path):
    """A folder is no file, and one that is absent is not made."""
    for path in (tmp_path, tmp_path / "absent" / "cloud.db"):
        with pytest.raises(OSError, match=path.name):
            Database(path, SCHEMA)


def test_strange_name_is_a_file(tmp_path, monkeypatch):
    """A name that means something else to SQLite is a file here."""
    monkeypatch.chdir(tmp_path)
    Database(":memory:", SCHEMA).close()
    assert (tmp_path / ":memory:").is_file()


def test_refused_opening_keeps_the_lock(database, path):
    """After a second cloud in this process was refused, one in another process is so as well."""
    with pytest.raises(OSError, match="in use"):
        Database(path, SCHEMA)
    module = "iotile_cloud.local.storage.database"
    code = f"import sys\nfrom {module} import Database\nDatabase(sys.argv[1], ())"
    other = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert database
    assert "in use" in other.stderr


def test_what_is_no_file_is_refused(tmp_path):
    """A folder is no database."""
    with pytest.raises(OSError, match="no ordinary file"):
        Database(tmp_path, SCHEMA)


def test_change_that_a_full_disk_refuses_is_told(database):
    """Memory hears of a change that was not made, since it may have made it already."""
    undone = []
    database.when_undone(lambda: undone.append(True))
    pages = database.query("PRAGMA page_count")[0][0]
    database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        database.execute_each("INSERT INTO thing VALUES (?)", [(n,) for n in range(9999)])
    assert undone == [True]


def add_whole(database):
    with database.transaction():
        add(database)


def pause_and_fail(database):
    """Add one row, another in a thread during the pause, and one before all fails."""
    with database.transaction():
        add(database)
        with database.pause():
            thread = threading.Thread(target=add_whole, args=[database])
            thread.start()
            thread.join(5)
        add(database)
        raise KeyError("x")


def test_pause_lets_others_have_the_database(database):
    """What came before a pause is kept, what comes after it is a transaction of its own."""
    with pytest.raises(KeyError):
        pause_and_fail(database)
    assert count(database) == 2
