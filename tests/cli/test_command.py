"""Tests for iotile_cloud.cli._command."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from iotile_cloud.cli import DONE, FAILED
from iotile_cloud.cli._command import Command
from iotile_cloud.cli._times import add_times


class Count(Command):
    """Count the rows of listings.

    This is not for the help.
    """

    name = "count"
    examples = ("iotile-cloud count device",)

    def add_arguments(self) -> None:
        """Take some resources and a time."""
        self.parser.add_argument("resource", nargs="+")
        add_times(self.parser)

    def after_login(self) -> None:
        """Count."""
        counts = {name: len(self.api[name].each()) for name in self.args.resource}
        self.tell("counted")
        self.show(counts)
        self.status = FAILED if 0 in counts.values() else DONE


@pytest.mark.usefixtures("demo")
def test_a_command_works_with_a_logged_in_api(capsys: pytest.CaptureFixture[str]) -> None:
    """A command is arguments, work and what it shows; the rest is done for it."""
    assert Count(["device", "--json", "project"]).execute() == DONE
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"device": 5, "project": 2}
    assert captured.err == "iotile-cloud: counted\n"


@pytest.mark.usefixtures("demo")
def test_a_command_may_end_with_another_status() -> None:
    """A failure that is no exception is told by the status."""
    assert Count(["event", "-q"]).execute() == FAILED


def test_help_tells_what_and_how() -> None:
    """The help has the name, the first paragraph of the docstring, and the examples."""
    text = Count.build_parser().format_help()
    assert text.startswith("usage: iotile-cloud count ")
    assert "Count the rows of listings.\n" in text
    assert "not for the help" not in text
    assert text.endswith("examples:\n  iotile-cloud count device\n")
    assert "--dry-run" not in text


def test_the_parser_needs_no_arguments_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """To build the parser reads no command line."""
    monkeypatch.setattr(sys, "argv", ["pytest", "--nonsense"])
    assert Count.build_parser().prog == "iotile-cloud count"


@pytest.mark.usefixtures("demo")
def test_relative_times_are_told_in_utc(caplog: pytest.LogCaptureFixture) -> None:
    """Under `-v` the log says which moment a typed time was taken for."""
    with caplog.at_level(logging.DEBUG, "iotile_cloud"):
        command: Any = Count(["device", "--start", "-2d", "--end", "2018-01-01T02:00+02:00", "-v"])
    assert "--end is 2018-01-01T00:00:00Z" in caplog.messages
    assert any(message.startswith("--start is ") for message in caplog.messages)
    assert command.args.end.year == 2018


def test_the_log_speaks_as_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of the log look like what else is said on stderr."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    Count(["device", "-u", "demo@example.com"])
    [handler] = root.handlers
    record = logging.LogRecord("x", logging.INFO, "", 1, "two", (), None)
    assert handler.format(record) == "iotile-cloud: two"
