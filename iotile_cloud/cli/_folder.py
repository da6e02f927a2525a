"""A folder with a file of readings for each stream, several of which are written at a time.

A stream that fails leaves no file and does not keep the others away.  Knows no arguments of a
command.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from threading import Event
from typing import Any, Optional

from ..api.exceptions import HttpAuthenticationError, RestBaseException
from ..stream.data import StreamData
from ..stream.fleet import WORKERS
from ..stream.ordered import Brought, in_order
from ..stream.progress import Wish, shown
from ..stream.receipt import Receipt
from ..utils.gid import IOTileStreamSlug

__all__ = ["Folder", "together"]

Written = tuple[str, Receipt, Optional[Exception]]


class Folder:
    """Where the files of streams are put.

    Args:
        path: of the folder, which is made when it is not there.
        form: "csv", "jsonl" or "parquet", also the end of the files' names.
        api: an `Api` that has a token.

    Attributes:
        receipt: the account of what is in the files; it is not complete when a stream failed.
        files: how many were written.
    """

    def __init__(self, path: str, form: str, api: Any) -> None:
        self.path, self._form, self._api = path, form, api
        self.receipt = Receipt(complete=True)
        self.files = 0
        self._stopped = Event()

    def fill(
        self, streams: Sequence[str], query: Mapping[str, Any], progress: Wish
    ) -> Iterator[tuple[str, Exception]]:
        """Write the file of each stream, and yield those that failed, with the reason.

        Args:
            streams: their slugs.
            query: what is asked of each.
            progress: as for `BaseData`, of streams.

        Raises:
            OSError: it cannot be written there.
            HttpAuthenticationError: the token has ended.
        """
        os.makedirs(self.path, exist_ok=True)

        def read(slug: str) -> Brought[str, Written]:
            return Brought(self._write(slug, query))

        with (
            shown(progress, " streams") as show,
            closing(in_order(streams, read, min(WORKERS, len(streams)))) as each,
        ):
            try:
                for done, (slug, receipt, error) in enumerate(each, start=1):
                    if show:
                        show(done, len(streams))
                    self.receipt = together(self.receipt, receipt)
                    self.files += error is None
                    if error is not None:
                        yield slug, error
            finally:
                self._stopped.set()

    def _write(self, slug: str, query: Mapping[str, Any]) -> Written:
        readings = StreamData(slug, self._api, workers=1, progress=self._go_on)
        try:
            name = f"{IOTileStreamSlug(slug)}.{self._form}"  # no slug, and it might lead elsewhere
            getattr(readings, f"to_{self._form}")(os.path.join(self.path, name), **query)
        except HttpAuthenticationError:
            raise
        except (RestBaseException, ValueError) as error:
            return slug, Receipt(requests=readings.receipt.requests), error
        return slug, readings.receipt, None

    def _go_on(self, received: int, expected: int | None) -> None:
        """End the download when nobody waits for it any more: it has no other ear."""
        if self._stopped.is_set():
            raise InterruptedError("the download was given up")


def together(one: Receipt, other: Receipt) -> Receipt:
    """Return the account of two downloads as one.

    >>> together(Receipt(received=1, complete=True), Receipt(received=2)).received
    3
    """
    firsts, lasts = ([*filter(None, ends)] for ends in zip(_ends(one), _ends(other)))
    return Receipt(
        received=one.received + other.received,
        nulls=one.nulls + other.nulls,
        first=min(firsts, default=None),
        last=max(lasts, default=None),
        requests=one.requests + other.requests,
        retries=one.retries + other.retries,
        moved=one.moved or other.moved,
        how="streams",
        complete=one.complete and other.complete,
    )


def _ends(receipt: Receipt) -> tuple[str | None, str | None]:
    return receipt.first, receipt.last
