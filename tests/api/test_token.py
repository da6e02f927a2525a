"""When a token ends, when it is renewed, and what stands in the header."""

from __future__ import annotations

import base64
import json
from typing import Any, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.api._token import RefreshSchedule, authorization, expiry

DAY = 86_400.0


def token_of(claims: bytes) -> str:
    """Return a text that looks like a JWT with these claims."""
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2ln"


def test_the_header_is_type_and_token() -> None:
    """They stand beside each other with one space between."""
    assert authorization("Api-Key", "abc.def") == "Api-Key abc.def"


@pytest.mark.parametrize("token", [None, ""])
def test_no_token_is_no_header(token: str | None) -> None:
    """Without a token nothing is sent."""
    assert authorization("jwt", token) is None


@pytest.mark.parametrize("token", ["hush\n", "hu sh", "hush\x00", "h\u00fcsh"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_shown(token: str) -> None:
    """The error says what is wrong with it without repeating it."""
    with pytest.raises(ValueError, match=r"the jwt token \(of \d characters\) holds") as caught:
        authorization("jwt", token)
    assert token.strip() not in str(caught.value)


@pytest.mark.parametrize("token_type", ["", "jwt\n", "j wt"])
def test_a_type_that_cannot_be_sent_is_refused_and_shown(token_type: str) -> None:
    """The error shows the type but not the token, which requests would print beside it."""
    with pytest.raises(ValueError, match="a type of token is a word") as caught:
        authorization(token_type, "hush")
    assert repr(token_type) in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_jwt_says_when_it_ends(jwt: Callable[..., str]) -> None:
    """The claim `exp` is read, in seconds since 1970."""
    assert expiry(jwt(1_600_000_000.0)) == 1_600_000_000.0


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"exp": None},
        {"exp": "soon"},
        {"exp": [1]},
        {"exp": -1},
        {"exp": 10**400},
        {"exp": 1e300},
        {"exp": float("nan")},
        {"exp": float("inf")},
        [],
        "exp",
        7,
    ],
)
def test_an_end_that_is_no_time_is_none(claims: Any) -> None:
    """A claim that is missing, or no moment that a calendar knows, tells nothing."""
    assert expiry(token_of(json.dumps(claims).encode())) is None


@given(st.one_of(st.text(), st.binary().map(token_of), st.text().map("a.{}.b".format)))
def test_expiry_never_raises(text: str) -> None:
    """Any text is a token without a known end, or one with an end in this era."""
    end = expiry(text)
    assert end is None or 0 <= end < 253_402_300_800


def test_claims_nested_without_measure_tell_nothing() -> None:
    """A hostile token does not bring the reader down."""
    assert expiry(token_of(b"[" * 200_000)) is None


@pytest.mark.parametrize("token", [None, "", "opaque"])
def test_no_jwt_has_no_end(token: str | None) -> None:
    """Other tokens, or none, do not say when they end."""
    assert expiry(token) is None


def test_a_token_is_due_in_the_last_tenth_of_its_life(jwt: Callable[..., str]) -> None:
    """Not earlier, and not after it is over: so calls hours apart do not miss the time."""
    schedule, token = RefreshSchedule(), jwt(7 * DAY)
    assert not schedule.due(token, 0.0)
    assert not schedule.due(token, 6.3 * DAY - 1)
    assert schedule.due(token, 6.3 * DAY + 1)
    assert schedule.due(token, 7 * DAY - 1)
    assert not schedule.due(token, 7 * DAY)


def test_a_token_of_an_hour_is_due_five_minutes_before_its_end(jwt: Callable[..., str]) -> None:
    """Of a life in which a tenth is less than that, the last minutes count."""
    schedule, token = RefreshSchedule(), jwt(2000.0)
    assert not schedule.due(token, 0.0)
    assert not schedule.due(token, 1699.0)
    assert schedule.due(token, 1700.0)


def test_a_short_token_is_not_due_before_half_its_life(jwt: Callable[..., str]) -> None:
    """A token of a minute is not renewed before every request."""
    schedule, token = RefreshSchedule(), jwt(60.0)
    assert not schedule.due(token, 0.0)
    assert not schedule.due(token, 29.9)
    assert schedule.due(token, 30.0)


def test_a_token_first_seen_near_its_end_has_its_own_margin(jwt: Callable[..., str]) -> None:
    """What counts is the time that was left when it was seen."""
    schedule, token = RefreshSchedule(), jwt(7 * DAY)
    assert not schedule.due(token, 7 * DAY - 100)
    assert schedule.due(token, 7 * DAY - 10)


def test_a_token_that_was_kept_is_due_after_half_its_life(jwt: Callable[..., str]) -> None:
    """Its life began before it was seen; then it is a token as others are."""
    schedule, token = RefreshSchedule(), jwt(8 * DAY)
    schedule.expect(token, 0.0)
    assert not schedule.due(token, 4 * DAY - 1)
    assert schedule.due(token, 4 * DAY)
    assert not schedule.due(jwt(15 * DAY), 8 * DAY)


@pytest.mark.parametrize("token", [None, "opaque"])
def test_a_token_without_end_is_never_due(token: str | None) -> None:
    """What does not end is not renewed."""
    assert not RefreshSchedule().due(token, 1e12)


def test_a_token_that_is_over_is_not_due(jwt: Callable[..., str]) -> None:
    """The server renews only living tokens."""
    assert not RefreshSchedule().due(jwt(10.0), 11.0)


def test_a_failed_renewal_is_not_repeated_at_once(jwt: Callable[..., str]) -> None:
    """There is a minute of rest before the next try."""
    schedule, token = RefreshSchedule(), jwt(7 * DAY)
    schedule.due(token, 0.0)
    schedule.postpone(7 * DAY - 250)
    assert not schedule.due(token, 7 * DAY - 191)
    assert schedule.due(token, 7 * DAY - 190)


def test_a_new_token_starts_afresh(jwt: Callable[..., str]) -> None:
    """The rest after a failure belongs to the token, not to its successor."""
    schedule = RefreshSchedule()
    schedule.due(jwt(100.0), 0.0)
    schedule.postpone(95.0)
    assert not schedule.due(jwt(200.0), 100.0)
    assert schedule.due(jwt(200.0), 195.0)
