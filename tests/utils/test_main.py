"""Tests for iotile_cloud.utils.main."""

from __future__ import annotations

import getpass
import logging
import sys
from functools import partial

import pytest

from iotile_cloud.api.connection import DOMAIN_NAME, Api
from iotile_cloud.api.exceptions import TransportError
from iotile_cloud.utils import main
from iotile_cloud.utils.main import BaseMain


class Script(BaseMain):
    """A script that writes down which hooks were called."""

    def __init__(self):
        self.called = []
        super().__init__()

    def add_extra_args(self):
        self.called.append("add_extra_args")
        self.parser.add_argument("--work", default="done")

    def config_logging(self):
        self.called.append("config_logging")

    def before_login(self):
        self.called.append("before_login")

    def login(self):
        self.called.append("login")
        return super().login()

    def after_login(self):
        self.called.append(f"after_login {self.args.work}")
        if self.args.work == "fail":
            raise RuntimeError("the work failed")

    def logout(self):
        self.called.append("logout")
        super().logout()

    def after_logout(self):
        self.called.append("after_logout")


@pytest.fixture
def script(cloud, monkeypatch):
    """A function that makes a Script with arguments, on the embedded cloud."""

    def make(*arguments, password="demo", domain=cloud.url, kind=Script):
        monkeypatch.setattr(sys, "argv", ["script", *arguments])
        monkeypatch.setattr(getpass, "getpass", lambda: password)
        monkeypatch.setattr(kind, "domain", domain)
        monkeypatch.setattr(main, "Api", partial(Api, retries=0))  # no waits for a lost server
        return kind()

    return make


USER = ("-u", "demo@example.com")


def test_the_default_domain_is_the_hosted_service():
    """A script that sets no domain talks to the hosted service."""
    assert BaseMain.domain == DOMAIN_NAME


def test_the_hooks_run_in_their_order(script):
    """A run calls every hook once, arguments before logging, logout after the work."""
    work = script(*USER)
    assert work.main() is None
    assert work.called == [
        "add_extra_args",
        "config_logging",
        "before_login",
        "login",
        "after_login done",
        "logout",
        "after_logout",
    ]


def test_the_user_has_a_long_option(script):
    """`--user` is `-u`, and is read as `args.email`."""
    assert script("--user", "a@example.com").args.email == "a@example.com"


def test_the_api_has_logged_in_and_out(script):
    """The work finds a logged-in Api, and afterwards its token is gone."""

    class Peek(Script):
        def after_login(self):
            self.token = self.api.token

    work = script(*USER, kind=Peek)
    work.main()
    assert work.token
    assert work.api.token is None


def test_get_domain_decides_the_server(script, cloud):
    """A script may compute the address of its server."""

    class Elsewhere(Script):
        def get_domain(self):
            return cloud.url

    work = script(*USER, domain="http://127.0.0.1:9", kind=Elsewhere)
    work.main()
    assert work.domain == work.api.domain == cloud.url


def test_work_that_fails_is_followed_by_the_logout(script):
    """An error of the work reaches the caller after the logout."""
    work = script(*USER, "--work", "fail")
    with pytest.raises(RuntimeError, match="the work failed"):
        work.main()
    assert work.called[-2:] == ["logout", "after_logout"]
    assert work.api.token is None


def test_a_failed_login_ends_with_status_1(script, caplog):
    """A wrong password ends the script before its work, and says for whom and where."""
    work = script(*USER, password="wrong")
    with pytest.raises(SystemExit) as caught:
        work.main()
    assert caught.value.code == 1
    assert "after_login done" not in work.called
    assert "Login of demo@example.com at http://127.0.0.1" in caplog.text


def test_a_missing_user_ends_with_status_1(script, caplog):
    """Without a user there is nobody to log in, which is said in one line."""
    with pytest.raises(SystemExit) as caught:
        script()
    assert caught.value.code == 1
    assert [record.message for record in caplog.records] == ["User email is required: use -u EMAIL"]


def test_a_wrong_argument_ends_with_status_2(script, capsys):
    """Wrong use is told as argparse tells it."""
    with pytest.raises(SystemExit) as caught:
        script("--unknown")
    assert caught.value.code == 2
    assert "unrecognized arguments: --unknown" in capsys.readouterr().err


def test_the_end_of_input_at_the_prompt_is_a_clear_error(script, monkeypatch, caplog):
    """A script without a terminal says that there was no password."""

    def end():
        raise EOFError

    work = script(*USER)
    monkeypatch.setattr(getpass, "getpass", end)
    with pytest.raises(SystemExit) as caught:
        work.main()
    assert caught.value.code == 1
    assert "No password was given" in caplog.text


@pytest.mark.parametrize("at_the_prompt", [False, True])
def test_critical_exit_can_be_overridden(script, monkeypatch, at_the_prompt):
    """A `_critical_exit` that comes back does not lead to work without a login."""

    class Patient(Script):
        def _critical_exit(self, msg):
            self.called.append("critical_exit")

    def end():
        raise EOFError

    work = script(*USER, password="wrong", kind=Patient)
    if at_the_prompt:
        monkeypatch.setattr(getpass, "getpass", end)
    work.main()
    assert "critical_exit" in work.called
    assert not {"after_login done", "logout"} & set(work.called)


def test_after_logout_runs_whatever_the_logout_does(script):
    """A logout of the script's own that fails does not keep `after_logout` from its turn."""

    class Clumsy(Script):
        def logout(self):
            raise RuntimeError("tripped")

    work = script(*USER, kind=Clumsy)
    with pytest.raises(RuntimeError, match="tripped"):
        work.main()
    assert work.called[-1] == "after_logout"


def test_no_server_raises_to_importers(script):
    """`main` raises the library's own errors, for callers that handle them."""
    work = script(*USER, domain="http://127.0.0.1:9")
    with pytest.raises(TransportError):
        work.main()


def test_a_logout_that_fails_does_not_fail_the_script(script, cloud, caplog):
    """When the server is gone after the work, the script warns and ends well."""

    class Late(Script):
        def after_login(self):
            self.api.base_url = "http://127.0.0.1:9/api/v1"

    script(*USER, kind=Late).main()
    assert "Logout failed" in caplog.text


def test_the_root_logger_is_configured_by_default(script, monkeypatch):
    """A script that overrides nothing sees its own messages from INFO on."""
    seen = {}
    monkeypatch.setattr(logging, "basicConfig", lambda **settings: seen.update(settings))
    script(*USER, kind=type("Plain", (BaseMain,), {}))
    assert seen["level"] == logging.INFO


def test_a_script_names_its_own_kind_of_api(script):
    """Another service is used through its `Api`, which the common options reach."""

    class OtherApi(Api):
        pass

    class Other(Script):
        api_class = OtherApi

    other = script("-u", "demo@example.com", "--no-verify", kind=Other)
    other.main()
    assert (type(other.api), other.api.session.verify) == (OtherApi, False)
