"""Uploads of device reports that know what arrived: `upload_report` and `upload_reports`.

The cloud answers before it stores: its 201 is a receipt.  What was stored is told by the streamer,
whose `last_id` is the acknowledgement, and by the record that stays of each report.  Knows which
report goes first; how one is sent and followed is in `courier`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable, Union

from ..api.exceptions import RestBaseException
from ._waiting import Waiting
from .courier import Courier, UploadResult
from .parcel import Moment, Parcel, Source

__all__ = ["UploadResult", "Uploads", "file_time", "upload_report", "upload_reports"]

WAIT = 60.0  # seconds
_COLLECTED = {"raise": (), "collect": (RestBaseException, ValueError, OSError, ImportError)}
Path = Union[str, "os.PathLike[str]"]


def upload_report(
    api: Any,
    report: Source,
    timestamp: Moment = None,
    *,
    wait: float = WAIT,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> UploadResult:
    """Upload a report, and return when it is known what became of it (POST /streamer/report/).

    Nothing is sent when the cloud has acknowledged all its readings before.  When a reply is lost,
    what the cloud shows decides whether the report is sent again; it stores no reading twice.

    Args:
        api: an `Api` that has a token.
        report: a report, its bytes, its open file or the path of it, whose name does not matter.
        timestamp: when the report came in from the device: ISO 8601 text or a datetime, naive is
            UTC.  Readings that count from the start of the device get their time by it.  None:
            `report.received`, or else now, which is right only for one that has just come in.
        wait: seconds to wait at the most for the cloud to store it, and as many to get it there
            against failures; 0 sends once and looks once.  A request that has begun takes as long
            as `api` gives it.
        sleep, clock: waiting, and a monotonic clock in seconds.

    Raises:
        ReportError: it is damaged, or the cloud takes none of its kind; nothing was sent.
        ValueError, TypeError: an argument makes no sense; nothing was sent.
        OSError: the file cannot be read.
        ImportError: it is msgpack, and the extra `[msgpack]` is not installed.
        HttpNotFoundError: the cloud does not know the device.
        HttpBadRequestError: the device is not claimed; `detail` tells.
        HttpAuthenticationError: there is no token, or it has ended.
        RestBaseException: another leaf of the tree.  After a TransportError the cloud may have
            received the report; to upload it again does no harm, and tells.

    >>> from iotile_cloud.streamer import Reading, SignedListReport
    >>> old = SignedListReport.from_readings("d--2001", [Reading(0x5001, 42, reading_id=1)])
    >>> result = upload_report(api, old)
    >>> result.state, result.arrived, result.sends
    ('known', True, 0)
    """
    parcel = Parcel.of(report, timestamp)
    return Courier(api, parcel, Waiting(wait, sleep, clock)).run()


@dataclass
class Uploads:
    """What became of several reports: each path is in one of the two, in the order given.

    Args:
        results: by path, what became of the report.
        errors: by path, what kept it from being uploaded.
    """

    results: dict[str, UploadResult] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)

    @property
    def arrived(self) -> bool:
        """Whether every reading of every report is acknowledged."""
        return not self.errors and all(one.arrived for one in self.results.values())


def upload_reports(
    api: Any,
    paths: Path | Iterable[Path],
    timestamp: Moment | Callable[[str], Moment] = None,
    *,
    errors: str = "raise",
    **options: Any,
) -> Uploads:
    """Upload the reports in files, in the order in which their devices made them.

    The cloud takes no reading whose id is below one that it has acknowledged, and says nothing of
    it.  So the reports of a streamer go by their ids, whatever the order of `paths`; and behind
    one that has not arrived the later ones of its streamer are held back, to be uploaded with it
    another time.

    Args:
        api: an `Api` that has a token.
        paths: of the files, or one.  All are read before the first is sent.
        timestamp: as for `upload_report`, the same for all, or a function that returns that of a
            path, such as `file_time`.
        errors: "raise" ends with the first error, whose attribute `uploads` tells of the reports
            before it; "collect" goes on with the others.
        options: `wait`, `sleep` and `clock` as for `upload_report`.

    Raises:
        ValueError: `errors` is something else.
        ReportError, OSError, RestBaseException: as for `upload_report`, unless collected.
        KeyboardInterrupt: with the attribute `uploads` as well.

    >>> from iotile_cloud.streamer import Reading, SignedListReport
    >>> old = SignedListReport.from_readings("d--2001", [Reading(0x5001, 42, reading_id=1)])
    >>> size = (folder / "old.bin").write_bytes(old.encode())
    >>> uploads = upload_reports(api, folder.glob("*.bin"), file_time)
    >>> [result.state for result in uploads.results.values()], uploads.arrived
    (['known'], True)
    """
    if errors not in _COLLECTED:
        raise ValueError(f"errors must be 'raise' or 'collect', not {errors!r}")
    each = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    names = list(dict.fromkeys(os.fspath(path) for path in each))
    batch = _Batch(api, timestamp, _COLLECTED[errors], options)
    try:
        batch.send(sorted(batch.read(names)))
    except BaseException as error:  # Ctrl-C as well
        vars(error)["uploads"] = batch.uploads(names)
        raise
    return batch.uploads(names)


def file_time(path: Path) -> datetime:
    """Return when a file was last written, in UTC: when its report came in, if it is no copy.

    Raises:
        OSError: there is no such file.

    >>> path = folder / "new.mp"
    >>> size = path.write_bytes(b"")
    >>> os.utime(path, (1709856000, 1709856000))
    >>> file_time(path).isoformat()
    '2024-03-08T00:00:00+00:00'
    """
    return datetime.fromtimestamp(os.stat(path).st_mtime, timezone.utc)


class _Batch:
    """Reports on their way, and what became of those before them."""

    def __init__(
        self,
        api: Any,
        timestamp: Moment | Callable[[str], Moment],
        collected: tuple[type[Exception], ...],
        options: dict[str, Any],
    ) -> None:
        self._api, self._timestamp, self._options = api, timestamp, options
        self._collected = collected
        self._results: dict[str, UploadResult] = {}
        self._errors: dict[str, Exception] = {}

    def uploads(self, names: Iterable[str]) -> Uploads:
        """Return what became of all so far, in the order of `names`."""
        done, failed = self._results, self._errors
        return Uploads(
            {name: done[name] for name in names if name in done},
            {name: failed[name] for name in names if name in failed},
        )

    def read(self, names: Iterable[str]) -> list[tuple[str, int, int, str]]:
        """Return streamer, first and last id and path of each report that can be sent.

        The contents are not kept: there may be many, and large ones.
        """
        found = []
        for name in names:
            try:
                claim = Parcel.of(name, self._time(name)).claim
            except self._collected as error:
                self._errors[name] = error
            else:
                found.append((str(claim.report.streamer), claim.first, claim.last, name))
        return found

    def send(self, reports: Iterable[tuple[str, int, int, str]]) -> None:
        """Upload reports in this order, but none behind one of its streamer that is missing."""
        stuck = set()
        for streamer, _, last, name in reports:
            if streamer in stuck:
                self._results[name] = UploadResult("held back", streamer, highest_id=last)
                continue
            try:
                result = upload_report(self._api, name, self._time(name), **self._options)
            except self._collected as error:
                self._errors[name] = error
                stuck.add(streamer)
            else:
                self._results[name] = result
                # Of a device of others nothing is ever seen: that is no reason to stop.
                if not result.arrived and (result.state != "unseen" or result.problem):
                    stuck.add(streamer)

    def _time(self, name: str) -> Moment:
        return self._timestamp(name) if callable(self._timestamp) else self._timestamp
