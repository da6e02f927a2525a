"""`iotile-cloud upload`: device reports, or an event with its data.

Knows how what became of them is told.  How a report is sent and followed is `streamer.upload`'s.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from typing import Any

from ..api.exceptions import HttpNotFoundError
from ..streamer.parcel import Parcel
from ..streamer.upload import UploadResult, Uploads, file_time, upload_reports
from ..utils._ending import FAILED, one_line
from ..utils.basic import utc_text
from ..utils.gid import IOTileStreamSlug
from ._command import Command
from ._rehearsal import NothingSent
from ._show import is_terminal, note
from ._times import add_time

__all__ = ["main", "parser", "told"]

_EVENT_OPTIONS = ("stream", "timestamp", "extra")


class Upload(Command):
    """Upload device reports, or an event with its data. `report` sends each file, unless the
    cloud has all that is in it, and waits until it is known what became of it. `event` makes an
    event of a stream, whose data are in a file of JSON. The status is 1 unless all has arrived.
    """

    name = "upload"
    examples = (
        "iotile-cloud upload report reports/*.bin",
        "iotile-cloud upload report one.bin --received 2024-03-08T00:05:00Z",
        "iotile-cloud upload event shock.json --stream s--0102--2102--5020 "
        "--extra '{\"peak\": 1.5}'",
    )
    dry = True

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(arguments)
        args = self.args
        for name in _EVENT_OPTIONS if args.kind == "report" else ("received",):
            if getattr(args, name) is not None:
                self.parser.error(f"--{name} is not for upload {args.kind}")
        for path in filter(os.path.isdir, args.files):
            some = os.path.join(path, "*.bin" if args.kind == "report" else "one.json")
            self.parser.error(f"{path} is a folder; name what is in it, such as {some}")
        if args.kind == "event":
            if len(args.files) > 1:
                self.parser.error("an event has one file; upload them one by one")
            if args.stream is None:
                self.parser.error("an event needs --stream, the stream that it belongs to")

    def add_arguments(self) -> None:
        add = self.parser.add_argument
        what = "what is in the files"
        add("kind", choices=["report", "event"], metavar="report|event", help=what)
        add("files", metavar="FILE", nargs="+", help="reports, or the data of one event")
        of_file = "by default when the file was last written; UTC: 2018-01-31T23:59:59, -2h"
        received = f"when the reports came in from the devices; {of_file}"
        add_time(self.parser, "--received", received)
        add("--stream", metavar="SLUG", type=_stream, help="the stream of the event")
        add_time(self.parser, "--timestamp", f"when the event happened; {of_file}")
        add("--extra", metavar="JSON", type=_extra, help="an object with more about the event")

    def after_login(self) -> None:
        if self.args.kind == "event":
            self._event(self.args.files[0])
        elif self.args.dry_run:
            for path in self.args.files:
                self._rehearse_report(path)
        else:
            self._reports()

    def _event(self, path: str) -> None:
        happened = self.args.timestamp
        if happened is None:
            happened = file_time(path)
            self.tell(f"the event is of {utc_text(happened)}, when {path} was last written")
        data = {"stream": self.args.stream, "timestamp": utc_text(happened)}
        if self.args.extra is not None:
            data["encoded_extra_data"] = self.args.extra
        try:
            self.show(self.api.event.upload.upload_file(path, data=data))
        except HttpNotFoundError as error:
            error.args = (f"{error} (there is no stream {self.args.stream})", *error.args[1:])
            raise

    def _rehearse_report(self, path: str) -> None:
        """Send a report as `upload_reports` does when the cloud lacks it."""
        try:
            parcel = Parcel.of(path, self._received(path))
        except (OSError, ValueError) as error:
            note(f"{path}: {_words(error, path)}")
            self.status = FAILED
            return
        file = (parcel.name, BytesIO(parcel.content))
        received = utc_text(parcel.claim.received)
        with suppress(NothingSent):
            self.api.streamer(action="report").upload_fp(file, timestamp=received)

    def _reports(self) -> None:
        files = self.args.files
        uploads = upload_reports(self.api, files, self._received, errors="collect")
        rows = list(told(uploads, dict.fromkeys(files)))
        if is_terminal() and not self.args.json:
            _narrow(rows)
        self.show(rows)
        for path, error in uploads.errors.items():
            note(f"{path}: {_words(error, path)}")
        for path, result in uploads.results.items():
            if not result.arrived:
                note(f"{path}: {result.state}{_why(result)}")
        if not uploads.arrived:
            self.status = FAILED

    def _received(self, path: str) -> datetime:
        time: datetime | None = self.args.received
        return file_time(path) if time is None else time


def parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    return Upload.build_parser()


def main(arguments: Sequence[str]) -> int:
    """Upload what the arguments say, and return the exit status."""
    return Upload(arguments).execute()


def told(uploads: Uploads, paths: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield what became of each file, by name, in the order of `paths`.

    >>> [*told(Uploads(errors={"a.bin": ValueError("damaged")}), {"a.bin": None})][0]["state"]
    'failed'
    """
    for path in paths:
        result = uploads.results.get(path)
        error = uploads.errors.get(path) if result is None else result.problem
        row: dict[str, Any] = {"file": path, "state": "failed", "arrived": False}
        if result is not None:
            row.update(state=result.state, arrived=result.arrived, readings=result.count)
            row.update(stored=result.stored, acknowledged=result.acknowledged)
            row["streamer"] = result.streamer
        if error is not None:
            row["error"] = _words(error, path)
        yield row


def _narrow(rows: list[dict[str, Any]]) -> None:
    """Make rows fit a terminal: errors are told below, folders only where they tell files apart."""
    names = {os.path.basename(row["file"]) for row in rows}
    for row in rows:
        row.pop("error", None)
        if len(names) == len(rows):
            row["file"] = os.path.basename(row["file"])


def _words(error: Exception, path: str) -> str:
    """Return what an error says of a file whose path stands before it."""
    said = one_line(error)
    return said[len(path) + 2 :] if said.startswith(f"{path}: ") else said


def _why(result: UploadResult) -> str:
    if result.state == "held back":
        return ": an earlier report of its streamer has not arrived"
    if result.problem is not None:
        return f": {one_line(result.problem)}"
    if result.acknowledged is None:
        return ": the cloud acknowledges nothing of it"
    return f": reading {result.highest_id} is the last, {result.acknowledged} is acknowledged"


def _stream(text: str) -> str:
    try:
        return str(IOTileStreamSlug(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _extra(text: str) -> str:
    """Return `text` when it is a JSON object, as it was written."""
    try:
        value = json.loads(text)
    except (RecursionError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f'{text!r} is no JSON object, such as {{"peak": 1.5}}')
    return text
