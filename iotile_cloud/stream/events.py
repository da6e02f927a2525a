"""Events of a stream or a device: `EventData`.

Knows the route that lists events.  How each is read exactly once is in `raw`, what becomes of
`extra_data` in `spread`, and how raw data are fetched in `event_files`.
Knows neither sockets nor what the events mean.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Any, ClassVar, NoReturn

from ..api.exceptions import PartialDataError, RestBaseException
from ..utils._frames import checked_zone
from ..utils.basic import parse_utc, utc_text
from ..utils.gid import parse_slug
from ._decode import rows_decoder
from .base import BaseData
from .data import Hooks
from .event_files import event_id, fetched
from .files import Path, replacing, sidecar
from .kinds import EVENT_NAMES, checked_names
from .limits import checked_workers
from .meta import json_text
from .meter import Meter
from .ordered import Brought, in_order
from .query import Query
from .ranges import by_stream
from .raw import RawDownload
from .spread import event_frame, write_event_csv

__all__ = ["EventData"]

logger = logging.getLogger(__name__)
WORKERS = 8
_SOURCES = "sdb"  # a stream, a device, an archive


def _each(events: Iterable[Any]) -> Generator[Any, None, None]:
    yield from events  # a listing ends when this is closed


class EventData(BaseData):
    """The events of a stream or a device, and their raw data (GET /event/?filter=<slug>).

    A row has the slugs of its stream, device and project, `timestamp` (UTC), the device's own time
    and id, `extra_data` (an object, or None) and `has_raw_data`.  Rows come in the server's order:
    by stream, then by the id that the device gave (`streamer_local_id`), then by time; the latest
    ones (`lastn`) by time.  Events whose `extra_data` has an `error` are hidden by the server.
    Of a device that has more events than a page, 10,000, all are held at once.

    Raw data stay on the server until they are asked for, with `raw` or `raws`.

    Args:
        source: the slug of a stream, a device or an archive, as text or object; short forms are
            good.
        api: an `Api` that has a token.
        options: as for `BaseData`; `workers` is how many raw files are fetched at the same time,
            None is 8.

    Attributes:
        errors: what the last `raws(errors="collect")` met, by the id of the event.

    Raises:
        ValueError: `source` is no such slug, and the server would find nothing.

    >>> from iotile_cloud import EventData
    >>> shocks = EventData("d--2102", api)
    >>> shocks.initialize_from_server(start="2024-03-05", end="2024-03-06")
    >>> worst = max(shocks.data, key=lambda event: event["extra_data"]["peak"])
    >>> worst["timestamp"], max(shocks.raw(worst)["acc_z"])
    ('2024-03-05T17:00:00Z', 21.48)
    """

    _names = EVENT_NAMES

    def __init__(self, source: Any, api: Any, **options: Any) -> None:
        super().__init__(api, **options)
        slug = parse_slug(str(source))
        if slug.kind not in _SOURCES:
            raise ValueError(f"{slug} has no events; name a stream, a device or an archive")
        self._source = str(slug)
        self._stream_id = self._source if slug.kind == "s" else None
        self.errors: dict[int, Exception] = {}

    # -- raw data ---------------------------------------------------------------------------

    def raw(self, event: Any) -> Any:
        """Return the raw data of an event; None where it has none.

        Args:
            event: its row or its id.

        Raises:
            TypeError: it is neither.
            HttpNotFoundError: the event, or the file of its data, is not there.
            RestBaseException: the request failed otherwise.

        >>> from iotile_cloud import EventData
        >>> sorted(EventData("d--2102", api).raw(6))
        ['acc_x', 'acc_y', 'acc_z']
        """
        return fetched(self._api, event, Meter(self._deadline))

    def raws(
        self,
        events: Iterable[Any] | None = None,
        *,
        workers: int | None = None,
        errors: str = "raise",
    ) -> Iterator[tuple[Any, Any]]:
        """Yield each event with its raw data, None where it has none, in the order of the events.

        Several are fetched at the same time; no more are held than there are workers.

        Args:
            events: rows or ids; those of `rows()` when left out.
            workers: how many are fetched at the same time; None is that of the constructor.
            errors: "raise" ends with the first error, after the events before it; "collect"
                leaves such an event out and keeps the error in `errors`.

        Raises:
            TypeError: something is neither a row nor an id.
            ValueError: `workers` or `errors` make no sense.
            PartialDataError: the deadline is over, or there should have been more events.
            RestBaseException: as for `raw`.

        >>> from iotile_cloud import EventData
        >>> shocks = EventData("d--2102", api)
        >>> [max(data["acc_z"]) for event, data in shocks.raws(shocks.rows(lastn=2))]
        [2.327, 0.91]
        """
        if errors not in ("raise", "collect"):
            raise ValueError(f"errors must be 'raise' or 'collect', not {errors!r}")
        at_once = checked_workers(workers) or self._workers or WORKERS
        return self._raws(events, at_once, errors == "collect")

    def _raws(
        self, events: Iterable[Any] | None, workers: int, collect: bool
    ) -> Generator[tuple[Any, Any], None, None]:
        found: dict[int, Exception] = {}
        self.errors = found
        meter = Meter(self._deadline)

        def read(event: Any) -> Brought[Any, tuple[Any, Any]]:
            try:
                return Brought((event, fetched(self._api, event, meter)))
            except RestBaseException as error:
                if not collect:
                    raise
                meter.left()  # raises when the time for all is over
                found[event_id(event)] = error
                logger.warning("the raw data of event %s are left out: %s", event_id(event), error)
                return Brought(None)

        listing = _each(self.rows() if events is None else events)
        with closing(listing), closing(in_order(listing, read, workers)) as pairs:
            yield from pairs

    # -- faces ------------------------------------------------------------------------------

    def frame(self, *names: str, tz: Any = None, **params: Any) -> Any:
        """Return a pandas DataFrame of the events, in rows by `timestamp`.

        What `extra_data` holds becomes columns, such as `extra_data.peak`; names within names are
        joined by dots, and lists stay lists.  A column of numbers, texts or truths alone has their
        kind, any other holds objects.  Elsewhere (`columns`, Arrow, Parquet) `extra_data` is one
        column of JSON texts, so that its kind does not hang on what is in it.

        Args:
            names: the columns wanted; `extra_data` stands for all that it holds.
            tz, params: as for `StreamData.frame`.

        Raises:
            ImportError, TypeError, ValueError, PartialDataError, RestBaseException: as for
                `StreamData.frame`; the `rows` of a PartialDataError are rows.

        >>> from iotile_cloud import EventData
        >>> frame = EventData("d--2102", api).frame("has_raw_data", "extra_data", lastn=2)
        >>> list(frame), float(frame["extra_data.peak"].max())  # doctest: +ELLIPSIS
        (['has_raw_data', 'extra_data.axis', ..., 'extra_data.peak'], 9.31)
        """
        checked_zone(tz)
        wanted = checked_names(names, self._names)
        params = self._asked_for(params)
        events = self._collected(params) if params else self.data
        return event_frame(events, wanted, tz, self._about(params))

    def plot(self, *args: Any, **options: Any) -> NoReturn:
        """Raise TypeError: an event has no value; draw columns of `frame`, or raw data."""
        raise TypeError("events have no values to plot; draw a column of frame(), or raw data")

    def to_csv(self, path: Path, *names: str, **params: Any) -> None:
        """Write the events to a CSV file, in constant memory, with the columns of `frame`.

        Place, arguments and errors are as for `StreamData.to_csv`.

        >>> from iotile_cloud import EventData
        >>> EventData("d--2102", api).to_csv(folder / "shocks.csv", "extra_data", lastn=2)
        >>> (folder / "shocks.csv").read_text().splitlines()[1]
        '2024-03-06T01:00:00Z,x,7,9.31'
        """
        params = self._asked_for(params)
        wanted = checked_names(names, self._names)
        with replacing(path, sidecar(path)) as (file, side):
            with closing(self._row_blocks(params)) as blocks:
                write_event_csv(file, blocks, wanted)
            side.write(json_text(self._about(params)).encode())

    def _collected(self, params: Mapping[str, Any]) -> list[Any]:
        events: list[Any] = []
        try:
            for piece in self._row_pieces(params):
                events += piece
        except PartialDataError as error:
            error.rows = events
            raise
        return events

    def _about(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {**super()._about(params), "source": self._source}

    def _units(self, held: bool) -> None:
        """Return None: events have no units."""

    # -- the listing ------------------------------------------------------------------------

    def _pieces(self, query: Query) -> Generator[list[Any], None, None]:
        if not self._is_as_published():
            yield from super()._pieces(query)
            return
        order = None if self._stream_id else by_stream
        ask = partial(self._ask, query)
        yield from RawDownload(ask, query, self._meter, order, exact=True).rows()

    def _get_args_dict(self, page: int, **params: Any) -> dict[str, Any]:
        return super()._get_args_dict(page, **{"filter": self._source, **params})

    def _date_format(self, text: str) -> str:
        # The server takes a bare date for readings, but not for events.
        return utc_text(parse_utc(text))

    def _fetch_data(self, **params: Any) -> Any:
        return self._get(self._api.event, params, rows_decoder())

    _hooks: ClassVar[Hooks] = (_fetch_data, _get_args_dict)
