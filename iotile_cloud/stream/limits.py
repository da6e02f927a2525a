"""Checks what a download may use: how many requests at a time, and how many seconds in all.  Pure.

Does not know what they are used for.
"""

from __future__ import annotations

from math import inf
from numbers import Real
from typing import Any

__all__ = ["checked_deadline", "checked_workers"]


def checked_workers(workers: int | None) -> int | None:
    """Return `workers` when it is a number of threads, or None.

    Raises:
        ValueError: it is neither.
    """
    if workers is not None and (type(workers) is not int or workers < 1):
        raise ValueError(f"workers must be a whole number from 1 on, or None, not {workers!r}")
    return workers


def checked_deadline(deadline: Any) -> float | None:
    """Return `deadline` when it is a number of seconds, or None.

    Raises:
        ValueError: it is neither.
    """
    good = isinstance(deadline, Real) and not isinstance(deadline, bool)
    if deadline is not None and not (good and 0 < deadline < inf):
        raise ValueError(f"deadline must be seconds, more than 0, or None, not {deadline!r}")
    seconds: float | None = deadline
    return seconds
