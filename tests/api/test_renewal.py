"""The token: given, held, told about, and renewed before it ends."""

from __future__ import annotations

import json
import logging
import time
from datetime import datetime, timezone
from typing import Any, Callable

import pytest

from iotile_cloud.api import exceptions
from iotile_cloud.api.connection import Api

Client = Callable[..., Api]
DAY = 86_400.0


def test_a_token_and_its_type_are_sent(scripted: Any, client: Client) -> None:
    """The type stays as it is when it is left out."""
    scripted.play(always=scripted.reply())
    api = client()
    api.set_token("x", token_type="Api-Key")
    api.org.get()
    api.set_token("y")
    api.org.get()
    api.set_token(None, None)
    api.org.get()
    assert scripted.tokens == ["Api-Key x", "Api-Key y", None]


def test_a_token_that_cannot_be_sent_is_refused(client: Client) -> None:
    """The old one stays, and the error does not show the new one."""
    api = client()
    api.set_token("old")
    with pytest.raises(ValueError, match="holds white space") as caught:
        api.set_token("hush\n")
    assert "hush" not in str(caught.value)
    assert api.token == "old"


def test_a_held_resource_sends_the_current_token(
    scripted: Any, client: Client, jwt: Callable[..., str]
) -> None:
    """Across set_token, login, refresh and logout."""
    org = (api := client()).org
    renewed = jwt(DAY, n=2)
    scripted.play(
        scripted.reply(),
        scripted.reply(),
        scripted.reply(200, {"jwt": "by-login"}),
        scripted.reply(),
        scripted.reply(200, {"token": renewed}),
        scripted.reply(),
        scripted.reply(204),
        scripted.reply(),
    )
    org.get()
    api.set_token("given")
    org.get()
    api.login("secret", "me@h")
    org.get()
    api.refresh_token()
    org.get()
    api.logout()
    org.get()
    sent = [r.headers["Authorization"] for r in scripted.requests if r.path == "/api/v1/org/"]
    assert sent == [None, "jwt given", "jwt by-login", f"jwt {renewed}", None]


def test_the_end_of_a_token_is_told(jwt: Callable[..., str]) -> None:
    """In UTC; None for a token that does not say."""
    with Api() as api:
        api.set_token(jwt(1_600_000_000.0))
        assert api.expires_at == datetime(2020, 9, 13, 12, 26, 40, tzinfo=timezone.utc)
        api.set_token("opaque")
        assert api.expires_at is None


def test_an_explicit_refresh_exchanges_the_token(scripted: Any, client: Client) -> None:
    """The old one is sent in the body, and not in a header."""
    scripted.play(scripted.reply(200, {"token": "new"}))
    api = client()
    api.set_token("old")
    assert api.refresh_token() is True
    assert api.token == "new"
    assert json.loads(scripted.requests[0].body) == {"token": "old"}
    assert scripted.requests[0].path == "/api/v1/auth/api-jwt-refresh/"
    assert scripted.tokens == [None]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"non_field_errors": ["Signature has expired."]}),
        (200, {}),
        (200, {"token": ""}),
        (200, {"token": "a b"}),
        (200, {"token": 5}),
        (200, b"<p>Welcome to the Wi-Fi"),
        (302, b""),
    ],
)
def test_an_explicit_refresh_that_fails_forgets_the_token(
    scripted: Any, client: Client, status: int, body: Any
) -> None:
    """As published: False, and no token any more."""
    scripted.play(scripted.reply(status, body))
    api = client()
    api.set_token("old")
    assert api.refresh_token() is False
    assert api.token is None


def test_only_a_jwt_can_be_refreshed(client: Client) -> None:
    """Other types are an AssertionError, as published, also under `python -O`."""
    with pytest.raises(AssertionError, match="not a 'token' token"):
        client(token_type="token").refresh_token()


