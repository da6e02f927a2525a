"""Whether to repeat a request, and after how long.  Pure: time and chance are arguments.

A read may be repeated after any failure of the network and after the statuses that stand for
"not now".  A write may be repeated only when no byte of it can have left: the server has no way
to tell a repetition from a second wish.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import requests.exceptions as rx
from urllib3.exceptions import NewConnectionError
from urllib3.util.retry import Retry as Urllib3Retry

__all__ = ["RetryEvent", "RetryPolicy", "retry_after"]

READS = frozenset({"GET", "HEAD", "OPTIONS"})
STATUSES = frozenset({429, 502, 503, 504})
_TRANSPORT = (rx.ConnectionError, rx.Timeout, rx.ChunkedEncodingError, rx.ContentDecodingError)


@dataclass(frozen=True)
class RetryEvent:
    """What `on_retry` is told before each repetition."""

    method: str
    url: str
    attempt: int
    """1 before the first repetition."""
    wait: float
    """Seconds until the repetition."""
    reason: str


@dataclass(frozen=True)
class RetryPolicy:
    """How often, for what and how patiently; all times are in seconds."""

    retries: int = 3
    backoff: float = 0.5
    """Longest wait before the first repetition; doubled for each further one."""
    backoff_max: float = 8.0
    retry_after_max: float = 60.0
    """A server that asks for a longer wait than this gets no repetition."""
    budget: float = 120.0
    """No repetition begins later than this after the call began."""
    statuses: frozenset[int] = STATUSES
    methods: frozenset[str] | None = READS
    """Methods that may be repeated although the server may have seen them; None is all."""

    @classmethod
    def of(cls, retries: int | Urllib3Retry | RetryPolicy | None) -> RetryPolicy:
        """Return the policy that a `retries=` argument stands for.

        Args:
            retries: a number of repetitions (0 is none, None the default), or a urllib3 `Retry`,
                of which statuses, methods, backoff factor and the first number given of total,
                connect, read and status are taken over.

        Raises:
            ValueError: it is neither.

        >>> RetryPolicy.of(5).retries
        5
        """
        if isinstance(retries, RetryPolicy):
            return retries
        if isinstance(retries, Urllib3Retry):
            return cls._of_urllib3(retries)
        if retries is None:
            return cls()
        if not isinstance(retries, int) or retries < 0:
            raise ValueError(f"retries must be 0, a positive number or a Retry, not {retries!r}")
        return cls(retries=int(retries))

    @classmethod
    def _of_urllib3(cls, retry: Urllib3Retry) -> RetryPolicy:
        limits = (retry.total, retry.connect, retry.read, retry.status)
        counts = [int(limit) for limit in limits if limit is not None]
        methods: frozenset[str] | None = READS
        if retry.allowed_methods != Urllib3Retry.DEFAULT_ALLOWED_METHODS:
            methods = frozenset(m.upper() for m in retry.allowed_methods or ()) or None
        return cls(
            retries=counts[0] if counts else cls.retries,
            backoff=retry.backoff_factor or cls.backoff,
            statuses=frozenset(retry.status_forcelist) or STATUSES,
            methods=methods,
            retry_after_max=cls.retry_after_max if retry.respect_retry_after_header else 0.0,
        )

    def allows(self, method: str, failure: int | Exception) -> bool:
        """Tell whether `failure`, a status or an error of requests, may be met by repeating.

        >>> RetryPolicy().allows("GET", 503), RetryPolicy().allows("POST", 503)
        (True, False)
        """
        if isinstance(failure, int):
            known = failure in self.statuses
        else:
            known = isinstance(failure, _TRANSPORT)
            if isinstance(failure, rx.SSLError):
                # A certificate does not get better, but a handshake that was cut may.
                known = any(isinstance(cause, ssl.SSLEOFError) for cause in _causes(failure))
            if known and _never_connected(failure):
                return True
        return known and (self.methods is None or method.upper() in self.methods)

    def wait(
        self, attempt: int, elapsed: float, asked: float | None, chance: float
    ) -> float | None:
        """Return the seconds to wait before repetition `attempt` (1, 2, ...), None to give up.

        Args:
            attempt: which repetition it would be.
            elapsed: seconds since the call began.
            asked: seconds that the server asked for, None when it did not.
            chance: a random number from 0 to 1, which spreads clients over time.

        >>> RetryPolicy().wait(1, elapsed=0.0, asked=None, chance=1.0)
        0.5
        """
        if attempt > self.retries:
            return None
        step = min(self.backoff_max, self.backoff * 2 ** (attempt - 1))
        wait = step * (0.5 + 0.5 * chance)
        if asked is not None and self.retry_after_max:
            if asked > self.retry_after_max:
                return None
            wait = max(wait, asked)
        return wait if elapsed + wait <= self.budget else None


def _never_connected(error: Exception) -> bool:
    causes = (rx.ConnectTimeout, NewConnectionError)
    return any(isinstance(cause, causes) for cause in _causes(error))


def _causes(error: Exception) -> Iterator[object]:
    """Yield an error and what it was made of: requests and urllib3 wrap one in another."""
    cause: object = error
    for _ in range(8):  # deeper than they ever wrap
        yield cause
        args = getattr(cause, "args", None) or (None,)
        cause = getattr(cause, "reason", None) or args[-1] or None
        if not isinstance(cause, Exception):
            return


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, None without a usable one.

    >>> retry_after({"Retry-After": "2"})
    2.0
    """
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (IndexError, OverflowError, TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - (now or datetime.now(timezone.utc))).total_seconds())
