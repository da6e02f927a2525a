"""The options that every script has, and the script's own, which win."""

from __future__ import annotations

import argparse
import sys
from types import ModuleType

import pytest

from iotile_cloud.cli._parser import CommandParser
from iotile_cloud.utils._options import ScriptParser, add_common_options, description_of

ALL = {"domain", "token", "no_verify", "verbose", "quiet"}


@pytest.fixture
def parser() -> ScriptParser:
    """Return a parser with the user's option, as every script has it."""
    made = ScriptParser()
    made.add_argument("-u", "--user", dest="email")
    return made


def test_all_are_added_where_nothing_is_taken(parser: ScriptParser) -> None:
    """Long and short."""
    assert add_common_options(parser) == ALL
    args = parser.parse_args(["--domain", "d", "--token", "t", "--no-verify", "-v", "-q"])
    assert (args.domain, args.token, args.no_verify, args.verbose, args.quiet) == (
        "d",
        "t",
        True,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("own", "settings", "lost"),
    [
        (["--domain"], {}, "domain"),
        (["domain"], {}, "domain"),
        (["--site"], {"dest": "domain"}, "domain"),
        (["-t", "--token"], {"dest": "key"}, "token"),
        (["--verbose"], {"action": "count"}, "verbose"),
        (["-q", "--quiet"], {"type": int}, "quiet"),
        (["--check"], {"action": "store_false", "dest": "no_verify"}, "no_verify"),
    ],
)
def test_one_that_the_script_has_is_left_to_it(
    parser: ScriptParser, own: list[str], settings: dict[str, object], lost: str
) -> None:
    """By its option or by the name of its value; the others are there."""
    parser.add_argument(*own, **settings)  # type: ignore[arg-type]
    assert add_common_options(parser) == ALL - {lost}


def test_a_short_form_that_the_script_has_is_left_to_it(parser: ScriptParser) -> None:
    """The long one is there all the same."""
    parser.add_argument("-v", "--value")
    assert "verbose" in add_common_options(parser)
    args = parser.parse_args(["-v", "5", "--verbose"])
    assert (args.value, args.verbose) == ("5", True)


def test_the_options_of_sub_commands_count(parser: ScriptParser) -> None:
    """What a sub-parser reads into a name must not be read as ours."""
    parser.add_subparsers().add_parser("send").add_argument("--token")
    assert add_common_options(parser) == ALL - {"token"}


def test_a_default_without_an_option_counts(parser: ScriptParser) -> None:
    """A script may set a value that nobody can type."""
    parser.set_defaults(domain=5)
    assert add_common_options(parser) == ALL - {"domain"}
    assert parser.parse_args([]).domain == 5


def test_a_shortened_option_of_the_script_means_what_it_meant(parser: ScriptParser) -> None:
    """Ours make none of them ambiguous."""
    parser.add_argument("--tokens-file")
    parser.add_argument("--version-name")
    add_common_options(parser)
    args = parser.parse_args(["--tok", "f", "--ver", "n", "--dom", "d"])
    assert (args.tokens_file, args.version_name, args.domain) == ("f", "n", "d")


def test_two_of_the_script_stay_ambiguous(parser: ScriptParser) -> None:
    """As they were before."""
    parser.add_argument("--alpha")
    parser.add_argument("--alpine")
    add_common_options(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--alp", "1"])


def test_a_parser_of_the_scripts_own_gets_them_too() -> None:
    """A script may have put its own in the place of ours."""
    own = argparse.ArgumentParser()
    assert add_common_options(own) == ALL


def test_a_token_is_not_shown_among_the_arguments(parser: ScriptParser) -> None:
    """Scripts log what they were started with."""
    add_common_options(parser)
    args = parser.parse_args(["--token", "t0ken-hush"])
    assert args.token == "t0ken-hush"
    assert "hush" not in f"{args} {args!r} {vars(args)}"


class _Base:
    """Words of the frame."""


class _Silent(_Base):
    pass


class _Spoken(_Base):
    """Count the devices.

    And more, which is not for the help.
    """


class _Derived(_Spoken):
    pass


@pytest.mark.parametrize("kind", [ScriptParser, CommandParser])
@pytest.mark.parametrize("words", [["--tokne=hush"], ["--password", "hush"]])
def test_what_an_unknown_option_holds_is_not_told(
    kind: type[ScriptParser], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """It may be a secret, on its way into the log of a build."""
    with pytest.raises(SystemExit) as end:
        kind(prog="script").parse_args(words)
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert f"unrecognized arguments: {words[0].partition('=')[0]}\n" in error
    assert "hush" not in error


def test_a_script_is_described_by_its_class() -> None:
    """By the first paragraph of its own docstring, or of a class that it derives from."""
    assert description_of(_Spoken, _Base) == description_of(_Derived, _Base) == "Count the devices."


def test_words_are_no_template() -> None:
    """The help shows them as they were written."""

    class Odd(_Base):
        """Count %(prog)s of 100% devices."""

    shown = argparse.ArgumentParser(description=description_of(Odd, _Base)).format_help()
    assert "Count %(prog)s of 100% devices." in shown


def test_a_script_without_words_is_described_by_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not by the words of the frame; where there are none at all, by nothing."""
    module = ModuleType(__name__, "Send mail.\n\nMore.")
    monkeypatch.setitem(sys.modules, __name__, module)
    assert description_of(_Silent, _Base) == "Send mail."
    module.__doc__ = None
    assert description_of(_Silent, _Base) is None


@pytest.mark.parametrize("option", ["--token", "--domain"])
def test_an_empty_option_is_wrong_use(
    parser: ScriptParser, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unset variable in its place must not lead to another user or server."""
    add_common_options(parser)
    with pytest.raises(SystemExit) as end:
        parser.parse_args([option, ""])
    assert end.value.code == 2
    assert f"argument {option}: it is empty" in capsys.readouterr().err
