"""How values look in a terminal of some width: listings as tables, objects as lines.  Pure.

A table has the columns that fit, the telling ones first; a cell that is cut ends in `...`.  What
was left out is kept, so that the caller can say so.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..utils.basic import utc_text

__all__ = ["Layout", "cell", "record", "rows_of"]

_GAP = "  "
_CUT = "..."
_WIDEST = 40  # cells of a text column
_WIDEST_NESTED = 20
_SAMPLE = 1000  # rows that decide on the widths
_FIRST = ("slug", "name", "label", "timestamp")  # by these people know what a row is
_EMPTY: tuple[Any, ...] = (None, "", [], {})
_LONG = 30  # longer ones, mostly UUIDs, take the room of others
_NARROWEST = 20  # a terminal that says less is not believed


def rows_of(value: Any) -> list[Any] | None:
    """Return the rows of a listing: a page of the server, or a list; None for anything else.

    >>> rows_of({"count": 1, "results": [{"id": 1}]}), rows_of({"id": 1})
    ([{'id': 1}], None)
    """
    if isinstance(value, Mapping):
        value = value.get("results")
    return value if isinstance(value, list) else None


def cell(value: Any) -> str:
    """Return a value as one line of printable text; None is a dash, what is nested is JSON.

    >>> [cell(value) for value in (None, True, 1.5, "a\\nb", {"m": 1})]
    ['-', 'true', '1.5', 'a\\\\nb', '{"m":1}']
    """
    if value is None:
        return "-"
    if isinstance(value, datetime):
        value = utc_text(value)
    elif isinstance(value, (bool, list, Mapping)):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    text = str(value)
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


@dataclass
class Layout:
    """The columns of a table.

    Attributes:
        names: the keys that are shown.
        widths: of each, in places of the terminal.
        right: whether each stands at the right, as numbers do.
        left_out: the keys without room.
        shortened: whether any cell was cut so far.
    """

    names: list[str]
    widths: list[int]
    right: list[bool]
    left_out: list[str]
    shortened: bool = False

    @classmethod
    def of(cls, rows: Sequence[Any], width: int) -> Layout:
        """Return the layout for rows like these in a terminal of `width` places.

        >>> layout = Layout.of([{"id": 1, "slug": "d--1"}, {"id": 12, "slug": "d--2"}], 80)
        >>> print(layout.head(), layout.line({"id": 1, "slug": "d--1"}), sep="\\n")
        slug  id
        d--1   1
        """
        width = max(width, _NARROWEST)
        sample = [_fields(row) for row in rows[:_SAMPLE]]
        layout = cls([], [], [], [])
        room = width
        for name in _in_order(sample):
            values = [row[name] for row in sample if row.get(name) is not None]
            needed = min(_needed(name, values), width)
            tells = any(value not in _EMPTY for value in values) or not layout.left_out
            if (needed <= room and tells) or not layout.names:
                layout.names.append(name)
                layout.widths.append(needed)
                layout.right.append(bool(values) and all(map(_is_number, values)))
                room -= needed + len(_GAP)
            else:
                layout.left_out.append(name)
        return layout

    def head(self) -> str:
        """Return the line of titles."""
        return self._line(cell(name) for name in self.names)

    def line(self, row: Any) -> str:
        """Return the line of `row`; keys that came up later than the sample have no column."""
        fields = _fields(row)
        for name in fields:
            if name not in self.names and name not in self.left_out:
                self.left_out.append(name)
        return self._line(cell(fields[name]) if name in fields else "" for name in self.names)

    def _line(self, cells: Iterable[str]) -> str:
        return _GAP.join(map(self._fitted, cells, self.widths, self.right)).rstrip()

    def _fitted(self, text: str, width: int, right: bool) -> str:
        if places(text) > width:
            self.shortened = True
            text = shorten(text, width)
        padding = " " * (width - places(text))
        return padding + text if right else text + padding


def record(value: Mapping[str, Any], width: int) -> tuple[str, bool]:
    """Return an object as lines of key and value, and whether anything nested was cut.

    Text is wrapped and so is shown whole; what is nested gets one line.

    >>> print(record({"slug": "d--1", "unit": {"m": 1, "d": 10}}, 80)[0])
    slug  d--1
    unit  {"m":1,"d":10}
    """
    margin = max(map(places, map(cell, value)), default=0)
    room = max(width - margin - len(_GAP), _NARROWEST)
    lines, cut = [], False
    for name, item in value.items():
        text = cell(item)
        if isinstance(item, (list, Mapping)) and places(text) > room:
            text, cut = shorten(text, room), True
        title = cell(name)
        for part in _wrapped(text, room):
            lines.append((title + " " * (margin - places(title)) + _GAP + part).rstrip())
            title = ""
    return "\n".join(lines), cut


def places(text: str) -> int:
    """Return how many places of a terminal a printable text takes.

    >>> places("abc"), places("水")
    (3, 2)
    """
    if text.isascii():
        return len(text)
    return sum(map(_places, text))


def shorten(text: str, width: int) -> str:
    """Return the beginning of a text that is too wide, with `...` behind it.

    >>> shorten("d--0000-0000-0000-2001", 10)
    'd--0000...'
    """
    return next(_wrapped(text, width - len(_CUT)), "") + _CUT[:width]


def _wrapped(text: str, width: int) -> Iterator[str]:
    part, taken = "", 0
    for letter in text:
        wide = _places(letter)
        if taken + wide > width:
            yield part
            part, taken = "", 0
        part, taken = part + letter, taken + wide
    yield part


def _places(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _fields(row: Any) -> Mapping[str, Any]:
    return row if isinstance(row, Mapping) else {"value": row}


def _in_order(sample: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return all keys: telling ones, short ones, long ones, nested ones, and always empty ones."""

    def rank(name: str) -> tuple[int, int]:
        values = [row[name] for row in sample if row.get(name) not in _EMPTY]
        if not values:
            return 4, 0
        if _is_nested(values):
            return 3, 0
        if name in _FIRST:
            return 0, _FIRST.index(name)
        return 1 + any(len(str(value)) > _LONG for value in values), 0

    return sorted(dict.fromkeys(name for row in sample for name in row), key=rank)


def _is_nested(values: Iterable[Any]) -> bool:
    return any(isinstance(value, (list, Mapping)) for value in values)


def _needed(name: str, values: Sequence[Any]) -> int:
    widest = max((places(cell(value)) for value in values), default=0)
    most = _WIDEST_NESTED if _is_nested(values) else _WIDEST
    return max(places(cell(name)), min(widest, most), len(cell(None)))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
