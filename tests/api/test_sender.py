"""One path to the wire: the token of the moment, one repetition of a 401, errors of our tree."""

from __future__ import annotations

import io
from typing import Any, Callable

import pytest
import requests
import requests.exceptions as rx

from iotile_cloud.api import exceptions
from iotile_cloud.api._sender import Hooks, Options, Sender
from iotile_cloud.api._session import CloudSession
from iotile_cloud.api._upload import MultipartFile
from iotile_cloud.api.connection import Api

Client = Callable[..., Api]


def replacing(api: Api, token: str, answer: bytes) -> Callable[[Any], bytes]:
    """Return a step of a script during which another thread replaces the token."""

    def step(_: Any) -> bytes:
        api.token = token
        return answer

    return step


# -- the token -------------------------------------------------------------------------------


def test_a_401_is_repeated_once_when_the_token_was_replaced(scripted: Any, client: Client) -> None:
    """What was refused with the old token is asked again with the new one."""
    api = client()
    api.set_token("old")
    scripted.play(replacing(api, "new", scripted.reply(401)), scripted.reply(200, {"slug": "x"}))
    assert api.org("x").get() == {"slug": "x"}
    assert scripted.tokens == ["jwt old", "jwt new"]


def test_a_repeated_401_is_an_error(scripted: Any, client: Client) -> None:
    """There is one repetition, even if the token was replaced again."""
    api = client()
    api.set_token("old")
    again = [replacing(api, name, scripted.reply(401)) for name in ("new", "newer", "newest")]
    scripted.play(*again)
    with pytest.raises(exceptions.HttpAuthenticationError):
        api.org.get()
    assert scripted.tokens == ["jwt old", "jwt new"]


def test_a_401_for_the_current_token_is_an_error_at_once(scripted: Any, client: Client) -> None:
    """The server would only refuse it again; the error tells its words."""
    api = client()
    api.set_token("old")
    scripted.play(scripted.reply(401, {"detail": "Signature has expired."}))
    with pytest.raises(exceptions.HttpAuthenticationError) as caught:
        api.org.get()
    assert caught.value.detail == "Signature has expired."
    assert len(scripted.requests) == 1


def test_a_401_without_token_is_an_error_at_once(scripted: Any, client: Client) -> None:
    """Nothing was sent that could have been replaced."""
    api = client()
    scripted.play(replacing(api, "new", scripted.reply(401)))
    with pytest.raises(exceptions.HttpAuthenticationError):
        api.org.get()
    assert len(scripted.requests) == 1


def test_a_401_after_a_logout_is_an_error(scripted: Any, client: Client) -> None:
    """No token is no reason to ask again."""
    api = client()
    api.set_token("old")

    def logged_out(_: Any) -> bytes:
        api.set_token(None)
        return bytes(scripted.reply(401))

    scripted.play(logged_out)
    with pytest.raises(exceptions.HttpAuthenticationError):
        api.org.get()
    assert len(scripted.requests) == 1


def test_a_write_is_repeated_after_a_401_with_its_body(scripted: Any, client: Client) -> None:
    """The server refused before it did anything."""
    api = client()
    api.set_token("old")
    scripted.play(replacing(api, "new", scripted.reply(401)), scripted.reply(201, {}))
    api.org.post({"name": "x"}, staff=1)
    assert [(r.method, r.path, r.body) for r in scripted.requests] == [
        ("POST", "/api/v1/org/?staff=1", b'{"name": "x"}')
    ] * 2
    assert scripted.tokens == ["jwt old", "jwt new"]


def test_a_streamed_upload_is_rewound_for_its_repetition(scripted: Any, client: Client) -> None:
    """The second request has the whole file again."""
    api = client()
    api.set_token("old")
    scripted.play(replacing(api, "new", scripted.reply(401)), scripted.reply(200, {"count": 1}))
    content = bytes(range(256)) * 8192
    assert api.streamer.report.upload_fp(("x.bin", io.BytesIO(content))) == {"count": 1}
    first, second = scripted.requests
    assert first.body == second.body
    assert content in second.body
    assert scripted.tokens == ["jwt old", "jwt new"]


