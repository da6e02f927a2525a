"""`run()` and `main(argv)`: a script as a program, its options and its end."""

from __future__ import annotations

import getpass
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest

from iotile_cloud.api.exceptions import TransportError
from iotile_cloud.utils.main import BaseMain

USER = ["-u", "demo@example.com"]


class Script(BaseMain):
    """Do what the test says.

    This is not for the help.
    """

    epilog = "examples:\n  script -u me@example.com"
    work: Callable[[], object] = staticmethod(lambda: None)

    def after_login(self) -> None:
        self.work()


@pytest.fixture(autouse=True)
def _levels() -> Iterator[None]:
    package = logging.getLogger("iotile_cloud")
    before = package.level
    yield
    package.setLevel(before)


@pytest.fixture
def make(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Script]:
    """Return a function that makes a script which does a piece of work on the embedded cloud."""
    monkeypatch.setattr(getpass, "getpass", lambda: "demo")

    def made(work: Callable[[], object] = lambda: None, *arguments: str) -> Script:
        script = Script([*USER, "--domain", cloud.url, *arguments])
        script.work = work
        return script

    return made


def failing(error: BaseException) -> Callable[[], object]:
    """Return work that ends with `error`."""

    def work() -> object:
        raise error

    return work


@pytest.mark.parametrize(
    ("work", "status"),
    [
        (lambda: None, 0),
        (failing(OSError("the disk is full")), 1),
        (failing(ValueError("no such stream")), 1),
        (failing(TransportError("the server is gone")), 1),
        (failing(SystemExit(7)), 7),
        (failing(SystemExit("sorry")), 1),
        (failing(KeyboardInterrupt()), 130),
    ],
)
def test_the_end_of_the_work_is_the_status(
    make: Callable[..., Script],
    capsys: pytest.CaptureFixture[str],
    work: Callable[[], object],
    status: int,
) -> None:
    """And there is one line at most, after the logout."""
    script = make(work)
    with pytest.raises(SystemExit) as end:
        script.run()
    assert end.value.code == status
    assert script.api.token is None
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") <= 1
    assert "Traceback" not in captured.err


def test_a_refused_login_is_status_1_whatever_the_script_makes_of_it(
    make: Callable[..., Script], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `_critical_exit` of the script's own that comes back does not make it a success."""
    monkeypatch.setattr(Script, "_critical_exit", lambda script, message: None)
    script = make()
    monkeypatch.setattr(getpass, "getpass", lambda: "wrong")
    with pytest.raises(SystemExit) as end:
        script.run()
    assert end.value.code == 1


def test_the_line_names_the_program(
    make: Callable[..., Script], capsys: pytest.CaptureFixture[str]
) -> None:
    """As argparse does."""
    script = make(failing(ValueError("two\nlines")))
    script.parser.prog = "nightly"
    with pytest.raises(SystemExit):
        script.run()
    assert capsys.readouterr().err == "nightly: two lines\n"


def test_a_mistake_in_the_script_keeps_its_traceback(make: Callable[..., Script]) -> None:
    """Its author needs it; the logout is done all the same."""
    script = make(failing(KeyError("slug")))
    with pytest.raises(KeyError):
        script.run()
    assert script.api.token is None


def test_main_raises_to_importers(make: Callable[..., Script]) -> None:
    """As published, also an interrupt."""
    with pytest.raises(KeyboardInterrupt):
        make(failing(KeyboardInterrupt())).main()


def test_wrong_arguments_of_run_are_status_2(
    make: Callable[..., Script], capsys: pytest.CaptureFixture[str]
) -> None:
    """Also those that are given to it instead of to the constructor."""
    with pytest.raises(SystemExit) as end:
        make().run(["--no-such-option"])
    assert end.value.code == 2
    assert "--no-such-option" in capsys.readouterr().err


def test_main_reads_other_arguments_when_it_is_given_some(
    make: Callable[..., Script], cloud: Any
) -> None:
    """Then those of the constructor count no more."""
    script = make(lambda: None, "--quiet")
    script.main([*USER, "--domain", cloud.url])
    assert script.args.quiet is False
    assert script.api.domain == cloud.url


def test_the_constructor_reads_the_process_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """As published."""
    monkeypatch.setattr(sys, "argv", ["script", "-u", "somebody@example.com"])
    assert Script().args.email == "somebody@example.com"


def test_the_help_is_the_scripts_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its first paragraph, its options and its examples."""
    with pytest.raises(SystemExit) as end:
        Script(["--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert "\nDo what the test says.\n" in text
    assert "not for the help" not in text
    assert text.endswith("examples:\n  script -u me@example.com\n")


def test_no_verify_trusts_any_server(make: Callable[..., Script]) -> None:
    """Which is not done otherwise."""
    trusted = []
    script = make(lambda: trusted.append(script.api.session.verify), "--no-verify")
    script.main()
    script.main([*USER, "--domain", script.domain])
    assert trusted == [False, True]


@pytest.mark.parametrize(
    ("option", "package", "root"),
    [([], None, logging.INFO), (["-v"], logging.DEBUG, logging.INFO), (["-q"], None, 30)],
)
def test_options_choose_what_is_logged(
    make: Callable[..., Script],
    monkeypatch: pytest.MonkeyPatch,
    option: list[str],
    package: int | None,
    root: int,
) -> None:
    """`-v` what the library does, `-q` only what goes wrong."""
    seen: dict[str, Any] = {}
    monkeypatch.setattr(logging, "basicConfig", lambda **settings: seen.update(settings))
    before = logging.getLogger("iotile_cloud").level
    make(lambda: None, *option)
    assert seen["level"] == root
    assert logging.getLogger("iotile_cloud").level == (before if package is None else package)


def test_options_of_the_script_are_not_read_as_ours(
    cloud: Any, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script of before these options has its own of the same names."""

    class Old(BaseMain):
        domain = cloud.url

        def add_extra_args(self) -> None:
            add = self.parser.add_argument
            add("--domain", help="of the readings")
            add("-t", "--token", type=int)
            add("-v", "--verbose", type=int)
            add("--no-verify", action="store_true")
            add("-q", "--quiet", action="store_true")

        def after_login(self) -> None:
            self.verify = self.api.session.verify

    monkeypatch.setattr(getpass, "getpass", lambda: "demo")
    level = logging.getLogger("iotile_cloud").level
    script = Old([*USER, "--domain", scripted.url, "-t", "5", "-v", "3", "--no-verify", "--quiet"])
    script.main()
    assert (script.args.domain, script.args.token, script.args.verbose) == (scripted.url, 5, 3)
    assert script.api.domain == cloud.url
    assert script.verify is True
    assert logging.getLogger("iotile_cloud").level == level
    assert scripted.requests == []


INTERRUPTED = """
import sys, time
from iotile_cloud.utils.main import BaseMain
class Script(BaseMain):
    domain = sys.argv.pop(1)
    def after_login(self):
        print("working", flush=True)
        time.sleep(60)
Script().run()
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another matter there")
def test_an_interrupt_logs_out_and_ends_with_130(own_cloud: Any) -> None:
    """Ctrl-C in the middle of the work, in a process of its own."""
    surroundings = {
        **os.environ,
        "IOTILE_CLOUD_EMAIL": "demo@example.com",
        "IOTILE_CLOUD_PASSWORD": "demo",
    }
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, own_cloud.url],
        cwd=Path(__file__).parents[2],
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "working\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")
    assert own_cloud.log[-1].path == "/api/v1/auth/logout/"
