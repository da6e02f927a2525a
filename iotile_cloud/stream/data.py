"""Time series as lists of rows or as columns: `StreamData`, `RawData`, `StreamRawData`.

Knows the routes that serve readings.  What is asked is decided in `query`, `download`, `raw` and
`table`; what downloads have in common is in `base`.
Knows neither sockets nor what the readings mean.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from math import inf
from typing import Any, Callable, ClassVar, Optional

from ..api._paging import Page
from ..api.exceptions import HttpUnexpectedReplyError, PartialDataError, RestBaseException
from ..utils.gid import IOTileStreamSlug
from ._decode import columns_decoder, page_of_columns, rows_decoder
from .base import BaseData
from .columns import Columns, ColumnTimes, ordered_column_span
from .crowd import as_shown
from .download import Part, TimeDownload
from .kinds import STREAM_NAMES
from .query import Query
from .raw import RawDownload
from .receipt import ordered_span
from .table import can_be_table, read_table, same_rows, table_arguments, unit_of
from .windows import Window, micros

__all__ = ["BaseData", "RawData", "StreamData", "StreamRawData"]

Hooks = tuple[Callable[..., Any], ...]
_micros = lru_cache(maxsize=1024)(micros)
_WALKS = 16  # how often the pages of an overfull instant are shown anew


class RowTimes(Sequence[Optional[int]]):
    """The times of rows in microseconds since 1970, worked out as they are looked at."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, row: Any) -> Any:
        reading = self._rows[row]
        try:
            time = reading["timestamp"]
            return None if time is None else _micros(time)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            text = f"a reading should have a time, unlike {reading!r:.200}"
            raise HttpUnexpectedReplyError(text) from error


def _whole_slug(stream_id: Any) -> str:
    """Return the id of a stream in the form in which `/data/` knows it."""
    try:
        return str(IOTileStreamSlug(stream_id))
    except ValueError:
        return str(stream_id)


def _known(page: Page, arguments: Mapping[str, Any]) -> Page:
    return page


