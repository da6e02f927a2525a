"""The only place that sends: a `requests.Session` with our policy for time, repetition and trust.

What callers set explicitly beats their surroundings: no `.netrc`, no certificate bundle from the
environment against `verify=`, no cookies, no credentials across origins.  It holds as well for
callers that use the session directly.  Knows nothing of tokens, resources or replies' meaning.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from math import inf
from numbers import Real
from typing import Any, Callable, Optional, Union

import requests
import requests.exceptions as rx
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth
from requests.utils import get_auth_from_url, rewind_body

from ._environment import environ_proxies
from ._path import origin
from ._retry import READS, RetryEvent, RetryPolicy, retry_after

__all__ = ["CloudAdapter", "CloudSession", "Timeout", "observed_retries", "one_call"]

Timeout = Union[None, float, tuple[Optional[float], Optional[float]]]
_POOL = 128  # connections kept for threads that share a session


@dataclass
class _Call:
    """What the requests of one call share, whether it is redirected or repeated."""

    policy: RetryPolicy | None = None
    started: float | None = None  # by the adapter's clock
    repetitions: int = 0


# requests has no argument for these, so they travel beside the call.
_this_call: ContextVar[_Call | None] = ContextVar("call", default=None)
_retries_of_call: ContextVar[list[RetryEvent] | None] = ContextVar("retries", default=None)


@contextmanager
def one_call(policy: RetryPolicy | None) -> Iterator[None]:
    """Let all requests made within share one budget, under `policy` or else the adapter's own."""
    reset = _this_call.set(_Call(policy))
    try:
        yield
    finally:
        _this_call.reset(reset)


@contextmanager
def observed_retries() -> Iterator[list[RetryEvent]]:
    """Collect the repetitions of calls made within, by this thread."""
    seen: list[RetryEvent] = []
    reset = _retries_of_call.set(seen)
    try:
        yield seen
    finally:
        _retries_of_call.reset(reset)


def checked_timeout(timeout: Any) -> tuple[float | None, float | None]:
    """Return `timeout` as (connect, read) in seconds, None for no limit.

    Raises:
        ValueError: it is not a positive number, a pair of them, or None.
    """
    pair = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    good = len(pair) == 2 and all(part is None or _is_positive(part) for part in pair)
    if not good:
        raise ValueError(
            f"timeout must be seconds, a pair (connect, read) of them, or None, not {timeout!r}"
        )
    return pair


def _is_positive(number: Any) -> bool:
    return not isinstance(number, bool) and isinstance(number, Real) and 0 < float(number) < inf


