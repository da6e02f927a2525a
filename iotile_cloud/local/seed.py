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

from ..utils.basic import parse_utc, utc_text
from .access.tokens import fingerprint, hash_password
from .demo import demo_description, demo_rows
from .readings.intake import owner_of
from .readings.windows import micros
from .routes import FIELDS
from .rules.fields import W
from .rules.makers import completed
from .shared.versions import version_text
from .storage.store import KEYS, Record, Store

__all__ = ["Description", "load"]

Description = Union[str, "os.PathLike[str]", Mapping[str, Any]]

# The key of a description -> the kind of record.
_KINDS = {
    "users": "account",
    "orgs": "org",
    "api_keys": "api_key",
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
    "fleets": "fleet",
    "streamers": "streamer",
    "streamer_reports": "streamer/report",
    "generated_reports": "report/generated",
    "aliases": "alias",
    "filters": "filter",
    "property_templates": "propertytemplate",
    "notes": "note",
    "locations": "location",
    "config_names": "config/name",
    "config_attrs": "config/attr",
    "device_keys": "key",
    "org_templates": "ot",
    "components": "component",
    "ota/scripts": "ota/script",
    "ota/requests": "ota/request",
    "ota/actions": "ota/action",
    "ota/versions": "ota/version",
}

# Kind of record -> the parts that its description holds: key, their kind, what names their owner.
_PARTS = {
    "alias": (("taps", "tap", "alias"),),
    "filter": (
        ("states", "filter/state", "filter"),
        ("transitions", "filter/transition", "filter"),
    ),
    "filter/state": (("actions", "filter/action", "state"),),
    "filter/transition": (("triggers", "filter/trigger", "transition"),),
    "propertytemplate": (("enums", "propertyenum", "template"),),
}

# Kinds that a description need not number.
_COUNTED = {"property", "propertytemplate", "propertyenum", "note", "location", "key"}
_COUNTED |= {"config/name", "config/attr", "ota/request", "ota/action", "ota/version"}

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
        for number, record in enumerate(_listed(content, key)):
            try:
                _put(store, kind, record)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{key}[{number}] of the description: {error!r}") from error
    taken = 0

    def prepared() -> Iterator[Record]:
        nonlocal taken
        for row in rows:
            moment = row["timestamp"]
            yield {**row, "timestamp": None if moment is None else micros(moment)}
            taken += 1

    try:
        store.readings.add_many(prepared())
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"row {taken} of the data: {error!r}") from error


def _listed(content: Mapping[str, Any], key: str) -> Iterable[Record]:
    """Return the list under `key` of a description; `a/b` is the list `b` inside of `a`."""
    outer, _, inner = key.rpartition("/")
    place = content.get(outer, {}) if outer else content
    if not isinstance(place, Mapping):
        raise ValueError(f"{outer} of the description is not an object")
    found: Iterable[Record] = place.get(inner, ())
    return found


def _put(store: Store, kind: str, record: Record) -> None:
    """Put a described record into `store`, and its parts as records of their own."""
    parts = _PARTS.get(kind, ())
    inside = {name for name, _, _ in parts}
    plain = {name: value for name, value in record.items() if name not in inside}
    if kind in _COUNTED and "id" not in plain:
        plain["id"] = store.new_id(kind)
    whole = _record(kind, plain)
    if kind == "account":
        whole["password"] = hash_password(record["password"], store.durable)
    kept = store.events.add(whole) if kind == "event" else store.put(kind, whole)
    made: Record = {name: kept[name] for name in ("created_on", "created_by") if name in kept}
    for name, part, owner in parts:
        for item in record.get(name, ()):
            item = {"value": item} if isinstance(item, str) else item
            _put(store, part, {**made, **item, owner: kept[KEYS.get(kind, "slug")]})


def _record(kind: str, record: Record) -> Record:
    """Return a described record as the store keeps it."""
    if kind == "event":
        record = {**owner_of(record["stream"]), **record}
    fields = FIELDS.get(kind, ())
    kept = (f for f in fields if f.access != W)
    missing = {f.name for f in kept if f.required or f.name == "slug"} - record.keys()
    if kind in _NUMBERED and "id" not in record:
        missing.add("id")
    if missing:
        raise ValueError(f"missing: {', '.join(sorted(missing))}")
    whole = completed(fields, record) if fields else dict(record)
    for field in fields:
        if field.kind == "moment" and isinstance(whole.get(field.name), str):
            whole[field.name] = utc_text(parse_utc(whole[field.name]))
    if kind == "account":
        whole.setdefault("drf_token", None)
        whole.setdefault("is_active", True)
        whole["updated_at"] = whole["updated_at"] or whole["created_at"]
    if kind == "api_key":
        whole["digest"] = fingerprint(whole.pop("key"))
        whole.setdefault("revoked", False)
    if kind in ("ota/action", "ota/version") and whole["created_on"] is None:
        # The server always knows; here it is only known which came first.
        whole["created_on"] = f"1970-01-01T00:00:{whole['id'] % 60:02d}Z"
    if kind == "ota/version" and "major" in whole:
        whole["version"] = version_text(whole.pop("major"), whole.pop("minor"))
    if kind == "event":
        whole["timestamp"] = micros(record["timestamp"])
        whole["s3key"] = record.get("s3key")
        whole.setdefault("raw_data", None)
        whole.setdefault("uuid", str(uuid4()))
    return whole


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