def test_a_header_of_the_caller_stands_and_is_not_repeated(scripted: Any, client: Client) -> None:
    """Who sends an Authorization of their own gets the answer to that one."""
    api = client()
    api.set_token("old")
    scripted.play(replacing(api, "new", scripted.reply(401)))
    with pytest.raises(exceptions.HttpAuthenticationError):
        api.org.with_options(headers={"Authorization": "a-jwt mine"}).get()
    assert scripted.tokens == ["a-jwt mine"]


def test_no_token_is_sent_where_none_is_wanted(scripted: Any) -> None:
    """`authorize=False` leaves it out."""
    scripted.play(scripted.reply())
    with CloudSession() as session:
        Sender(session, lambda: "jwt hush").send("POST", scripted.url, authorize=False)
    assert scripted.tokens == [None]


# -- what is sent ----------------------------------------------------------------------------


def test_a_request_without_body_has_no_content_type(scripted: Any, client: Client) -> None:
    """What is not sent has no type, and its length is told as none."""
    scripted.play(always=scripted.reply())
    client().org.post()
    request = scripted.requests[0]
    assert request.headers["Content-Type"] is None
    assert (request.headers["Content-Length"], request.body) == ("0", b"")


def test_hooks_are_told_of_each_request(scripted: Any) -> None:
    """The first hook before it is sent, the second with its reply."""
    told: list[Any] = []
    scripted.play(scripted.reply(404))
    hooks = Hooks(
        lambda *request: told.append(request), lambda reply: told.append(reply.status_code)
    )
    with CloudSession() as session:
        Sender(session, lambda: None, hooks).send("GET", scripted.url, params={"a": 1})
    assert told == [("GET", scripted.url), 404]


def test_options_change_headers_of_one_call(scripted: Any) -> None:
    """They are added to those of the call and win over them."""
    scripted.play(scripted.reply())
    options = Options(headers={"X-Trace": "1", "Content-Type": "application/msgpack"})
    with CloudSession() as session:
        Sender(session, lambda: None).send("POST", scripted.url, body=b"\x80", options=options)
    headers = scripted.requests[0].headers
    assert (headers["X-Trace"], headers["Content-Type"]) == ("1", "application/msgpack")


def test_an_upload_announces_its_length(scripted: Any) -> None:
    """A streamed body is sent with its length, not in chunks."""
    scripted.play(scripted.reply())
    body = MultipartFile(b"head", io.BytesIO(b"content"), b"tail")
    with CloudSession() as session:
        Sender(session, lambda: None).send("POST", scripted.url, body=body)
    request = scripted.requests[0]
    assert request.headers["Content-Length"] == "15"
    assert request.headers["Transfer-Encoding"] is None
    assert request.body == b"headcontenttail"


# -- errors ----------------------------------------------------------------------------------


