"""Every reading of a stream exactly once, in order of time: chooses the requests and makes them.

One page that holds everything is exact, and so is a window of time that fits one; a walk over
pages is not, where rows share a time.  Knows the arguments of `/stream/<slug>/data/` and what its
pages promise.  Knows nothing of sockets, nor of how rows are kept.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from time import perf_counter, thread_time
from typing import Any, Callable, Optional, Union

from ..api._paging import Page, walk
from ..api.exceptions import HttpUnexpectedReplyError, PartialDataError
from .meter import Meter
from .ordered import Brought, in_order
from .query import Query
from .windows import SECOND, Window, cut, split, window_of

__all__ = ["UNDATED", "TimeDownload"]

logger = logging.getLogger(__name__)

_WORKERS = 4  # where none are asked for
_BUSY = 0.5  # of the time of a request: with more, threads would only wait for each other
MOST_LAST = 10_000  # rows: of a larger `lastn` the server makes 100,000


@dataclass(frozen=True)
class Undated:
    """The rows without a time, which are in no window; the server sorts them last."""


class IgnoredError(PartialDataError):
    """The server does not keep to the window that it was asked for."""


UNDATED = Undated()
Part = Union[Window, Undated]
Rows = Any  # has a length and can be sliced
Ask = Callable[[Mapping[str, Any]], Page]
Times = Callable[[Rows], Sequence[Optional[int]]]


class TimeDownload:
    """One download of one stream.

    Args:
        ask: sends a request with these arguments beside those of the query.
        times: tells what times rows show, in microseconds since 1970.
        query: what is wanted.
        crowd: reads what does not fit a page and is in no smaller window: the rows of one
            microsecond, or those without a time; and is told how many rows a page holds.
        workers: how many requests are made at the same time; None: several where requests
            mostly wait, and one where this process is what takes the time.
        meter: the account; gets what is expected and how the rows are read.
    """

    def __init__(
        self,
        ask: Ask,
        times: Times,
        query: Query,
        crowd: Callable[[Part, int], Rows],
        workers: int | None,
        meter: Meter,
    ) -> None:
        self._ask = ask
        self._times = times
        self._query = query
        self._wanted = int(query.arguments.get("lastn", 0))
        self._crowd = crowd
        self._workers = workers or 1
        self._chooses = workers is None
        self._meter = meter
        self._limit = 0  # rows of a full page
        try:
            self._window, self._readable = window_of(query.arguments), True
        except ValueError:  # a subclass sends times of a form of its own
            self._window, self._readable = Window(), False

    def rows(self) -> Iterator[Rows]:
        """Yield the rows, piece by piece.

        Raises:
            PartialDataError: fewer came than were announced.
        """
        wall, busy = perf_counter(), thread_time()
        page = self._ask(self._latest_only)
        wall, busy = perf_counter() - wall, thread_time() - busy
        if self._chooses and busy < _BUSY * wall:
            self._workers = _WORKERS
        self._meter.expected, self._meter.how = page.count, "page"
        if self._wanted and page.count is not None:
            self._meter.expected = min(self._wanted, page.count)
        heeded = self._is_heeded(page)
        if heeded and not page.more:
            yield page.rows[-self._wanted :]  # of a larger `lastn` than it knows it sends more
            self._check_whole(page)
        elif not (heeded and self._can_be_cut(page)):
            yield from self._pages(page)
        else:
            self._meter.how, self._limit = "windows", len(page.rows)
            received = 0
            with closing(self._latest(page) if self._wanted else self._all(page)) as pieces:
                for rows in pieces:
                    received += len(rows)
                    yield rows
            self._check_received(received)

    def _pages(self, first: Page) -> Iterator[Rows]:
        """Yield the pages by number, as published."""
        self._meter.how = "pages"

        def fetch(number: int) -> Page:
            return first if number == 1 else self._ask({**self._latest_only, "page": number})

        yield from (page.rows for page in walk(fetch))

    @property
    def _latest_only(self) -> dict[str, Any]:
        return {"lastn": self._wanted or None}

    def _check_received(self, received: int) -> None:
        if self._meter.expected is not None and received < self._meter.expected:
            raise PartialDataError(
                f"{received} rows came although {self._meter.expected} were announced",
                expected=self._meter.expected,
                received=received,
            )

    # -- whether windows can serve ----------------------------------------------------------

    def _can_be_cut(self, page: Page) -> bool:
        """Tell whether a first page has what windows need, and agrees with itself."""
        if not self._readable or page.count is None or not 0 < len(page.rows) < page.count:
            return False
        try:
            times = self._times(page.rows)
            first, last = times[0], times[-1]
        except HttpUnexpectedReplyError:
            return False
        return last is None or (first is not None and first <= last)

    def _check_whole(self, page: Page) -> None:
        if page.count is not None and len(page.rows) < page.count:
            text = f"{len(page.rows)} rows came although their page announced {page.count}"
            raise PartialDataError(text, expected=page.count, received=len(page.rows))

    # -- all rows of the query --------------------------------------------------------------

    def _all(self, page: Page) -> Generator[Rows, None, None]:
        brought = self._cut(self._window, page)
        kept = [] if brought.rows is None else [brought.rows]
        parts = [*brought.rest, *self._beside]
        with closing(in_order(parts, self._read, self._workers)) as pieces:
            try:
                kept += islice(pieces, 1)  # only its first answer shows whether windows count
            except IgnoredError as error:
                logger.warning("pages are read by number: %s", error)
                yield from self._pages(page)
                return
            except Exception:
                yield from kept
                raise
            yield from kept
            yield from pieces

    @property
    def _beside(self) -> tuple[Part, ...]:
        """What there may be beside all windows: a query with limits finds no undated rows."""
        return (UNDATED,) if self._window == Window() else ()

    def _read(self, part: Part) -> Brought[Part, Rows]:
        if isinstance(part, Undated):
            return Brought(self._read_undated())
        page = self._ask(part.arguments)
        self._check_inside(part, page)
        return self._cut(part, page)

    def _cut(self, window: Window, page: Page) -> Brought[Part, Rows]:
        if not page.more:
            self._check_whole(page)
            return Brought(page.rows)
        times = self._times(page.rows)
        good = cut(window, times)
        if good.crowd:
            return Brought(self._crowd(good.crowd, self._limit), good.rest)
        rest = list(good.rest)
        if rest and good.kept and self._workers > 1:
            took = (times[good.kept] or 0) - (times[0] or 0)
            left = (page.count or 0) - good.kept
            density = good.kept / max(SECOND, took)
            rest = split(rest[0], left, self._limit, density, self._workers)
        return Brought(page.rows[: good.kept], rest)

    def _is_heeded(self, page: Page) -> bool:
        """Tell whether a first page keeps to the times of the query; some stand-ins do not."""
        try:
            self._check_times(self._window, [t for t in self._ends(page) if t is not None])
        except IgnoredError as error:
            logger.warning("what came is taken as it is: %s", error)
            return False
        except HttpUnexpectedReplyError:
            pass  # rows without times can be walked by page
        return True

    def _check_inside(self, window: Window, page: Page) -> None:
        self._check_times(window, self._ends(page))
        if page.more and not len(page.rows):
            text = f"an empty page of {window.arguments} says that more follow"
            raise PartialDataError(text, expected=self._meter.expected)

    def _ends(self, page: Page) -> list[int | None]:
        times = self._times(page.rows)
        return [times[0], times[-1]] if len(page.rows) else []

    def _check_times(self, window: Window, times: Iterable[int | None]) -> None:
        if not all(window.shows(time) for time in times):
            text = f"the server sent a row of another time than {window.arguments}"
            raise IgnoredError(text, expected=self._meter.expected)

    # -- rows without a time ----------------------------------------------------------------

    def _read_undated(self) -> Rows:
        """Return all rows without a time: those behind the last one that has one."""
        wanted, most = 1, min(self._limit, MOST_LAST)
        while True:
            page = self._ask({"lastn": wanted})
            times = self._times(page.rows)
            dated = sum(time is not None for time in times)
            if not page.more and (dated or (page.count or 0) < wanted):
                return page.rows[dated:]
            if page.more or wanted >= most:
                return self._crowd(UNDATED, self._limit)
            wanted = min(16 * wanted, most)

    # -- the latest rows --------------------------------------------------------------------

    def _latest(self, page: Page) -> Generator[Rows, None, None]:
        """Yield the latest rows, which do not fit one page."""
        count = page.count or 0
        first = self._times(page.rows)[0]
        if count > self._wanted:  # the server takes a larger `lastn` for its largest
            at = {"lastn": self._wanted, "page_size": 1, "page": count - self._wanted + 1}
            page = self._ask(at)
            if not len(page.rows):
                text = f"the page of the first of {self._wanted} rows is empty"
                raise PartialDataError(text, expected=self._meter.expected)
            first = self._times(page.rows)[0]
        parts = list(self._beside)
        if first is not None:
            given = self._window
            start = first if given.start is None else max(first, given.start)
            parts = [Window(start, given.end), *parts]
        pieces = list(in_order(parts, self._read, 1))
        skipped = sum(map(len, pieces)) - self._wanted  # older ones in the first one's second
        for piece in pieces:
            yield piece[max(0, skipped) :]
            skipped -= len(piece)
