"""Shows how far a download is: a bar on a terminal where tqdm is installed, or a caller's function.

Knows numbers of rows only.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Union

from .meter import Progress

__all__ = ["Wish", "checked_progress", "shown"]

Wish = Union[Progress, bool, None]
"""None: a bar on a terminal; False: nothing; or what is called."""


def checked_progress(progress: Any) -> Wish:
    """Return `progress` when it is None, False or can be called.

    Raises:
        TypeError: it is something else.

    >>> checked_progress(1)
    Traceback (most recent call last):
        ...
    TypeError: progress must be None, False or a function of (received, expected), not 1
    """
    if progress is None or progress is False or callable(progress):
        wish: Wish = progress
        return wish
    text = "progress must be None, False or a function of (received, expected)"
    raise TypeError(f"{text}, not {progress!r}")


@contextmanager
def shown(wish: Wish, unit: str = " rows") -> Iterator[Progress | None]:
    """Give what is to be called with the rows received and the rows expected, None for nothing.

    A bar goes to standard error when more than the first piece is to come, and away again in the
    end; `unit` is what it counts.
    """
    if callable(wish):
        yield wish
        return
    bars = _bars() if wish is None else None
    if bars is None:
        yield None
        return
    bar: Any = None

    def progress(received: int, expected: int | None) -> None:
        nonlocal bar
        if bar is None and received != expected:
            look = {"unit": unit, "unit_scale": True, "leave": False, "dynamic_ncols": True}
            bar = bars(total=expected, **look)
        if bar is not None:
            bar.total = expected
            bar.update(received - bar.n)

    try:
        yield progress
    finally:
        if bar is not None:
            bar.close()


def _bars() -> Any:
    """Return what makes a bar; None where there is no terminal or no tqdm."""
    if not (sys.stderr and sys.stderr.isatty()):
        return None
    try:
        return import_module("tqdm").tqdm
    except ImportError:
        return None