class _NoAuth(AuthBase):
    """An auth that adds nothing.  Its presence keeps requests from reading `.netrc`."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        user, password = get_auth_from_url(request.url or "")
        # Credentials that the caller wrote into the URL are explicit: they stay in force.
        return HTTPBasicAuth(user, password)(request) if user or password else request


class CloudSession(requests.Session):
    """A session whose timeouts, retries, trust and privacy are ours, for every use of it."""

    def __init__(self, adapter: CloudAdapter | None = None, user_agent: str = "") -> None:
        super().__init__()
        self.auth = _NoAuth()
        self.cookies.set_policy(_no_cookies())
        if user_agent:
            self.headers["User-Agent"] = user_agent
        adapter = adapter or CloudAdapter()
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        prepared = super().prepare_request(request)
        # Redirects collect cookies in this jar, which requests makes anew for each request.
        jar: Any = getattr(prepared, "_cookies", None)
        if jar is not None:
            jar.set_policy(_no_cookies())
        return prepared

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        if verify is None and self.verify is not True:
            verify = self.verify  # said explicitly, so REQUESTS_CA_BUNDLE must not replace it
        if not self.trust_env or (proxies and "no_proxy" in proxies):
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        if verify is None or verify is True:
            bundles = map(os.environ.get, ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))
            verify = next(filter(None, bundles), verify)
        merged = {**self.proxies, **environ_proxies(url), **(proxies or {})}
        return {
            "proxies": {name: proxy for name, proxy in merged.items() if proxy is not None},
            "stream": self.stream if stream is None else stream,
            "verify": self.verify if verify is None else verify,
            "cert": self.cert if cert is None else cert,
        }

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        # requests would follow a redirected write as a GET without its body.
        if (resp.request.method or "").upper() not in READS:
            return None
        return super().get_redirect_target(resp)

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        if origin(prepared_request.url or "") != origin(response.request.url or ""):
            prepared_request.headers.pop("Authorization", None)


def _no_cookies() -> DefaultCookiePolicy:
    return DefaultCookiePolicy(allowed_domains=[])


def _chance() -> float:
    # Not `random.random` itself: pickled, it takes its state along, and all copies wait alike.
    return random.random()  # noqa: S311


class CloudAdapter(HTTPAdapter):
    """Send a request until it has a whole reply, or until the policy says to give up.

    Reading the body belongs to the attempt: requests reads it after its adapter has returned,
    where a cut body could no longer be met by a repetition.

    Args:
        policy: when to repeat.
        timeout: (connect, read) in seconds for calls that bring none.
        on_retry: called with a `RetryEvent` before each wait.
        sleep, clock, chance: waiting, a monotonic clock in seconds, a number from 0 to 1.
    """

    __attrs__ = [  # noqa: RUF012 (requests' own way to say what is pickled)
        *HTTPAdapter.__attrs__,
        "policy",
        "timeout",
        "on_retry",
        "_sleep",
        "_clock",
        "_chance",
    ]

    def __init__(
        self,
        policy: RetryPolicy | None = None,
        timeout: Timeout = (10, 60),
        on_retry: Callable[[RetryEvent], object] | None = None,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = _chance,
    ) -> None:
        self.policy = policy or RetryPolicy()
        self.timeout = checked_timeout(timeout)
        self.on_retry = on_retry
        self._sleep, self._clock, self._chance = sleep, clock, chance
        super().__init__(pool_connections=_POOL, pool_maxsize=_POOL, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        self._process = os.getpid()
        self.proxy_manager: dict[str, Any] = {}
        super().init_poolmanager(*args, **kwargs)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        if self._process != os.getpid():
            # Connections of the process that this one was forked from: both would read the answers.
            self.init_poolmanager(_POOL, _POOL)
        call = _this_call.get() or _Call()
        if call.started is None:
            call.started = self._clock()
        limits = self.timeout if timeout is None else timeout
        while True:
            outcome = self._attempt(request, stream, limits, verify, cert, proxies)
            wait = self._wait(call, request, outcome)
            if wait is None:
                break
            if isinstance(outcome, requests.Response):
                outcome.close()
            call.repetitions += 1
            self._pause(request, call.repetitions, wait, outcome)
            if getattr(request, "_body_position", None) is not None:
                rewind_body(request)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _attempt(
        self, request: requests.PreparedRequest, stream: bool, *settings: Any
    ) -> requests.Response | rx.RequestException:
        timeout, verify, cert, proxies = settings
        response = None
        try:
            response = super().send(request, stream, timeout, verify, cert, proxies)
            # Older urllib3 takes a body that stops early for a whole one, unless told.
            response.raw.enforce_content_length = True
            if not stream:
                _read(response)
        except rx.RequestException as error:
            if response is not None:
                response.close()
            return error
        return response

    def _wait(
        self,
        call: _Call,
        request: requests.PreparedRequest,
        outcome: requests.Response | rx.RequestException,
    ) -> float | None:
        """Return the seconds until the next attempt, None if this one was the last."""
        policy = call.policy or self.policy
        answer: int | Exception
        if isinstance(outcome, Exception):
            answer, asked = outcome, None
        else:
            answer, asked = outcome.status_code, retry_after(outcome.headers)
        if not policy.allows(request.method or "", answer) or not _can_be_sent_again(request):
            return None
        elapsed = self._clock() - (call.started or 0.0)
        return policy.wait(call.repetitions + 1, elapsed, asked, self._chance())

    def _pause(
        self, request: requests.PreparedRequest, attempt: int, wait: float, outcome: object
    ) -> None:
        status = getattr(outcome, "status_code", None)
        reason = f"status {status}" if status else type(outcome).__name__
        url = (request.url or "").split("?")[0]
        event = RetryEvent(request.method or "", url, attempt, wait, reason)
        seen = _retries_of_call.get()
        if seen is not None:
            seen.append(event)
        if self.on_retry:
            self.on_retry(event)
        self._sleep(wait)


def _read(response: requests.Response) -> None:
    """Read the body in one piece.  requests takes 10 KB at a time, which takes longer to join."""
    holder: Any = response  # the name is requests' own, and not public
    if holder._content is False and response.raw is not None:
        holder._content = b"".join(response.iter_content(None))


def _can_be_sent_again(request: requests.PreparedRequest) -> bool:
    """A generator or a pipe that an attempt has read from would be sent without its beginning."""
    body: Any = request.body
    return (
        body is None
        or isinstance(body, (str, bytes))
        or isinstance(getattr(request, "_body_position", None), int)
    )
