"""Makes the pages of the commands: what their parsers say, and transcripts.

Walks the arguments of a parser itself: how argparse lays out a help differs from one Python to the
next.  Knows Markdown.  Does not know what a command does.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import Any

from _stage import EMAIL, PASSWORD, URL, Stage, cloud
from _transcripts import TRANSCRIPTS

from iotile_cloud.cli import COMMANDS, parser_of

MADE = "<!-- Made by scripts/commands. What is written here by hand is lost. -->\n"
INDEX = "README.md"
WITHOUT_LOGIN = ("login", "slug", "serve", "demo")
ABOUT = f"""\
# The commands

`iotile-cloud COMMAND --help` tells the same as these pages. Data go to stdout and everything else
to stderr, so that a command can stand in a pipe: there, what is a table on a terminal is JSON.
The status is 0 when all is done, 1 when it failed or something is missing, 2 for wrong use and 130
after Ctrl-C. Times are UTC.

The transcripts are made by running the commands against `iotile-cloud serve --load demo` with

```
export IOTILE_CLOUD_DOMAIN={URL}
iotile-cloud login -u {EMAIL}    # the password is {PASSWORD}
```

| command | |
|---|---|
"""


def pages(store: Any = None) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each page.

    Args:
        store: what a cloud with the demo data holds; made anew by default, which takes longer.
    """
    yield INDEX, MADE + ABOUT + "".join(map(_line_of_index, COMMANDS.items()))
    with cloud(empty=store is not None) as running:
        filled = store or running.engine.store
        for command in COMMANDS:
            running.engine.store = filled.copy()
            yield f"{command}.md", page(command, running.url)


def page(command: str, url: str) -> str:
    """Return the page of a command, whose transcripts are played on the cloud at `url`."""
    parser = parser_of(command)
    return "\n".join(
        [
            MADE,
            f"# iotile-cloud {command}\n",
            f"{_sentence(parser.description)}\n",
            f"```\n{synopsis(parser)}\n```\n",
            *_arguments(parser),
            *_epilog(parser),
            "## What it looks like\n",
            *_played(command, url),
        ]
    )


def synopsis(parser: argparse.ArgumentParser) -> str:
    """Return how a command is typed.

    >>> parser = argparse.ArgumentParser(prog="count")
    >>> _ = parser.add_argument("--all", action="store_true")
    >>> _ = parser.add_argument("word", metavar="WORD", nargs="+")
    >>> synopsis(parser)
    'count [OPTION]... WORD...'
    """
    words = [_placed(action) for action in _shown(parser) if not action.option_strings]
    return " ".join([parser.prog, "[OPTION]...", *words])


def _shown(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    # That there is --help is told once, on the page of all.
    return [
        one
        for one in parser._actions
        if one.help != argparse.SUPPRESS and not isinstance(one, argparse._HelpAction)
    ]


def _placed(action: argparse.Action) -> str:
    """Return how an argument without a name of its own is typed."""
    name = _value(action)
    forms = {"+": f"{name}...", "*": f"[{name}]...", "?": f"[{name}]"}
    return forms.get(str(action.nargs), name)


def _value(action: argparse.Action) -> str:
    if action.metavar is not None:
        return str(action.metavar)
    if action.choices is not None:
        return "|".join(map(str, action.choices))
    return action.dest.upper()


def _typed(action: argparse.Action) -> str:
    """Return the forms of an option, with its value."""
    value = "" if action.nargs == 0 else f" {_value(action)}"
    return ", ".join(f"`{form}{value}`" for form in action.option_strings)


def _arguments(parser: argparse.ArgumentParser) -> list[str]:
    shown = _shown(parser)
    placed = [(f"`{_placed(one)}`", one) for one in shown if not one.option_strings]
    options = [(_typed(one), one) for one in shown if one.option_strings]
    rows = [_row(*one, parser) for one in [*placed, *options]]
    return ["| | |\n|---|---|", *rows, ""] if rows else []


def _row(typed: str, action: argparse.Action, parser: argparse.ArgumentParser) -> str:
    about = {**vars(action), "prog": parser.prog}
    return f"| {_cell(typed)} | {_cell((action.help or '') % about)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _epilog(parser: argparse.ArgumentParser) -> list[str]:
    if not parser.epilog:
        return []
    _, _, lines = parser.epilog.partition("\n")
    if not lines:
        return [f"{_sentence(parser.epilog)}\n"]
    return ["## Examples\n", "```", *(line.strip() for line in lines.splitlines()), "```\n"]


def _sentence(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


def _played(command: str, url: str) -> Iterator[str]:
    stage = Stage(url, logged_in=command not in WITHOUT_LOGIN)
    try:
        for words, lines in TRANSCRIPTS[command]:
            yield f"{words}\n"
            yield "```"
            yield "\n".join(stage.play(line).rstrip() for line in lines)
            yield "```\n"
    finally:
        stage.close()


def _line_of_index(entry: tuple[str, str]) -> str:
    command, what = entry
    return f"| [{command}]({command}.md) | {what} |\n"
