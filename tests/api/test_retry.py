"""Whether a request is repeated, and after how long."""

from __future__ import annotations

import ssl
from datetime import datetime, timezone
from typing import Any

import pytest
import requests.exceptions as rx
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import (
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    SSLError,
)
from urllib3.util.retry import Retry

from iotile_cloud.api._retry import RetryPolicy, retry_after

NEVER_CONNECTED = rx.ConnectionError(
    MaxRetryError(None, "/", NewConnectionError(None, "refused"))  # type: ignore[arg-type]
)
BROKEN = rx.ConnectionError(ProtocolError("aborted"))
NOON = datetime(2018, 1, 1, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_reads_are_repeated_for_statuses_that_pass(status: int) -> None:
    """A GET is repeated after each status that means "not now", a write is not."""
    assert RetryPolicy().allows("get", status)
    assert not RetryPolicy().allows("POST", status)


@pytest.mark.parametrize("status", [200, 301, 400, 401, 404, 500])
def test_other_statuses_are_answers(status: int) -> None:
    """What the server means is not asked again."""
    assert not RetryPolicy().allows("GET", status)


@pytest.mark.parametrize(
    "error", [BROKEN, rx.ReadTimeout(), rx.ChunkedEncodingError(), rx.ContentDecodingError()]
)
def test_reads_are_repeated_when_the_network_fails(error: Exception) -> None:
    """A GET is repeated after a broken exchange; a write is not, since it may have arrived."""
    assert RetryPolicy().allows("GET", error)
    assert not RetryPolicy().allows("DELETE", error)


@pytest.mark.parametrize("error", [NEVER_CONNECTED, rx.ConnectTimeout()])
def test_writes_are_repeated_when_no_byte_was_sent(error: Exception) -> None:
    """Without a connection nothing can have reached the server."""
    assert RetryPolicy().allows("POST", error)


@pytest.mark.parametrize("error", [rx.SSLError(), rx.TooManyRedirects(), rx.InvalidURL()])
def test_what_does_not_get_better_is_not_repeated(error: Exception) -> None:
    """Certificates, circles and malformed requests fail at once."""
    assert not RetryPolicy().allows("GET", error)


def wait(attempt: int = 1, elapsed: float = 0.0, asked: float | None = None) -> float | None:
    """Return the longest wait of the default policy."""
    return RetryPolicy().wait(attempt, elapsed, asked, chance=1.0)


def test_waits_double_up_to_a_bound() -> None:
    """Each wait is twice the one before, until the longest."""
    policy = RetryPolicy(retries=6)
    waits = [policy.wait(attempt, 0.0, None, chance=1.0) for attempt in range(1, 8)]
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, None]


def test_chance_shortens_a_wait_by_half_at_most() -> None:
    """Clients that failed together come back spread over time."""
    assert RetryPolicy().wait(1, 0.0, None, chance=0.0) == 0.25


def test_repetitions_end() -> None:
    """After three there is no fourth."""
    assert wait(3) == 2.0
    assert wait(4) is None


def test_the_server_can_ask_for_more_patience() -> None:
    """Retry-After makes a wait longer, never shorter."""
    assert wait(asked=7.0) == 7.0
    assert wait(asked=0.0) == 0.5


def test_a_server_that_asks_for_too_much_is_not_asked_again() -> None:
    """Beyond a minute the caller gets the error instead of the wait."""
    assert wait(asked=60.0) == 60.0
    assert wait(asked=61.0) is None


def test_a_call_has_one_budget_of_time() -> None:
    """No repetition begins later than two minutes after the call."""
    assert wait(elapsed=119.5) == 0.5
    assert wait(elapsed=119.6) is None


def test_a_number_of_retries_changes_only_the_number() -> None:
    """`retries=5` keeps the rest of the policy."""
    assert RetryPolicy.of(5) == RetryPolicy(retries=5)


def test_no_number_is_the_default() -> None:
    """`retries=None` is the default policy, and a policy stands for itself."""
    assert RetryPolicy.of(None) == RetryPolicy()
    assert RetryPolicy.of(RetryPolicy(retries=9)).retries == 9


