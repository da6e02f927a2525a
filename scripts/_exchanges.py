"""Reads recorded exchanges: what was asked, what was answered, and which groups share one run.

Knows the form of the records and of the seed beside them.  Knows nothing of sending or comparing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CLOCK = 1795332343.0  # 2026-11-22T07:25:43Z, when the recording was made
DAY = r"2026-11-2[23]"  # the days on which the recording server's clock stood
HOST = "127.0.0.1:8765"  # the server as it stands in recorded links
STORAGE = "http://127.0.0.1:5566"  # the file storage beside it

# Each of these was recorded in one go, in this order; every other group from the seed state.
SHARED_RUNS = (
    ("fleet", "alias", "filter", "config", "templates", "ota", "report", "production", "shipping"),
    ("variable", "vartype"),
    ("note", "location", "property"),
    ("streamer", "streamer_report"),
)
ONLY_WHEN_NAMED = ("no_aws", "timezone")  # recorded under conditions of their own
_OTHER_FILES = ("seed",)
_NOT_KEPT = re.compile(r"not kept|\d+ items$")  # stands where a body was too large to keep


@dataclass(frozen=True)
class Entry:
    """One recorded request and its answer."""

    group: str
    order: int
    name: str
    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    body_was_kept: bool = True
    status: int = 200
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: Any = ""
    note: str = ""

    @property
    def uses_session(self) -> bool:
        """Whether it was sent with the cookies of a browser: only its name tells."""
        name = self.name.replace("no cookie", "")
        return "session" in name or "cookie" in name


def groups_in(folder: Path) -> list[str]:
    """Return the names of the groups recorded in `folder`."""
    return sorted(f.stem for f in folder.glob("*.json") if f.stem not in _OTHER_FILES)


def runs(found: Collection[str], wanted: Collection[str] = ()) -> list[list[str]]:
    """Return the groups to play, as runs that each start from the seed state.

    With `wanted`, only the runs that hold them, each up to the last one wanted: what comes
    earlier in a run has made the state that the rest was recorded in.

    >>> runs(["auth", "note", "location", "no_aws"])
    [['auth'], ['note', 'location']]
    >>> runs(["auth", "note", "location"], ["location"])
    [['note', 'location']]
    """
    chosen = set(wanted) or set(found) - set(ONLY_WHEN_NAMED)
    planned: list[list[str]] = []
    done: set[str] = set()
    for group in sorted(chosen):
        if group in done:
            continue
        together = [g for g in _run_of(group) if g in found]
        last = max(together.index(g) for g in together if g in chosen)
        planned.append(together[: last + 1])
        done.update(together)
    return planned


def _run_of(group: str) -> tuple[str, ...]:
    return next((run for run in SHARED_RUNS if group in run), (group,))


def read_group(folder: Path, group: str) -> Iterator[Entry]:
    """Yield the entries of `group` in their recorded order."""
    records = json.loads((folder / f"{group}.json").read_text(encoding="utf-8"))
    for record in sorted(records, key=lambda r: int(r["order"])):
        yield Entry(
            group=group,
            order=record["order"],
            name=record["name"],
            method=record["method"],
            path=record["path"],
            query=record["query"],
            headers=record["headers_sent"],
            body=record["request_body"],
            body_was_kept=not _NOT_KEPT.match(str(record["request_body"])),
            status=record["status"],
            answer_headers=record["response_headers"],
            answer=record["response_body"],
            note=record.get("note", ""),
        )


def read_seed(folder: Path) -> dict[str, Any]:
    """Return the description of the state that every run starts from."""
    seed: dict[str, Any] = json.loads((folder / "seed.json").read_text(encoding="utf-8"))
    return seed


def devices_in_words() -> list[dict[str, Any]]:
    """Return the devices that the seed tells of in a remark only (its `devices_note`)."""
    return [_device_in_words(number) for number in range(1, 129)]


def _device_in_words(number: int) -> dict[str, Any]:
    reserved = 80 <= number <= 110
    return {
        "id": number,
        "slug": f"d--0000-0000-0000-{number:04x}",
        "label": "Reserved for Demos" if reserved else f"InternalDevice{number}",
        "template": "internaltestingtemplate-v1-0-0",
        "active": reserved,
        "created_on": "2026-11-22T07:25:06Z",
    }
