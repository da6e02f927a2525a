"""Tests for iotile_cloud.cli._parser."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.cli import WRONG_USE, main
from iotile_cloud.cli._parser import CommandParser, join_times

WORDS = st.one_of(
    st.sampled_from(["--start", "--end", "--", "-2d", "-q", "now", "-3", "--start=-1w", "s--1"]),
    st.text(max_size=5),
)


@pytest.fixture
def parser() -> CommandParser:
    made = CommandParser(prog="count")
    made.add_argument("words", nargs="+")
    made.add_argument("--all", action="store_true")
    made.add_argument("--start")
    return made


def test_options_may_stand_anywhere(parser: CommandParser) -> None:
    """Somebody who thinks of an option later need not go back."""
    options = parser.parse_args(["a", "--start", "-2d", "b", "--all", "c"])
    assert (options.words, options.start, options.all) == (["a", "b", "c"], "-2d", True)


@pytest.mark.parametrize("words", [["-x"], ["--all"], ["--start", "-2d"], ["a", "-x"]])
@pytest.mark.parametrize("before", [[], ["--all"], ["first", "--all"]])
def test_nothing_behind_two_dashes_is_an_option(
    parser: CommandParser, before: list[str], words: list[str]
) -> None:
    """What begins with a dash can be named there, and none of it is lost."""
    options = parser.parse_args([*before, "--", *words])
    assert options.words == [*(one for one in before if one == "first"), *words]
    assert options.all is ("--all" in before)


def test_wrong_use_is_the_reason_and_where_to_read_more(
    parser: CommandParser, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason comes first, however many options there are."""
    with pytest.raises(SystemExit) as end:
        parser.parse_args([])
    assert end.value.code == WRONG_USE
    first, second = capsys.readouterr().err.splitlines()
    assert first == "count: the following arguments are required: words"
    assert second == "`count --help` tells what is right"


def test_wrong_use_never_goes_to_stdout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stdout is for data, also where stderr is closed."""
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["get"]) == WRONG_USE
    assert capsys.readouterr().out == ""


@given(st.lists(WORDS, max_size=6))
def test_joining_only_moves_dashed_times_to_their_options(words: list[str]) -> None:
    """Nothing is lost or changed but the gaps behind --start and --end."""
    joined = join_times(words)
    assert "".join(joined).replace("=", "") == "".join(words).replace("=", "")
    assert join_times(joined) == joined
