"""Rows that share one instant (or have none) and do not fit a page of `/stream/<slug>/data/`.

No window is smaller than they are.  `/data/` tells them apart by their ids, but lacks what is
shown in the stream's unit; the pages of the stream show that, some rows twice and some not at
all.  So the one says how often each row is there, the other what it looks like.
Knows nothing of sockets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ..api.exceptions import PartialDataError

__all__ = ["as_shown"]

_SAME = ("timestamp", "type", "int_value", "value", "streamer_local_id")


def _mark(row: Any) -> tuple[Any, ...]:
    return tuple(row[name] for name in _SAME)


def as_shown(stored: Iterable[Any], shown: Iterator[list[Any]]) -> list[Any]:
    """Return the `stored` rows as they are shown.

    Args:
        stored: rows of `/data/`, each once.
        shown: pages of the stream, as often as it takes.

    Raises:
        PartialDataError: some row was on no page.

    >>> row = {"timestamp": None, "type": "Num", "int_value": 1, "value": 1.0}
    >>> stored = [{**row, "streamer_local_id": 0}] * 2
    >>> as_shown(stored, iter([[{**stored[0], "output_value": 5.0}]]))[1]["output_value"]
    5.0
    """
    wanted = Counter(map(_mark, stored))
    looks: dict[tuple[Any, ...], Any] = {}
    for page in shown if wanted else ():
        looks.update((_mark(row), row) for row in page if _mark(row) in wanted)
        if len(looks) == len(wanted):
            break
    missing = sum(count for mark, count in wanted.items() if mark not in looks)
    if missing:
        text = f"{missing} of {sum(wanted.values())} rows of one instant were on no page"
        raise PartialDataError(text, expected=sum(wanted.values()))
    return [dict(looks[mark]) for mark, count in wanted.items() for _ in range(count)]
