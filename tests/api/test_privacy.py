"""What the session never sends, and where it never goes."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, Callable

import pytest

from iotile_cloud.api import exceptions
from iotile_cloud.api.connection import Api

Client = Callable[..., Api]


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay a `.netrc` with an entry for this machine where requests looks for it."""
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1\nlogin ambient\npassword ambient\n")
    monkeypatch.setenv("NETRC", str(path))


@pytest.mark.usefixtures("netrc")
def test_netrc_does_not_replace_a_header(scripted: Any, client: Client) -> None:
    """An Authorization that a caller of the session gives is sent as it is."""
    scripted.play(scripted.reply())
    client().session.get(scripted.url, headers={"Authorization": "jwt mine"})
    assert scripted.requests[0].headers["Authorization"] == "jwt mine"


@pytest.mark.usefixtures("netrc")
def test_netrc_does_not_add_credentials(scripted: Any, client: Client) -> None:
    """Nothing is sent that nobody asked to send, also after a redirect."""
    scripted.play(scripted.reply(302, Location="/there/"), scripted.reply())
    client().session.get(scripted.url)
    assert [request.headers["Authorization"] for request in scripted.requests] == [None, None]


def test_credentials_in_a_url_are_sent(scripted: Any, client: Client) -> None:
    """A caller who writes them there, or gives `auth`, means them."""
    scripted.play(always=scripted.reply())
    session = client().session
    session.get(scripted.url.replace("//", "//me:hush@"))
    session.get(scripted.url, auth=("me", "hush"))
    sent = [request.headers["Authorization"] for request in scripted.requests]
    assert sent == ["Basic bWU6aHVzaA=="] * 2


def test_cookies_are_neither_kept_nor_sent(scripted: Any, client: Client) -> None:
    """Not on the next request, and not after a redirect."""
    cookie = "sessionid=1; Path=/"
    scripted.play(
        scripted.reply(302, Location="/there/", Set_Cookie=cookie),
        scripted.reply(200, Set_Cookie=cookie),
        scripted.reply(),
    )
    session = client().session
    session.get(scripted.url)
    session.get(scripted.url)
    assert [request.headers["Cookie"] for request in scripted.requests] == [None] * 3
    assert list(session.cookies) == []


def test_a_read_follows_a_redirect_with_its_header(scripted: Any, client: Client) -> None:
    """Within the origin a token goes along."""
    scripted.play(scripted.reply(301, Location="/there/"), scripted.reply(200, b"x"))
    reply = client().session.get(scripted.url, headers={"Authorization": "jwt hush"})
    assert reply.content == b"x"
    assert scripted.requests[1].headers["Authorization"] == "jwt hush"


def test_a_redirect_to_another_origin_loses_the_token(
    scripted_pair: tuple[Any, Any], client: Client
) -> None:
    """It goes to its own scheme, host and port only, also when led back."""
    here, there = scripted_pair
    here.play(here.reply(302, Location=there.url + "/"), here.reply(200, b"back"))
    there.play(there.reply(302, Location=here.url + "/"))
    reply = client().session.get(here.url, headers={"Authorization": "jwt hush"})
    assert reply.content == b"back"
    sent = [request.headers["Authorization"] for request in here.requests + there.requests]
    assert sent == ["jwt hush", None, None]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_write_does_not_follow_a_redirect(
    scripted: Any, client: Client, method: str, status: int
) -> None:
    """It would arrive as something else: the caller gets the redirect itself."""
    scripted.play(scripted.reply(status, Location="/there/"))
    reply = client().session.request(method, scripted.url, json={})
    assert reply.status_code == status
    assert len(scripted.requests) == 1


def test_proxies_of_the_environment_are_used(
    scripted: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sits behind a proxy needs no argument for it."""
    monkeypatch.setenv("HTTP_PROXY", scripted.url)
    scripted.play(scripted.reply(200, b"by proxy"))
    reply = client().session.get("http://iotile.invalid/api/v1/")
    assert reply.content == b"by proxy"
    assert scripted.requests[0].path == "http://iotile.invalid/api/v1/"


def test_a_redirect_to_another_origin_tells_why_there_was_no_token(
    scripted_pair: Any, client: Client
) -> None:
    """The 401 at the other place would otherwise say that no token was sent, and not why."""
    here, there = scripted_pair
    here.play(here.reply(302, Location=f"{there.url}/api/v1/org/"))
    there.play(there.reply(401, {"detail": "Authentication credentials were not provided."}))
    api = client()
    api.set_token("hush")
    with pytest.raises(exceptions.HttpAuthenticationError, match="a token stays with its own"):
        api.org.get()


def test_an_error_keeps_no_cookie(scripted: Any, client: Client) -> None:
    """A session id is a credential as well."""
    scripted.play(scripted.reply(403, {"detail": "no"}, Set_Cookie="sessionid=hush"))
    with pytest.raises(exceptions.HttpPermissionError) as caught:
        client().org.get()
    assert b"hush" not in pickle.dumps(caught.value)
