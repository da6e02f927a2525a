"""Time series as lists of rows: `StreamData`, `RawData`, `StreamRawData`.

Knows the two routes that serve readings and what a finished download promises.  The order of a
download is query (`query`), plan and fetch (`api._paging`), hold (here), account (`receipt`).
Knows neither sockets nor what the readings mean.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from ..api._paging import Page, read_page, walk
from ..api._session import observed_retries
from ..api.exceptions import PartialDataError
from ..utils.gid import IOTileStreamSlug
from .query import Query, checked_time
from .receipt import Receipt, span

__all__ = ["BaseData", "RawData", "StreamData", "StreamRawData"]


class BaseData:
    """Rows of a listing, downloaded whole.  Derive from it and override `_fetch_data`.

    Args:
        api: an `Api` that has a token.

    Attributes:
        data: the rows, dictionaries as the server sent them.
        receipt: the account of the last download.
    """

    _page_size: ClassVar[int] = 10_000  # the most that /data/ serves
    _exact_lastn: ClassVar[int] = 100_000  # for a larger `lastn` the server sends more than asked

    def __init__(self, api: Any) -> None:
        self._api = api
        self.data: list[Any] = []
        self.receipt = Receipt()

    def initialize_from_server(self, **params: Any) -> None:
        """Replace `data` by what the server has, all pages of it.

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
            self._download(query)
        except PartialDataError as error:
            error.rows, error.receipt = self.data, self.receipt
            raise

    def _download(self, query: Query) -> None:
        expected, asked, complete = None, 0, False
        with observed_retries() as retries:
            try:
                for page in walk(partial(self._page, query)):
                    expected = expected if asked else page.count
                    asked += 1
                    self.data.extend(page.rows)
                lastn = query.arguments.get("lastn", 0)
                if lastn > self._exact_lastn:
                    del self.data[:-lastn]
                    expected = len(self.data)
                complete = True
            finally:
                first, last, nulls = span(self.data)
                self.receipt = Receipt(
                    expected=expected,
                    received=len(self.data),
                    nulls=nulls,
                    first=first,
                    last=last,
                    requests=asked,
                    retries=len(retries),
                    complete=complete,
                )

    def _page(self, query: Query, number: int) -> Page:
        value = self._fetch_data(**self._get_args_dict(number, **query.arguments))
        return read_page(value, f"page {number} of {type(self).__name__}")

    def _get_args_dict(self, page: int, **params: Any) -> dict[str, Any]:
        """Return the arguments with which `_fetch_data` is called for a page."""
        return {"page_size": self._page_size, **params, "page": page}

    def _fetch_data(self, **params: Any) -> Any:
        """Return the decoded reply of one page; `params` are those of the query and `page`."""
        raise NotImplementedError(f"{type(self).__name__} must override _fetch_data")

    def _date_format(self, text: str) -> str:
        """Return what is sent for a time that was given as text: the text, when it is a time.

        Raises:
            ValueError: it is none that the server can read.
        """
        return checked_time(text)


class StreamData(BaseData):
    """The readings of one stream in time order (GET /stream/<id>/data/).

    A row has `type`, `timestamp`, `int_value` (as the device sent it), `value` (in the storage
    unit), `output_value` (in the stream's output unit), `display_value`, `streamer_local_id`.

    Args:
        stream_id: the stream's slug, as text or object.
        api: an `Api` that has a token.

    Raises:
        ValueError: `stream_id` is None.

    >>> readings = StreamData("s--0000-0101--0000-0000-0000-2001--5001", api)
    >>> readings.initialize_from_server(start="2024-03-05T00:00:00Z", end="2024-03-05T00:10:00Z")
    >>> len(readings.data)
    10
    """

    _page_size = 20_000
    _exact_lastn = 10_000

    def __init__(self, stream_id: Any, api: Any) -> None:
        super().__init__(api)
        if stream_id is None:
            raise ValueError("StreamData needs the id of a stream, such as 's--…', not None")
        self._stream_id = stream_id

    def _fetch_data(self, **params: Any) -> Any:
        return self._api.stream(self._stream_id).data.get(**params)


class RawData(BaseData):
    """Readings as they are stored, of whatever `filter=` names (GET /data/).

    A row has the slugs of its stream, device and project, the device's own time and ids, and
    `int_value` and `value`, but no output value.  Rows come in the order of their ids on the
    device, not by time.  For a project, or a short slug, the server finds nothing.

    >>> readings = RawData(api)
    >>> readings.initialize_from_server(filter="d--0000-0000-0000-2001", lastn=5)
    >>> len(readings.data)
    5
    """

    def _fetch_data(self, **params: Any) -> Any:
        return self._api.data.get(**params)


class StreamRawData(RawData):
    """Readings of one stream as they are stored (GET /data/?filter=<slug>).

    Args:
        stream_slug: the stream's slug, as text or object; short forms are good.
        api: an `Api` that has a token.

    Raises:
        ValueError: it is no slug of a stream, for which the server would find nothing.

    >>> readings = StreamRawData("s--0000-0101--0000-0000-0000-2001--5001", api)
    >>> readings.initialize_from_server(lastn=5)
    >>> sorted(readings.data[0])[:4]
    ['device', 'device_timestamp', 'dirty_ts', 'id']
    """

    def __init__(self, stream_slug: Any, api: Any) -> None:
        super().__init__(api)
        self._stream_id = str(IOTileStreamSlug(stream_slug or ""))

    def _fetch_data(self, **params: Any) -> Any:
        return super()._fetch_data(**{"filter": self._stream_id, **params})
