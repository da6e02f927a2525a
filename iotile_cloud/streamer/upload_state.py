"""What has become of an uploaded report, told from what the cloud shows of it.

Pure: what was seen is an argument, so that every course of events can be tried without a server.
Does not know how one looks, nor how long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..utils.basic import parse_utc
from .streams import REBOOT

if TYPE_CHECKING:
    from .report import Report

__all__ = ["Claim", "Seen", "State", "Verdict", "judge"]

State = Literal[
    "stored", "partly stored", "known", "not stored", "timed out", "unseen", "held back"
]


@dataclass(frozen=True)
class Claim:
    """A report with the time by which, too, the cloud's record of it is known.

    Args:
        report: what is uploaded.
        received: when it came in, as the cloud is told (UTC).
    """

    report: Report
    received: datetime

    @cached_property
    def first(self) -> int:
        """The lowest id in it that is not 0; 0 when there is none."""
        return self.report.lowest_id

    @cached_property
    def last(self) -> int:
        """The highest id in it; 0 when there is none."""
        return self.report.highest_id

    def is_record(self, record: Mapping[str, Any]) -> bool:
        """Tell whether a row of GET `/streamer/report/` can be of an upload of this report."""
        report = self.report
        span = (record.get("original_first_id"), record.get("original_last_id"))
        return (
            record.get("streamer") == str(report.streamer)
            and record.get("device_sent_timestamp") == report.sent_timestamp
            and (record.get("incremental_id") or 0) == report.report_id
            and span in ((None, None), (self.first, self.last))
            and _moment(record.get("sent_timestamp")) == self.received
        )


@dataclass(frozen=True)
class Seen:
    """What one look at the cloud showed.

    Args:
        last_id: the highest id that is acknowledged; None: no such streamer is to be seen.
        is_system: whether the streamer sends system streams.
        engine: which engine reads its reports; None: not known.
        records: rows of GET `/streamer/report/`.
        is_hidden: whether this user may not see the device, and so will never see more.
    """

    last_id: int | None
    is_system: bool = False
    engine: int | None = None
    records: Sequence[Mapping[str, Any]] = ()
    is_hidden: bool = False

    def covers(self, claim: Claim) -> bool:
        """Tell whether every id of a report is acknowledged, so that nothing of it can be new."""
        return 0 < claim.last <= (self.last_id or 0)


class Verdict(NamedTuple):
    """What is known of an upload.

    Args:
        state: as in `UploadResult`.
        stored: how many readings and events it brought; None: that cannot be told.
        record: the id of the cloud's record; None: there is none, or it cannot be told.
        final: whether waiting can change it no more.
    """

    state: State
    stored: int | None
    record: str | None
    final: bool


def judge(claim: Claim, before: Seen, now: Seen) -> Verdict:
    """Return what has become of a report that was sent.

    A record does not say which of two equal uploads left it.  A single one is taken to be ours;
    of several none is.

    Args:
        before: what was seen before it was sent.
        now: what is seen now.

    >>> from datetime import timezone
    >>> noon = datetime(2024, 3, 5, 12, tzinfo=timezone.utc)
    >>> from iotile_cloud.streamer import Reading, SignedListReport
    >>> report = SignedListReport.from_readings("d--2001", [Reading(0x5001, 42, reading_id=7)])
    >>> judge(Claim(report, noon), Seen(6), Seen(6)).state
    'timed out'
    """
    old = {record["id"] for record in before.records}
    mine = [one for one in now.records if one["id"] not in old and claim.is_record(one)]
    told = len(mine) <= 1
    record = mine[0]["id"] if mine and told else None
    finished = [one for one in mine if one.get("actual_last_id") is not None]
    spans = [(one["actual_first_id"] or 0, one["actual_last_id"]) for one in finished]
    spans = [span for span in spans if span[1]]
    if spans:
        final = (now.last_id or 0) >= max(last for _, last in spans)
        taken = _taken(claim.report, spans)
        state: State = "stored" if len(taken) == claim.report.count else "partly stored"
        # Of reboots the cloud takes note, and keeps the rows of system streamers only.
        kept = len(taken) - (0 if now.is_system else taken.count(REBOOT))
        return Verdict(state, kept if told else None, record, final)
    if finished and not claim.report.count:
        return Verdict("stored", 0, record, True)
    if now.covers(claim):
        return Verdict("known", 0 if finished else None, record, bool(finished) or not mine)
    if now.is_hidden:
        return Verdict("unseen", None, None, True)
    read = any(one.get("original_last_id") is not None for one in mine)
    return Verdict("not stored" if read else "timed out", 0 if finished else None, record, False)


def _moment(text: Any) -> datetime | None:
    try:
        return parse_utc(text)
    except ValueError:
        return None


def _taken(report: Report, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return the streams of what was new: no id is in two spans, since the cloud takes it once."""
    readings, events = report.readings, report.events
    rows = chain(
        zip(readings.reading_id, readings.stream),
        ((event.reading_id, event.stream) for event in events),
    )
    return [stream for i, stream in rows for first, last in spans if first <= i <= last]