class Failing(requests.Session):
    """A session whose every request fails in the same way."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def request(self, *_: Any, **__: Any) -> Any:
        raise self.error


LEAVES = [
    (rx.SSLError, exceptions.HttpCouldNotVerifyServerError),
    (rx.ProxyError, exceptions.ProxyError),
    (rx.ConnectTimeout, exceptions.ConnectTimeout),
    (rx.ReadTimeout, exceptions.ReadTimeout),
    (rx.Timeout, exceptions.Timeout),
    (rx.ConnectionError, exceptions.ConnectionError),
    (rx.ChunkedEncodingError, exceptions.ChunkedEncodingError),
    (rx.ContentDecodingError, exceptions.ContentDecodingError),
    (rx.TooManyRedirects, exceptions.TooManyRedirects),
    (rx.InvalidProxyURL, exceptions.InvalidProxyURL),
    (rx.InvalidURL, exceptions.InvalidURL),
    (rx.InvalidSchema, exceptions.InvalidSchema),
    (rx.InvalidHeader, exceptions.InvalidHeader),
]


@pytest.mark.parametrize(("theirs", "ours"), LEAVES)
def test_each_error_of_requests_has_its_leaf(
    theirs: type[Exception], ours: type[exceptions.RestBaseException]
) -> None:
    """The leaf is also an error of the class that it stands for, and keeps it as its cause."""
    original = theirs("what happened")
    with pytest.raises(ours, match="GET http://h/ .what happened.") as caught:
        Sender(Failing(original), lambda: None).send("GET", "http://h/")
    assert type(caught.value) is ours
    assert isinstance(caught.value, theirs)
    assert (caught.value.method, caught.value.url) == ("GET", "http://h/")
    assert caught.value.__cause__ is original


@pytest.mark.parametrize("kind", [rx.MissingSchema, rx.InvalidJSONError, rx.RequestException])
def test_other_errors_pass_as_they_are(kind: type[Exception]) -> None:
    """What is no failure of the network is not dressed up as one."""
    original = kind("text")
    with pytest.raises(kind) as caught:
        Sender(Failing(original), lambda: None).send("GET", "http://h/")
    assert caught.value is original


def test_no_server_is_one_clear_error(scripted: Any, client: Client) -> None:
    """It names the call and what went wrong, and is a ConnectionError of requests too."""
    api = client(retries=0)
    scripted.close()
    with pytest.raises(exceptions.ConnectionError) as caught:
        api.org("x").get(staff=1)
    assert str(caught.value).startswith(f"ConnectionError: GET {scripted.url}/api/v1/org/x/ (")
    assert "refused" in str(caught.value)
    assert isinstance(caught.value, rx.ConnectionError)
    assert (caught.value.status_code, caught.value.response) == (None, None)


def test_a_server_that_does_not_answer_is_one_clear_error(scripted: Any, client: Client) -> None:
    """The caller gets a ReadTimeout by both names."""
    scripted.play(None)
    with pytest.raises(exceptions.ReadTimeout, match="Read timed out") as caught:
        client(timeout=(5, 0.05), retries=0).org.get()
    assert isinstance(caught.value, rx.ReadTimeout)


def test_a_body_that_stops_in_the_middle_is_one_clear_error(scripted: Any, client: Client) -> None:
    """Half a body is never taken for a whole one, whatever urllib3 thinks of it."""
    scripted.play(always=scripted.Cut(scripted.reply(200, {"slug": "x"})[:-3]))
    with pytest.raises(exceptions.TransportError, match="GET .*/org/x/ ") as caught:
        client().org("x").get()
    assert isinstance(caught.value, (rx.ChunkedEncodingError, rx.ConnectionError))
    assert len(scripted.requests) == 4


def test_a_body_that_falls_silent_is_one_clear_error(scripted: Any, client: Client) -> None:
    """To requests, and so to us, that is a connection that is as good as broken."""
    scripted.play(scripted.reply(200, b"x", Content_Length="100"))
    with pytest.raises(exceptions.ConnectionError, match="Read timed out"):
        client(timeout=(5, 0.05), retries=0).org.get()


def test_a_circle_of_redirects_is_one_clear_error(scripted: Any, client: Client) -> None:
    """The reader is told that it was sent in circles."""
    scripted.play(always=scripted.reply(302, Location="/api/v1/org/"))
    with pytest.raises(exceptions.TooManyRedirects, match="Exceeded 30 redirects"):
        client().org.get()


def test_a_redirect_to_another_protocol_is_an_error_of_the_tree(
    scripted: Any, client: Client
) -> None:
    """What the server sends wrong is caught with all other errors of a call."""
    scripted.play(scripted.reply(302, Location="ftp://h/x"))
    with pytest.raises(exceptions.InvalidSchema) as caught:
        client().org.get()
    assert isinstance(caught.value, exceptions.RestBaseException)
    assert isinstance(caught.value, ValueError)  # as of requests


def test_a_proxy_without_an_address_is_an_error_of_the_tree(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the environment says wrong is caught with all other errors of a call."""
    monkeypatch.setenv("http_proxy", "http:///nowhere")
    with pytest.raises(exceptions.InvalidProxyURL):
        client().org.get()
