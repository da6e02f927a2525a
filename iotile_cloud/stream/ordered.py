"""Work in order: parts are read by several threads, and what they bring comes out in sequence.

A part brings rows, and perhaps more parts, which take its place.  Knows nothing of rows, windows
or requests.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Callable, Generic, TypeVar

__all__ = ["Brought", "in_order"]

Part = TypeVar("Part")
Rows = TypeVar("Rows")


class Brought(Generic[Part, Rows]):
    """What a part brought: rows (None: none), and the parts that hold the rest, in order."""

    def __init__(self, rows: Rows | None, rest: Iterable[Part] = ()) -> None:
        self.rows = rows
        self.rest = tuple(rest)


Read = Callable[[Part], Brought[Part, Rows]]


def in_order(
    parts: Iterable[Part], read: Read[Part, Rows], workers: int
) -> Generator[Rows, None, None]:
    """Yield the rows of `parts`, in the order of the parts, whichever is read first.

    Args:
        read: reads one part; called in threads of a pool when there are several workers.
        workers: how many parts are read at the same time, or have been read and are not yet due.

    >>> def halves(part):
    ...     low, high = part
    ...     if high - low < 2:
    ...         return Brought([low])
    ...     return Brought(None, [(low, (low + high) // 2), ((low + high) // 2, high)])
    >>> [row for rows in in_order([(0, 5)], halves, 3) for row in rows]
    [0, 1, 2, 3, 4]
    """
    if workers < 2:
        yield from _one_by_one(parts, read)
        return
    pool, patient = ThreadPoolExecutor(workers, "iotile-cloud-download"), True
    queue: deque[_Slot[Part, Rows]] = deque(_Slot(part) for part in parts)
    try:
        while queue:
            _start(queue, read, workers, pool)
            head = queue[0].future
            brought = head.result() if head else Brought[Part, Rows](None)
            queue.popleft()
            queue.extendleft(_Slot(part) for part in reversed(brought.rest))
            if brought.rows is not None:
                yield brought.rows
    except KeyboardInterrupt:  # who interrupts does not want to wait for what is being read
        patient = False
        raise
    finally:
        with suppress(RuntimeError):  # garbage may be collected in one of these very threads
            pool.shutdown(patient, cancel_futures=True)


class _Slot(Generic[Part, Rows]):
    """A place in the sequence: a part, and its reading once that has begun."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.future: Future[Brought[Part, Rows]] | None = None


def _start(
    queue: deque[_Slot[Part, Rows]], read: Read[Part, Rows], workers: int, pool: ThreadPoolExecutor
) -> None:
    """Begin to read the first parts, as many as there are workers."""
    for number, slot in enumerate(queue):
        if number >= workers:
            break
        if slot.future is None:
            # The context goes along: it collects what had to be repeated.
            slot.future = pool.submit(copy_context().run, read, slot.part)


def _one_by_one(parts: Iterable[Part], read: Read[Part, Rows]) -> Iterator[Rows]:
    stack = list(parts)[::-1]
    while stack:
        brought = read(stack.pop())
        stack.extend(reversed(brought.rest))
        if brought.rows is not None:
            yield brought.rows
