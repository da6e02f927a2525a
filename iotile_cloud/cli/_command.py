"""`Command`: the frame of a sub-command that talks to a cloud.

Adds to `BaseMain` what all of them share: name and examples in the help, `--json`, `--dry-run`,
arguments in any order, and `show`, which puts a value on stdout.  Data goes to stdout, everything
else to stderr.  Knows no resource.

A module of a sub-command derives from it and offers two functions:

    class Count(Command):
        \"\"\"Count the rows of a listing.\"\"\"          # the description in the help

        name = "count"
        examples = ("iotile-cloud count device",)
        dry = True                                     # it has --dry-run

        def add_arguments(self):
            self.parser.add_argument("resource")

        def after_login(self):                         # the work, with self.api and self.args
            self.show({"count": len(self.api[self.args.resource].each())})

    def parser():
        return Count.build_parser()

    def main(arguments):
        return Count(arguments).execute()
"""

from __future__ import annotations

import argparse
import logging
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, ClassVar, NoReturn

from ..api.connection import Api
from ..utils._ending import DONE
from ..utils._login import NOBODY
from ..utils.basic import utc_text
from ..utils.main import BaseMain
from . import _show
from ._parser import CommandParser
from ._rehearsal import NothingSent, rehearse

__all__ = ["Command"]

logger = logging.getLogger(__name__)


@contextmanager
def _stopped_as_interrupted() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does, so that it leaves no half a file behind."""
    if threading.current_thread() is not threading.main_thread():  # which alone hears of signals
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Command(BaseMain):
    """The base of the sub-commands; see the top of this file.

    Attributes:
        name: what is typed behind `iotile-cloud`.
        examples: command lines for the help, whole and ready to be typed.
        dry: whether there is `--dry-run`; then `after_login` is run without any login and with an
            `api` that sends nothing: its first request is shown and ends in `NothingSent`.
        status: the exit status of a command that came to its end; set it for a failure that is
            no exception.
    """

    name: ClassVar[str] = ""
    examples: ClassVar[Sequence[str]] = ()
    dry: ClassVar[bool] = False
    status: int = DONE
    _parser_class = CommandParser

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(arguments)
        self._tell_times()

    @classmethod
    def build_parser(cls) -> argparse.ArgumentParser:
        """Return the parser of this command; nothing is parsed and nothing is sent."""
        command = cls.__new__(cls)
        command._make_parser()
        return command.parser

    def add_extra_args(self) -> None:
        """Add what all commands have; those of one command belong to `add_arguments`."""
        self.parser.prog = f"iotile-cloud {self.name}"
        if self.examples:
            self.parser.epilog = "\n  ".join(["examples:", *self.examples])
        self.add_arguments()
        add = self.parser.add_argument
        add("--json", action="store_true", help="write JSON, also on a terminal")
        if self.dry:
            what = "show the first request that would be sent, and send nothing"
            add("--dry-run", action="store_true", help=what)

    def add_arguments(self) -> None:
        """Add the arguments of this command to `self.parser`."""

    def config_logging(self) -> None:
        """Log as the command speaks, without the times that a script's log has."""
        level = logging.WARNING if self.args.quiet else logging.INFO
        logging.basicConfig(level=level, format="iotile-cloud: %(message)s")

    def login(self) -> bool:
        """Log in; that the server refuses, and why, is told in one line."""
        refusals: list[str] = []

        def hold_back(record: logging.LogRecord) -> bool:
            words = record.getMessage()
            refused = words.startswith("Login failed: ")
            if refused:
                refusals.append(words.partition(": ")[2])
            return not refused

        log = logging.getLogger(Api.__module__)
        log.addFilter(hold_back)
        try:
            done = super().login()
        finally:
            log.removeFilter(hold_back)
        if refusals:
            who = f"{self._user_email()} at {self.domain}"
            self._critical_exit(f"Login of {who} failed: {refusals[0]}")
        return done

    def execute(self) -> int:
        """Do the work and return the exit status; errors are raised, for the caller to word."""
        with _stopped_as_interrupted():
            if getattr(self.args, "dry_run", False):
                self._rehearse()
            else:
                self.main()
        return self.status

    def show(self, value: Any) -> None:
        """Put a value on stdout: readable on a terminal, JSON with `--json` or in a pipe.

        Args:
            value: what JSON can hold, also with datetimes and slugs; bytes are written as they
                are; None is nothing.
        """
        _show.show(value, self.args.json, self.tell)

    def show_rows(self, pages: Iterable[list[Any]]) -> None:
        """Put the rows of these pages on stdout as they come: one table, or one JSON array."""
        _show.show_pages(pages, self.args.json, self.tell)

    def tell(self, text: str) -> None:
        """Say something on stderr, where it is in nobody's way; nothing with `--quiet`."""
        if not self.args.quiet:
            _show.note(text)

    def _require_somebody(self) -> None:
        if not getattr(self.args, "dry_run", False):
            super()._require_somebody()

    def _rehearse(self) -> None:
        self.domain = self.get_domain()
        requests: list[Mapping[str, Any]] = []
        with Api(self.domain) as self.api:
            rehearse(self.api, requests.append)
            with suppress(NothingSent):
                self.after_login()
        if self.args.json:
            self.show(requests)
        elif requests:
            _show.write("\n\n".join(map(_show.request_text, requests)) + "\n")

    def _tell_times(self) -> None:
        for name, value in vars(self.args).items():
            if isinstance(value, datetime):
                logger.debug("--%s is %s", name, utc_text(value))

    def _critical_exit(self, msg: str) -> NoReturn:
        raise SystemExit(msg.replace(NOBODY, f"{NOBODY}, or `iotile-cloud login` once"))
