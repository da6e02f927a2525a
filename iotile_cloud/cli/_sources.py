"""What `download` and `report` share: sources, a window of time, a format and a place to put it.

Checks all of it before anybody logs in.  Knows which mistakes of a source end the work and which
are told while it goes on.  Knows no format.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from ..api.exceptions import HttpAuthenticationError, HttpClientError, TransportError
from ..stream.progress import Wish
from ..stream.sources import listed, source_slug, streams_of
from ._command import Command
from ._rehearsal import NothingSent
from ._show import is_terminal
from ._times import add_times

__all__ = ["SourcesCommand", "counted", "format_of", "tells_of_source"]

STDOUT = "-"


class SourcesCommand(Command):
    """A command that reads the readings of sources.

    Attributes:
        endings: the format that each ending of a file name stands for.
        json_format: the one of them that `--json` asks for.
        sources: the slugs, whole and each once.
        format: the one to write; None leaves the choice to the command.
        output: where to write; None is stdout.
        window: `start` and `end`, as far as they were given.
    """

    dry = True
    endings: ClassVar[Mapping[str, str]] = {}
    json_format: ClassVar[str] = "json"
    format_help: ClassVar[str] = ""
    output_help: ClassVar[str] = ""
    output_metavar: ClassVar[str] = "FILE"

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(arguments)
        args = self.args
        self.output: str | None = None if args.output == STDOUT else args.output
        self.window: dict[str, Any] = {"start": args.start, "end": args.end}
        if args.start and args.end and args.start >= args.end:
            self.parser.error("--end has to be later than --start: it is the first moment left out")
        try:
            self.sources = listed([source_slug(source) for source in args.sources])
            self.format = self._format()
        except ValueError as error:
            self.parser.error(str(error))

    def add_arguments(self) -> None:
        add = self.parser.add_argument
        kinds = "a stream, or a project, device, archive, fleet or variable for all its streams"
        add("sources", metavar="SOURCE", nargs="+", help=f"slug of {kinds}")
        add_times(self.parser)
        add("--format", choices=list(self.endings.values()), help=self.format_help)
        add("--output", metavar=self.output_metavar, help=self.output_help)

    @property
    def progress(self) -> Wish:
        """Whether a bar may be shown: it must not come between rows on the same terminal."""
        return False if self.args.quiet or (self.output is None and is_terminal()) else None

    def first_requests(self) -> None:
        """Make the first request for each source, which a dry run shows."""
        for source in self.sources:
            with suppress(NothingSent):
                streams_of(self.api, source)

    def _format(self) -> str | None:
        """Return the format that was asked for, in whatever way."""
        json_format = self.json_format if self.args.json else None
        if self.args.format and json_format not in (None, self.args.format):
            raise ValueError(f"--json and --format {self.args.format} contradict each other")
        wanted = self.args.format or json_format
        if wanted or self.output is None or self.is_folder:
            return wanted
        return format_of(self.output, self.endings)

    @property
    def is_folder(self) -> bool:
        """Whether the output is a folder, which only some commands take."""
        return False


def format_of(path: str, endings: Mapping[str, str]) -> str:
    """Return the format that the end of a file's name stands for.

    Raises:
        ValueError: it stands for none.

    >>> format_of("readings.CSV", {".csv": "csv"})
    'csv'
    """
    found = endings.get(os.path.splitext(path)[1].lower())
    if found is None:
        raise ValueError(f"the name {path!r} ends in none of {', '.join(endings)}: give --format")
    return found


def counted(number: int, what: str) -> str:
    """Return so many of something, in words.

    >>> counted(1, "reading"), counted(1200, "reading")
    ('1 reading', '1,200 readings')
    """
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def tells_of_source(error: Exception) -> bool:
    """Tell whether `error` is about one source, so that the others can still be read."""
    if isinstance(error, (TransportError, HttpAuthenticationError)):  # these may be ValueErrors
        return False
    return isinstance(error, (HttpClientError, ValueError))
