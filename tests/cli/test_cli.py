"""The front door of the command: which sub-command runs, and with what status it ends."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import iotile_cloud
from iotile_cloud import cli
from iotile_cloud.api.exceptions import RestBaseException


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Add a sub-command `try` whose `main` a test sets, and return its module."""
    module = ModuleType("iotile_cloud.cli.try")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(cli.COMMANDS, "try", "try something")
    return module


def ending_with(error: BaseException) -> object:
    """Return a sub-command that ends with `error`."""

    def main(arguments: list[str]) -> int:
        raise error

    return main


@pytest.mark.parametrize("before", [[], ["-q"], ["get"], ["--json", "get", "org"]])
def test_version_is_printed(before: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` tells the name and the version on stdout and ends well, wherever it stands."""
    assert cli.main([*before, "--version"]) == cli.DONE
    assert capsys.readouterr().out == f"iotile-cloud {iotile_cloud.__version__}\n"


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_every_command(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Help goes to stdout and lists what can be done."""
    assert cli.main([option]) == cli.DONE
    output = capsys.readouterr().out
    assert [name for name in cli.COMMANDS if f"\n  {name} " not in output] == []


def test_no_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command the usage goes to stderr, with status 2."""
    assert cli.main([]) == cli.WRONG_USE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "usage: iotile-cloud" in captured.err


def test_unknown_command_is_shown_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt command is told, and what would be right."""
    assert cli.main(["qqq"]) == cli.WRONG_USE
    error = capsys.readouterr().err
    assert "'qqq' is no command; one of these is: login, " in error


@pytest.mark.parametrize(
    ("typed", "meant"), [("serv", "'serve'"), ("GET", "'get'"), ("--domian", "'--domain'")]
)
def test_mistyped_word_is_answered_with_the_likely_one(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A word that looks like a command, or like an option, brings that up."""
    assert cli.main([typed]) == cli.WRONG_USE
    assert f"did you mean {meant}?" in capsys.readouterr().err


def test_version_behind_two_dashes_is_an_argument(command: ModuleType) -> None:
    """Such as the name of a file."""
    command.main = len  # type: ignore[attr-defined]
    assert cli.main(["try", "--", "--version"]) == 2


def test_what_a_mistyped_option_holds_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    """It may be a token, on its way into the log of a build."""
    assert cli.main(["--tokne=t0ken-hush", "get", "org"]) == cli.WRONG_USE
    error = capsys.readouterr().err
    assert "did you mean '--token'?" in error
    assert "hush" not in error


@pytest.mark.parametrize(
    "before",
    [["-q"], ["--domain", "http://h", "-v"], ["--token=-x"], ["-u", "a@example.com", "--json"]],
)
def test_common_options_may_stand_before_the_command(
    before: list[str], command: ModuleType
) -> None:
    """What is true of a whole session can be said first; the command gets it as its own."""
    seen: list[str] = []
    command.main = seen.extend  # type: ignore[attr-defined]
    cli.main([*before, "try", "x"])
    assert seen == [*before, "x"]


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_command_takes_the_common_options(name: str) -> None:
    """Also one that has no use for them: a shell's alias puts them before all commands."""
    common = {"--domain", "--user", "-u", "--token", "--no-verify", "--json", "-q", "-v"}
    assert common <= set(cli.parser_of(name)._option_string_actions)


@pytest.mark.parametrize("name", ["get", "slug", "serve", "demo"])
def test_parser_of_a_command_is_to_be_had(name: str) -> None:
    """The page of a command is made from its parser, which knows how it is called."""
    assert cli.parser_of(name).prog == f"iotile-cloud {name}"


def test_arguments_default_to_those_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`run` takes the arguments from the process and ends it with the status."""
    monkeypatch.setattr(sys, "argv", ["iotile-cloud", "--version"])
    with pytest.raises(SystemExit) as end:
        cli.run()
    assert end.value.code == cli.DONE
    assert capsys.readouterr().out.startswith("iotile-cloud ")


def test_command_gets_the_arguments_behind_its_name(command: ModuleType) -> None:
    """A sub-command sees its own arguments, and its return value is the status."""
    command.main = len  # type: ignore[attr-defined]
    assert cli.main(["try", "a", "--b", "c"]) == 3


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError("the port is in use"), "the port is in use"),
        (FileNotFoundError(2, "No such file or directory", "x.json"), "x.json: No such file"),
        (ValueError("two\nlines"), "two lines"),
        (ImportError("pip install 'iotile_cloud[local]'"), "pip install 'iotile_cloud[local]'"),
        (NotImplementedError("not there yet"), "not there yet"),
        (RestBaseException("no such stream"), "no such stream"),
        (OSError(), "OSError"),
    ],
)
def test_expected_failure_is_one_line(
    command: ModuleType, capsys: pytest.CaptureFixture[str], error: Exception, line: str
) -> None:
    """What can go wrong in the world is one line on stderr and status 1."""
    command.main = ending_with(error)  # type: ignore[attr-defined]
    assert cli.main(["try"]) == cli.FAILED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"iotile-cloud: {line}")
    assert captured.err.count("\n") == 1


def test_mistake_in_the_program_is_not_hidden(command: ModuleType) -> None:
    """An error that nobody expects keeps its traceback."""
    command.main = ending_with(KeyError("slug"))  # type: ignore[attr-defined]
    with pytest.raises(KeyError):
        cli.main(["try"])


def test_interrupt_is_status_130(command: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends a command quietly."""
    command.main = ending_with(KeyboardInterrupt())  # type: ignore[attr-defined]
    assert cli.main(["try"]) == cli.INTERRUPTED
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("code", "status"), [(0, 0), (2, 2), (None, 0), ("sorry", 1)])
def test_exit_of_a_command_becomes_the_status(
    command: ModuleType, code: int | str | None, status: int
) -> None:
    """How argparse ends a command is how `main` returns."""
    command.main = ending_with(SystemExit(code))  # type: ignore[attr-defined]
    assert cli.main(["try"]) == status


def test_words_of_an_exit_are_shown(
    command: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that exits with words has them on stderr."""
    command.main = ending_with(SystemExit("sorry"))  # type: ignore[attr-defined]
    cli.main(["try"])
    assert capsys.readouterr().err == "iotile-cloud: sorry\n"


@pytest.mark.skipif(os.name == "nt", reason="a shell's way to close a stream")
def test_closed_stdout_is_no_traceback() -> None:
    """A command whose caller has closed stdout ends in its own way."""
    command = f"{shlex.quote(sys.executable)} -m iotile_cloud --version >&-"
    done = subprocess.run(
        command,
        shell=True,
        stderr=subprocess.PIPE,
        cwd=Path(iotile_cloud.__file__).parent.parent,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(os.name == "nt", reason="pipes break in another way there")
def test_broken_pipe_is_quiet() -> None:
    """A reader that has seen enough gets no complaint, neither at once nor at the end."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "iotile_cloud", "--help"],
            stdout=pipe,
            stderr=subprocess.PIPE,
            cwd=Path(iotile_cloud.__file__).parent.parent,
            check=False,
        )
    assert (done.returncode, done.stderr) == (cli.FAILED, b"")
