"""The command `iotile-cloud`: picks the sub-command and turns its end into an exit status.

Each sub-command is a module here with `main(arguments) -> int`, imported only when it is asked
for, so that `--version` costs nothing.  This file knows no cloud and no options of theirs.

Exit status: 0 done, 1 failed, 2 wrong use, 130 interrupted.  Data goes to stdout, everything else
to stderr.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

COMMANDS = {
    "demo": "show the main job, start to end, on an embedded cloud",
    "serve": "run the embedded cloud until it is interrupted",
}

USAGE = "usage: iotile-cloud [--help] [--version] COMMAND ...\n"
HELP = (
    USAGE
    + "\nWork with an IOTile Cloud from the command line.\n\ncommands:\n"
    + "".join(f"  {name:<8}{what}\n" for name, what in COMMANDS.items())
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
    try:
        status = _run_command(arguments)
        if sys.stdout is not None:  # it is when the caller has closed it
            sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return FAILED
    except Exception as error:
        if not _is_expected(error):
            raise
        print(f"iotile-cloud: {_one_line(error)}", file=sys.stderr)
        return FAILED
    return status


def _run_command(arguments: list[str]) -> int:
    first = arguments[0] if arguments else None
    if first in ("-h", "--help"):
        sys.stdout.write(HELP)
        return DONE
    if first == "--version":
        from .. import __version__

        print(f"iotile-cloud {__version__}")
        return DONE
    if first not in COMMANDS:
        problem = "no command was given" if first is None else f"{first!r} is no command"
        sys.stderr.write(
            f"{USAGE}iotile-cloud: {problem}; one of these is: {', '.join(COMMANDS)}\n"
        )
        return WRONG_USE
    try:
        status: int = import_module(f".{first}", __name__).main(arguments[1:])
    except SystemExit as end:  # how argparse ends, and how a command stops on a signal
        if isinstance(end.code, str):
            print(f"iotile-cloud: {end.code}", file=sys.stderr)
        return end.code if isinstance(end.code, int) else FAILED if end.code else DONE
    return status


def _is_expected(error: Exception) -> bool:
    """Tell whether `error` is about the world or the input, and not about a mistake in here."""
    if isinstance(error, (OSError, ValueError, ImportError, NotImplementedError)):
        return True
    from ..api.exceptions import RestBaseException

    return isinstance(error, RestBaseException)


def _one_line(error: Exception) -> str:
    text = str(error)
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        text = f"{error.filename}: {error.strerror}"
    return " ".join(text.split()) or type(error).__name__


def _silence_stdout() -> None:
    """Give the interpreter somewhere to flush what nobody reads, so that it does not complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
