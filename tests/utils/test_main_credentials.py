"""Where a script finds its credentials, in which order, and what it leaves behind."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable
from unittest import mock

import pytest

from iotile_cloud.api.connection import DOMAIN_NAME, Api
from iotile_cloud.api.token_store import TokenStore
from iotile_cloud.utils import main
from iotile_cloud.utils.main import BaseMain

EMAIL, PASSWORD = "demo@example.com", "demo"
USER = ["-u", EMAIL]
NOWHERE = "http://127.0.0.1:9"


class Script(BaseMain):
    """Note who is logged in."""

    token: str | None = None
    seen = ""

    def config_logging(self) -> None:
        """Leave the logging of the tests alone."""

    def after_login(self) -> None:
        self.token = self.api.token
        self.seen = self.api.account.get()["results"][0]["email"]


@pytest.fixture
def make(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Script]:
    """Return a function that makes a script of the embedded cloud, at whose prompt nobody is."""

    def nobody() -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", nobody)

    def made(*arguments: str, kind: type[Script] = Script) -> Script:
        monkeypatch.setattr(kind, "domain", cloud.url)
        return kind(arguments)

    return made


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that sets variables, named without what they have in common."""

    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"IOTILE_CLOUD_{name}", value)

    return put


@pytest.fixture
def token(cloud: Any) -> str:
    """Return a good token of the demo user."""
    with Api(cloud.url) as api:
        assert api.login(PASSWORD, EMAIL)
        assert api.token
        return api.token


def ends_with_1(work: Callable[[], object]) -> None:
    """Do `work`, which must end with status 1."""
    with pytest.raises(SystemExit) as end:
        work()
    assert end.value.code == 1


# -- the order ----------------------------------------------------------------------------------


def test_an_argument_goes_before_all(
    make: Callable[..., Script], environ: Callable[..., None], token: str
) -> None:
    """A token in the environment is not looked at then."""
    environ(TOKEN="of-the-environment")
    script = make("--token", token)
    script.main()
    assert (script.token, script.seen) == (token, EMAIL)


def test_a_token_of_the_environment_needs_no_user(
    make: Callable[..., Script], environ: Callable[..., None], token: str
) -> None:
    """It goes before the password that is there, too."""
    environ(TOKEN=token, EMAIL=EMAIL, PASSWORD="wrong")
    script = make()
    script.main()
    assert script.token == token


def test_a_type_of_token_comes_with_it(
    cloud: Any, make: Callable[..., Script], environ: Callable[..., None]
) -> None:
    """Such as the lasting one of the user."""
    with Api(cloud.url, token_type="token") as api:
        api.login(PASSWORD, EMAIL)
        assert api.token
        environ(TOKEN=api.token, TOKEN_TYPE="token")
    script = make()
    script.main()
    assert script.seen == EMAIL


def test_a_password_of_the_environment_logs_in(
    make: Callable[..., Script], environ: Callable[..., None]
) -> None:
    """And the user is in `args.email`, as always."""
    environ(EMAIL=EMAIL, PASSWORD=PASSWORD)
    script = make()
    script.main()
    assert script.seen == script.args.email == EMAIL


