"""Waiting that ends: pauses that grow, within a limit.  Knows not what is waited for."""

from __future__ import annotations

from math import isfinite
from typing import Callable

__all__ = ["Waiting"]

_FIRST = 0.25  # seconds; doubled for each further pause
_LONGEST = 8.0


class Waiting:
    """Pauses that are together no longer than `limit` seconds.

    Args:
        limit: in seconds; 0 is no pause at all.
        sleep, clock: waiting, and a monotonic clock in seconds.

    Raises:
        ValueError: `limit` is no such number: a wait has to end.

    >>> slept = []
    >>> waiting = Waiting(2.0, slept.append, lambda: 0.0)
    >>> while waiting.pause():
    ...     pass
    >>> slept
    [0.25, 0.5, 1.0, 0.25]
    """

    def __init__(
        self, limit: float, sleep: Callable[[float], object], clock: Callable[[], float]
    ) -> None:
        if not (isinstance(limit, (int, float)) and isfinite(limit) and limit >= 0):
            raise ValueError(f"wait must be a number of seconds from 0 on, not {limit!r}")
        self._limit, self._sleep, self._clock = limit, sleep, clock
        self.restart()

    def restart(self) -> None:
        """Begin anew, with the whole limit and short pauses."""
        self._end = self._clock() + self._limit
        self._left = float(self._limit)
        self._step = _FIRST

    def pause(self, asked: float | None = None) -> bool:
        """Pause, and tell whether there was time for it.

        Args:
            asked: seconds that the pause has to last; it is not made when that is too long.
        """
        # Also what was slept counts: so it ends with a clock that stands still.
        left = min(self._left, self._end - self._clock())
        if left <= 0 or (asked or 0.0) > left:
            return False
        wait = min(max(self._step, asked or 0.0), left)
        self._sleep(wait)
        self._left -= wait
        self._step = min(2 * self._step, _LONGEST)
        return True
