"""From a description (a dict, a JSON file, or the word "demo") to a full store.

Knows the form of a description.  Knows nothing of HTTP.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Union
from uuid import uuid4

from .demo import demo_description, demo_rows
from .intake import owner_of
from .makers import completed
from .routes import FIELDS
from .store import Record, Store
from .tokens import hash_password
from .windows import micros

__all__ = ["Description", "load"]

Description = Union[str, "os.PathLike[str]", Mapping[str, Any]]

# The key of a description -> the kind of record.
_KINDS = {
    "users": "account",
    "orgs": "org",
    "project_templates": "pt",
    "device_templates": "dt",
    "sensor_graphs": "sg",
    "vartypes": "vartype",
    "projects": "project",
    "devices": "device",
    "datablocks": "datablock",
    "variables": "variable",
    "streams": "stream",
    "events": "event",
    "masks": "mask",
    "properties": "property",
    "streamers": "streamer",
    "streamer_reports": "streamer/report",
}

_NUMBERED = ("account", "device", "streamer")  # their `id` is a number that lists are sorted by


def load(store: Store, description: Description) -> None:
    """Put what `description` says into `store`.

    Args:
        description: "demo", the path of a description with its data file beside it, or a dict
            (whose readings may stand in it as `data`, a list of dicts).

    Raises:
        ValueError: it has no such form; the message says where.
        OSError: a file is not readable.
    """
    if description == "demo":
        _load(store, demo_description(), demo_rows())
    elif isinstance(description, Mapping):
        _load(store, description, description.get("data", ()))
    else:
        path = Path(description)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(content, dict):
                raise ValueError("expected a JSON object")
            _load(store, content, _file_rows(path, content))
        except (EOFError, ValueError, zlib.error) as error:
            raise ValueError(f"{path} does not describe a cloud: {error}") from error


def _load(store: Store, content: Mapping[str, Any], rows: Iterable[Record]) -> None:
    for key, kind in _KINDS.items():
        for number, record in enumerate(content.get(key, ())):
            try:
                store.put(kind, _record(kind, record))
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{key}[{number}] of the description: {error!r}") from error
    for number, row in enumerate(rows):
        try:
            _put_row(store, row)
        except (KeyError, OverflowError, TypeError, ValueError) as error:
            raise ValueError(f"row {number} of the data: {error!r}") from error


def _record(kind: str, record: Record) -> Record:
    """Return a described record as the store keeps it."""
    if kind == "event":
        record = {**owner_of(record["stream"]), **record}
    fields = FIELDS.get(kind, ())
    missing = {f.name for f in fields if f.required or f.name == "slug"} - record.keys()
    if kind in _NUMBERED and "id" not in record:
        missing.add("id")
    if missing:
        raise ValueError(f"missing: {', '.join(sorted(missing))}")
    whole = completed(fields, record) if fields else dict(record)
    if kind == "account":
        whole.setdefault("drf_token", None)
        whole.setdefault("is_active", True)
        whole["password"] = hash_password(record["password"])
    if kind == "event":
        whole["timestamp"] = micros(record["timestamp"])
        whole["s3key"] = record.get("s3key")
        whole.setdefault("raw_data", None)
        whole.setdefault("uuid", str(uuid4()))
    return whole


def _put_row(store: Store, row: Record) -> None:
    owner = {name: row[name] for name in ("stream", "project", "device", "variable")}
    moment = row["timestamp"]
    store.add_reading(owner, {**row, "timestamp": None if moment is None else micros(moment)})


def _file_rows(path: Path, content: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the rows of the data file that a description names; its name may carry a remark."""
    name = str(content.get("data_rows_file", "")).split(" ")[0]
    if not name:
        return
    data = (path.parent / name).read_bytes()
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8")
    for row in csv.DictReader(io.StringIO(text)):
        yield {name: _CELLS.get(name, str)(cell) for name, cell in row.items()}


def _number(cell: str) -> int | None:
    return int(cell) if cell else None


_CELLS: dict[str, Any] = {
    "id": int,
    "timestamp": lambda cell: cell or None,
    "int_value": _number,
    "value": lambda cell: float(cell) if cell else None,
    "device_timestamp": _number,
    "streamer_local_id": lambda cell: int(cell or 0),
    "dirty_ts": lambda cell: cell == "True",
}
