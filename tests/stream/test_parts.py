"""A stream of many on its way: what it brings at a time, and how it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from iotile_cloud.stream.parts import Part


def test_stream_that_a_thread_reads_can_be_left() -> None:
    """Who was interrupted leaves a download that a thread is still at, and hears no complaint."""
    begun, over = threading.Event(), threading.Event()

    def pieces() -> Iterator[list[int]]:
        begun.set()
        over.wait(10)
        yield [1]

    part: Part[list[int]] = Part("s--1")
    part.pieces = pieces()
    thread = threading.Thread(target=next, args=(part.pieces,))
    thread.start()
    begun.wait(10)
    part.close()
    over.set()
    thread.join()
    assert next(part.pieces, None) is None


def test_stream_that_nobody_reads_is_closed() -> None:
    """What a download holds is let go of when it is left in the middle."""
    let_go = []

    def pieces() -> Iterator[list[int]]:
        try:
            yield [1]
        finally:
            let_go.append(True)

    part: Part[list[int]] = Part("s--1")
    part.pieces = pieces()
    next(part.pieces)
    part.close()
    assert let_go == [True]
