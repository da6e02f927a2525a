"""The pages of the commands are what the commands are, and show no secrets."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("werkzeug")
pytest.importorskip("msgpack")
sys.path.append(str(Path(__file__).parents[1] / "scripts"))
import _commands
from _command_pages import INDEX, pages

from iotile_cloud.cli import COMMANDS

NAMES = [INDEX, *(f"{name}.md" for name in COMMANDS)]
posix_only = pytest.mark.skipif(os.name == "nt", reason="the transcripts are of a Unix shell")


@pytest.fixture(scope="module")
def made(demo_store: Any) -> dict[str, str]:
    """Return the pages as they have to be, whose transcripts have just been played."""
    return dict(pages(demo_store))


@posix_only
@pytest.mark.parametrize("name", NAMES)
def test_page_is_as_the_command_is(made: dict[str, str], name: str) -> None:
    """What a page says of arguments and shows in transcripts is so; `scripts/commands` mends it."""
    assert (_commands.FOLDER / name).read_text(encoding="utf-8") == made[name]


@posix_only
def test_check_finds_nothing(made: dict[str, str]) -> None:
    """There are all pages and no others."""
    assert _commands.check(made) == 0


def test_check_names_what_drifted(made: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """A page of another text, one that is missing and one that is left over are named."""
    others = {**made, "slug.md": "another text", "archive.md": "a new command"}
    del others["demo.md"]
    assert _commands.check(others) == 1
    error = capsys.readouterr().err
    assert [name in error for name in ("slug.md", "archive.md", "demo.md")] == [True] * 3


def test_wrong_argument_of_the_script_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt `--check` writes nothing."""
    assert _commands.main(["--chek"]) == 2
    assert "--check" in capsys.readouterr().err


def test_no_page_shows_a_token(made: dict[str, str]) -> None:
    """A transcript is no place for a secret, nor for a folder of this machine."""
    secrets = ("eyJ", "Authorization", str(Path.home()), os.path.realpath(os.curdir))
    assert [name for name, text in made.items() if any(one in text for one in secrets)] == []
