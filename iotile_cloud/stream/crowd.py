"""Rows that share one instant (or have none) and do not fit a page of `/stream/<slug>/data/`.

No window is smaller than they are.  `/data/` tells them apart by their ids, but lacks what is
shown in the stream's unit; the pages of the stream show that, some rows twice and some not at
all.  So the one says which rows there are, the other what a value looks like.
Knows nothing of sockets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..api.exceptions import HttpUnexpectedReplyError, PartialDataError

__all__ = ["as_shown"]

_OWN = ("timestamp", "streamer_local_id")
_LOOK = ("type", "int_value", "value")  # what decides how a row is shown in the stream's unit


def _look(row: Any) -> tuple[Any, ...]:
    if not isinstance(row, dict):
        raise HttpUnexpectedReplyError(f"a reading should be a JSON object, not {row!r:.200}")
    return tuple(row.get(name) for name in _LOOK)


def as_shown(stored: Iterable[Any], shown: Iterator[list[Any]]) -> list[Any]:
    """Return the `stored` rows as they are shown.

    Args:
        stored: rows of `/data/`, each once.
        shown: pages of the stream, as often as it takes.

    Raises:
        PartialDataError: some value was on no page.

    >>> row = {"timestamp": None, "type": "Num", "int_value": 1, "value": 1.0}
    >>> stored = [{**row, "streamer_local_id": number} for number in (3, 4)]
    >>> as_shown(stored, iter([[{**stored[0], "output_value": 5.0}]]))[1]["output_value"]
    5.0
    """
    stored = list(stored)
    missing = set(map(_look, stored))
    looks: dict[tuple[Any, ...], Any] = {}
    for page in shown if missing else ():
        looks.update((look, row) for row in page if (look := _look(row)) in missing)
        missing -= looks.keys()
        if not missing:
            break
    if missing:
        lost = sum(_look(row) in missing for row in stored)
        text = f"{lost} of {len(stored)} rows of one instant have values that were on no page"
        raise PartialDataError(text, expected=len(stored))
    return [{**looks[_look(row)], **{name: row[name] for name in _OWN}} for row in stored]
