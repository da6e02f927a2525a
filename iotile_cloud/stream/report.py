"""Reports over many streams: find the streams, read each, add up.

Knows what a report looks like, and what of its sources it could not use.  How streams are found is
in `sources`, how they are read in `fleet`, what is added up in `tally`, how a report is written in
`report_text`.

Everything imported here can also be imported from here: published scripts do so.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pprint import pprint  # noqa: F401  (published name of this module)
from typing import Any, Callable

from ..api.connection import Api  # noqa: F401  (published name of this module)
from ..api.exceptions import HttpClientError, TransportError
from ..api.exceptions import HttpNotFoundError as HttpNotFoundError  # published name
from ..utils.basic import datetime_to_str
from ..utils.gid import *  # noqa: F403  (published: all slugs are names of this module)
from ..utils.gid import IOTileDeviceSlug, IOTileProjectSlug, IOTileStreamSlug
from .columns import Columns
from .curve import Curve
from .data import StreamData as StreamData  # published name
from .fleet import WORKERS, FleetData
from .limits import checked_workers
from .progress import Wish, checked_progress, shown
from .query import Query
from .receipt import Receipt
from .sources import listed, look_up, streams_of
from .tally import Tally, total_of

logger = logging.getLogger(__name__)

NO_STREAMS = "No streams were found for these GIDs"
KINDS = ("p--", "d--", "b--", "g--", "v--", "s--")
_FETCHERS = {
    "p--": "_fetch_streams_from_project_slug",
    "d--": "_fetch_streams_from_device_slug",
    "s--": "_fetch_stream_from_slug",
}


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
    def empty(self) -> list[str]:
        """The streams that were read and have no readings in the window."""
        return [slug for slug, one in self.streams.items() if one.complete and not one.received]

    @property
    def complete(self) -> bool:
        """Whether every source and stream was read to its end."""
        return not self.unreadable and all(one.complete for one in self.streams.values())


class BaseReportGenerator:
    """Finds the streams of its sources.  Derive from it and override `_process_data`.

    Args:
        api: an `Api` that has a token.
        workers: how many streams are read at the same time; None is 8.
        progress: called with the streams that are done and all streams; None shows a bar on a
            terminal where tqdm is installed, False nothing.
        plots: whether what a page needs to plot the streams is kept, too.

    Attributes:
        report: the last report, None before the first one.
        receipt: what it could and could not use.
        query: what was asked: `sources`, `start` and `end`.
        curves: the outline of each stream, where `plots` were asked for.

    Raises:
        TypeError, ValueError: `progress` or `workers` is something else.
    """

    def __init__(
        self,
        api: Any,
        *,
        workers: int | None = WORKERS,
        progress: Wish = None,
        plots: bool = False,
    ) -> None:
        self._api = api
        self._plots = plots
        self._workers = checked_workers(workers) or WORKERS
        self._progress = checked_progress(progress)
        self._forget()

    def _forget(self) -> None:
        self._streams: list[dict[str, Any]] = []
        self._stream_slugs: list[str] = []
        self.receipt = ReportReceipt()
        self.report: Any = None
        self.query: dict[str, Any] = {}
        self.curves: dict[str, Curve] = {}

    @property
    def about(self) -> dict[str, Any]:
        """What a page tells beside the last report: the rest of the arguments of `report_html`."""
        labels = {
            one["slug"]: one.get("data_label") or one.get("var_name") for one in self._streams
        }
        return {
            "query": self.query,
            "receipt": self.receipt,
            "series": self.curves,
            "labels": {slug: str(label) for slug, label in labels.items() if label},
        }

    def __repr__(self) -> str:
        made = f"{len(self._streams)} streams" if getattr(self, "report", None) else "no report yet"
        return f"<{type(self).__name__}: {made}>"

    def _repr_html_(self) -> str | None:
        """Return the last report for a notebook; nothing is asked for it."""
        from .notebook import report_fragment, shielded

        name = type(self).__name__
        return shielded(
            lambda: report_fragment(
                name, self.report, self.receipt, self.curves, self.about["labels"]
            )
        )

    def compute_sum(self, sources: Iterable[Any], start: Any, end: Any = None) -> Any:
        """Return the report over the streams of all `sources`.

        Args:
            sources: slugs, or one, as text or objects: projects (`p--`), devices (`d--`),
                archives (`b--`), fleets (`g--`) and variables (`v--`) stand for all their
                streams; short forms are good.  A stream counts once, however often it is named.
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
        asked = Query.of(window)  # a bad time is told before anything is asked
        self._forget()
        wanted = listed(sources)
        self.query = {"sources": wanted, **asked.arguments}
        for source, found in self._look_up(wanted):
            if isinstance(found, Exception):
                # Some errors of transport are ValueErrors as well, but say nothing of the source.
                about_it = isinstance(found, (HttpClientError, ValueError))
                if not about_it or isinstance(found, TransportError):
                    raise found
                known = source[:3].lower() in KINDS
                self._leave_out(source, str(found) if known else f"Illegal source slug: {source}")
            elif not found:
                self._leave_out(source, "no streams were found for it")
        if not self._stream_slugs:
            self.report = {"error": NO_STREAMS}
        else:
            self.report = self._process_data(**window)
        return self.report

    def _look_up(self, sources: list[str]) -> Iterator[tuple[str, int | Exception]]:
        """Yield each source with the number of its streams, or with what kept them away."""
        if all(_is_published(getattr(self, name), name) for name in _FETCHERS.values()):
            for source, found in look_up(self._api, sources, self._workers):
                yield source, self._add(found) if isinstance(found, list) else found
            return
        for source in sources:  # they may count on being called one after the other
            try:
                yield source, self._fetch(source)
            except (HttpClientError, ValueError) as error:
                yield source, error

    def _fetch(self, source: str) -> int:
        name = _FETCHERS.get(source[:3].lower())
        if name is None:
            return self._add(streams_of(self._api, source))
        fetch: Callable[[str], int] = getattr(self, name)
        return fetch(source)

    def _leave_out(self, source: str, reason: str) -> None:
        logger.error("%s is not in the report: %s", source, reason)
        self.receipt.unreadable[source] = reason

    def _fetch_streams_from_project_slug(self, slug: str) -> int:
        """Add all streams of a project (GET /stream/?project=), and return how many it has."""
        return self._add(streams_of(self._api, IOTileProjectSlug(slug)))

    def _fetch_streams_from_device_slug(self, slug: str) -> int:
        """Add all streams of a device (GET /stream/?device=), and return how many it has."""
        return self._add(streams_of(self._api, IOTileDeviceSlug(slug)))

    def _fetch_stream_from_slug(self, slug: str) -> int:
        """Add one stream (GET /stream/<slug>/), and return 1."""
        return self._add(streams_of(self._api, IOTileStreamSlug(slug)))

    def _add(self, streams: Sequence[dict[str, Any]]) -> int:
        for stream in streams:
            if stream["slug"] not in self._stream_slugs:
                self._stream_slugs.append(stream["slug"])
                self._streams.append(stream)
        return len(streams)

    def _process_data(self, start: Any, end: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must override _process_data")

    def _tallies(self, start: Any, end: Any) -> list[tuple[dict[str, Any], Tally]]:
        """Return the streams that can be read, with what their output values add up to."""
        fleet = FleetData.of_streams(
            self._api, self._streams, (HttpClientError,), workers=self._workers, progress=False
        )
        window = {"start": _time_text(start), "end": _time_text(end)}
        found: dict[str, Tally] = {}
        try:
            with shown(self._progress, " streams") as progress:
                reduce = _tally_and_curve if self._plots else _tally
                for slug, (tally, curve) in fleet.reduced(reduce, ("output_value",), **window):
                    found[slug] = tally
                    if curve is not None:
                        self.curves[slug] = curve
                    if progress:
                        progress(len(found), len(self._streams))
                if progress and len(found) < len(self._streams):  # some cannot be read
                    progress(len(self._streams), len(self._streams))
        finally:
            self._tell(fleet, found)
        return [(one, found[one["slug"]]) for one in self._streams if one["slug"] in found]

    def _tell(self, fleet: FleetData, found: Mapping[str, Tally]) -> None:
        """Put into log and receipt what the streams were like."""
        for slug in fleet.streams():
            if slug in fleet.receipts:
                self.receipt.streams[slug] = fleet.receipts[slug]
            if slug in fleet.errors:
                self._leave_out(slug, str(fleet.errors[slug]))
            elif slug in found and found[slug].nulls:
                nulls = self.receipt.nulls[slug] = found[slug].nulls
                logger.warning("%s: %d readings without a value are left out", slug, nulls)


class AccumulationReportGenerator(BaseReportGenerator):
    """Adds up the output values of streams.

    >>> generator = AccumulationReportGenerator(api)
    >>> report = generator.compute_sum(["p--0101"], start="2024-03-05T00:00:00Z")
    >>> sorted(report), generator.receipt.complete
    (['streams', 'total'], True)
    """

    def _process_data(self, start: Any, end: Any) -> dict[str, Any]:
        """Return `{'streams': {slug: {'sum', 'units'}}, 'total'}`; zero sums are left out."""
        tallies = self._tallies(start, end)
        sums = {
            stream["slug"]: {"sum": tally.total, "units": _unit(stream)}
            for stream, tally in tallies
            if tally.total
        }
        return {"streams": sums, "total": total_of(one["sum"] for one in sums.values())}


class StatisticsReportGenerator(BaseReportGenerator):
    """Describes the output values of streams: `compute_sum` as for sums, with other contents.

    A report is `{'streams': {slug: {...}}}` with, for each stream that can be read, `count`
    (readings with a value), `min`, `max`, `mean`, `first` and `last` (values of the earliest and
    the latest reading), `first_time` and `last_time` (theirs, in UTC) and `units`.  What an empty
    stream does not have is None.

    >>> from iotile_cloud.stream.report import StatisticsReportGenerator
    >>> generator = StatisticsReportGenerator(api, workers=4)
    >>> report = generator.compute_sum(["d--2001"], start="2024-03-05", end="2024-03-06")
    >>> [one["count"] for one in report["streams"].values()], generator.receipt.empty
    ([1440, 144], [])
    """

    def _process_data(self, start: Any, end: Any) -> dict[str, Any]:
        tallies = self._tallies(start, end)
        streams = {
            stream["slug"]: {**tally.statistics, "units": _unit(stream)}
            for stream, tally in tallies
        }
        return {"streams": streams}


def _tally(blocks: Iterator[Columns]) -> tuple[Tally, Curve | None]:
    return Tally.of(blocks, "output_value"), None


def _tally_and_curve(blocks: Iterator[Columns]) -> tuple[Tally, Curve | None]:
    curve = Curve()
    return Tally.of(curve.watching(blocks, "output_value"), "output_value"), curve


def _unit(stream: Mapping[str, Any]) -> Any:
    return (stream.get("output_unit") or {}).get("unit_short", "")


def _time_text(moment: Any) -> Any:
    return datetime_to_str(moment) if isinstance(moment, datetime) else moment


def _is_published(method: Any, name: str) -> bool:
    return getattr(method, "__func__", None) is getattr(BaseReportGenerator, name)
