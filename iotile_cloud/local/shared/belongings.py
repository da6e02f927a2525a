"""What a device has gathered, and the jobs that take it away: archive, reset, trim.

Knows what hangs on a device.  Knows nothing of who may start a job, nor of HTTP.
"""

from __future__ import annotations

from uuid import uuid4

from ..readings.slugs import grouped
from ..readings.windows import micros
from ..rules.fields import Call
from ..rules.makers import add_note, now_text
from ..storage.rows import Piece
from ..storage.store import Record, Store

__all__ = ["MASK", "archive", "forget_all", "forget_streams", "reset", "stream_slug", "trim"]

MASK = "5a09"  # the variable whose events are data masks
_NO_PROJECT = grouped(0, 2)


def stream_slug(store: Store, target: Record, variable: str) -> str:
    """Return the slug of a stream of `target` (a device or a data block).

    Args:
        variable: the number of the variable, as four hexadecimal digits.
    """
    project = store.get("project", target.get("project"))
    number = project["slug"][3:] if project else _NO_PROJECT
    return f"s--{number}--{target['slug'][3:]}--{variable}"


def archived(stream: str, block: str) -> str:
    """Return what the slug of a stream becomes in a data block.

    >>> archived("s--0000-0001--0000-0000-0000-000a--5001", "b--0001-0000-0000-000a")
    's--0000-0000--0001-0000-0000-000a--5001'
    """
    return f"s--{_NO_PROJECT}--{block[3:]}--{stream[-4:]}"


def archive(call: Call, device: Record, block: str) -> None:
    """Move what `device` has gathered into the data block with the slug `block`.

    The device keeps its streams, and the block gets copies of them.
    """
    store, slug = call.store, device["slug"]
    streams = _streams(store, slug)
    renamed = {stream["slug"]: archived(stream["slug"], block) for stream in streams}
    for stream in streams:
        new = {"id": str(uuid4()), "slug": renamed[stream["slug"]], "created_on": now_text(call)}
        variable = f"v--{_NO_PROJECT}--{stream['slug'][-4:]}"
        owner = {"project": f"p--{_NO_PROJECT}", "project_id": None, "variable": variable}
        store.put("stream", {**stream, **new, **owner, "block": block})
    _move_hanging(store, {slug: block, **renamed})
    gone = {"project": "", "device": block}
    store.move("device", slug, lambda of: {**of, **gone, "stream": archived(of["stream"], block)})
    add_note(call, slug, f"Device data was archived. Datablock ID: {block}", "si")


def _streams(store: Store, device: str) -> list[Record]:
    """Return the streams of a device, without those of its data blocks."""
    return [s for s in store.all("stream") if s["device"] == device and s["block"] is None]


def _move_hanging(store: Store, renamed: dict[str, str]) -> None:
    """Hang on the block what hung on the device or one of its streams."""
    for kind, field, moves in _HANGING:
        for record in store.all(kind):
            if record.get(field) in renamed and moves(record):
                store.remove(kind, record)
                store.put(kind, {**record, field: renamed[record[field]]})


# Kind of record -> the field that names what it hangs on, and which of them an archive takes.
_HANGING = (
    ("property", "target", lambda record: not record.get("is_system")),
    ("note", "target", lambda record: record.get("type") == "ui"),
    ("location", "target", lambda record: True),
    ("mask", "target", lambda record: True),
    ("report/generated", "source_ref", lambda record: True),
)


def reset(store: Store, device: str, wanted: Record) -> None:
    """Forget what a device has gathered.

    Args:
        wanted: whether to be thorough (`full`: streamers too, so that reports begin anew), and to
            take `include_properties` and `include_notes_and_locations` along.
    """
    forget_rows(store, device)
    _forget(store, "mask", "target", {device})
    if wanted["full"]:
        _forget(store, "streamer", "device", {device})
    if wanted["include_properties"]:
        _forget(store, "property", "target", {device})
    if wanted["include_notes_and_locations"]:
        streams = {stream["slug"] for stream in _streams(store, device)}
        _forget(store, "note", "target", {device} | streams)
        _forget(store, "location", "target", {device})


def _forget(store: Store, kind: str, field: str, slugs: set[str]) -> None:
    for record in store.all(kind):
        if record.get(field) in slugs:
            store.remove(kind, record)


def forget_rows(store: Store, slug: str) -> None:
    """Remove the readings and events of a device or data block."""
    for rows in (store.readings, store.events):
        rows.select([Piece("device", slug)]).delete()


def forget_streams(store: Store, slug: str) -> None:
    """Remove the streams of a device (not of its blocks) or data block, with their rows."""
    forget_rows(store, slug)
    kept = "device" if slug[0] == "d" else "block"
    for stream in store.all("stream"):
        if stream[kept] == slug and (kept == "block" or stream["block"] is None):
            store.remove("stream", stream)


def forget_all(store: Store, slug: str) -> None:
    """Remove all that belongs to a device or data block which is removed itself."""
    forget_streams(store, slug)
    _forget(store, "streamer", "device", {slug})
    for kind, field, _ in _HANGING:
        _forget(store, kind, field, {slug})


def trim(store: Store, device: str, start: str | None, end: str | None) -> None:
    """Forget the readings and events of a device before `start`, and those from `end` on.

    Its mask is kept in an event, and stays.
    """
    outside: list[tuple[int | None, int | None]] = []
    if start:
        outside.append((None, micros(start) - 1))
    if end:
        outside.append((micros(end), None))
    for rows in (store.readings, store.events):
        streams = rows.counts("device", device)
        pieces = [Piece("stream", slug) for slug in streams if not slug.endswith(MASK)]
        for span in outside:
            rows.select(pieces, {"timestamp": span}).delete()
