"""Reports over many streams: find the streams, read each, add up.

Knows which sources name streams (projects, devices, streams) and what a report looks like.  How
readings are downloaded is in `data`.

Everything imported here can also be imported from here: published scripts do so.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from math import fsum
from pprint import pprint  # noqa: F401  (published name of this module)
from typing import Any, Callable

from ..api.connection import Api  # noqa: F401  (published name of this module)
from ..api.exceptions import HttpClientError, HttpUnexpectedReplyError, TransportError
from ..api.exceptions import HttpNotFoundError as HttpNotFoundError  # published name
from ..utils.basic import datetime_to_str
from ..utils.gid import *  # noqa: F403  (published: all slugs are names of this module)
from ..utils.gid import (
    IOTileCloudSlug,
    IOTileDeviceSlug,
    IOTileProjectSlug,
    IOTileStreamSlug,
)
from .data import StreamData
from .query import Query
from .receipt import Receipt

logger = logging.getLogger(__name__)

NO_STREAMS = "No streams were found for these GIDs"


@dataclass
class ReportReceipt:
    """What a report could and could not use.

    Attributes:
        streams: the account of each stream's download.
        nulls: how many readings of a stream had no value, for streams that have such.
        unreadable: sources and streams that were left out, with the reason.
    """

    streams: dict[str, Receipt] = field(default_factory=dict)
    nulls: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every source and stream was read to its end."""
        return not self.unreadable and all(one.complete for one in self.streams.values())


class BaseReportGenerator:
    """Finds the streams of its sources.  Derive from it and override `_process_data`.

    Args:
        api: an `Api` that has a token.

    Attributes:
        receipt: what the last report could and could not use.
    """

    def __init__(self, api: Any) -> None:
        self._api = api
        self._forget()

    def _forget(self) -> None:
        self._streams: list[dict[str, Any]] = []
        self._stream_slugs: list[str] = []
        self.receipt = ReportReceipt()

    def compute_sum(self, sources: Iterable[Any], start: Any, end: Any = None) -> Any:
        """Return the report over the streams of all `sources`.

        Args:
            sources: slugs, or one, as text or objects: projects (`p--`) and devices (`d--`)
                stand for all their streams; short forms are good.  A stream counts once, however
                often it is named.
            start: begin of the window, inclusive: a datetime (UTC if naive) or ISO 8601 text.
            end: its end, exclusive; now by default.

        Returns:
            what `_process_data` makes of the streams; `{'error': ...}` if there are none.  A
            source that is malformed, unknown, without streams or not readable (which may be for
            want of a good token) is logged as an error and told in `receipt`.

        Raises:
            TypeError, ValueError: a time makes no sense.
            PartialDataError, HttpServerError, TransportError: the report would be short.
        """
        window = {"start": start, "end": datetime.now(timezone.utc) if end is None else end}
        Query.of(window)  # a bad time is told before anything is asked
        self._forget()
        one = isinstance(sources, (str, IOTileCloudSlug))
        for source in [sources] if one else sources:
            self._fetch(str(source))
        if not self._stream_slugs:
            return {"error": NO_STREAMS}
        return self._process_data(**window)

    def _fetch(self, source: str) -> None:
        fetchers: dict[str, Callable[[str], int]] = {
            "p--": self._fetch_streams_from_project_slug,
            "d--": self._fetch_streams_from_device_slug,
            "s--": self._fetch_stream_from_slug,
        }
        fetch = fetchers.get(source[:3].lower())
        if fetch is None:
            self._leave_out(source, f"Illegal source slug: {source}")
            return
        try:
            if not fetch(source):
                self._leave_out(source, "no streams were found for it")
        except TransportError:
            raise  # some are ValueErrors as well, but say nothing of the source
        except (HttpClientError, ValueError) as error:
            self._leave_out(source, str(error))

    def _leave_out(self, source: str, reason: str) -> None:
        logger.error("%s is not in the report: %s", source, reason)
        self.receipt.unreadable[source] = reason

    def _fetch_streams_from_project_slug(self, slug: str) -> int:
        """Add all streams of a project (GET /stream/?project=), and return how many it has."""
        return self._add(self._api.stream.each(project=str(IOTileProjectSlug(slug))))

    def _fetch_streams_from_device_slug(self, slug: str) -> int:
        """Add all streams of a device (GET /stream/?device=), and return how many it has."""
        return self._add(self._api.stream.each(device=str(IOTileDeviceSlug(slug))))

    def _fetch_stream_from_slug(self, slug: str) -> int:
        """Add one stream (GET /stream/<slug>/), and return 1."""
        return self._add([self._api.stream(str(IOTileStreamSlug(slug))).get()])

    def _add(self, streams: Iterable[Any]) -> int:
        found = list(streams)
        for stream in found:
            slug = stream.get("slug") if isinstance(stream, dict) else None
            if not slug:
                raise HttpUnexpectedReplyError(f"a stream was expected, not {stream!r}")
            if slug not in self._stream_slugs:
                self._stream_slugs.append(slug)
                self._streams.append(stream)
        return len(found)

    def _process_data(self, start: Any, end: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must override _process_data")


class AccumulationReportGenerator(BaseReportGenerator):
    """Adds up the output values of streams.

    >>> generator = AccumulationReportGenerator(api)
    >>> report = generator.compute_sum(["p--0101"], start="2024-03-05T00:00:00Z")
    >>> sorted(report), generator.receipt.complete
    (['streams', 'total'], True)
    """

    def _process_data(self, start: Any, end: Any) -> dict[str, Any]:
        """Return `{'streams': {slug: {'sum', 'units'}}, 'total'}`; zero sums are left out."""
        sums: dict[str, dict[str, Any]] = {}
        for stream in self._streams:
            slug = stream["slug"]
            try:
                total = self._sum_of(slug, start, end)
            except HttpClientError as error:
                self._leave_out(slug, str(error))
                continue
            if total:
                unit = stream.get("output_unit") or {}
                sums[slug] = {"sum": total, "units": unit.get("unit_short", "")}
        return {"streams": sums, "total": fsum(one["sum"] for one in sums.values())}

    def _sum_of(self, slug: str, start: Any, end: Any) -> float:
        readings = StreamData(slug, self._api)
        try:
            readings.initialize_from_server(start=_time_text(start), end=_time_text(end))
        finally:
            self.receipt.streams[slug] = readings.receipt
        values = [row.get("output_value") for row in readings.data]
        nulls = values.count(None)
        if nulls:
            logger.warning("%s: %d readings without a value are not in the sum", slug, nulls)
            self.receipt.nulls[slug] = nulls
        return fsum(value for value in values if value is not None)


def _time_text(moment: Any) -> Any:
    return datetime_to_str(moment) if isinstance(moment, datetime) else moment
