"""Brings one report to the cloud and follows what becomes of it.

Looks, sends and waits.  What all that means is decided in `upload_state`; what is sent is made in
`parcel`.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from ..api.exceptions import (
    HttpNotFoundError,
    HttpServerError,
    HttpTooManyRequestsError,
    HttpUnexpectedReplyError,
    PartialDataError,
    RestBaseException,
    TransportError,
)
from ..utils.basic import datetime_to_str, utc_text
from ._waiting import Waiting
from .errors import ReportError
from .parcel import Parcel
from .upload_state import Seen, State, judge

__all__ = ["Courier", "UploadResult"]

_MOST_SENDS = 4
_MOST_LOOKS = 4  # for a report whose record is there, before it is sent again
_UNCERTAIN = (TransportError, HttpServerError, HttpTooManyRequestsError, HttpUnexpectedReplyError)
_PASSING = (*_UNCERTAIN, PartialDataError)  # errors of a look: the next one may show more
_READ = ("stored", "partly stored", "lost")
_GATEWAY = (429, 502, 503, 504)  # of these nobody knows whether the request was done
_NEWEST_ENGINE = 2


@dataclass(frozen=True)
class UploadResult:
    """What became of a report.

    Args:
        state: in words:

            - "stored": each of its readings, by this upload;
            - "partly stored": some of them; the cloud had acknowledged the ids of the others
              before, or they have none;
            - "known": nothing, since all its ids are acknowledged: the cloud has these readings,
              or has later ones and takes no earlier ones any more;
            - "lost": the cloud has read the report, and by the end of the wait stored nothing;
            - "timed out": it has received the report, and by the end of the wait shows no more;
            - "unseen": it has received the report, and does not show this user what became of it;
            - "held back": nothing; `upload_reports` did not send it, see there.
        streamer: slug of the streamer.
        count: readings and events in the report.
        stored: how many of them this upload brought, without those that the cloud never keeps
            (reboots of user streams); None when that cannot be told, as when two send the same
            report with the same time at once.
        acknowledged: the streamer's `last_id` now; None when there is none to be seen.
        highest_id: the highest reading id in the report.
        sends: how often it was sent; 0 when nothing new was in it.
        record: the id of the cloud's record, for GET `/streamer/report/<id>/`; None: not told.
        problem: the error that kept us from seeing more; None: there was none.
    """

    state: State
    streamer: str = ""
    count: int = 0
    stored: int | None = 0
    acknowledged: int | None = None
    highest_id: int = 0
    sends: int = 0
    record: str | None = None
    problem: Exception | None = None

    @property
    def arrived(self) -> bool:
        """Whether every id of the report is acknowledged: a device may forget its readings."""
        return self.acknowledged is not None and self.acknowledged >= self.highest_id


class Courier:
    """Carries one report.

    Args:
        api: an `Api` that has a token.
        parcel: the report.
        waiting: how long to wait at the most, for the delivery and again for what follows.
    """

    def __init__(self, api: Any, parcel: Parcel, waiting: Waiting) -> None:
        self._api, self._parcel, self._claim = api, parcel, parcel.claim
        self._waiting = waiting
        self._count = len(parcel.claim.ids)
        self._sends = 0

    def run(self, again: bool) -> UploadResult:
        """Send the report, unless all of it is known, and return what became of it.

        Args:
            again: whether to send also what is known.

        Raises:
            ReportError, RestBaseException: as for `upload_report`.
        """
        before = self._look()
        if before.covers(self._claim) and not again:
            return self._result("known", before)
        old = before.engine is not None and before.engine < _NEWEST_ENGINE
        if self._parcel.is_flexible and old:
            raise ReportError(
                f"{self._claim.streamer} has engine {before.engine}, which breaks on a flexible "
                f"report; engine {_NEWEST_ENGINE} reads them"
            )
        self._deliver(before)
        return self._follow(before)

    def _look(self) -> Seen:
        """Return what the cloud shows now: the records first, since they end before `last_id`."""
        slug, received = self._claim.streamer, self._claim.received
        listing = self._api.streamer.report.each(
            streamer__slug=slug,
            start=datetime_to_str(received),
            end=datetime_to_str(received + timedelta(seconds=1)),
        )
        records = tuple(listing)
        try:
            streamer = self._api.streamer(slug).get()
        except HttpNotFoundError:
            return Seen(None, records=records)
        if not isinstance(streamer, dict) or not isinstance(streamer.get("last_id"), int):
            raise HttpUnexpectedReplyError(f"a streamer was expected, not {streamer!r:.200}")
        system, engine = streamer.get("is_system"), streamer.get("process_engine_ver")
        return Seen(streamer["last_id"], bool(system), engine, records)

    # -- sending ----------------------------------------------------------------------------

    def _deliver(self, before: Seen) -> None:
        """Send until there is a receipt, or a sign that the cloud has the report."""
        self._waiting.restart()
        while True:
            try:
                return self._send()
            except _UNCERTAIN as error:
                refused = (error.status_code or 0) >= 400 and error.status_code not in _GATEWAY
                if refused or self._sends == _MOST_SENDS:
                    raise
                if not self._waiting.pause(error.retry_after):
                    raise
                if self._is_there(before):
                    return None

    def _send(self) -> None:
        self._sends += 1
        file = (self._parcel.name, io.BytesIO(self._parcel.content))
        received = utc_text(self._claim.received)
        try:
            reply = self._api.streamer(action="report").upload_fp(file, timestamp=received)
        except HttpNotFoundError as error:
            device = self._claim.streamer[3:22]
            error.args = (f"{error} (there is no device d--{device})", *error.args[1:])
            raise
        if not isinstance(reply, dict) or not isinstance(reply.get("count"), int):
            text = f"no receipt for a report: a count was expected, not {reply!r:.200}"
            raise HttpUnexpectedReplyError(text)
        self._count = reply["count"]

    def _is_there(self, before: Seen) -> bool:
        """Tell whether the report arrived although its receipt did not.

        A record alone is no proof, since one stays also when the server could not keep the file:
        it is given some time to be read.
        """
        for _ in range(_MOST_LOOKS):
            try:
                verdict = judge(self._claim, before, self._look(), self._sends)
            except _PASSING:
                return False
            if verdict.final or verdict.state in _READ:
                return True
            if verdict.record is None or not self._waiting.pause():
                return False
        return False

    # -- following --------------------------------------------------------------------------

    def _follow(self, before: Seen) -> UploadResult:
        """Wait until it is clear what became of the report, or the wait is over."""
        self._waiting.restart()
        latest, problem = before, None
        while True:
            try:
                latest, problem = self._look(), None
            except RestBaseException as error:
                problem = error
            verdict = judge(self._claim, before, latest, self._sends)
            passing = problem is None or isinstance(problem, _PASSING)
            if verdict.final or not passing or not self._waiting.pause():
                break
        blind = problem is not None and verdict.state == "timed out"
        result = self._result("unseen" if blind else verdict.state, latest)
        return replace(result, stored=verdict.stored, record=verdict.record, problem=problem)

    def _result(self, state: State, seen: Seen) -> UploadResult:
        return UploadResult(
            state,
            self._claim.streamer,
            self._count,
            acknowledged=seen.last_id,
            highest_id=self._claim.last,
            sends=self._sends,
        )
