"""Events as frames and CSV: what devices put into `extra_data` becomes a column for each name.

The name of such a column is the way to it: `extra_data.peak`, `extra_data.axes.x`.  Which columns
there are, and of what kind, hangs on what came.  Knows nothing of downloads or places of files.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Any

from ..api.exceptions import HttpUnexpectedReplyError
from ..utils._extras import needed
from .columns import Columns
from .files import json_lines
from .frames import data_frame

__all__ = ["event_frame", "spread", "write_event_csv"]

EXTRA = "extra_data"
_INTEGERS, _WHOLE = 2**63, 2**53  # beyond the one no Int64 goes, beyond the other no double counts


def spread(event: Any) -> dict[str, Any]:
    """Return what the `extra_data` of an event holds, by names; lists stay as they are.

    Raises:
        HttpUnexpectedReplyError: this is no event.

    >>> spread({"extra_data": {"peak": 3.5, "at": {"x": 1, "a.b": [2, 3]}}})
    {'extra_data.peak': 3.5, 'extra_data.at.x': 1, 'extra_data.at."a.b"': [2, 3]}
    """
    extra = event.get(EXTRA) if isinstance(event, dict) else event
    if not isinstance(event, dict) or not isinstance(extra, (dict, type(None))):
        text = f"an event should be a JSON object, and so its {EXTRA}, not {event!r:.200}"
        raise HttpUnexpectedReplyError(text)
    found: dict[str, Any] = {}
    stack = [(EXTRA, extra or {})]
    while stack:
        name, value = stack.pop()
        if isinstance(value, dict) and (value or name == EXTRA):
            inner = [(f"{name}.{_segment(key)}", one) for key, one in value.items()]
            stack.extend(reversed(inner))
        else:
            found[name] = value
    return found


def _segment(key: str) -> str:
    """Return a name within an object, quoted where it could be taken for a way."""
    return key if key and not set('."') & set(key) else json.dumps(key)


def event_frame(
    events: Sequence[Any], names: Sequence[str], tz: Any, about: Mapping[str, Any]
) -> Any:
    """Return events as a DataFrame by `timestamp`.

    Args:
        names: the columns; `extra_data` stands for all that it holds.
        tz, about: as for `data_frame`.
    """
    pandas = needed("pandas", "frames")
    plain = [name for name in names if name != EXTRA]
    frame = data_frame(Columns.of(events, plain), tz, {})
    if EXTRA in names:
        ones = [spread(event) for event in events]
        found = dict.fromkeys(name for one in ones for name in one)
        extra = {name: _array([one.get(name) for one in ones], pandas) for name in found}
        frame = pandas.concat([frame, pandas.DataFrame(extra, index=frame.index)], axis=1)
    frame.attrs.update(about)
    return frame


def _array(values: Sequence[Any], pandas: Any) -> Any:
    """Return values as an array of the one kind that they all are of; else they stay as they are.

    Null is NaN among numbers with a fraction, and NA elsewhere.
    """
    known = [value for value in values if value is not None]
    kinds = set(map(type, known))
    if kinds == {bool}:
        kind: Any = "boolean"
    elif kinds == {str}:
        kind = "string"
    elif kinds == {int} and all(-_INTEGERS <= value < _INTEGERS for value in known):
        kind = "Int64"
    elif float in kinds and kinds <= {int, float} and all(map(_is_double, known)):
        kind = "float64"
    else:
        kind = object
    return pandas.Series(values, dtype=kind).array


def _is_double(value: Any) -> bool:
    return isinstance(value, float) or abs(value) <= _WHOLE


def write_event_csv(file: IO[bytes], blocks: Iterable[list[Any]], names: Sequence[str]) -> None:
    """Write events as CSV, in constant memory, with the columns of `event_frame`.

    Values are as the server wrote them: numbers with all their digits, nothing for null, and JSON
    where they are neither text nor number.  All events are needed for the header, so they wait in
    a nameless file.

    Args:
        file: open for bytes.
        blocks: the events, piece by piece.
        names: the columns; `extra_data` stands for all that it holds.
    """
    plain = [name for name in names if name != EXTRA]
    found: dict[str, None] = {}
    with TemporaryFile() as waiting:
        for events in blocks:
            ones = [spread(event) if EXTRA in names else {} for event in events]
            found.update(dict.fromkeys(name for one in ones for name in one))
            rows = [[[event.get(name) for name in plain], one] for event, one in zip(events, ones)]
            waiting.write(json_lines(rows).encode())
        waiting.seek(0)
        file.write(_line([*plain, *found]))
        for line in waiting:
            values, extra = json.loads(line)
            file.write(_line(_cells([*values, *map(extra.get, found)])))


def _cells(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if value is None:
            yield ""
        else:
            yield value if isinstance(value, str) else json.dumps(value)


def _line(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)  # with \r\n in the end, so that it quotes both of them
    return line.getvalue()[:-2].encode() + b"\n"
