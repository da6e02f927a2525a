"""`iotile-cloud login`, `logout` and `whoami`, from an empty store to an empty store."""

from __future__ import annotations

import getpass
import io
import json
import sys
from typing import Any, Callable

import pytest

from iotile_cloud import cli
from iotile_cloud.api.connection import Api
from iotile_cloud.api.token_store import TokenStore

EMAIL = "demo@example.com"
Run = Callable[..., "tuple[int, str, str]"]


@pytest.fixture
def run(cloud: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command at the embedded cloud: status, stdout, stderr."""
    monkeypatch.setenv("IOTILE_CLOUD_DOMAIN", cloud.url)
    monkeypatch.setattr(getpass, "getpass", lambda: "demo")

    def ran(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(arguments)
        return (status, *capsys.readouterr())

    return ran


@pytest.fixture
def token(cloud: Any) -> str:
    """Return a good token of the demo user."""
    with Api(cloud.url) as api:
        assert api.login("demo", EMAIL)
        assert api.token
        return api.token


def test_a_login_is_kept_for_the_next_command(run: Run, cloud: Any) -> None:
    """The token is stored, the password is not, and stdout stays free."""
    status, out, err = run("login", "-u", "Demo@example.com")
    assert (status, out) == (0, "")
    assert f"{EMAIL} is logged in at {cloud.url}, until 20" in err
    assert str(TokenStore().path) in err
    stored = TokenStore().get(cloud.url)
    assert stored
    assert "password" not in TokenStore().path.read_text()
    status, out, _ = run("whoami", "--json")
    assert status == 0
    told = json.loads(out)
    assert told["email"] == EMAIL
    assert told["token_from"] == "the token store"
    assert stored.token not in out


def test_a_kept_login_stays_good_after_a_command(run: Run, cloud: Any) -> None:
    """Commands use it and leave it."""
    run("login", "-u", EMAIL)
    assert [run("whoami")[0] for _ in range(2)] == [0, 0]
    assert TokenStore().users(cloud.url) == [EMAIL]


def test_a_wrong_password_keeps_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The status is 1, and the line tells for whom and where."""
    monkeypatch.setattr(getpass, "getpass", lambda: "wrong")
    status, out, err = run("login", "-u", EMAIL)
    assert (status, out) == (1, "")
    assert err.startswith(f"iotile-cloud: Login of {EMAIL} at http://127.0.0.1")
    assert "failed: 401 " in err
    assert err.count("\n") == 1
    assert not TokenStore().path.exists()


def test_a_store_that_cannot_be_used_is_told_before_the_password_is_asked_for(
    run: Run, cloud: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody types it in vain."""
    TokenStore().put(cloud.url, EMAIL, "no-good")
    TokenStore().path.write_text("{")
    monkeypatch.setattr(getpass, "getpass", lambda: pytest.fail("a password was asked for"))
    status, _, err = run("login", "-u", EMAIL)
    assert status == 1
    assert "is damaged" in err


def test_a_login_replaces_a_kept_token(run: Run, cloud: Any) -> None:
    """The old one is not tried: who logs in wants a new one."""
    TokenStore().put(cloud.url, EMAIL, "no-good")
    assert run("login", "-u", EMAIL)[0] == 0
    stored = TokenStore().get(cloud.url)
    assert stored
    assert stored.token != "no-good"


def test_a_given_token_is_proved_and_kept(run: Run, cloud: Any, token: str) -> None:
    """Under the address that the server knows."""
    assert run("login", "--token", token)[0] == 0
    stored = TokenStore().get(cloud.url)
    assert stored
    assert (stored.user, stored.token) == (EMAIL, token)


def test_a_given_token_that_is_refused_is_not_kept(run: Run) -> None:
    """The server's words say why."""
    status, _, err = run("login", "--token", "no-good")
    assert status == 1
    assert "401" in err
    assert not TokenStore().path.exists()


def test_a_given_token_of_somebody_else_is_not_kept(run: Run, token: str) -> None:
    """It would be found under a wrong name."""
    status, _, err = run("login", "--token", token, "-u", "other@example.com")
    assert status == 1
    assert f"the token is of {EMAIL}, not of other@example.com" in err
    assert not TokenStore().path.exists()


@pytest.mark.parametrize("named", [True, False])
def test_a_given_token_of_no_account_needs_a_name(run: Run, scripted: Any, named: bool) -> None:
    """Such as that of a device."""
    scripted.play(always=scripted.reply(403))
    arguments = ["--domain", scripted.url, "login", "--token", "of-a-device"]
    status, _, err = run(*arguments, *(["-u", "device-1"] if named else []))
    assert status == (0 if named else 1)
    assert TokenStore().users(scripted.url) == (["device-1"] if named else [])
    assert named or "say with -u under what name to keep it" in err


def test_a_token_of_the_environment_is_told_of(
    run: Run, cloud: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not kept, and would go before the one that is."""
    monkeypatch.setenv("IOTILE_CLOUD_TOKEN", "t0ken-hush")
    status, _, err = run("login", "-u", EMAIL)
    assert status == 0
    assert "IOTILE_CLOUD_TOKEN is set in the environment" in err
    assert "t0ken-hush" not in TokenStore().path.read_text() + err
    assert "IOTILE_CLOUD_TOKEN is still set" in run("logout")[2]


def test_a_login_asks_for_the_user_on_a_terminal(
    run: Run, cloud: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stderr, as stdout is for data."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(f"{EMAIL}\n"))
    status, out, err = run("login")
    assert (status, out) == (0, "")
    assert err.startswith("E-mail: ")
    assert TokenStore().users(cloud.url) == [EMAIL]


def test_a_login_without_user_and_terminal_is_an_error(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, status 1."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{EMAIL}\n"))
    assert run("login") == (1, "", "iotile-cloud: User email is required: use -u EMAIL\n")


def test_a_quiet_login_says_nothing(run: Run) -> None:
    """The status tells."""
    assert run("login", "-u", EMAIL, "-q") == (0, "", "")


def test_a_logout_forgets_the_latest_login(run: Run, own_cloud: Any) -> None:
    """And tells the server."""
    domain = ["--domain", own_cloud.url]
    TokenStore().put(own_cloud.url, "earlier@example.com", "t")
    run(*domain, "login", "-u", EMAIL)
    status, out, err = run(*domain, "logout")
    assert (status, out) == (0, "")
    assert err == f"iotile-cloud: {EMAIL} is logged out of {own_cloud.url}\n"
    assert TokenStore().users(own_cloud.url) == ["earlier@example.com"]
    assert own_cloud.log[-1].path == "/api/v1/auth/logout/"


def test_a_logout_of_a_named_user_forgets_this_one(run: Run, scripted: Any) -> None:
    """A server that is ill does not keep it from that."""
    scripted.play(always=scripted.Cut())
    for user in ("a@h", "b@h"):
        TokenStore().put(scripted.url, user, "t")
    status, _, err = run("--domain", scripted.url, "logout", "-u", "A@h")
    assert status == 0
    assert "the server was not told: " in err
    assert TokenStore().users(scripted.url) == ["b@h"]


def test_a_logout_of_all_forgets_all_of_this_server(run: Run, scripted: Any) -> None:
    """A token that is over is not sent any more."""
    over = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE2MDAwMDAwMDB9.c2ln"
    TokenStore().put("https://elsewhere.example", "a@h", "t")
    for user in ("a@h", "b@h"):
        TokenStore().put(scripted.url, user, over)
    assert run("--domain", scripted.url, "logout", "--all")[0] == 0
    assert TokenStore().users(scripted.url) == []
    assert TokenStore().users("https://elsewhere.example") == ["a@h"]
    assert scripted.requests == []


@pytest.mark.parametrize(("user", "who"), [([], "nobody was"), (["-u", "x@h"], "x@h was not")])
def test_a_logout_of_nobody_is_no_failure(run: Run, cloud: Any, user: list[str], who: str) -> None:
    """What is asked for is so already."""
    assert run("logout", *user) == (0, "", f"iotile-cloud: {who} logged in at {cloud.url}\n")


def test_a_command_for_which_nobody_is_named_tells_of_the_login(run: Run) -> None:
    """Which is how most will go on."""
    line = "User email is required: use -u EMAIL, or `iotile-cloud login` once"
    assert run("get", "org") == (1, "", f"iotile-cloud: {line}\n")


def test_whoami_never_asks(run: Run, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is logged in, which is status 1."""
    monkeypatch.setattr(getpass, "getpass", lambda: pytest.fail("it asked"))
    assert run("whoami") == (1, "", f"iotile-cloud: Nobody is logged in at {cloud.url}\n")
    status, _, err = run("whoami", "-u", "x@h")
    assert (status, err) == (1, f"iotile-cloud: x@h is not logged in at {cloud.url}\n")


def test_whoami_tells_of_a_given_token(run: Run, cloud: Any, token: str) -> None:
    """Where it is from, and until when it is good."""
    status, out, _ = run("--token", token, "whoami")
    told = json.loads(out)
    assert status == 0
    assert (told["email"], told["domain"], told["token_from"]) == (EMAIL, cloud.url, "--token")
    assert told["expires_at"].endswith("Z")


def test_whoami_with_a_bad_token_is_one_line(run: Run) -> None:
    """Status 1, and the server's words."""
    status, out, err = run("--token", "no-good", "whoami")
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert "401" in err


@pytest.mark.parametrize("name", ["login", "logout", "whoami"])
def test_each_has_a_parser_with_examples(name: str) -> None:
    """From which its page in the docs is made."""
    parser = cli.parser_of(name)
    assert parser.prog == f"iotile-cloud {name}"
    assert parser.description
    assert f"iotile-cloud {name}" in (parser.epilog or "")