def test_a_wrong_password_of_the_environment_is_the_end(
    make: Callable[..., Script], environ: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    """It was meant, so nothing else is tried, and the line tells for whom."""
    environ(EMAIL=EMAIL, PASSWORD="wrong")
    ends_with_1(make().main)
    assert f"Login of {EMAIL} at http://127.0.0.1" in caplog.text


def test_the_environment_goes_before_the_store(
    cloud: Any, make: Callable[..., Script], environ: Callable[..., None], token: str
) -> None:
    """What is nearer to the run counts more."""
    TokenStore().put(cloud.url, EMAIL, "stored")
    environ(TOKEN=token)
    script = make()
    script.main()
    assert script.token == token


def test_a_stored_token_is_used(cloud: Any, make: Callable[..., Script], token: str) -> None:
    """Without a user it is that of the last login; then the script knows who it was."""
    TokenStore().put(cloud.url, EMAIL, token)
    script = make()
    script.main()
    assert (script.token, script.args.email) == (token, EMAIL)


def test_a_stored_token_of_somebody_else_is_not_used(
    cloud: Any,
    make: Callable[..., Script],
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who is named is asked for the password."""
    TokenStore().put(cloud.url, "other@example.com", "of-the-other")
    monkeypatch.setattr(getpass, "getpass", lambda: PASSWORD)
    script = make(*USER)
    script.main()
    assert script.seen == EMAIL
    assert TokenStore().users(cloud.url) == ["other@example.com"]


def test_an_email_of_the_environment_is_asked_for_its_password(
    make: Callable[..., Script], environ: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the credentials are still something."""
    environ(EMAIL=EMAIL)
    monkeypatch.setattr(getpass, "getpass", lambda: PASSWORD)
    script = make()
    script.main()
    assert script.args.email == EMAIL


def test_what_is_typed_at_a_prompt_is_not_stored(
    cloud: Any, make: Callable[..., Script], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody asked a script for that; `iotile-cloud login` is there for it."""
    monkeypatch.setattr(getpass, "getpass", lambda: PASSWORD)
    make(*USER).main()
    assert not TokenStore().path.exists()


# -- to which server ----------------------------------------------------------------------------


def test_the_environment_names_the_server(
    cloud: Any, environ: Callable[..., None], token: str
) -> None:
    """Of a script that names none."""
    environ(DOMAIN=cloud.url, TOKEN=token)
    script = Script([])
    script.main()
    assert script.domain == script.api.domain == cloud.url


@pytest.mark.parametrize("way", ["class", "instance", "hosted", "hook"])
def test_a_server_of_the_script_beats_the_environment(
    environ: Callable[..., None], way: str
) -> None:
    """However the script says it, also when it is the hosted one."""

    class Own(Script):
        domain = DOMAIN_NAME if way == "hosted" else NOWHERE

    class Hook(Script):
        def get_domain(self) -> str:
            return NOWHERE

    environ(DOMAIN="http://127.0.0.1:8", TOKEN="t")
    kind: type[Script] = {"class": Own, "hosted": Own, "instance": Script, "hook": Hook}[way]
    script = kind([])
    if way == "instance":
        script.domain = NOWHERE
    assert script.get_domain() == (DOMAIN_NAME if way == "hosted" else NOWHERE)


def test_an_argument_beats_the_server_of_the_script(make: Callable[..., Script]) -> None:
    """Who runs it has the last word."""
    assert make(*USER, "--domain", NOWHERE).get_domain() == NOWHERE


def test_a_script_that_computes_its_server_has_no_such_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It could only be ignored."""

    class Hook(Script):
        def get_domain(self) -> str:
            return NOWHERE

    with pytest.raises(SystemExit) as end:
        Hook([*USER, "--domain", "http://h"])
    assert end.value.code == 2
    assert "--domain" in capsys.readouterr().err


@pytest.mark.parametrize("secret", [{"TOKEN": "t0ken-hush"}, {"EMAIL": EMAIL, "PASSWORD": "hush"}])
def test_credentials_of_the_environment_stay_with_their_server(
    scripted: Any,
    make: Callable[..., Script],
    environ: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
    secret: dict[str, str],
) -> None:
    """Another one gets no request at all, and the error tells why."""
    environ(DOMAIN="https://elsewhere.example", **secret)
    script = make("--domain", scripted.url, *USER)
    ends_with_1(script.main)
    assert scripted.requests == []
    assert "for https://elsewhere.example (IOTILE_CLOUD_DOMAIN), not for http://" in caplog.text
    assert "hush" not in caplog.text


def test_a_stored_token_stays_with_its_server(
    scripted: Any, cloud: Any, make: Callable[..., Script], token: str
) -> None:
    """Another one gets no request at all."""
    TokenStore().put(cloud.url, EMAIL, token)
    ends_with_1(make("--domain", scripted.url, *USER).main)
    assert scripted.requests == []


# -- a stored token that is of no use -------------------------------------------------------------


def test_a_stored_token_that_is_refused_is_forgotten(
    cloud: Any,
    make: Callable[..., Script],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The next source is asked, here the prompt, for the usual type of token."""
    TokenStore().put(cloud.url, EMAIL, "no-good", "token")
    monkeypatch.setattr(getpass, "getpass", lambda: PASSWORD)
    script = make(*USER)
    script.main()
    assert script.seen == EMAIL
    assert TokenStore().users(cloud.url) == []
    assert f"The stored token of {EMAIL} is not accepted by {cloud.url} any more" in caplog.text


def test_a_stored_token_that_is_over_is_forgotten(
    scripted: Any,
    make: Callable[..., Script],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without a request, and the error at the end tells since when."""
    over = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE2MDAwMDAwMDB9.c2ln"
    TokenStore().put(scripted.url, EMAIL, over)
    ends_with_1(make("--domain", scripted.url, *USER).main)
    assert scripted.requests == []
    assert TokenStore().users(scripted.url) == []
    assert f"The stored token of {EMAIL} ended at 2020-09-13 12:26 UTC" in caplog.text


def test_a_stored_token_outlives_a_server_that_is_ill(
    scripted: Any, make: Callable[..., Script]
) -> None:
    """A 500 says nothing about the token."""
    TokenStore().put(scripted.url, EMAIL, "good")
    scripted.play(always=scripted.reply(500))
    with pytest.raises(main.RestBaseException):
        make("--domain", scripted.url).main()
    assert TokenStore().users(scripted.url) == [EMAIL]


@pytest.mark.parametrize("answer", ["403", "404", "nobody", "odd"])
def test_a_stored_token_of_no_account_is_used(
    scripted: Any, make: Callable[..., Script], answer: str
) -> None:
    """A device has a token, but no account; only a 401 is a no."""
    TokenStore().put(scripted.url, "device", "good", "a-jwt")
    answers = {
        "403": scripted.reply(403, {"detail": "No."}),
        "404": scripted.reply(404),
        "nobody": scripted.reply(200, {"count": 0, "results": []}),
        "odd": scripted.reply(200, []),
    }
    scripted.play(answers[answer], always=scripted.reply(200, {"results": [{"email": "x"}]}))
    script = make("--domain", scripted.url)
    script.main()
    assert script.token == "good"
    assert scripted.tokens == ["a-jwt good"] * 2


@pytest.mark.skipif(os.name == "nt", reason="permissions are another matter there")
def test_a_store_that_cannot_be_used_does_not_stop_a_script(
    cloud: Any,
    make: Callable[..., Script],
    token: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It goes on to the prompt, and tells what is wrong."""
    TokenStore().put(cloud.url, EMAIL, token)
    TokenStore().path.chmod(0o644)
    monkeypatch.setattr(getpass, "getpass", lambda: PASSWORD)
    script = make(*USER)
    script.main()
    assert script.seen == EMAIL
    assert "chmod 600" in caplog.text


def test_a_stored_token_near_its_end_is_renewed_in_the_store(
    scripted: Any, make: Callable[..., Script], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run finds the new one."""

    class Long(Script):
        def after_login(self) -> None:
            vars(self.api)["_now"] = lambda: time.time() + 60
            self.api.org.get()

    old = _jwt(time.time() + 100)
    new = _jwt(time.time() + 9000)
    TokenStore().put(scripted.url, EMAIL, old)
    scripted.play(
        scripted.reply(200, {"results": [{"username": "me"}]}),
        scripted.reply(200, {"token": new}),
        scripted.reply(),
    )
    make("--domain", scripted.url, kind=Long).main()
    stored = TokenStore().get(scripted.url)
    assert stored
    assert stored.token == new
    assert len(scripted.requests) == 3


def _jwt(end: float) -> str:
    import base64
    import json

    claims = base64.urlsafe_b64encode(json.dumps({"exp": end}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{claims}.c2ln"


# -- the logout ---------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["argument", "environment", "store"])
def test_a_token_that_was_there_before_stays_good(
    scripted: Any, make: Callable[..., Script], environ: Callable[..., None], source: str
) -> None:
    """The server is told nothing, the store keeps it, and only this Api lets it go."""
    arguments = ["--domain", scripted.url]
    if source == "argument":
        arguments += ["--token", "good"]
    elif source == "environment":
        environ(TOKEN="good")
    else:
        TokenStore().put(scripted.url, EMAIL, "good")
    scripted.play(always=scripted.reply(200, {"results": [{"email": "x", "username": "me"}]}))
    script = make(*arguments)
    script.main()
    assert script.token == "good"
    assert script.api.token is None
    assert {request.path.partition("?")[0] for request in scripted.requests} == {"/api/v1/account/"}
    if source == "store":
        assert TokenStore().get(scripted.url)


def test_a_login_of_the_scripts_own_is_logged_out(
    own_cloud: Any, make: Callable[..., Script]
) -> None:
    """Also in a script that logs in in its own way."""

    class Own(Script):
        def login(self) -> bool:
            return self.api.login(PASSWORD, EMAIL)

    script = make("--domain", own_cloud.url, *USER, kind=Own)
    script.main()
    assert script.api.token is None
    assert own_cloud.log[-1].path == "/api/v1/auth/logout/"


# -- nobody at the prompt -----------------------------------------------------------------------

PROGRAM = """
import sys
from iotile_cloud.utils.main import BaseMain
class Script(BaseMain):
    domain = sys.argv.pop(1)
    def after_login(self):
        print("logged in as", self.api.username)
Script().run()
"""


def run_detached(*arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run the program as cron does: no terminal controls it."""
    return detached(sys.executable, "-c", PROGRAM, *arguments, **how)


def detached(*command: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in a session of its own."""
    return subprocess.run(
        command,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **how,
    )


@pytest.mark.skipif(os.name == "nt", reason="sessions are another matter there")
def test_without_a_terminal_the_error_comes_at_once(cloud: Any) -> None:
    """It tells what would help, and not a word of a prompt is printed."""
    done = run_detached(cloud.url, *USER, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (1, "")
    assert "No password was given: there is no terminal to ask demo@example.com at" in done.stderr
    assert "IOTILE_CLOUD_TOKEN" in done.stderr
    assert "iotile-cloud login" in done.stderr
    assert "Password:" not in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="sessions are another matter there")
def test_with_closed_streams_there_is_nobody_either(cloud: Any) -> None:
    """A service may have been started without any stdin."""
    command = 'exec "$0" -c "$1" "$2" -u demo@example.com <&-'
    done = detached("/bin/sh", "-c", command, sys.executable, PROGRAM, cloud.url)
    assert done.returncode == 1
    assert "there is no terminal" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="sessions are another matter there")
def test_a_password_may_come_through_a_pipe(cloud: Any) -> None:
    """From a keeper of passwords, say."""
    done = run_detached(cloud.url, *USER, input=f"{PASSWORD}\n")
    assert (done.returncode, done.stdout) == (0, "logged in as demo\n")


def test_a_prompt_of_somebody_elses_is_used_without_a_terminal(
    cloud: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it claims to be getpass's own, as an autospec does."""
    monkeypatch.setattr(Script, "domain", cloud.url)
    script = Script(USER)
    monkeypatch.setattr(sys, "stdin", None)
    with mock.patch("iotile_cloud.utils.main.getpass.getpass", autospec=True) as prompt:
        prompt.return_value = PASSWORD
        script.main()
    assert script.seen == EMAIL


def test_a_stand_in_for_the_api_is_asked_to_log_in_as_ever(
    environ: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests of published scripts put a mock in the place of `Api`."""
    environ(TOKEN="t")
    monkeypatch.setattr(getpass, "getpass", lambda: PASSWORD)
    with mock.patch("iotile_cloud.utils.main.Api") as stand_in:
        Script(USER).main()
    stand_in.return_value.login.assert_called_once_with(email=EMAIL, password=PASSWORD)
    stand_in.return_value.logout.assert_called_once_with()


@pytest.mark.skipif(os.name == "nt", reason="sessions are another matter there")
def test_a_pipe_that_says_nothing_is_not_waited_for_for_ever(
    cloud: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is a limit, here none at all."""
    from iotile_cloud.utils import _login

    really_open = os.open

    def no_terminal(path: Any, *settings: Any, **named: Any) -> int:
        if path == "/dev/tty":
            raise OSError(6, "No such device or address")
        return really_open(path, *settings, **named)

    monkeypatch.setattr(Script, "domain", cloud.url)
    script = Script(USER)
    monkeypatch.setattr(os, "open", no_terminal)
    monkeypatch.setattr(_login, "_PATIENCE", 0.0)
    reading, writing = os.pipe()
    with os.fdopen(reading) as silent, os.fdopen(writing, "w"):
        monkeypatch.setattr(sys, "stdin", silent)
        ends_with_1(script.main)


def test_no_credentials_at_all_end_before_anything_is_done(
    make: Callable[..., Script], caplog: pytest.LogCaptureFixture
) -> None:
    """As published: the constructor says that a user is required."""
    ends_with_1(make)
    assert caplog.messages == ["User email is required: use -u EMAIL"]


def test_credentials_that_fit_nobody_end_as_clearly(
    make: Callable[..., Script], caplog: pytest.LogCaptureFixture, token: str
) -> None:
    """A store that has nothing for this server, say."""
    TokenStore().put("https://elsewhere.example", EMAIL, token)
    ends_with_1(make().main)
    assert caplog.messages == ["User email is required: use -u EMAIL"]
