"""Many streams as one download: `FleetData`.

Reads them at the same time and gives them one after the other, a few blocks in memory at most; a
stream that fails is told, and need not end it.  Which streams there are is found in `sources`; how
one is read is in `data`.  Knows neither sockets nor what the readings mean.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, replace
from typing import Any, Callable, TypeVar

from ..api.exceptions import HttpUnexpectedReplyError, RestBaseException
from .base import BaseData
from .columns import Columns
from .data import StreamData
from .estimate import Estimate
from .kinds import STREAM_NAMES, checked_names
from .meta import units_of
from .ordered import Brought, in_order
from .parts import Part, gathered
from .query import Query
from .receipt import Receipt
from .sources import by_slug, listed, look_up

__all__ = ["FleetData"]

logger = logging.getLogger(__name__)
WORKERS = 8
_COLLECTED = {"raise": (), "collect": (RestBaseException, ValueError)}
Piece = TypeVar("Piece", "list[Any]", Columns)
Result = TypeVar("Result")


class OneOfMany(StreamData):
    """A stream of a fleet: what fits a page costs one request, so only more is worth a table.

    A table is held whole, so it must not be too large either.
    """

    _few = StreamData._page_size
    _most = 500_000


class FleetData(BaseData):
    """The readings of many streams, stream after stream, each in time order.

    All that `StreamData` can do, over the streams of many sources; rows and columns say in
    `stream` which one they are of.  Streams are looked up once, when they are first needed.

    Args:
        api: an `Api` that has a token.
        sources: slugs, or one, as text or objects: projects, devices, archives, fleets and
            variables stand for all their streams; short forms are good.  A stream counts once,
            however often it is named.
        workers: how many streams are read at the same time; None is 8.
        errors: "raise" ends the download with the first error; "collect" goes on with the other
            streams and keeps it in `errors`.
        options: `progress` and `deadline` as for `BaseData`; how many rows are expected in all
            is not known.

    Attributes:
        errors: what the last download met, by the slug of the stream or the source.  Of such a
            stream there may be fewer rows than there are.
        receipts: the account of each stream's download, by its slug; `receipt` is that of all.

    Raises:
        ValueError: `errors` is something else.

    >>> from iotile_cloud.stream.fleet import FleetData
    >>> fleet = FleetData(api, ["p--0101"], errors="collect")
    >>> columns = fleet.columns("output_value", "stream", start="2024-03-05", end="2024-03-06")
    >>> len(columns), len(set(columns["stream"])), len(fleet.streams()), fleet.errors
    (4752, 6, 6, {})
    """

    _small_page = StreamData._small_page
    _names = (*STREAM_NAMES, "stream")

    def __init__(
        self,
        api: Any,
        sources: Any,
        *,
        workers: int | None = WORKERS,
        errors: str = "raise",
        **options: Any,
    ) -> None:
        super().__init__(api, workers=workers, **options)
        self._at_once = workers or WORKERS
        if errors not in _COLLECTED:
            raise ValueError(f"errors must be 'raise' or 'collect', not {errors!r}")
        self._sources = listed(sources)
        self._collected: tuple[type[Exception], ...] = _COLLECTED[errors]
        self._streams: dict[str, dict[str, Any]] | None = None
        self._unfound: dict[str, Exception] = {}
        self.errors: dict[str, Exception] = {}
        self.receipts: dict[str, Receipt] = {}
        self._given_up = False

    @classmethod
    def of_streams(
        cls,
        api: Any,
        streams: Iterable[dict[str, Any]],
        collected: tuple[type[Exception], ...],
        **options: Any,
    ) -> FleetData:
        """Return the fleet of streams whose records are known; `collected` are kept in `errors`."""
        fleet = cls(api, (), **options)
        fleet._streams, fleet._collected = by_slug(streams), collected
        return fleet

    def streams(self) -> dict[str, dict[str, Any]]:
        """Return the records of all streams, by slug.

        Raises:
            ValueError: a source is malformed (unless errors are collected).
            RestBaseException: a source is unknown, or a request failed (likewise).
        """
        if self._streams is None:
            self._unfound = {}
            found: list[dict[str, Any]] = []
            for source, streams in look_up(self._api, self._sources, self._at_once):
                if isinstance(streams, list):
                    found += streams
                    if not streams:  # the server says so of a project that it does not know, too
                        logger.warning("no streams were found for %s", source)
                elif isinstance(streams, self._collected):
                    self._unfound[source] = streams
                else:
                    raise streams
            self._streams = by_slug(found)
            self.errors = dict(self._unfound)
        return self._streams

    @property
    def empty(self) -> list[str]:
        """The streams of the last download that have no readings in its window."""
        told = [(slug, self.receipts.get(slug, Receipt())) for slug in self._streams or ()]
        return [slug for slug, one in told if one.complete and not one.received]

    def estimate(self, **params: Any) -> Estimate:
        """Return about what a download will cost: one small request for each stream tells.

        Raises:
            TypeError, ValueError, RestBaseException: as for `StreamData`, of any stream.
        """

        def read(slug: str) -> Brought[str, Estimate]:
            return Brought(self._open(slug).estimate(**params))

        slugs = list(self.streams())
        with self._apart():
            ones = [astuple(one) for one in in_order(slugs, read, min(self._at_once, len(slugs)))]
        zero = astuple(Estimate(0, 0, 0))
        return Estimate(*(None if None in each else sum(each) for each in zip(zero, *ones)))

    # -- faces ------------------------------------------------------------------------------

    def _pieces(self, query: Query) -> Generator[list[Any], None, None]:
        def begin(one: StreamData) -> Iterator[list[Any]]:
            return one._run(one._pieces(query), one._span)

        with closing(self._each(begin, gathered)) as each:
            for slug, rows in each:
                for row in rows:
                    if not isinstance(row, dict):
                        text = f"a reading should be a JSON object, not {row!r:.200}"
                        raise HttpUnexpectedReplyError(text)
                    row["stream"] = slug
                yield rows

    def _column_pieces(self, query: Query, names: Sequence[str]) -> Generator[Columns, None, None]:
        bare = [name for name in names if name != "stream"]
        with closing(self._each(_columns(query, bare), gathered)) as each:
            for slug, block in each:
                yield block.beside(Columns({"stream": [slug] * len(block)})).only(names)

    def reduced(
        self, reduce: Callable[[Iterator[Columns]], Result], names: Sequence[str], **params: Any
    ) -> Iterator[tuple[str, Result]]:
        """Yield each stream that could be read, with what `reduce` makes of it.

        Args:
            reduce: makes one value of the blocks of a stream; called in the threads that read,
                so no more than one block of a stream is held.
            names, params: as for `columns`.
        """

        def take(part: Part[Columns]) -> tuple[Result, bool]:
            return reduce(part.pieces), False

        query = Query.of(params, self._date_format)
        yield from self._each(_columns(query, checked_names(names, STREAM_NAMES)), take)

    def _run(self, pieces: Generator[Any, None, None], span: Any) -> Generator[Any, None, None]:
        try:
            yield from super()._run(pieces, span)
        finally:
            self.receipt = self._whole(self.receipt)

    def _units(self, held: bool) -> dict[str, Any] | None:
        """Return the units of each stream, by its slug."""
        return {slug: units_of(record) for slug, record in (self._streams or {}).items()}

    def _whole(self, receipt: Receipt) -> Receipt:
        """Return the account of all, completed by what those of the streams tell."""
        ones = self.receipts.values()
        expected = [one.expected for one in ones if one.expected is not None]
        return replace(
            receipt,
            expected=sum(expected) if len(expected) == len(self._streams or ()) else None,
            moved=any(one.moved for one in ones),
            how="streams",
            complete=receipt.complete and not self.errors,
        )

    # -- one after the other ----------------------------------------------------------------

    def _each(
        self,
        begin: Callable[[StreamData], Iterator[Piece]],
        take: Callable[[Part[Piece]], tuple[Result | None, bool]],
    ) -> Generator[tuple[str, Result], None, None]:
        """Yield what `take` takes from the pieces of each stream, as long as it says to go on."""
        parts: list[Part[Piece]] = [Part(slug) for slug in self.streams()]
        self.errors, self.receipts, self._given_up = dict(self._unfound), {}, False

        def read(part: Part[Piece]) -> Brought[Part[Piece], tuple[str, Result]]:
            taken, more = None, False
            try:
                if part.readings is None:
                    part.readings = self._open(part.slug)
                    part.pieces = begin(part.readings)
                taken, more = take(part)
            except self._collected as error:
                self._meter.left()  # raises when the time for all is over
                self.errors[part.slug] = error
            finally:
                if not more:
                    self._end(part)
            return Brought(None if taken is None else (part.slug, taken), [part] if more else ())

        try:
            yield from in_order(parts, read, min(self._at_once, len(parts)))
        finally:  # a reader may have stopped early
            self._given_up = True
            for part in parts:
                self._end(part)

    def _end(self, part: Part[Any]) -> None:
        """Close the download of a stream, where there is one, and put it on the account."""
        if part.readings is not None and part.slug not in self.receipts:
            part.close()
            self.receipts[part.slug] = part.readings.receipt
            self._meter.add(part.readings.receipt)

    def _open(self, slug: str) -> OneOfMany:
        left = self._meter.left()
        return OneOfMany(slug, self._api, workers=1, progress=self._go_on, deadline=left)

    def _go_on(self, received: int, expected: int | None) -> None:
        """End the reading of a stream that a thread is still at when all has been interrupted."""
        if self._given_up:
            raise InterruptedError("the download was given up")


def _columns(query: Query, names: Sequence[str]) -> Callable[[StreamData], Iterator[Columns]]:
    def begin(one: StreamData) -> Iterator[Columns]:
        return one._run(one._column_pieces(query, names), one._column_span)

    return begin