@pytest.fixture
def ageing(client: Client, jwt: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return an `Api` whose token was new at 0 and ends after a day, and a clock to move."""
    api, now = client(), [0.0]
    monkeypatch.setattr(api, "_now", lambda: now[0])
    api.set_token(jwt(DAY))
    api._schedule.due(api.token, 0.0)
    return api, now


def paths(scripted: Any) -> list[str]:
    """Return the last parts of the paths that arrived."""
    return [request.path.rstrip("/").rpartition("/")[2] for request in scripted.requests]


def test_a_token_near_its_end_is_renewed_before_a_request(
    scripted: Any, ageing: Any, jwt: Callable[..., str]
) -> None:
    """Once, and the request has the new one."""
    api, now = ageing
    new = jwt(2 * DAY)
    scripted.play(scripted.reply(), scripted.reply(200, {"token": new}), always=scripted.reply())
    api.org.get()
    now[0] = DAY - 60
    api.org.get()
    api.org.get()
    assert paths(scripted) == ["org", "api-jwt-refresh", "org", "org"]
    assert scripted.tokens[2:] == [f"jwt {new}"] * 2


@pytest.mark.parametrize("answer", ["refused", "html", "empty", "cut", "redirect"])
def test_a_renewal_that_fails_keeps_the_token(
    scripted: Any, ageing: Any, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    """The old one is good for a while yet: it is sent, the failure is logged, and rests."""
    api, now = ageing
    old = api.token
    answers = {
        "refused": scripted.reply(400, {"non_field_errors": ["Refresh has expired."]}),
        "html": scripted.reply(200, b"<p>Welcome", Content_Type="text/html"),
        "empty": scripted.reply(200, {}),
        "cut": scripted.Cut(),
        "redirect": scripted.reply(302, Location="/there/"),
    }
    scripted.play(answers[answer], always=scripted.reply())
    now[0] = DAY - 60
    with caplog.at_level(logging.WARNING):
        api.org.get()
        api.org.get()
    assert paths(scripted) == ["api-jwt-refresh", "org", "org"]
    assert scripted.tokens[1:] == [f"jwt {old}"] * 2
    assert api.token == old
    assert "Token was not refreshed" in caplog.messages[0]


def test_a_token_that_is_over_is_not_renewed(scripted: Any, ageing: Any) -> None:
    """The server would refuse it, so its own refusal is what the caller gets."""
    api, now = ageing
    scripted.play(scripted.reply(401, {"detail": "Signature has expired."}))
    now[0] = DAY + 1
    with pytest.raises(exceptions.HttpAuthenticationError, match="Signature has expired"):
        api.org.get()
    assert paths(scripted) == ["org"]


def test_a_token_of_another_type_is_never_renewed(scripted: Any, ageing: Any) -> None:
    """Only the server's own JWT can be."""
    api, now = ageing
    api.token_type = "a-jwt"
    scripted.play(always=scripted.reply())
    now[0] = DAY - 60
    api.org.get()
    assert paths(scripted) == ["org"]


def test_a_login_does_not_renew_first(scripted: Any, ageing: Any) -> None:
    """It asks for a token of its own."""
    api, now = ageing
    scripted.play(scripted.reply(200, {"jwt": "new"}))
    now[0] = DAY - 60
    assert api.login("secret", "me@h") is True
    assert paths(scripted) == ["login"]


def test_the_embedded_cloud_renews_a_token(jwt: Callable[..., str]) -> None:
    """A real server takes what the client sends to renew, and its new token is good."""
    pytest.importorskip("werkzeug")
    from iotile_cloud.local import LocalCloud

    now = [1_600_000_000.0]
    user = {"id": 1, "slug": "joe", "username": "joe", "email": "joe@example.com", "password": "pw"}
    cloud = LocalCloud(load=[{"users": [user]}], token_lifetime=1000, clock=lambda: now[0])
    with cloud, Api(cloud.url) as api:
        api._now = lambda: now[0]
        api.login(email="joe@example.com", password="pw")
        api.account.get()
        old, now[0] = api.token, now[0] + 950
        assert api.account.get()["count"] == 1
        assert api.token != old
        now[0] += 2000
        with pytest.raises(exceptions.HttpAuthenticationError) as caught:
            api.account.get()
        assert caught.value.detail == "Signature has expired."


@pytest.mark.parametrize("token", ["a b", "caf\u00e9", 5, {"a": 1}])
def test_a_renewal_that_brings_an_unusable_token_keeps_the_old_one(
    scripted: Any, client: Client, jwt: Callable[..., str], token: Any
) -> None:
    """A token that cannot stand in a header does not replace a living one."""
    scripted.play(scripted.reply(200, {"token": token}), always=scripted.reply(200, {}))
    api = client()
    living = jwt(time.time() + 100)
    api.set_token(living)
    vars(api)["_now"] = lambda: time.time()
    api._schedule.due(living, time.time() - 3600)  # as if it had been known for an hour
    api.org.get()
    assert api.token == living
    assert [one.path for one in scripted.requests] == [
        "/api/v1/auth/api-jwt-refresh/",
        "/api/v1/org/",
    ]


def test_a_logout_does_not_renew_the_token_first(
    scripted: Any, client: Client, jwt: Callable[..., str]
) -> None:
    """A new token that nobody can take back would be the opposite of a logout."""
    scripted.play(scripted.reply(204))
    api = client()
    ending = jwt(time.time() + 100)
    api.set_token(ending)
    api._schedule.due(ending, time.time() - 3600)
    api.logout()
    assert [one.path for one in scripted.requests] == ["/api/v1/auth/logout/"]
    assert scripted.tokens == [f"jwt {ending}"]
    assert api.token is None


def test_a_renewal_does_not_wait_long(scripted: Any, client: Client) -> None:
    """Its limits are its own, so that a call without limits does not hang before it begins."""
    seen = []
    api = client(timeout=None)
    request = api.session.request
    vars(api.session)["request"] = lambda *args, **named: (
        seen.append(named["timeout"]) or request(*args, **named)
    )
    scripted.play(scripted.reply(200, {"token": "new"}))
    api.set_token("old")
    api.refresh_token()
    assert seen == [(5.0, 10.0)]


def test_the_type_of_a_jwt_may_be_written_in_capitals(scripted: Any, client: Client) -> None:
    """The server reads it so, and the token can be refreshed all the same."""
    scripted.play(scripted.reply(200, {"token": "new"}))
    api = client(token_type="JWT")
    api.set_token("old")
    assert api.refresh_token() is True
