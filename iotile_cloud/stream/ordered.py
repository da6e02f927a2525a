"""Work in order: parts are read by several threads, and what they bring comes out in sequence.

A part brings rows, and perhaps more parts, which take its place.  Knows nothing of rows, windows
or requests.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from contextvars import Context, copy_context
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Thread, current_thread
from typing import Any, Callable, Generic, TypeVar

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
        parts: asked for only as they are needed, in the thread that reads the rows; an error that
            they raise comes after all that stands before it.
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
    pool, patient = _Pool(read, workers), True
    queue: deque[_Slot[Part, Rows]] = deque()
    source = _slots(parts)
    try:
        while True:
            queue.extend(islice(source, max(0, workers - len(queue))))
            if not queue:
                break
            for slot in islice(queue, workers):
                slot.future = slot.future or pool.begin(slot.part)
            brought = queue[0].future.result()
            queue.popleft()
            queue.extendleft(_Slot(part) for part in reversed(brought.rest))
            if brought.rows is not None:
                yield brought.rows
    except KeyboardInterrupt:  # who interrupts does not want to wait for what is being read
        patient = False
        raise
    finally:
        pool.end(patient)


class _Slot(Generic[Part, Rows]):
    """A place in the sequence: a part, and its reading once that has begun."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.future: Any = None


def _slots(parts: Iterable[Part]) -> Iterator[_Slot[Part, Any]]:
    """Yield a place for each part, and one in which the error of `parts` waits for its turn."""
    try:
        yield from map(_Slot, parts)
    except Exception as error:
        failed: Any = _Slot(None)
        failed.future = Future()
        failed.future.set_exception(error)
        yield failed


class _Pool(Generic[Part, Rows]):
    """Threads that read parts, and do not keep a process that was interrupted from its end."""

    def __init__(self, read: Read[Part, Rows], workers: int) -> None:
        self._read, self._workers = read, workers
        self._tasks: SimpleQueue[tuple[Future[Any], Context, Part] | None] = SimpleQueue()
        self._threads: list[Thread] = []

    def begin(self, part: Part) -> Future[Brought[Part, Rows]]:
        """Let a part be read as soon as a thread is free."""
        future: Future[Brought[Part, Rows]] = Future()
        # The context goes along: it collects what had to be repeated.
        self._tasks.put((future, copy_context(), part))
        if len(self._threads) < self._workers:
            name = f"iotile-cloud-download_{len(self._threads)}"
            self._threads.append(Thread(target=self._work, name=name, daemon=True))
            self._threads[-1].start()
        return future

    def end(self, patient: bool) -> None:
        """Read nothing more; whoever is patient waits for what is being read."""
        while not self._tasks.empty():
            with suppress(Empty):  # a thread may be faster
                self._tasks.get_nowait()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            # Garbage may be collected in one of these very threads.
            if patient and thread is not current_thread():
                thread.join()

    def _work(self) -> None:
        while True:
            task = self._tasks.get()
            if task is None:
                return
            future, context, part = task
            try:
                future.set_result(context.run(self._read, part))
            except BaseException as error:
                future.set_exception(error)
            del task, future, context, part  # what was brought is held by nobody else


def _one_by_one(parts: Iterable[Part], read: Read[Part, Rows]) -> Iterator[Rows]:
    for part in parts:
        stack = [part]
        while stack:
            brought = read(stack.pop())
            stack.extend(reversed(brought.rest))
            if brought.rows is not None:
                yield brought.rows
