"""On no path of a script does a password or a token get into its output, its log or its errors."""

from __future__ import annotations

import getpass
import logging
import pickle
import traceback
from typing import Any, Callable

import pytest

from iotile_cloud.api.token_store import TokenStore
from iotile_cloud.utils._ending import status_of
from iotile_cloud.utils.main import BaseMain

EMAIL, PASSWORD, TOKEN, OTHER = "me@h", "pass-w0rd-hush", "t0ken.hush.hush", "0ther.hush.hush"
JSON = "application/json"

ANSWERS: dict[str, Callable[[Any], Any]] = {
    "fine": lambda s: s.reply(
        200, {"jwt": OTHER, "username": "me", "results": [{"email": EMAIL, "username": "me"}]}
    ),
    "unusable token": lambda s: s.reply(200, {"jwt": f"{OTHER}\n"}),
    "400": lambda s: s.reply(400, {"detail": "Bad."}),
    "401": lambda s: s.reply(401, {"detail": "No."}),
    "403": lambda s: s.reply(403, {"detail": "No."}),
    "404 html": lambda s: s.reply(404, b"<p>Not here", Content_Type="text/html"),
    "500": lambda s: s.reply(500),
    "redirect": lambda s: s.reply(302, Location="/api/v1/there/"),
    "broken JSON": lambda s: (
        lambda arrived: s.reply(
            200, b'{"jwt": "0ther.hush' if "/auth/" in arrived.path else b"{", Content_Type=JSON
        )
    ),
    "list": lambda s: lambda arrived: s.reply(200, [OTHER] if "/auth/" in arrived.path else []),
    "201": lambda s: s.reply(201, {"jwt": OTHER, "token": OTHER}),
    "cut": lambda s: s.Cut(s.reply(200, {"a": 1})[:-3]),
    "close": lambda s: s.Cut(),
}
SOURCES = ["argument", "environment", "password", "store", "prompt", "elsewhere", "white space"]
WORK: dict[str, Callable[[BaseMain], object]] = {
    "read": lambda script: script.api.org.get(),
    "write": lambda script: script.api.account.post({"password": PASSWORD}),
    "renew": lambda script: script.api.refresh_token(),
    "mistake": lambda script: {}["slug"],
}


class Script(BaseMain):
    """Do what the test says."""

    work: Callable[[BaseMain], object]

    def after_login(self) -> None:
        self.work()  # type: ignore[call-arg]


def prepared(source: str, url: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put credentials where `source` says, and return the arguments."""
    arguments = ["--domain", url, "-v"]
    monkeypatch.setattr(getpass, "getpass", lambda: PASSWORD)
    if source == "argument":
        return [*arguments, "--token", TOKEN]
    if source == "store":
        TokenStore().put(url, EMAIL, TOKEN)
        return [*arguments, "-u", EMAIL]
    if source == "prompt":
        return [*arguments, "-u", EMAIL]
    monkeypatch.setenv("IOTILE_CLOUD_EMAIL", EMAIL)
    monkeypatch.setenv("IOTILE_CLOUD_PASSWORD", PASSWORD)
    if source != "password":
        monkeypatch.setenv("IOTILE_CLOUD_TOKEN", f"{TOKEN}\n" if source == "white space" else TOKEN)
    if source == "elsewhere":
        monkeypatch.setenv("IOTILE_CLOUD_DOMAIN", "https://elsewhere.example")
    return arguments


def shown(error: BaseException) -> str:
    """Return all that a curious reader would look at in an error and in what led to it."""
    told = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    seen: BaseException | None = error
    while seen is not None:
        told += f"{seen}{seen!r}{vars(seen)!r}{seen.args!r}"
        for name in ("request", "response"):
            told += repr(vars(getattr(seen, name, None) or seen))
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, Exception):
        told += pickle.dumps(error).decode("latin-1")
    return told


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("source", SOURCES)
def test_no_secret_is_shown(
    scripted: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    source: str,
    answer: str,
) -> None:
    """Whatever goes wrong with whatever credentials, with every logger at its most talkative."""
    for talkative in (None, "urllib3", "iotile_cloud"):
        caplog.set_level(logging.DEBUG, logger=talkative)  # until the end of the test
    scripted.play(always=ANSWERS[answer](scripted))
    arguments = prepared(source, scripted.url, monkeypatch)
    monkeypatch.setattr("iotile_cloud.utils.main.Api", _impatient)
    told = ""
    for name, work in WORK.items():
        script = Script(arguments)
        vars(script)["work"] = lambda script=script, work=work: work(script)
        try:
            status_of(script.main, f"script {name}")
        except KeyError as error:
            told += shown(error)
        try:
            script.main()
        except (Exception, SystemExit) as error:
            told += shown(error)
        api = getattr(script, "api", None)
        told += f"{script!r}{api!r}{script._wanted()!r}{TokenStore()!r}"
    captured = capsys.readouterr()
    told += captured.out + captured.err + caplog.text
    if source not in ("elsewhere", "white space"):
        assert scripted.requests
        assert "DEBUG" in told
    for secret in (PASSWORD, TOKEN, "0ther.hush"):
        assert secret not in told


def _impatient(*arguments: Any, **settings: Any) -> Any:
    from iotile_cloud.api.connection import Api

    return Api(*arguments, retries=0, timeout=5, **settings)
