"""On no path does a password or a token get into a log, a text or an error."""

from __future__ import annotations

import io
import logging
import pickle
from typing import Any, Callable

import pytest

from iotile_cloud.api import exceptions
from iotile_cloud.api.connection import Api

Client = Callable[..., Api]
PASSWORD, TOKEN = "pass-w0rd-hush", "t0ken.hush.hush"

ANSWERS: dict[str, Callable[[Any], Any]] = {
    "400": lambda s: s.reply(400, {"detail": "Bad."}),
    "401": lambda s: s.reply(401, {"detail": "No."}),
    "404 html": lambda s: s.reply(404, b"<p>Not here", Content_Type="text/html"),
    "429": lambda s: s.reply(429, Retry_After="1"),
    "500": lambda s: s.reply(500),
    "redirect": lambda s: s.reply(302, Location="/api/v1/org/"),
    "broken JSON": lambda s: s.reply(200, b"{", Content_Type="application/json"),
    "cut": lambda s: s.Cut(s.reply(200, {"a": 1})[:-3]),
    "close": lambda s: s.Cut(),
    "silent": lambda s: None,
}
CALLS: dict[str, Callable[[Api], Any]] = {
    "get": lambda api: api.org.get(),
    "post": lambda api: api.account.post({"password": PASSWORD}),
    "delete": lambda api: api.org.delete(),
    "upload": lambda api: api.event.upload.upload_fp(io.BytesIO(PASSWORD.encode())),
    "each": lambda api: list(api.org.each()),
    "login": lambda api: api.login(PASSWORD, "me@h"),
    "logout": lambda api: api.logout(),
    "refresh": lambda api: api.refresh_token(),
}


def shown(error: Exception) -> str:
    """Return all that a curious reader would look at in an error."""
    cause = error.__cause__ or error
    requests = [
        getattr(error, "request", None),
        getattr(cause, "request", None),
        getattr(getattr(error, "response", None), "request", None),
        getattr(getattr(cause, "response", None), "request", None),
    ]
    seen = [str(error), repr(error), repr(vars(error)), repr(error.args), str(cause), repr(cause)]
    seen += [repr(vars(request)) for request in requests if request is not None]
    return "\n".join(seen) + pickle.dumps(error).decode("latin-1")


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("call", CALLS)
def test_no_secret_is_shown(
    scripted: Any, client: Client, caplog: pytest.LogCaptureFixture, call: str, answer: str
) -> None:
    """Whatever goes wrong in whatever call, with every logger at its most talkative."""
    caplog.set_level(logging.DEBUG)
    scripted.play(always=ANSWERS[answer](scripted))
    api = client(timeout=(5, 0.05), retries=1)
    api.set_token(TOKEN)
    told = repr(api) + repr(api.org) + str(api.org.with_options(timeout=5))
    try:
        CALLS[call](api)
    except exceptions.RestBaseException as error:
        told += shown(error)
    told += caplog.text
    assert scripted.requests
    for secret in (PASSWORD, TOKEN):
        assert secret not in told


def test_a_token_that_was_sent_is_not_in_the_error(scripted: Any, client: Client) -> None:
    """The request that an error holds tells where and how, without Authorization and body."""
    scripted.play(scripted.reply(400))
    api = client()
    api.set_token(TOKEN)
    with pytest.raises(exceptions.HttpBadRequestError) as caught:
        api.org.post({"password": PASSWORD})
    assert scripted.requests[0].headers["Authorization"] == f"jwt {TOKEN}"
    request = caught.value.response.request
    assert (request.method, request.url) == ("POST", f"{scripted.url}/api/v1/org/")
    assert request.headers["Content-Type"] == "application/json"
    assert "Authorization" not in request.headers
    assert request.body is None


def test_redirects_before_an_error_are_scrubbed(scripted: Any, client: Client) -> None:
    """Their requests had the token too."""
    scripted.play(scripted.reply(302, Location="/there/"), scripted.reply(404))
    api = client()
    api.set_token(TOKEN)
    with pytest.raises(exceptions.HttpNotFoundError) as caught:
        api.org.get()
    assert scripted.requests[1].headers["Authorization"] == f"jwt {TOKEN}"
    (earlier,) = caught.value.response.history
    assert "Authorization" not in earlier.request.headers


def test_a_type_that_breaks_the_header_does_not_show_the_token(client: Client) -> None:
    """It is refused before requests could print the whole header."""
    api = client()
    with pytest.raises(ValueError, match="a type of token is a word") as caught:
        api.set_token(TOKEN, "jwt\n")
    assert TOKEN not in str(caught.value)
    api.token, api.token_type = TOKEN, "jwt\n"
    with pytest.raises(ValueError, match="a type of token is a word") as caught:
        api.org.get()
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("value", ["jwt hush\n", "jwt hush\r\nX-Evil: 1", " hush"])
def test_a_header_that_cannot_be_sent_is_not_shown(client: Any, value: str) -> None:
    """A token read with its line end is refused by the name of its header."""
    with pytest.raises(ValueError, match="header Authorization") as caught:
        client().org.with_options(headers={"Authorization": value})
    assert "hush" not in str(caught.value)