@pytest.mark.parametrize("retries", [-1, 1.5, "3"])
def test_retries_that_make_no_sense_are_refused(retries: Any) -> None:
    """The error shows what was given."""
    with pytest.raises(ValueError, match=rf"0, a positive number or a Retry, not {retries!r}"):
        RetryPolicy.of(retries)


def test_a_urllib3_retry_is_taken_over() -> None:
    """Its number, statuses, methods and backoff are ours then."""
    retry = Retry(7, backoff_factor=0.2, status_forcelist=[418], allowed_methods=["post"])
    policy = RetryPolicy.of(retry)
    assert (policy.retries, policy.backoff) == (7, 0.2)
    assert policy.allows("POST", 418)
    assert not policy.allows("GET", 418)
    assert not policy.allows("POST", 503)


def test_a_plain_urllib3_retry_does_not_make_writes_repeatable() -> None:
    """urllib3's default methods include PUT and DELETE; ours stay reads."""
    assert not RetryPolicy.of(Retry(3)).allows("PUT", 503)
    assert RetryPolicy.of(Retry(3)).allows("GET", 503)


def test_a_urllib3_retry_may_allow_all_methods() -> None:
    """`allowed_methods=None` is urllib3's way to say so."""
    assert RetryPolicy.of(Retry(3, allowed_methods=None)).allows("POST", 503)


def test_a_urllib3_retry_may_leave_the_total_open() -> None:
    """Then the first of its other numbers counts, or else the default."""
    assert RetryPolicy.of(Retry(None, connect=4)).retries == 4
    assert RetryPolicy.of(Retry(None)).retries == RetryPolicy().retries


def test_a_urllib3_retry_may_ignore_retry_after() -> None:
    """Then what the server asks for changes nothing."""
    policy = RetryPolicy.of(Retry(3, respect_retry_after_header=False, backoff_factor=0.5))
    assert policy.wait(1, 0.0, 1000.0, chance=1.0) == 0.5


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 2 ", 2.0),
        ("Mon, 01 Jan 2018 12:00:30 GMT", 30.0),
        ("Mon, 01 Jan 2018 12:00:30 -0000", 30.0),
        ("Mon, 01 Jan 2018 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("\u00b2", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    """Both forms of the header are understood, and everything else is as if it were not there."""
    assert retry_after({"Retry-After": text}, NOON) == seconds


def test_no_retry_after_is_none() -> None:
    """Without the header the server asked for nothing."""
    assert retry_after({}) is None


@given(st.one_of(st.text(), st.from_regex(r"\w{3}, \d+ Jan \d+ \d+:\d+:\d+ [+-]\d+")))
def test_retry_after_never_raises(text: str) -> None:
    """Whatever a header says, the result is None or no less than zero."""
    seconds = retry_after({"Retry-After": text})
    assert seconds is None or seconds >= 0


def test_a_tls_handshake_that_was_cut_may_be_tried_again() -> None:
    """It says nothing about the certificate; a read is safe to repeat."""
    cut = rx.SSLError(MaxRetryError(None, "/", SSLError(ssl.SSLEOFError(8, "EOF occurred"))))  # type: ignore[arg-type]
    untrusted = rx.SSLError(
        MaxRetryError(None, "/", SSLError(ssl.SSLCertVerificationError(1, "self-signed")))  # type: ignore[arg-type]
    )
    assert RetryPolicy().allows("GET", cut)
    assert not RetryPolicy().allows("POST", cut)
    assert not RetryPolicy().allows("GET", untrusted)


def test_a_write_behind_a_proxy_that_is_not_there_may_be_tried_again() -> None:
    """Nothing of it has left, as the innermost error tells."""
    inner = NewConnectionError(None, "refused")  # type: ignore[arg-type]
    error = rx.ProxyError(MaxRetryError(None, "/", ProxyError("no tunnel", inner)))  # type: ignore[arg-type]
    assert RetryPolicy().allows("POST", error)
