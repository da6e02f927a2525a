"""Brings one report to the cloud and follows what becomes of it.

Looks, sends and waits.  What all that means is decided in `upload_state`; what is sent is made in
`parcel`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from ..api.exceptions import (
    HttpNotFoundError,
    HttpPermissionError,
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
_ARRIVED = ("stored", "partly stored", "known", "not stored")
_GATEWAY = (429, 502, 503, 504)  # of these nobody knows whether the request was done
_NEWEST_ENGINE = 2
# What is used of a reply: name -> the types that it may have; None is a field that is not there.
_NUMBER = (int, type(None))
_RECEIPT: Mapping[str, tuple[type, ...]] = {"count": (int,)}
_STREAMER = {"last_id": (int,), "process_engine_ver": _NUMBER}
_RECORD = {"id": (str,), **dict.fromkeys(("actual_first_id", "actual_last_id"), _NUMBER)}


@dataclass(frozen=True)
class UploadResult:
    """What became of a report.

    Args:
        state: in words:

            - "stored": each of its readings, by this upload;
            - "partly stored": some of them; the cloud had acknowledged the ids of the others
              before, or they have none;
            - "known": nothing, as far as the cloud shows, since all its ids are acknowledged: it
              has these readings, or has later ones and takes no earlier ones any more;
            - "not stored": the cloud has read the report, and by the end of the wait stored
              nothing; later it mostly does not either;
            - "timed out": it has received the report, and by the end of the wait shows no more;
            - "unseen": it has received the report, and does not show this user the device, or
              could not be asked any more (`problem`);
            - "held back": nothing; `upload_reports` did not send it, see there.
        streamer: slug of the streamer.
        count: readings and events in the report.
        stored: how many of them this upload brought, without those that the cloud never keeps
            (reboots of user streams); None when that cannot be told, as when the same report was
            sent several times with the same time, by us or by others.
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
        self._report, self._streamer = parcel.claim.report, str(parcel.claim.report.streamer)
        self._waiting = waiting
        self._sends = 0

    def run(self) -> UploadResult:
        """Send the report, unless all of it is known, and return what became of it.

        Raises:
            ReportError, RestBaseException: as for `upload_report`.
        """
        before = self._look()
        if before.covers(self._claim):
            return self._result("known", before)
        old = before.engine is not None and before.engine < _NEWEST_ENGINE
        if self._parcel.is_flexible and old:
            raise ReportError(
                f"{self._streamer} has engine {before.engine}, which breaks on a flexible "
                f"report; engine {_NEWEST_ENGINE} reads them"
            )
        self._deliver(before)
        return self._follow(before)

    def _look(self) -> Seen:
        """Return what the cloud shows now: the records first, since they end before `last_id`."""
        received = self._claim.received
        listing = self._api.streamer.report.each(
            streamer__slug=self._streamer,
            start=datetime_to_str(received),
            end=datetime_to_str(received + timedelta(seconds=1)),
        )
        records = tuple(_checked(row, "a record", _RECORD) for row in listing)
        try:
            streamer = _checked(self._api.streamer(self._streamer).get(), "a streamer", _STREAMER)
        except HttpNotFoundError:
            return Seen(None, is_hidden=self._is_hidden(), records=records)
        return Seen(
            streamer["last_id"],
            bool(streamer.get("is_system")),
            streamer.get("process_engine_ver"),
            records,
        )

    def _is_hidden(self) -> bool:
        """Tell a streamer that this user may not see from one that is not there yet."""
        try:
            self._api.device(str(self._report.device)).get()
        except HttpPermissionError:
            return True
        except HttpNotFoundError:
            pass  # sending tells
        return False

    # -- sending ----------------------------------------------------------------------------

    def _deliver(self, before: Seen) -> None:
        """Send until there is a receipt, or a sign that the cloud has the report."""
        self._waiting.restart()
        while True:
            try:
                return self._send()
            except _UNCERTAIN as error:
                refused = (error.status_code or 0) >= 400 and error.status_code not in _GATEWAY
                if refused:
                    raise
                last = self._sends == _MOST_SENDS or not self._waiting.pause(error.retry_after)
                if self._is_there(before):
                    return None
                if last:
                    raise

    def _send(self) -> None:
        self._sends += 1
        file = (self._parcel.name, io.BytesIO(self._parcel.content))
        received = utc_text(self._claim.received)
        try:
            reply = self._api.streamer(action="report").upload_fp(file, timestamp=received)
        except HttpNotFoundError as error:
            text = f"{error} (there is no device {self._report.device})"
            error.args = (text, *error.args[1:])
            raise
        _checked(reply, "a receipt", _RECEIPT)

    def _is_there(self, before: Seen) -> bool:
        """Tell whether the report arrived although its receipt did not.

        A record alone is no proof, since one stays also when the server could not keep the file:
        it is given some time to be read.
        """
        for _ in range(_MOST_LOOKS):
            try:
                verdict = judge(self._claim, before, self._look())
            except _PASSING:
                return False
            if verdict.state in _ARRIVED:
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
            verdict = judge(self._claim, before, latest)
            if verdict.final or not isinstance(problem, (type(None), *_PASSING)):
                break
            if not self._waiting.pause(problem.retry_after if problem else None):
                break
        blind = problem is not None and verdict.state == "timed out"
        result = self._result("unseen" if blind else verdict.state, latest)
        return replace(result, stored=verdict.stored, record=verdict.record, problem=problem)

    def _result(self, state: State, seen: Seen) -> UploadResult:
        return UploadResult(
            state,
            self._streamer,
            self._report.count,
            acknowledged=seen.last_id,
            highest_id=self._claim.last,
            sends=self._sends,
        )


def _checked(reply: Any, what: str, types: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """Return a reply that is what it should be.

    Raises:
        HttpUnexpectedReplyError: it is not, as a page of somebody in between.
    """
    good = isinstance(reply, dict) and all(
        isinstance(reply.get(name), kinds) for name, kinds in types.items()
    )
    if not good:
        raise HttpUnexpectedReplyError(f"{what} was expected, not {reply!r:.200}")
    return cast("dict[str, Any]", reply)
