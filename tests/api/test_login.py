"""Login and logout: what is sent, what is kept, and what a refusal is."""

from __future__ import annotations

import json
import logging
from typing import Any, Callable

import pytest

from iotile_cloud.api import exceptions
from iotile_cloud.api.connection import Api

Client = Callable[..., Api]


def test_a_login_keeps_token_and_name(scripted: Any, client: Client) -> None:
    """The password comes first, and is sent as JSON without any token."""
    scripted.play(scripted.reply(200, {"jwt": "new", "token": "other", "username": "me"}))
    api = client()
    api.set_token("old")
    assert api.login("secret", "me@h") is True
    assert (api.token, api.username) == ("new", "me")
    request = scripted.requests[0]
    assert (request.method, request.path) == ("POST", "/api/v1/auth/login/")
    assert json.loads(request.body) == {"email": "me@h", "password": "secret"}
    assert request.headers["Content-Type"] == "application/json"
    assert scripted.tokens == [None]


def test_a_login_takes_the_token_of_the_chosen_type(scripted: Any, client: Client) -> None:
    """The reply has one for each type."""
    scripted.play(scripted.reply(200, {"jwt": "j", "token": "t"}))
    api = client(token_type="token")
    api.login(password="secret", email="me@h")
    assert api.token == "t"


def test_a_login_without_token_in_its_reply_keeps_the_old_one(
    scripted: Any, client: Client
) -> None:
    """As published: the token changes only if there is a new one."""
    scripted.play(scripted.reply(200, {"username": "me"}))
    api = client()
    api.set_token("old")
    assert api.login("secret", "me@h") is True
    assert (api.token, api.username) == ("old", "me")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503, 201])
def test_a_refused_login_is_false_and_logged(
    scripted: Any, client: Client, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """There is no exception; the log tells the status and the server's words."""
    scripted.play(always=scripted.reply(status, "Username/password combination invalid."))
    api = client()
    api.set_token("old")
    with caplog.at_level(logging.ERROR):
        assert api.login("secret", "me@h") is False
    message = caplog.messages[0]
    assert message.startswith(f"Login failed: {status} ")
    assert "combination invalid" in message
    assert (api.token, api.username) == ("old", None)
    assert len(scripted.requests) == 1


def test_a_redirected_login_names_the_location(scripted: Any, client: Client) -> None:
    """The password is not sent on; the caller learns the right address."""
    scripted.play(scripted.reply(301, Location="https://h/api/v1/auth/login/"))
    with pytest.raises(exceptions.HttpRedirectError, match="Location: https://h/"):
        client().login("secret", "me@h")
    assert len(scripted.requests) == 1


def test_a_login_that_meets_a_proxy_page_is_an_error(scripted: Any, client: Client) -> None:
    """HTML with status 200 is neither yes nor no."""
    scripted.play(scripted.reply(200, b"<p>Welcome", Content_Type="text/html"))
    with pytest.raises(exceptions.HttpUnexpectedReplyError, match="'Welcome'"):
        client().login("secret", "me@h")


def test_a_logout_forgets_token_and_name(scripted: Any, client: Client) -> None:
    """It says who goes, and a login afterwards works."""
    scripted.play(
        scripted.reply(200, {"jwt": "one", "username": "me"}),
        scripted.reply(204),
        scripted.reply(200, {"jwt": "two", "username": "me"}),
    )
    api = client()
    api.login("secret", "me@h")
    assert api.logout() is None  # type: ignore[func-returns-value]
    assert (api.token, api.username) == (None, None)
    assert api.login("secret", "me@h") is True
    assert scripted.tokens == [None, "jwt one", None]
    assert scripted.requests[1].path == "/api/v1/auth/logout/"


@pytest.mark.parametrize("status", [200, 302, 401, 500])
def test_a_logout_that_fails_keeps_the_token(
    scripted: Any, client: Client, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """The log says so."""
    scripted.play(scripted.reply(status))
    api = client()
    api.set_token("x")
    with caplog.at_level(logging.ERROR):
        api.logout()
    assert api.token == "x"
    assert caplog.messages[0].startswith("Logout failed: ")


def test_the_embedded_cloud_is_logged_in_to_and_out_of(cloud: Any) -> None:
    """The whole conversation works against a real server, without a cookie sent back."""
    with Api(cloud.url) as api:
        assert api.login(email="demo@example.com", password="wrong") is False
        assert api.login(email="demo@example.com", password="demo") is True
        assert api.account.get()["count"] == 1
        assert api.refresh_token() is True
        assert api.account.get()["count"] == 1
        api.logout()
        with pytest.raises(exceptions.HttpAuthenticationError):
            api.account.get()
    assert len(cloud.log) >= 6
    for entry in cloud.log:
        assert "cookie" not in {name.lower() for name in entry.headers}


@pytest.mark.parametrize("token", [5, {"a": 1}, "a b"])
def test_a_login_with_an_unusable_token_raises(scripted: Any, client: Client, token: Any) -> None:
    """What cannot be sent is no token, and a yes without one would fail at the next call."""
    scripted.play(scripted.reply(200, {"jwt": token, "username": "me"}))
    api = client()
    with pytest.raises(exceptions.HttpUnexpectedReplyError, match="no usable token"):
        api.login("secret", "me@h")
    assert (api.token, api.username) == (None, None)
