"""How a program ends: an exception becomes one line on stderr and an exit status.

0 done, 1 failed, 2 wrong use, 130 interrupted.  Knows which errors are about the world, and so need
no traceback, and nothing of what the program does.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing itself would be a tenth of the time of `iotile-cloud --version`
if TYPE_CHECKING:
    from typing import Callable

__all__ = ["DONE", "FAILED", "INTERRUPTED", "WRONG_USE", "say", "status_of"]

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


def status_of(work: Callable[[], int | None], name: str) -> int:
    """Do `work` and return the exit status that it ends with; None from it means done.

    Args:
        work: what the program does.
        name: what the program is called, the beginning of a line about a failure.

    Raises:
        Exception: a mistake in the program, which keeps its traceback.

    >>> status_of(lambda: None, "script")
    0
    """
    try:
        status = _status_within(work, name)
        if sys.stdout is not None:  # it is when the caller has closed it
            sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return FAILED
    except Exception as error:
        if not is_expected(error):
            raise
        say(name, one_line(error))
        _log_traceback()
        _give_up_what_cannot_be_written()
        return FAILED
    return status


def _status_within(work: Callable[[], int | None], name: str) -> int:
    try:
        return work() or DONE
    except SystemExit as end:  # how argparse ends, and how a program stops on a signal
        if isinstance(end.code, str):
            say(name, end.code)
        return end.code if isinstance(end.code, int) else FAILED if end.code else DONE


def is_expected(error: Exception) -> bool:
    """Tell whether `error` is about the world or the input, and not about a mistake in here."""
    if isinstance(error, (OSError, ValueError, ImportError, NotImplementedError)):
        return True
    from ..api.exceptions import RestBaseException

    return isinstance(error, RestBaseException)


def one_line(error: Exception) -> str:
    """Return what an error says, in one line.

    >>> one_line(ValueError("two\\nlines"))
    'two lines'
    """
    text = str(error)
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        text = f"{error.filename}: {error.strerror}"
    return " ".join(text.split()) or type(error).__name__


def say(name: str, text: str) -> None:
    """Say something on stderr, unless the caller has closed it."""
    if sys.stderr is not None:
        print(f"{name}: {text}", file=sys.stderr)


def _log_traceback() -> None:
    """Show where it happened to those who asked for more (`-v`)."""
    import logging

    logging.getLogger(__name__).debug("where it happened:", exc_info=True)


def _give_up_what_cannot_be_written() -> None:
    """Keep a full disk, which was told of, from being told of again by the interpreter."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        _silence_stdout()


def _silence_stdout() -> None:
    """Give the interpreter somewhere to flush what nobody reads, so that it does not complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
