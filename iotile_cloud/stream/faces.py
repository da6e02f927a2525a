"""The same readings as a frame, a table, a file or a plot: the faces of every download.

Knows which of them needs what, in which order.  How each is made is in `frames`, `files`, `plots`
and `notebook`, what it tells about itself in `meta`.  Knows no routes.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence, Sized
from contextlib import closing
from typing import TYPE_CHECKING, Any, ClassVar

from ..utils._extras import needed
from ..utils._frames import checked_zone
from .columns import Columns
from .files import Path, csv_text, json_lines, replacing, sidecar, write_parquet
from .frames import data_frame, metadata, table
from .kinds import checked_names
from .meta import described, json_text, units_of
from .query import Query
from .receipt import Receipt

__all__ = ["Faces"]

Blocks = Generator[Columns, None, None]
_BLOCK = 10_000  # rows of `data` that become columns at a time


class Faces:
    """Frames, tables and files of what `columns` and `rows` give.

    Each takes the query of these two, downloads by itself and leaves `data` as it is; without a
    query it takes what `data` holds, and downloads everything when that was never filled.
    Columns can be named first, as for `columns`.

    Each tells about itself: `domain`, `stream`, `query`, `version` (of this package), `receipt`
    (as a dictionary), and `units`, the `input_unit` and `output_unit` of the stream's record (GET
    /stream/<slug>/, once a download; None for readings of several streams, or where the record
    cannot be read).
    """

    data: list[Any]
    receipt: Receipt
    _names: ClassVar[Sequence[str]]
    _api: Any
    _nothing: list[Any]  # what `data` is in the beginning
    _stream_id: Any = None  # of one stream
    _record: Any  # of the stream, where it is known
    _held: tuple[Mapping[str, Any], Receipt] = ({}, Receipt())  # what `data` was asked with

    if TYPE_CHECKING:

        def columns(self, *names: str, **params: Any) -> Columns: ...
        def _blocks(self, names: Sequence[str], params: Mapping[str, Any]) -> Blocks: ...
        def _row_pieces(self, params: Mapping[str, Any]) -> Generator[list[Any], None, None]: ...
        def _date_format(self, text: str) -> str: ...
        def _units(self, held: bool) -> dict[str, Any] | None: ...

    def frame(self, *names: str, tz: Any = None, **params: Any) -> Any:
        """Return a pandas DataFrame of the columns, in rows by `timestamp`.

        Null is NaN in `value` and `output_value`, as is a NaN of the server; NA in integers, which
        are always `Int64`, and in `stream`; NaT in the index, where such rows are kept.  What the
        frame tells about itself is in its `attrs`.

        Args:
            names: the columns wanted, as for `columns`.
            tz: time zone of the index, UTC by default.  It changes nothing in the query.
            params: as for `columns`.

        Raises:
            ImportError: pandas is not installed: `pip install 'iotile_cloud[frames]'`.
            ValueError: there is no such time zone.
            TypeError, ValueError, PartialDataError, RestBaseException: as for `columns`.

        >>> from iotile_cloud import StreamData
        >>> readings = StreamData("s--0000-0101--0000-0000-0000-2001--5001", api)
        >>> frame = readings.frame("output_value", lastn=100, tz="Europe/Berlin")
        >>> len(frame), frame.index.name, frame.attrs["receipt"]["complete"]
        (100, 'timestamp', True)
        """
        checked_zone(tz)
        params = self._asked_for(params)
        columns = self.columns(*names, **params)
        return data_frame(columns, tz, self._about(params))

    def arrow(self, *names: str, **params: Any) -> Any:
        """Return a pyarrow Table of the columns; null is null.

        What it tells about itself is JSON in its schema's metadata, as `iotile_cloud`.

        Raises:
            ImportError: pyarrow is not installed: `pip install 'iotile_cloud[frames]'`.
            TypeError, ValueError, PartialDataError, RestBaseException: as for `columns`.

        >>> from iotile_cloud import StreamData
        >>> readings = StreamData("s--0000-0101--0000-0000-0000-2001--5001", api)
        >>> readings.arrow("value", lastn=100).num_rows
        100
        """
        needed("pyarrow", "frames")
        params = self._asked_for(params)
        columns = self.columns(*names, **params)
        return table(columns).replace_schema_metadata(metadata(self._about(params)))

    def to_csv(self, path: Path, *names: str, **params: Any) -> None:
        """Write the columns to a CSV file, as they come, in constant memory.

        A header, times in UTC as the server writes them, numbers with all their digits, nothing
        for null.  What the file tells about itself is beside it, in `<path>.meta.json`.  Both are
        put in place when they are whole; on an error what was there stays.

        Args:
            path: where to; a file there is replaced.
            names, params: as for `columns`.

        Raises:
            OSError: it cannot be written there.
            TypeError, ValueError, PartialDataError, RestBaseException: as for `columns`; a
                PartialDataError holds no rows.

        >>> from iotile_cloud import StreamData
        >>> readings = StreamData("s--0000-0101--0000-0000-0000-2001--5001", api)
        >>> readings.to_csv(folder / "readings.csv", "value", lastn=100)
        >>> (folder / "readings.csv").read_text().splitlines()[0]
        'timestamp,value'
        """
        params = self._asked_for(params)
        wanted = checked_names(names, self._names)
        with replacing(path, sidecar(path)) as (file, side):
            file.write((",".join(wanted) + "\n").encode())
            with closing(self._column_blocks(wanted, params)) as blocks:
                for block in blocks:
                    file.write(csv_text(block).encode())
            side.write(json_text(self._about(params)).encode())

    def to_jsonl(self, path: Path, **params: Any) -> None:
        """Write the rows to a file of JSON lines, each as the server sent it.

        Memory, place, errors and what is told beside it are as for `to_csv`.

        >>> from iotile_cloud import StreamData
        >>> readings = StreamData("s--0000-0101--0000-0000-0000-2001--5001", api)
        >>> readings.to_jsonl(folder / "readings.jsonl", lastn=100)
        >>> len((folder / "readings.jsonl").read_text().splitlines())
        100
        """
        params = self._asked_for(params)
        with replacing(path, sidecar(path)) as (file, side):
            with closing(self._row_blocks(params)) as blocks:
                for rows in blocks:
                    file.write(json_lines(rows).encode())
            side.write(json_text(self._about(params)).encode())

    def to_parquet(self, path: Path, *names: str, **params: Any) -> None:
        """Write the columns to a Parquet file, as they come, in constant memory.

        Place, arguments and errors are as for `to_csv`; what the file tells about itself is in its
        metadata, as for `arrow`.

        Raises:
            ImportError: pyarrow is not installed: `pip install 'iotile_cloud[frames]'`.

        >>> from iotile_cloud import StreamData
        >>> readings = StreamData("s--0000-0101--0000-0000-0000-2001--5001", api)
        >>> readings.to_parquet(folder / "readings.parquet", lastn=100)
        >>> (folder / "readings.parquet").read_bytes()[:4]
        b'PAR1'
        """
        params = self._asked_for(params)
        needed("pyarrow", "frames")
        wanted = checked_names(names, self._names)
        with replacing(path) as (file,), closing(self._column_blocks(wanted, params)) as blocks:
            write_parquet(file, blocks, lambda: self._about(params))

    def plot(
        self, name: str | None = None, *, ax: Any = None, tz: Any = None, **params: Any
    ) -> Any:
        """Draw the readings with matplotlib, a line for each stream, and return the axes.

        A line is broken where there is no value.  Without matplotlib a small plot is printed where
        standard output is a terminal, and None returned.

        Args:
            name: the column; by default `output_value`, or `value` where there is none.
            ax: the axes to draw on; by default those of a new figure.
            tz: time zone of the axis, UTC by default.  It changes nothing in the query.
            params: as for `columns`.

        Raises:
            ImportError: matplotlib is not installed: `pip install 'iotile_cloud[plot]'`.
            ValueError: there is no such column or time zone.
            TypeError, ValueError, PartialDataError, RestBaseException: as for `columns`.

        >>> from iotile_cloud import StreamData
        >>> readings = StreamData("s--0000-0101--0000-0000-0000-2001--5001", api)
        >>> axes = readings.plot(lastn=100)
        >>> axes.get_ylabel(), axes.get_xlabel()
        ('output value (G)', 'UTC')
        """
        from . import plots  # few who download draw

        column, zone = plots.drawn_column(self._names, name), plots.zone_of(tz)
        matplotlib = plots.library(ax)
        params = self._asked_for(params)
        several = ("stream",) if "stream" in self._names and self._stream_id is None else ()
        columns = self.columns(column, *several, **params)
        series = plots.by_stream(columns, str(self._stream_id))
        units = self._units(not params)
        if matplotlib is None:
            return plots.print_plots(series, column, units)
        return plots.draw(series, column, units, ax, zone)

    def __repr__(self) -> str:
        rows, receipt = getattr(self, "data", ()), getattr(self, "receipt", Receipt())
        stream = "" if self._stream_id is None else f" {self._stream_id}"
        told = "" if receipt == Receipt() else f", {'' if receipt.complete else 'not '}complete"
        held = len(rows) if isinstance(rows, Sized) else "no"
        return f"<{type(self).__name__}{stream}: {held} rows held{told}>"

    def _repr_html_(self) -> str | None:
        """Return the first rows and the account for a notebook; nothing is downloaded for it."""
        from .notebook import download_html, shielded

        name = type(self).__name__
        units = units_of(getattr(self, "_record", None))
        return shielded(
            lambda: download_html(name, self._stream_id, self.data, units, self.receipt)
        )

    def _asked_for(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return the query: `params`, nothing for what `data` holds, or one for everything."""
        untouched = self.data is self._nothing and not self.data
        return {"start": None} if untouched and not params else params

    def _column_blocks(self, names: Sequence[str], params: Mapping[str, Any]) -> Blocks:
        """Yield the columns block by block, at least one."""
        yield Columns.of((), names)
        if params:
            # All names: a few might come as one large table, which would be held whole.
            with closing(self._blocks(self._names, params)) as blocks:
                for block in blocks:
                    yield block.only(names)
        else:
            for start in range(0, len(self.data), _BLOCK):
                yield Columns.of(self.data[start : start + _BLOCK], names)

    def _row_blocks(self, params: Mapping[str, Any]) -> Generator[list[Any], None, None]:
        """Yield the rows piece by piece."""
        if params:
            with closing(self._row_pieces(params)) as pieces:
                yield from pieces
        else:
            for start in range(0, len(self.data), _BLOCK):
                yield self.data[start : start + _BLOCK]

    def _about(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is told about readings that have just been read, or that `data` holds."""
        query, receipt = self._held
        if params:
            query, receipt = Query.of(params, self._date_format).arguments, self.receipt
        domain = getattr(self._api, "domain", None)
        return described(domain, self._stream_id, query, self._units(not params), receipt)
