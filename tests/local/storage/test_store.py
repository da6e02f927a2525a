"""The store remembers: over a restart, over a kill, and not what was taken back."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from iotile_cloud.local.storage.rows import EVERYTHING, Piece
from iotile_cloud.local.storage.store import Store

OWNER = {"stream": "s-a", "project": "p", "device": "d", "variable": "v"}
READING = {
    **OWNER,
    "timestamp": 5,
    "device_timestamp": None,
    "streamer_local_id": 0,
    "dirty_ts": True,
    "status": "cln",
    "int_value": 7,
    "value": 7.5,
    "type": "ITR",
}
BULK = 40

# Writes without end: a record and a bulk of rows at a time, and tells of each that was kept.
WRITER = f"""
import sys
from iotile_cloud.local.storage.store import Store
store = Store(sys.argv[1])
row = {READING!r}
number = store.new_id("org")
while True:
    with store.transaction():
        store.put("org", {{"slug": f"org-{{number}}", "id": number}})
        store.readings.add_many({{**row, "streamer_local_id": number}} for _ in range({BULK}))
    print(number, flush=True)
    number = store.new_id("org")
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cloud.db"


@pytest.fixture
def open_store(path):
    """Opens the file once more, after closing what was open."""
    opened = []

    def again():
        for store in opened:
            store.close()
        opened.append(Store(path))
        return opened[-1]

    yield again
    for store in opened:
        store.close()


def test_everything_survives_a_restart(open_store):
    """Records, their order and numbers, rows, and the secret are there again."""
    store = open_store()
    for number in (3, 1, 2):
        store.put("org", {"slug": f"org-{number}", "id": number, "name": "\ud800"})
    store.put("org", {"slug": "org-1", "id": 1, "name": "new"})
    store.remove("org", store.get("org", "org-2"))
    reading = store.readings.add(READING)
    secret, last = store.secret, store.new_id("org")
    again = open_store()
    assert [org["slug"] for org in again.all("org")] == ["org-3", "org-1"]
    assert again.get("org", "org-1")["name"] == "new"
    assert again.get("org", "org-3")["name"] == "\ud800"
    assert list(again.readings.select([EVERYTHING])) == [reading]
    assert (again.secret, again.new_id("org")) == (secret, last + 1)


def test_numbered_records_survive_a_restart(open_store):
    """A record that is known by its number is found by it again."""
    open_store().put("note", {"id": 5})
    assert open_store().get("note", 5) == {"id": 5}


def test_kill_loses_nothing_and_halves_nothing(path, open_store):
    """Killed while it writes, a store has every write that was told of, and whole ones only."""
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            told = [int(writer.stdout.readline()) for _ in range(15)]
            writer.kill()
            told += [int(line) for line in writer.stdout if line.endswith("\n")]
        store = open_store()
        kept = {org["id"] for org in store.all("org")}
        assert kept >= set(told)
        counts = {}
        for row in store.readings.select([EVERYTHING]):
            counts[row["streamer_local_id"]] = counts.get(row["streamer_local_id"], 0) + 1
        assert counts == dict.fromkeys(kept, BULK)
        store.close()


def test_undone_transaction_leaves_no_trace():
    """Records, rows, owners and numbers of a transaction that raises are as before."""
    store = Store()
    store.put("org", {"slug": "a", "id": 1})
    store.put("org", {"slug": "b", "id": 2})

    def fail():
        with store.transaction():
            store.remove("org", store.get("org", "a"))
            store.put("org", {"slug": "b", "id": 2, "name": "new"})
            store.new_id("org")
            store.readings.add(READING)
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    assert list(store.all("org")) == [{"slug": "a", "id": 1}, {"slug": "b", "id": 2}]
    assert store.new_id("org") == 3
    assert len(store.readings.select([EVERYTHING])) == 0
    assert store.readings.get(store.readings.add(READING)["id"])["stream"] == "s-a"


def test_copy_goes_its_own_way():
    """A copy has everything, and neither sees what the other does next."""
    store = Store()
    store.put("org", {"slug": "a", "id": 1})
    store.readings.add(READING)
    twin = store.copy()
    twin.put("org", {"slug": "b", "id": 2})
    twin.get("org", "a")["name"] = "changed"
    twin.readings.add({**READING, "stream": "s-b"})
    assert twin.secret == store.secret
    assert list(store.all("org")) == [{"slug": "a", "id": 1}]
    counts = [s.readings.counts("device", "d") for s in (store, twin)]
    assert counts == [{"s-a": 1}, {"s-a": 1, "s-b": 1}]


def test_rows_move_with_their_stream(open_store):
    """Rows that move are found by their new names, and new ones start anew under the old."""
    store = open_store()
    store.readings.add(READING)
    store.move("device", "d", lambda owner: {**owner, "stream": "s-x", "device": "b"})
    store.readings.add(READING)
    for again in (store.copy(), open_store()):
        found = [again.readings.select([Piece("device", slug)]) for slug in ("b", "d")]
        assert [[row["stream"] for row in rows] for rows in found] == [["s-x"], ["s-a"]]


def test_emptiness():
    """A store with a secret and nothing else is empty."""
    store = Store()
    assert store.secret
    assert store.is_empty
    store.put("org", {"slug": "a"})
    assert not store.is_empty


@pytest.mark.parametrize("body", ["{oops", "[]", "{}"])
def test_damaged_record_is_told(path, body):
    """A file whose records cannot be read is refused by name, and let go of."""
    Store(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE record SET body = ?", [body])
    for _ in range(2):
        with pytest.raises(ValueError, match=r"cloud\.db is damaged"):
            Store(path)
