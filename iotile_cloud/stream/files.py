"""Writes files of readings piece by piece: beside the place they go to, and renamed when whole.

So there is never half a file, and one that was there stays as it is until then.  Knows the forms
CSV, JSON lines and Parquet.  Knows nothing of downloads.
"""

from __future__ import annotations

import atexit
import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from secrets import token_hex
from typing import IO, Any, Callable, Union

from ..utils._extras import needed
from .columns import Columns
from .frames import metadata, table
from .stamps import texts_of

__all__ = ["Path", "csv_text", "json_lines", "replacing", "sidecar", "write_parquet"]

Path = Union[str, "os.PathLike[str]"]
_GROUP = 100_000  # rows that a Parquet file keeps together
_encoded = json.JSONEncoder(separators=(",", ":")).encode


@contextmanager
def replacing(*paths: Path) -> Iterator[list[IO[bytes]]]:
    """Give an empty file for each of `paths`, and put them in their places in the end.

    On an error they vanish, and what is in these places stays.

    Raises:
        OSError: there is no such folder, or something else than a file is there.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(_beside(os.fsdecode(path))) for path in paths]
        yield files
        for file in files:  # all are written before the first is renamed
            file.flush()


@contextmanager
def _beside(path: str) -> Iterator[IO[bytes]]:
    target = os.path.realpath(path)  # of a link, what it points to is replaced
    folder = os.path.dirname(target)
    if os.path.exists(target) and not os.path.isfile(target):
        raise OSError(f"{path} is there and is no file that could be replaced")
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"there is no folder {folder} to write {path} to")
    part = os.path.join(folder, f".{token_hex(8)}.part")
    with _named(path):
        file = open(part, "xb")  # noqa: SIM115  # closed below, before it is renamed
    # A thread that nobody waits for, as after Ctrl-C, does not come to the end of this.
    drop = atexit.register(partial(_drop, part, os.getpid()))
    try:
        with file:
            yield file
        with _named(path):
            os.replace(part, target)
    except BaseException:
        drop()
        raise
    finally:
        atexit.unregister(drop)


def _drop(part: str, process: int) -> None:
    if os.getpid() == process:  # and not a fork of it, whose duties are the same
        with suppress(OSError):
            os.unlink(part)


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Put the name that the caller knows into an error, instead of that of the part."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error


def sidecar(path: Path) -> str:
    """Return where it is told about a file that cannot tell itself.

    >>> sidecar("readings.csv")
    'readings.csv.meta.json'
    """
    return os.fsdecode(path) + ".meta.json"


def csv_text(columns: Columns) -> str:
    r"""Return columns as lines of CSV, without a header.

    Times are in UTC, numbers have all their digits, and null is empty.

    >>> csv_text(Columns.made({"timestamp": ["1970-01-01T00:00:01Z"], "value": [0.1]}))
    '1970-01-01T00:00:01Z,0.1\n'
    """
    lines = io.StringIO()
    cells = [_cells(columns, name) for name in columns]
    csv.writer(lines, lineterminator="\n").writerows(zip(*cells))
    return lines.getvalue()


def _cells(columns: Columns, name: str) -> Sequence[Any]:
    return texts_of(columns[name]) if name == "timestamp" else columns.tolist(name)


def json_lines(rows: Iterable[Any]) -> str:
    r"""Return each row as a line of JSON.

    >>> json_lines([{"value": 0.1}])
    '{"value":0.1}\n'
    """
    return "".join(_encoded(row) + "\n" for row in rows)


def write_parquet(
    file: IO[bytes], blocks: Iterable[Columns], about: Callable[[], Mapping[str, Any]]
) -> None:
    """Write columns to a Parquet file, and in the end what `about` tells then.

    Args:
        file: open for bytes.
        blocks: at least one, all of the same columns.
        about: called when the blocks are at their end.
    """
    writer: Any = None
    with ExitStack() as stack:
        for block in map(table, _groups(blocks)):
            if writer is None:
                writer = _parquet_writer(file, block.schema)
                stack.callback(writer.close)
            writer.write_table(block)
        writer.add_key_value_metadata(metadata(about()))


def _parquet_writer(file: IO[bytes], schema: Any) -> Any:
    # A schema of Arrow's own would hide what is told in the end.
    return needed("pyarrow.parquet", "frames").ParquetWriter(file, schema, store_schema=False)


def _groups(blocks: Iterable[Columns]) -> Iterator[Columns]:
    """Yield small blocks together."""
    group: Columns | None = None
    for block in blocks:
        if group is None:
            group = block
        elif len(group) + len(block) <= _GROUP:
            group.extend(block)
        else:
            yield group
            group = block
    if group is not None:
        yield group
