"""Every stored row exactly once, in the server's order: chooses the requests and makes them.

Rows of `/data/` and `/event/` have ids, so they can be asked for by ranges of ids.  Each request
costs the server the whole stream, whatever its page: pages are as large as they go, one after the
other.
Knows nothing of sockets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Callable

from ..api._paging import Page, walk
from ..api.exceptions import PartialDataError
from .latest import latest, moment
from .meter import Meter
from .ordered import Brought, in_order
from .query import Query
from .ranges import Range, by_time, cut, halves, order
from .windows import Window, window_of

__all__ = ["RawDownload"]

Order = Callable[[Any], tuple[Any, ...]]
_NEEDED = {"id", "streamer_local_id", "stream", "timestamp"}


class RawDownload:
    """One download of the rows that a query names.

    Args:
        ask: sends a request with these arguments beside those of the query.
        query: what is wanted.
        meter: the account; gets what is expected and how the rows are read.
        order: sorts the rows as the server does, where it does not sort them by the ids that
            devices gave.
        exact: whether rows show their whole times; else they show seconds.
    """

    def __init__(
        self,
        ask: Callable[[Mapping[str, Any]], Page],
        query: Query,
        meter: Meter,
        order: Order | None = None,
        exact: bool = False,
    ) -> None:
        self._ask = ask
        self._query = query
        self._meter = meter
        try:
            self._window, self._readable = window_of(query.arguments), True
        except ValueError:  # a subclass sends times of a form of its own
            self._window, self._readable = Window(), False
        self._wanted = int(query.arguments.get("lastn", 0))
        of_alias = str(query.arguments.get("filter")).startswith("a--")
        self._order = by_time if of_alias else order
        self._exact = exact

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
        elif not (self._readable and _can_be_cut(first)):
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
        if self._order:
            _check_rows(Range(), first)
            yield self._crowd(Range(), first)
            return
        brought = self._cut(Range(), first)
        if brought.rows:
            yield brought.rows
        yield from in_order(brought.rest, self._read, 1)

    def _latest(self, first: Page) -> Iterator[list[Any]]:
        """Yield the latest rows, which do not fit one page.

        The first page begins with the earliest of them, and rows without a time count as latest.
        """
        within = self._window
        start = first.rows[0]["timestamp"]
        last = self._ask({"page": "last"})
        _check_rows(Range(), last)
        rows: list[Any] = []
        if start is not None:
            least = moment(start) if within.start is None else max(moment(start), within.start)
            rows = self._since(Window(least, within.end))
        if not last.rows or last.rows[-1]["timestamp"] is None:
            rows += [row for row in self._since(within) if row["timestamp"] is None]
        rows.sort(key=by_time)
        if self._exact:
            yield rows[max(0, len(rows) - self._wanted) :]
        else:
            yield latest(rows, self._wanted, within, self._count, self._since)

    def _count(self, window: Window) -> int:
        return self._ask({"lastn": None, **window.arguments, "page_size": 1}).count or 0

    def _since(self, window: Window) -> list[Any]:
        def ask(arguments: Mapping[str, Any]) -> Page:
            return self._ask({"lastn": None, **window.arguments, **arguments})

        part = RawDownload(ask, self._query, self._meter, self._order, self._exact)
        return [row for rows in part._all(ask({})) for row in rows]

    def _read(self, part: Range) -> Brought[Range, list[Any]]:
        if part.crowd:
            return Brought(self._crowd(part))
        return self._cut(part, self._page(part))

    def _cut(self, part: Range, page: Page) -> Brought[Range, list[Any]]:
        _check_rows(part, page)
        if not page.more:
            _check(len(page.rows), page.count)
            return Brought(page.rows)
        local_ids = [row["streamer_local_id"] for row in page.rows]
        if local_ids != sorted(local_ids):
            text = "a page is not in the order of the ids that devices gave"
            raise PartialDataError(text, expected=self._meter.expected)
        kept, rest = cut(part, page.rows)
        return Brought(page.rows[:kept], rest)

    def _page(self, part: Range) -> Page:
        page = self._ask(part.arguments)
        _check_rows(part, page)
        return page

    def _crowd(self, part: Range, page: Page | None = None) -> list[Any]:
        """Return all rows of a range in which local ids are in no order that could be cut.

        Args:
            page: the first one, where it is here already.
        """
        rows: list[Any] = []
        parts = [part]
        while parts:
            piece = parts.pop()
            page = page or self._page(piece)
            if page.more:
                parts += halves(piece, page.rows)
            else:
                _check(len(page.rows), page.count)
                rows += page.rows
            page = None
        return sorted(rows, key=self._order or order)


def _can_be_cut(page: Page) -> bool:
    """Tell whether a first page has what ranges need, and agrees with itself."""
    rows = page.rows
    return page.count is not None and 0 < len(rows) < page.count and all(map(_is_stored, rows))


def _is_stored(row: Any) -> bool:
    """Tell whether a row has what ranges need."""
    return (
        isinstance(row, dict)
        and row.keys() >= _NEEDED
        and isinstance(row["id"], int)
        and isinstance(row["streamer_local_id"], int)
        and (row["timestamp"] is None or isinstance(row["timestamp"], str))
    )


def _check_rows(part: Range, page: Page) -> None:
    """Raise PartialDataError unless the rows of a page are such as were asked for."""
    if page.more and not page.rows:
        raise PartialDataError("an empty page says that more follow", expected=page.count)
    for row in page.rows:
        if not _is_stored(row) or not part.holds(row):
            text = f"the server sent another row than {part.arguments}: {row!r:.200}"
            raise PartialDataError(text, expected=page.count)


def _check(received: int, expected: int | None) -> None:
    if expected is not None and received < expected:
        text = f"{received} rows came although {expected} were announced"
        raise PartialDataError(text, expected=expected, received=received)
