"""`iotile-cloud download`: the readings of one or many sources, to stdout, a file or a folder.

Knows where they are to go and what is told of it.  How they are read and written is that of
`StreamData` and `FleetData`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from typing import Any, ClassVar, Union

from ..stream.data import StreamData
from ..stream.files import csv_text, json_lines
from ..stream.fleet import WORKERS, FleetData
from ..stream.query import MOST_LAST
from ..stream.receipt import Receipt
from ..stream.sources import by_slug, look_up
from ..utils._ending import FAILED
from ._folder import Folder
from ._rehearsal import NothingSent
from ._show import note, write
from ._sources import SourcesCommand, counted, tells_of_source

__all__ = ["account", "main", "parser"]

Readings = Union[StreamData, FleetData]


class Download(SourcesCommand):
    """Download the readings of streams. Without --output they go to stdout, as CSV.
    A file holds all of them, with a column `stream` unless one stream was named, and a folder
    gets a file for each stream. A file that is there is replaced when all has come, never by
    half of it; beside CSV and JSON lines, what is in it is told in FILE.meta.json.
    The status is 1 when anything is missing.
    """

    name = "download"
    examples = (
        "iotile-cloud download s--0101--2001--5001 --last 10",
        "iotile-cloud download d--2001 --start yesterday --end today --output mains.csv",
        "iotile-cloud download p--0101 --start -2d --format parquet --output folder/",
    )
    endings: ClassVar[Mapping[str, str]] = {".csv": "csv", ".jsonl": "jsonl", ".parquet": "parquet"}
    json_format = "jsonl"
    format_help = "what to write; by default the end of the file's name says, else csv"
    output_help = "where to; a folder ends in a slash or is there"
    output_metavar = "FILE|FOLDER"

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(arguments)
        self.format = self.format or "csv"
        self._query = {**self.window, "lastn": self.args.last}
        if self.format == "parquet" and self.output is None:
            self.parser.error("parquet is no text: give --output FILE")

    def add_arguments(self) -> None:
        super().add_arguments()
        what = "only the latest so many readings of each stream"
        self.parser.add_argument("--last", metavar="N", type=_last, help=what)

    @property
    def is_folder(self) -> bool:
        ends = tuple(filter(None, (os.sep, os.altsep)))
        path = self.output or ""
        return path.endswith(ends) or os.path.isdir(path)

    def after_login(self) -> None:
        if self.args.dry_run:
            self.first_requests()
            return
        streams = self._streams()
        if not streams:
            self.status = FAILED
        elif self.is_folder:
            self._fill(Folder(self.output or "", self.format or "", self.api), list(streams))
        else:
            self._write(streams)

    def first_requests(self) -> None:
        one = self._one_stream()
        if one is None:
            super().first_requests()
            return
        with suppress(NothingSent):
            list(StreamData(one, self.api, progress=False).rows(**self._query))

    def _one_stream(self) -> str | None:
        """Return the stream, when it is one that was named and nothing else."""
        only = self.sources[0] if len(self.sources) == 1 else ""
        return only if only.startswith("s--") else None

    def _streams(self) -> dict[str, dict[str, Any]]:
        """Return the records of all streams of the sources; what is not found is told."""
        found: list[dict[str, Any]] = []
        for source, streams in look_up(self.api, self.sources, WORKERS):
            if isinstance(streams, list):
                found += streams
                if not streams:
                    self._miss(f"no streams were found for {source}")
            elif tells_of_source(streams):
                self._miss(f"{source} is left out: {streams}")
            else:
                raise streams
        return by_slug(found)

    def _miss(self, what: str) -> None:
        note(what)
        self.status = FAILED

    def _write(self, streams: dict[str, dict[str, Any]]) -> None:
        """Write the readings of all streams to stdout or into one file."""
        readings: Readings
        if self._one_stream():
            readings = StreamData(next(iter(streams)), self.api, progress=self.progress)
        else:
            readings = FleetData.of_streams(self.api, streams.values(), (), progress=self.progress)
        if self.output is None:
            self._print(readings)
        else:
            getattr(readings, f"to_{self.format}")(self.output, **self._query)
        names = next(iter(streams)) if len(streams) == 1 else counted(len(streams), "stream")
        self._tell(readings.receipt, self.output or names)

    def _print(self, readings: Readings) -> None:
        """Put the readings on stdout as they come."""
        if self.format == "jsonl":
            with closing(readings._row_blocks(self._query)) as pieces:
                for rows in pieces:
                    _put(json_lines(rows))
            return
        head = ",".join(readings._names) + "\n"
        with closing(readings._column_blocks(readings._names, self._query)) as blocks:
            for block in blocks:
                if len(block):  # an error before the first row leaves nothing on stdout
                    _put(head + csv_text(block))
                    head = ""
        _put(head)

    def _fill(self, folder: Folder, streams: list[str]) -> None:
        """Write a file for each stream."""
        # All of it before a word is said, which would come into the middle of a bar.
        for slug, error in list(folder.fill(streams, self._query, self.progress)):
            self._miss(f"{slug} is left out: {error}")
        files = f"{folder.files:,} of {counted(len(streams), 'file')}"
        self._tell(folder.receipt, f"{folder.path}: {files}")

    def _tell(self, receipt: Receipt, where: str) -> None:
        self.tell(f"{where}: {account(receipt)}")
        if not receipt.complete:
            self.status = FAILED


def parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    return Download.build_parser()


def main(arguments: Sequence[str]) -> int:
    """Download what the arguments say, and return the exit status."""
    return Download(arguments).execute()


def account(receipt: Receipt) -> str:
    """Return what a receipt tells, in a line.

    >>> account(Receipt(received=2, first="2018-01-01", last="2018-01-02", complete=True))
    '2 readings, 2018-01-01 to 2018-01-02, complete'
    """
    parts = [counted(receipt.received, "reading") if receipt.received else "no readings"]
    if receipt.first:
        parts.append(f"{receipt.first} to {receipt.last}")
    if receipt.nulls:
        parts.append(f"{receipt.nulls:,} without a time")
    if receipt.moved:
        parts.append("some of them new since it began")
    if not receipt.complete:
        parts.append("NOT COMPLETE")
    return ", ".join(parts if not receipt.complete else [*parts, "complete"])


def _put(text: str) -> None:
    write(text)
    if sys.stdout is not None:
        sys.stdout.flush()  # who reads sees rows as they come


def _last(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_LAST):
        expected = f"expected a whole number from 1 to {MOST_LAST:,}"
        raise argparse.ArgumentTypeError(f"{text!r} is no number of readings: {expected}")
    return int(text)
