"""Counts what a download costs and watches its limits; becomes the receipt in the end.

Safe to use from the threads of one download.  Knows nothing of queries or of what rows hold.
"""

from __future__ import annotations

import threading
import time
from typing import Callable, Optional

from ..api.exceptions import PartialDataError
from .receipt import Receipt

__all__ = ["Meter", "Progress"]

Progress = Callable[[int, Optional[int]], object]


class Meter:
    """The running account of one download.

    Args:
        deadline: seconds from now until it must be over, None for no limit.
        progress: called with the rows received and the rows expected (None: not known).
        clock: returns seconds; tests put their own here.
    """

    def __init__(
        self,
        deadline: float | None = None,
        progress: Progress | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._end = None if deadline is None else clock() + deadline
        self._deadline = deadline
        self._progress = progress
        self._lock = threading.Lock()
        self._first: str | None = None
        self._last: str | None = None
        self.expected: int | None = None
        self.received = 0
        self.undated = 0
        self.requests = 0
        self.retries = 0
        self.how = ""

    def left(self) -> float | None:
        """Return the seconds until the deadline, None without one.

        Raises:
            PartialDataError: it is over.
        """
        if self._end is None:
            return None
        left = self._end - self._clock()
        if left <= 0:
            text = f"the deadline of {self._deadline} s is over; {self.received} rows came before"
            raise PartialDataError(text, expected=self.expected, received=self.received)
        return left

    def asked(self, retries: int) -> None:
        """Note one request and its repetitions."""
        with self._lock:
            self.requests += 1
            self.retries += retries

    def add(self, other: Receipt) -> None:
        """Note what a download cost that was made for the sake of this one."""
        with self._lock:
            self.requests += other.requests
            self.retries += other.retries

    def got(self, rows: int, first: str | None, last: str | None, undated: int) -> None:
        """Note the next piece: its rows, their first and last time, how many have none."""
        self.received += rows
        self.undated += undated
        self._first = min(filter(None, (self._first, first)), key=_order, default=None)
        self._last = max(filter(None, (self._last, last)), key=_order, default=None)
        if self._progress:
            self._progress(self.received, self.expected)

    def receipt(self, complete: bool) -> Receipt:
        """Return the account as it stands."""
        return Receipt(
            expected=self.expected,
            received=self.received,
            nulls=self.undated,
            first=self._first,
            last=self._last,
            requests=self.requests,
            retries=self.retries,
            moved=self.expected is not None and self.received > self.expected,
            how=self.how,
            complete=complete,
        )


def _order(time: str) -> str:
    # A fraction sorts after its whole second only when the zone is not in the way.
    return time.rstrip("Z")
