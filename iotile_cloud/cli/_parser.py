"""How the arguments of a command are read, and what is said when they cannot be.

Options may stand anywhere among the arguments, `--start -2d` is a time, and what stands behind
`--` is no option.  Knows no command.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from ..utils._ending import WRONG_USE
from ..utils._options import ScriptParser, add_common_options

__all__ = ["TIMES", "CommandParser", "join_times", "take_common_options"]

TIMES = ("--start", "--end", "--received", "--timestamp")  # options whose value may be `-2d`
_NUMBER_FIRST = re.compile(r"-\d.*", re.ASCII | re.DOTALL)


class _Word(str):
    """An argument behind `--`: no option, whatever it begins with."""

    __slots__ = ()


class CommandParser(ScriptParser):
    """The parser of a sub-command; see the top of this file."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        end = given.index("--") if "--" in given else len(given)
        # argparse forgets `--` on its way to the arguments between the options.
        words = [*join_times(given[:end]), *map(_Word, given[end + 1 :])]
        return self._all_known(*self.parse_known_intermixed_args(words, namespace))

    def error(self, message: str) -> NoReturn:
        """End with status 2; the help, which a reader may want, is not put before the reason."""
        self.exit(WRONG_USE, f"{self.prog}: {message}\n`{self.prog} --help` tells what is right\n")

    def _parse_optional(self, arg_string: str) -> Any:
        return None if isinstance(arg_string, _Word) else super()._parse_optional(arg_string)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write what argparse says, not to another stream when its own is closed or full."""
        if file is not None:
            file.write(message)


def take_common_options(parser: CommandParser) -> None:
    """Let a command that asks no server take the options of those that do, and make no use of them.

    A shell's alias may put them before every command.  The help does not tell of them.

    >>> made = CommandParser(prog="count")
    >>> take_common_options(made)
    >>> made.parse_args(["-q", "--domain", "http://h"]).domain
    'http://h'
    """
    add_common_options(parser)
    unused = [*parser.common, parser.add_argument("-u", "--user")]
    if "--json" not in parser._option_string_actions:
        unused.append(parser.add_argument("--json", action="store_true"))
    for option in unused:
        option.help = argparse.SUPPRESS


def join_times(arguments: Iterable[str]) -> list[str]:
    """Return `arguments` with a time that begins with a dash joined to its option by `=`.

    argparse would take it for an option.

    >>> join_times(["download", "--start", "-2d", "--end", "now"])
    ['download', '--start=-2d', '--end', 'now']
    """
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in TIMES and _NUMBER_FIRST.fullmatch(argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined
