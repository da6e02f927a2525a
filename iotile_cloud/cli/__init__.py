"""The command `iotile-cloud`: picks the sub-command and turns its end into an exit status.

Each sub-command is a module here with `main(arguments) -> int` and `parser()`, imported only when
it is asked for, so that `--version` costs nothing.  This file knows no cloud, and of the options
only which ones may stand before the command, too.

Exit status: 0 done, 1 failed, 2 wrong use, 130 interrupted.  Data goes to stdout, everything else
to stderr.
"""

from __future__ import annotations

import sys

from ..utils._ending import DONE, FAILED, INTERRUPTED, WRONG_USE, status_of

TYPE_CHECKING = False  # typing itself would be a tenth of the time of `--version`
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence
    from typing import Any, NoReturn

__all__ = ["DONE", "FAILED", "INTERRUPTED", "WRONG_USE", "main", "parser_of", "run"]

COMMANDS = {
    "login": "log in once, and keep the token for the next commands",
    "logout": "forget the kept token",
    "whoami": "show who is logged in, and where",
    "get": "show what is at a path of the API",
    "post": "make something at a path of the API",
    "put": "replace what is at a path of the API",
    "patch": "change what is at a path of the API",
    "delete": "delete what is at a path of the API",
    "download": "write the readings of streams, devices or projects to files",
    "report": "add up streams, or make statistics of them",
    "upload": "send device reports, or an event with its data",
    "slug": "tell what a slug means, in every form",
    "serve": "run the embedded cloud until it is interrupted",
    "demo": "show the main job, start to end, on an embedded cloud",
}
_GROUPS = ("get", "download", "slug")  # the help has an empty line before each
_SHARED = dict.fromkeys(("get", "post", "put", "patch", "delete"), "rest")  # one module for all

# Options of the commands that may stand before the command: what is true of a whole session is
# often put into a shell's alias.
_VALUED = ("--domain", "--user", "-u", "--token")
_FLAGS = ("--no-verify", "--json", "--quiet", "-q", "--verbose", "-v")

USAGE = "usage: iotile-cloud [--help] [--version] [OPTION]... COMMAND ...\n"
HELP = (
    USAGE
    + "\nWork with an IOTile Cloud from the command line.\n\ncommands:\n"
    + "".join(
        ("\n" if name in _GROUPS else "") + f"  {name:<10}{what}\n"
        for name, what in COMMANDS.items()
    )
    + "\nexamples:\n"
    + "  iotile-cloud login -u demo@example.com\n"
    + "  iotile-cloud get device project=p--0000-0101 --all\n"
    + "  iotile-cloud download d--2001 --start yesterday --output mains.csv\n"
    + "\noptions of the commands that may stand before them, too:\n"
    + "  --domain URL  --user EMAIL  --token TOKEN  --no-verify  --json  --quiet  --verbose\n"
    + "\nvariables of the environment that are read:\n"
    + "  IOTILE_CLOUD_DOMAIN, _TOKEN and _TOKEN_TYPE, _EMAIL and _PASSWORD\n"
    + "\n`iotile-cloud COMMAND --help` tells the options of a command.\n"
    + "Exit status: 0 done, 1 failed, 2 wrong use, 130 interrupted.\n"
)


def run() -> NoReturn:
    """Run the command with the arguments of this process and end with its exit status."""
    sys.exit(main())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv` and return its exit status.

    Args:
        argv: the arguments, without the name of the program; `sys.argv` when left out.

    Returns:
        0 done, 1 failed, 2 wrong use, 130 interrupted.  An expected failure is one line on stderr.

    >>> main(["--help"])  # doctest: +ELLIPSIS
    usage: iotile-cloud ...
    0
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    return status_of(lambda: _run_command(arguments), "iotile-cloud")


def parser_of(name: str) -> ArgumentParser:
    """Return the parser of a command."""
    parser: ArgumentParser = _module(name).parser(*_verb(name))
    return parser


def _run_command(arguments: list[str]) -> int:
    common, rest = _split(arguments)
    if not rest:
        return _wrong_use("no command was given")
    first = rest.pop(0)
    if first in ("-h", "--help"):
        _print(HELP)
    elif first == "--version" or (first in COMMANDS and _asks_for_version(rest)):
        from .. import __version__

        _print(f"iotile-cloud {__version__}\n")
    elif first in COMMANDS:
        status: int = _module(first).main(*_verb(first), [*common, *rest])
        return status
    elif first.startswith("-"):
        option = first.partition("=")[0]  # what is behind it may be a secret
        return _wrong_use(f"{option!r} is no option that may stand before a command", option)
    else:
        return _wrong_use(f"{first!r} is no command", first)
    return DONE


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split off the options before the command.

    >>> _split(["--domain", "http://h", "-q", "get", "org", "--all"])
    (['--domain', 'http://h', '-q'], ['get', 'org', '--all'])
    """
    at = 0
    while at < len(arguments):
        argument = arguments[at]
        if argument in _VALUED:
            at += 2
        elif argument in _FLAGS or argument.startswith(tuple(f"{name}=" for name in _VALUED)):
            at += 1
        else:
            break
    return arguments[:at], arguments[at:]


def _asks_for_version(arguments: list[str]) -> bool:
    """Tell whether `--version` is among the options of a command."""
    end = arguments.index("--") if "--" in arguments else None
    return "--version" in arguments[:end]


def _wrong_use(problem: str, word: str = "") -> int:
    from ._suggest import did_you_mean

    known = [*_VALUED, *_FLAGS] if word.startswith("-") else list(COMMANDS)
    hint = did_you_mean(word, known) or f"; one of these is: {', '.join(known)}"
    if sys.stderr is not None:
        sys.stderr.write(f"{USAGE}iotile-cloud: {problem}{hint}\n")
    return WRONG_USE


def _print(text: str) -> None:
    if sys.stdout is not None:  # it is when the caller has closed it
        sys.stdout.write(text)


def _module(name: str) -> Any:
    from importlib import import_module

    return import_module(f".{_SHARED.get(name, name)}", __name__)


def _verb(name: str) -> list[str]:
    return [name] if name in _SHARED else []
