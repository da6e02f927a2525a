"""What has become of an uploaded report, told from what the cloud shows of it.

Pure: what was seen is an argument, so that every course of events can be tried without a server.
Does not know how one looks, nor how long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, NamedTuple

from ..utils.basic import parse_utc

__all__ = ["Claim", "Seen", "State", "Verdict", "judge"]

State = Literal["stored", "partly stored", "known", "lost", "timed out", "unseen", "held back"]
_REBOOT = 0x5C00  # the cloud takes note of it, and keeps the row of system streamers only


@dataclass(frozen=True)
class Claim:
    """What a report says of itself, by which the cloud's record of it is known.

    Args:
        streamer: slug of the streamer.
        report_id: counts up on the device.
        uptime: of the device in seconds when it sent the report.
        received: when the report came in, as the cloud is told (UTC).
        ids: the id of each reading and event; 0 is none.
        streams: the local id of the stream of each, in the same order.
    """

    streamer: str
    report_id: int
    uptime: int
    received: datetime
    ids: Sequence[int]
    streams: Sequence[int]

    @cached_property
    def first(self) -> int:
        """The lowest id in it that is not 0; 0 when there is none."""
        return min((number for number in self.ids if number), default=0)

    @cached_property
    def last(self) -> int:
        """The highest id in it; 0 when there is none."""
        return max(self.ids, default=0)

    def is_record(self, record: Mapping[str, Any]) -> bool:
        """Tell whether a row of GET `/streamer/report/` can be of an upload of this report."""
        said = {
            "streamer": self.streamer,
            "incremental_id": self.report_id,
            "device_sent_timestamp": self.uptime,
        }
        span = (record.get("original_first_id"), record.get("original_last_id"))
        return (
            all(record.get(name) == value for name, value in said.items())
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
    """

    last_id: int | None
    is_system: bool = False
    engine: int | None = None
    records: Sequence[Mapping[str, Any]] = ()

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


def judge(claim: Claim, before: Seen, now: Seen, sends: int) -> Verdict:
    """Return what has become of a report.

    Args:
        before: what was seen before it was sent.
        now: what is seen now.
        sends: how many times it was sent.

    >>> from datetime import timezone
    >>> noon = datetime(2024, 3, 5, 12, tzinfo=timezone.utc)
    >>> claim = Claim("t--0000-0000-0000-2001--0000", 9, 60, noon, [7, 8], [0x5001] * 2)
    >>> judge(claim, Seen(6), Seen(6), sends=1).state
    'timed out'
    """
    old = {record["id"] for record in before.records}
    mine = [one for one in now.records if one["id"] not in old and claim.is_record(one)]
    told = len(mine) <= sends  # else somebody else sent the same at the same time
    record = mine[-1]["id"] if mine and told else None
    finished = [one for one in mine if one.get("actual_last_id") is not None]
    spans = [(one["actual_first_id"], one["actual_last_id"]) for one in finished]
    spans = [span for span in spans if span[1]]
    if spans:
        record = next(one["id"] for one in finished if one["actual_last_id"]) if told else None
        final = (now.last_id or 0) >= max(last for _, last in spans)
        taken = _taken(claim, spans)
        state: State = "stored" if len(taken) == len(claim.ids) else "partly stored"
        kept = len(taken) - (0 if now.is_system else taken.count(_REBOOT))
        return Verdict(state, kept if told else None, record, final)
    if finished and not claim.ids:
        return Verdict("stored", 0, record, True)
    if now.covers(claim):
        return Verdict("known", 0 if finished else None, record, bool(finished) or not mine)
    return Verdict(_unfinished(now, mine), 0 if finished else None, record, False)


def _moment(text: Any) -> datetime | None:
    try:
        return parse_utc(text)
    except ValueError:
        return None


def _unfinished(now: Seen, mine: Sequence[Mapping[str, Any]]) -> State:
    if now.last_id is None and not mine:
        return "unseen"
    read = any(one.get("original_last_id") is not None for one in mine)
    return "lost" if read else "timed out"


def _taken(claim: Claim, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return the streams of what was new: no id is in two spans, since the cloud takes it once."""
    rows = [(first, last, zip(claim.ids, claim.streams)) for first, last in spans]
    return [stream for first, last, each in rows for i, stream in each if first <= i <= last]
