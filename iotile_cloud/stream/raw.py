"""Every stored row exactly once, in the order of `/data/`: chooses the requests and makes them.

Rows of `/data/` have ids, so they can be asked for by ranges of ids.  Each request costs the
server the whole stream, whatever its page: pages are as large as they go, one after the other.
Knows nothing of sockets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Callable

from ..api._paging import Page, walk
from ..api.exceptions import PartialDataError
from .meter import Meter
from .ordered import Brought, in_order
from .query import Query
from .ranges import Range, cut, order

__all__ = ["RawDownload"]

_NEEDED = {"id", "streamer_local_id", "stream", "timestamp"}


class RawDownload:
    """One download of the rows that a query names.

    Args:
        ask: sends a request with these arguments beside those of the query.
        query: what is wanted.
        meter: the account; gets what is expected and how the rows are read.
    """

    def __init__(
        self, ask: Callable[[Mapping[str, Any]], Page], query: Query, meter: Meter
    ) -> None:
        self._ask = ask
        self._meter = meter
        self._wanted = int(query.arguments.get("lastn", 0))

    def rows(self) -> Iterator[list[Any]]:
        """Yield the rows, piece by piece; the latest ones (`lastn`) in order of time.

        Raises:
            PartialDataError: fewer came than were announced.
        """
        first = self._ask({})
        self._meter.expected, self._meter.how = first.count, "page"
        if not first.more:
            yield first.rows
            _check(len(first.rows), first.count)
        elif not _can_be_cut(first):
            self._meter.how = "pages"
            pages = walk(lambda number: first if number == 1 else self._ask({"page": number}))
            yield from (page.rows for page in pages)
        else:
            self._meter.how = "ranges"
            if self._wanted:
                self._meter.expected = min(self._wanted, first.count or 0)
            received = 0
            for rows in self._latest(first) if self._wanted else self._all(first):
                received += len(rows)
                yield rows
            _check(received, self._meter.expected)

    def _all(self, first: Page) -> Iterator[list[Any]]:
        brought = self._cut(Range(), first)
        if brought.rows:
            yield brought.rows
        yield from in_order(brought.rest, self._read, 1)

    def _latest(self, first: Page) -> Iterator[list[Any]]:
        """Yield the latest rows, which do not fit one page.

        The first page begins with the earliest of them, and rows without a time count as latest.
        """
        start = first.rows[0]["timestamp"]
        last = self._ask({"page": "last"}).rows[-1:]
        rows = [] if start is None else self._since({"start": start})
        if not last or last[0]["timestamp"] is None:
            rows += [row for row in self._since({}) if row["timestamp"] is None]
        rows.sort(key=_by_time)
        yield rows[-self._wanted :]

    def _since(self, window: Mapping[str, Any]) -> list[Any]:
        def ask(arguments: Mapping[str, Any]) -> Page:
            return self._ask({"lastn": None, **window, **arguments})

        part = RawDownload(ask, Query(), self._meter)
        return [row for rows in part._all(ask({})) for row in rows]

    def _read(self, part: Range) -> Brought[Range, list[Any]]:
        if part.crowd:
            return Brought(self._crowd(part))
        return self._cut(part, self._ask(part.arguments))

    def _cut(self, part: Range, page: Page) -> Brought[Range, list[Any]]:
        if not page.more:
            _check(len(page.rows), page.count)
            return Brought(page.rows)
        kept, rest = cut(part, _some(page))
        return Brought(page.rows[:kept], rest)

    def _crowd(self, part: Range) -> list[Any]:
        """Return all rows of one local id: they come in no order that could be cut."""
        rows: list[Any] = []
        parts = [part]
        while parts:
            piece = parts.pop()
            page = self._ask(piece.arguments)
            if page.more:
                parts += cut(piece, _some(page))[1]
            else:
                _check(len(page.rows), page.count)
                rows += page.rows
        return sorted(rows, key=order)


def _can_be_cut(page: Page) -> bool:
    """Tell whether a first page has what ranges need, and agrees with itself."""
    rows = page.rows
    if page.count is None or not 0 < len(rows) < page.count:
        return False
    return all(isinstance(row, dict) and row.keys() >= _NEEDED for row in rows)


def _by_time(row: Any) -> tuple[bool, str]:
    return row["timestamp"] is None, row["timestamp"] or ""


def _some(page: Page) -> list[Any]:
    if not page.rows:
        raise PartialDataError("an empty page says that more follow", expected=page.count)
    rows: list[Any] = page.rows
    return rows


def _check(received: int, expected: int | None) -> None:
    if expected is not None and received < expected:
        text = f"{received} rows came although {expected} were announced"
        raise PartialDataError(text, expected=expected, received=received)