class StreamData(BaseData):
    """The readings of one stream in time order (GET /stream/<id>/data/).

    A row has `type`, `timestamp`, `int_value` (as the device sent it), `value` (in the storage
    unit), `output_value` (in the stream's output unit), `display_value`, `streamer_local_id`.

    Args:
        stream_id: the stream's slug, as text or object.
        api: an `Api` that has a token.
        options: as for `BaseData`.

    Raises:
        ValueError: `stream_id` is None.

    >>> readings = StreamData("s--0000-0101--0000-0000-0000-2001--5001", api)
    >>> readings.initialize_from_server(start="2024-03-05T00:00:00Z", end="2024-03-05T00:10:00Z")
    >>> len(readings.data)
    10
    """

    _page_size = 20_000
    _small_page = 5_000
    _few: ClassVar[int] = 1_000  # rows of the page that comes before a table
    _most: ClassVar[float] = inf  # rows of a table
    _names = STREAM_NAMES
    _span = staticmethod(ordered_span)
    _column_span = staticmethod(ordered_column_span)

    def __init__(self, stream_id: Any, api: Any, **options: Any) -> None:
        super().__init__(api, **options)
        if stream_id is None:
            raise ValueError("StreamData needs the id of a stream, such as 's--…', not None")
        self._stream_id = stream_id

    def _pieces(self, query: Query) -> Generator[list[Any], None, None]:
        if not self._is_as_published():
            yield from super()._pieces(query)
            return
        ask, crowd = partial(self._ask, query), partial(self._crowd, query)
        download = TimeDownload(ask, RowTimes, query, crowd, self._workers, self._meter)
        yield from download.rows()

    def _column_pieces(self, query: Query, names: Sequence[str]) -> Generator[Columns, None, None]:
        if not self._is_as_published():
            yield from super()._column_pieces(query, names)
            return
        ask = partial(self._ask_columns, query, names)
        if can_be_table(query, names):
            shown = tuple(names) if "output_value" in names else (*names, "output_value")
            first = self._ask_columns(query, shown, {"page_size": self._few})
            if not first.more:
                whole = replace(first, rows=first.rows.only(names))
                ask = partial(_known, whole)
            elif (first.count or 0) <= self._most:
                table = self._table(query, shown, first)
                if table is not None:
                    yield table.only(names)
                    return

        def crowd(part: Part, most: int) -> Columns:
            return Columns.of(self._crowd(query, part, most), names)

        download = TimeDownload(ask, ColumnTimes, query, crowd, self._workers, self._meter)
        yield from download.rows()

    def _ask_columns(
        self, query: Query, names: Sequence[str], arguments: Mapping[str, Any]
    ) -> Page:
        """Return a page as `_ask` does, its rows as columns."""
        asked, resource = self._asked(query, arguments), self._api.stream(self._stream_id).data
        decode = columns_decoder(names)
        value = self._metered(lambda: self._get(resource, asked, decode))
        return page_of_columns(value, names, f"page {asked['page']} of {type(self).__name__}")

    def _table(self, query: Query, names: Sequence[str], first: Page) -> Columns | None:
        """Return the readings as `/df/` has them; None where pages have to be read.

        Args:
            query, names: what is wanted.
            first: the first page of the stream, whose columns are those that prove the table.
        """
        self._meter.expected = first.count
        try:
            whole = self._read_table(query, tuple(dict.fromkeys((*names, "value"))))
        except PartialDataError:
            raise  # the deadline is over
        except (RestBaseException, ValueError):
            return None
        table, more = whole.only(first.rows.names), len(whole) - (first.count or 0)
        last = self._ask_columns(query, names, {"page_size": 1}) if more > 0 else first
        if more < 0 or len(table) > (last.count or 0) or not same_rows(table, first):
            return None
        self._meter.how = "table"
        return table

    def _read_table(self, query: Query, names: Sequence[str]) -> Columns:
        # There is another way, so nothing is repeated for this one.
        stream = self._in_time(self._api.stream(self._stream_id)).with_options(retries=0)
        record = self._record = self._metered(stream.get)
        unit = unit_of(record)
        asked = {**query.arguments, **table_arguments(record, names)}
        table = self._in_time(self._api.df).with_options(retries=0)
        content = self._metered(lambda: table.get(**asked))
        return read_table(content, record["slug"], names, unit)

    def _crowd(self, query: Query, part: Part, most: int) -> list[Any]:
        """Return the rows of an instant, or those without a time: more than `most`, a page."""
        window = part.arguments if isinstance(part, Window) else {}
        raw = RawData(self._api, progress=False, deadline=self._meter.left())
        raw.initialize_from_server(filter=_whole_slug(self._stream_id), mask=1, **window)
        self._meter.add(raw.receipt)
        stored = [row for row in raw.data if window or row["timestamp"] is None]
        bare = {"start": None, "end": None, "lastn": None, **window}
        count = self._ask(query, {**bare, "page_size": 1}).count or 0
        before = max(0, count - len(stored))
        return as_shown(stored, self._shown(query, bare, before, most))

    def _shown(self, query: Query, arguments: Any, before: int, most: int) -> Iterator[list[Any]]:
        """Yield the pages behind `before` rows, again and again, each time of another size."""
        for walked in range(_WALKS):
            size = max(1, most - walked)
            page, more = before // size, True
            while more:
                page += 1
                one = self._ask(query, {**arguments, "page_size": size, "page": page})
                more = one.more
                yield one.rows

    def _fetch_data(self, **params: Any) -> Any:
        return self._get(self._api.stream(self._stream_id).data, params, rows_decoder())

    _hooks: ClassVar[Hooks] = (_fetch_data, BaseData._get_args_dict)


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

    def _pieces(self, query: Query) -> Generator[list[Any], None, None]:
        if not self._is_as_published():
            yield from super()._pieces(query)
            return
        download = RawDownload(partial(self._ask, query), query, self._meter)
        yield from download.rows()

    def _fetch_data(self, **params: Any) -> Any:
        return self._get(self._api.data, params, rows_decoder())

    _hooks: ClassVar[Hooks] = (_fetch_data, BaseData._get_args_dict)


class StreamRawData(RawData):
    """Readings of one stream as they are stored (GET /data/?filter=<slug>).

    Args:
        stream_slug: the stream's slug, as text or object; short forms are good.
        api: an `Api` that has a token.
        options: as for `BaseData`.

    Raises:
        ValueError: it is no slug of a stream, for which the server would find nothing.

    >>> readings = StreamRawData("s--0000-0101--0000-0000-0000-2001--5001", api)
    >>> readings.initialize_from_server(lastn=5)
    >>> sorted(readings.data[0])[:4]
    ['device', 'device_timestamp', 'dirty_ts', 'id']
    """

    def __init__(self, stream_slug: Any, api: Any, **options: Any) -> None:
        super().__init__(api, **options)
        self._stream_id = str(IOTileStreamSlug(stream_slug or ""))

    def _get_args_dict(self, page: int, **params: Any) -> dict[str, Any]:
        return super()._get_args_dict(page, **{"filter": self._stream_id, **params})

    _hooks: ClassVar[Hooks] = (RawData._fetch_data, _get_args_dict)
