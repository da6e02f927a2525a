"""Tests for iotile_cloud.stream.ordered."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from iotile_cloud.stream.ordered import Brought, in_order


def test_parts_come_in_order_whichever_is_read_first():
    """What is read early waits until what stands before it has come."""
    second_is_read = threading.Event()

    def read(part):
        if part == 1:
            assert second_is_read.wait(10)
        else:
            second_is_read.set()
        return Brought(part)

    assert list(in_order([1, 2], read, 2)) == [1, 2]


@pytest.mark.parametrize("workers", [1, 3])
def test_what_a_part_brings_takes_its_place(workers):
    """The rest of a part comes before the parts behind it."""

    def read(part):
        return Brought(part, [part + 1] if part % 10 < 2 else [])

    assert list(in_order([10, 20], read, workers)) == [10, 11, 12, 20, 21, 22]


def test_an_interrupt_does_not_wait_for_what_is_being_read():
    """Who presses Ctrl-C gets the interpreter back, although a server is slow to answer."""
    release = threading.Event()

    def read(part):
        if part == 2:
            release.wait(10)
            return Brought(part)
        raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            list(in_order([1, 2], read, 2))
        assert not release.is_set()
        assert any(one.name.startswith("iotile-cloud-download") for one in threading.enumerate())
    finally:
        release.set()


def test_a_reader_that_stops_early_leaves_no_thread():
    """When the generator is closed, what was being read has ended."""
    before = set(threading.enumerate())
    rows = in_order(range(9), Brought, 3)
    next(rows)
    rows.close()
    assert set(threading.enumerate()) <= before


def test_it_can_be_closed_by_one_of_its_own_threads():
    """Garbage is collected in any thread, and a thread cannot wait for its own end."""
    given, closed = threading.Event(), threading.Event()
    failures = []

    def read(part):
        if part:
            assert given.wait(10)
            try:
                rows.close()
            except RuntimeError as error:
                failures.append(error)
            closed.set()
        return Brought(part)

    rows = in_order([0, 1], read, 2)
    assert next(rows) == 0
    given.set()
    assert closed.wait(10)
    assert not failures


@pytest.mark.parametrize("workers", [1, 3])
def test_parts_are_asked_for_as_they_are_needed(workers):
    """No more parts are taken than are being read, or are read and not yet due."""
    taken = []
    rows = in_order((taken.append(at) or at for at in range(100)), Brought, workers)
    assert [next(rows) for _ in range(4)] == [0, 1, 2, 3]
    assert len(taken) <= 4 + workers
    rows.close()


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_of_the_parts_comes_in_its_turn(workers):
    """What stands before it comes first, also where it has only begun to be read."""

    def parts():
        yield from (1, 2)
        raise ValueError("no more")

    rows = in_order(parts(), Brought, workers)
    assert [next(rows), next(rows)] == [1, 2]
    with pytest.raises(ValueError, match="no more"):
        next(rows)


def test_an_interrupted_process_ends_although_a_server_is_silent():
    """No thread keeps the interpreter from its end."""
    script = """
import subprocess
import sys
import threading
from iotile_cloud.stream.ordered import in_order

def read(part):
    if part:
        threading.Event().wait(60)
    raise KeyboardInterrupt

list(in_order([0, 1], read, 2))
"""
    ended = subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE, timeout=30)
    assert ended.stderr.rstrip().endswith(b"KeyboardInterrupt")
