"""What all downloads have in common: their faces, their settings and the account they leave.

Knows what a finished download promises, and how a listing is walked whose pages are all that is
known of it.  Which route serves which rows is in `data`; the account is kept in `meter`.
Knows neither sockets nor what the readings mean.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from typing import Any, Callable, ClassVar, Optional, TypeVar

from ..api._paging import Page, read_page, walk
from ..api._session import observed_retries
from ..api.exceptions import PartialDataError, RestBaseException, TransportError
from ..api.resource import RestResource
from ._decode import Decode
from .columns import Columns, column_span
from .estimate import SAMPLE, Estimate, estimated
from .faces import Faces
from .kinds import RAW_NAMES, checked_names
from .limits import checked_deadline, checked_workers
from .meta import units_of
from .meter import Meter
from .progress import Wish, checked_progress, shown
from .query import Query, checked_time
from .receipt import Receipt, span

__all__ = ["BaseData"]

logger = logging.getLogger(__name__)
_HOOKS = ("_fetch_data", "_get_args_dict")  # what subclasses override
Piece = TypeVar("Piece", bound="list[Any] | Columns")
Answer = TypeVar("Answer")
Span = Callable[[Any], tuple[Optional[str], Optional[str], int]]


def _flat(pieces: Generator[list[Any], None, None]) -> Iterator[Any]:
    with closing(pieces):  # also where a reader stops early
        for piece in pieces:
            yield from piece


class BaseData(Faces):
    """Rows of a listing, downloaded whole.  Derive from it and override `_fetch_data`.

    Args:
        api: an `Api` that has a token.
        workers: how many requests are made at the same time, where a download needs several;
            None chooses by how long the first one had to wait.
        progress: None shows a bar on a terminal where tqdm is installed, False nothing; a
            function is called with the rows received and the rows expected (None: not known).
        deadline: seconds that a download may take in all; None for no limit.

    Attributes:
        data: the rows, dictionaries as the server sent them.
        receipt: the account of the last download.
    """

    _page_size: ClassVar[int] = 10_000  # the most that /data/ serves
    _small_page: ClassVar[int | None] = None  # where no more than a few pages are to be held
    _names: ClassVar[Sequence[str]] = RAW_NAMES  # of the columns
    _hooks: ClassVar[tuple[Callable[..., Any], ...]] = ()  # our own, behind the names in _HOOKS
    _span = staticmethod(span)
    _column_span = staticmethod(column_span)

    def __init__(
        self,
        api: Any,
        *,
        workers: int | None = None,
        progress: Wish = None,
        deadline: float | None = None,
    ) -> None:
        self._api = api
        self._workers = checked_workers(workers)
        self._progress = checked_progress(progress)
        self._deadline = checked_deadline(deadline)
        self._meter = Meter()
        self.data: list[Any] = []
        self._nothing = self.data
        self.receipt = Receipt()
        self._record: Any = None  # of the stream, when it was asked for after a download

    def initialize_from_server(self, **params: Any) -> None:
        """Replace `data` by what the server has: every row once.

        Args:
            start, end: the window; `start` is inclusive, `end` exclusive.  A datetime is UTC if
                naive and converted if aware; ISO 8601 text is sent as it is.
            lastn: only the latest so many rows, 100,000 at the most.
            params: further filters of the server.

        Raises:
            TypeError, ValueError: an argument makes no sense.  Nothing was asked.
            PartialDataError: less came than was announced; `data` holds what came.
            RestBaseException: a request failed; `data` holds what came before.

        >>> from iotile_cloud import StreamData
        >>> readings = StreamData("s--0000-0101--0000-0000-0000-2001--5001", api)
        >>> readings.initialize_from_server(lastn=100)
        >>> len(readings.data), readings.receipt.complete
        (100, True)
        """
        query = Query.of(params, self._date_format)
        self.data, self.receipt = [], Receipt()
        try:
            for piece in self._run(self._pieces(query), self._span):
                self.data.extend(piece)
        except PartialDataError as error:
            error.rows = self.data
            raise
        finally:
            self._held = (query.arguments, self.receipt)

    def rows(self, **params: Any) -> Iterator[Any]:
        """Yield every row as it comes, and keep none; without arguments, those that `data` holds.

        Where `data` was never filled, everything is downloaded.  Arguments and errors are those of
        `initialize_from_server`.

        >>> from iotile_cloud import StreamData
        >>> readings = StreamData("s--0000-0101--0000-0000-0000-2001--5001", api)
        >>> sum(1 for row in readings.rows(lastn=100))
        100
        """
        params = self._asked_for(params)
        if not params:
            return iter(self.data)
        return _flat(self._row_pieces(params))

    def columns(self, *names: str, **params: Any) -> Columns:
        """Return the readings as typed columns; without arguments in `params`, those of `data`.

        Where `data` was never filled, everything is downloaded.  A download keeps nothing else:
        `data` stays as it is.

        Args:
            names: the columns wanted beside `timestamp`; all when none is named.  `value`,
                `output_value` and `streamer_local_id` of a stream come with fewer requests when
                no other is wanted.
            params: as for `initialize_from_server`; `start=None` asks for everything.

        Raises:
            ValueError: there is no such column.
            HttpUnexpectedReplyError: a field is of another kind than its column.
            TypeError, ValueError, PartialDataError, RestBaseException: as for
                `initialize_from_server`; the `rows` of a PartialDataError are columns.

        >>> from iotile_cloud import StreamData
        >>> readings = StreamData("s--0000-0101--0000-0000-0000-2001--5001", api)
        >>> columns = readings.columns("output_value", lastn=100)
        >>> len(columns), sum(columns["output_value"]) > 0, readings.receipt.complete
        (100, True, True)
        """
        wanted = checked_names(names, self._names)
        params = self._asked_for(params)
        if not params:
            return Columns.of(self.data, wanted)
        whole = Columns.made(dict.fromkeys(wanted, ()))
        try:
            for block in self._blocks(wanted, params):
                whole.extend(block)
        except PartialDataError as error:
            error.rows = whole
            raise
        return whole

    def estimate(self, **params: Any) -> Estimate:
        """Return about what a download of everything, or of this query, will cost.

        One small request tells; `data` and `receipt` stay as they are.

        Raises:
            TypeError, ValueError, RestBaseException: as for `initialize_from_server`.

        >>> from iotile_cloud import StreamData
        >>> readings = StreamData("s--0000-0101--0000-0000-0000-2001--5001", api)
        >>> cost = readings.estimate(lastn=100)
        >>> cost.rows, cost.requests
        (100, 1)
        """
        query = Query.of(params, self._date_format)
        with self._apart():
            page = self._ask(query, {"page_size": SAMPLE})
        wanted = query.arguments.get("lastn", page.count)
        rows = None if page.count is None else min(page.count, wanted)
        size = int(query.arguments.get("page_size", self._page_size))
        return estimated(rows, page.rows, min(size, self._page_size))

    def _row_pieces(self, params: Mapping[str, Any]) -> Generator[list[Any], None, None]:
        """Yield the rows of a download piece by piece, and leave the receipt in the end."""
        query = Query.of({"page_size": self._small_page, **params}, self._date_format)
        return self._run(self._pieces(query), self._span)

    def _blocks(
        self, names: Sequence[str], params: Mapping[str, Any]
    ) -> Generator[Columns, None, None]:
        """Yield the columns of a download block by block, and leave the receipt in the end."""
        query = Query.of(params, self._date_format)
        self.receipt = Receipt()
        return self._run(self._column_pieces(query, names), self._column_span)

    def _run(
        self, pieces: Generator[Piece, None, None], span: Span
    ) -> Generator[Piece, None, None]:
        """Yield `pieces`, which begin to be read here, and leave the receipt when they end."""
        with shown(self._progress) as progress:
            self._meter = meter = Meter(self._deadline, progress)
            self._record = None
            complete = False
            try:
                with closing(pieces):  # before the account is closed
                    for piece in pieces:
                        first, last, undated = span(piece)
                        meter.got(len(piece), first, last, undated)
                        yield piece
                        self._meter = meter  # another download may have begun meanwhile
                complete = True
            except PartialDataError as error:
                error.received, error.receipt = meter.received, meter.receipt(False)
                raise
            finally:
                self.receipt = meter.receipt(complete)

    def _column_pieces(self, query: Query, names: Sequence[str]) -> Generator[Columns, None, None]:
        """Yield what `_pieces` yields, as columns."""
        for rows in self._pieces(query):
            yield Columns.of(rows, names)

    def _pieces(self, query: Query) -> Generator[list[Any], None, None]:
        """Yield the rows of `query`, piece by piece: here page by page, by number."""
        self._meter.how = "pages"
        for page in walk(lambda number: self._ask(query, {"page": number})):
            if self._meter.expected is None:
                self._meter.expected = page.count
            yield page.rows

    def _ask(self, query: Query, arguments: Mapping[str, Any]) -> Page:
        """Return a page of `query`; `arguments` go before its own, and None takes one away."""
        asked = self._asked(query, arguments)
        value = self._metered(lambda: self._fetch_data(**asked))
        return read_page(value, f"page {asked.get('page')} of {type(self).__name__}")

    def _asked(self, query: Query, arguments: Mapping[str, Any]) -> dict[str, Any]:
        asked = {**query.arguments, **arguments}
        asked = {name: value for name, value in asked.items() if value is not None}
        return self._get_args_dict(asked.pop("page", 1), **asked)

    def _metered(self, request: Callable[[], Answer]) -> Answer:
        """Return what a request brings, and put it on the account."""
        with observed_retries() as retries:
            try:
                return request()
            except TransportError:
                self._meter.left()  # raises when it was the deadline that ended the request
                raise
            finally:
                self._meter.asked(len(retries))

    def _get_args_dict(self, page: int, **params: Any) -> dict[str, Any]:
        """Return the arguments with which `_fetch_data` is called for a page."""
        return {"page_size": self._page_size, **params, "page": page}

    def _fetch_data(self, **params: Any) -> Any:
        """Return the decoded reply of one page; `params` are those of the query and `page`."""
        raise NotImplementedError(f"{type(self).__name__} must override _fetch_data")

    def _get(self, resource: Any, params: Mapping[str, Any], decode: Decode | None) -> Any:
        """Return what is at `resource`; `decode` is a faster way to the same value."""
        resource = self._in_time(resource)
        if decode and isinstance(resource, RestResource):
            resource = resource._copy(decode=decode)
        return resource.get(**params)

    def _units(self, held: bool) -> dict[str, Any] | None:
        """Return the units of the stream; None where there is none, or no record of it.

        Args:
            held: it is long since the readings came, and their deadline is over.
        """
        if self._stream_id is not None and self._record is None:
            try:
                with self._apart() if held else nullcontext():
                    self._record = self._in_time(self._api.stream(self._stream_id)).get()
            except RestBaseException as error:
                logger.warning("the units of %s are not known: %s", self._stream_id, error)
        return units_of(self._record)

    @contextmanager
    def _apart(self) -> Iterator[None]:
        """Keep what is asked meanwhile on an account of its own."""
        kept, self._meter = self._meter, Meter(self._deadline)
        try:
            yield
        finally:
            self._meter = kept

    def _in_time(self, resource: Any) -> Any:
        """Return `resource` with no more time for a request than the deadline leaves."""
        left = self._meter.left()
        hurried = left is not None and isinstance(resource, RestResource)
        return resource._within(left) if hurried else resource

    def _date_format(self, text: str) -> str:
        """Return what is sent for a time that was given as text: the text, when it is a time.

        Raises:
            ValueError: it is none that the server can read.
        """
        return checked_time(text)

    def _is_as_published(self) -> bool:
        """Tell whether neither a subclass nor a test has changed how pages are fetched.

        Who has expects the hooks to be called for page 1, 2, ...
        """
        hooks = (getattr(getattr(self, name), "__func__", None) for name in _HOOKS)
        return tuple(hooks) == self._hooks

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_meter"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._meter = Meter()
