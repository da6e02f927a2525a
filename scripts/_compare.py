"""Compares an answer with the recorded one and says in lines where they differ.

Knows the recorder's habits (lists and texts that it cut).  What may differ is in `_tolerance.py`.
Knows nothing of sending.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from _exchanges import Entry
from _tolerance import Memory

# Headers that must be equal, and be there in both or in none.
HEADERS = (
    "Access-Control-Allow-Origin",
    "Allow",
    "Cache-Control",
    "Content-Disposition",
    "Location",
    "WWW-Authenticate",
)
KEPT_ITEMS = 5  # of a long list the recorder kept so many at each end
_LONG_LIST = re.compile(r"results had (\d+) rows")
_LONG_TEXT = re.compile(r"truncated from (\d+) characters")
_COOKIE = re.compile(r"(?:^|, )(\w+)=([^;]*)((?:; [^;]*?)*)(?=, \w+=|$)")
_LINE = 110  # characters of a value in a line of the report


@dataclass(frozen=True)
class Answer:
    """What a server answered; header names in any case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def differences(entry: Entry, answer: Answer, memory: Memory) -> list[str]:
    """Return one line for each way in which `answer` is not the recorded one."""
    if entry.status == 500:  # where the real server breaks, a refusal is right
        refused = 400 <= answer.status < 500
        return [] if refused else [f"status: any 4xx (recorded 500) != {answer.status}"]
    if entry.status != answer.status:
        line = _line("status", entry.status, answer.status)
        return [f"{line} {_short(answer.content.decode('utf-8', 'replace'))}"]
    lines = list(_headers(entry, answer, memory))
    if not _is_shown_for_shape(entry):
        lines += _body(entry, answer, memory)
    return lines


def _is_shown_for_shape(entry: Entry) -> bool:
    """Tell whether the body is a text written for people, which nobody should copy."""
    page = isinstance(entry.answer, str) and entry.answer.lstrip().startswith("<")
    return entry.method == "OPTIONS" or (page and _media(entry.answer_headers) == "text/html")


def _headers(entry: Entry, answer: Answer, memory: Memory) -> Iterator[str]:
    recorded, own = entry.answer_headers, answer.headers
    if _media(recorded) != _media(own):
        yield _line("Content-Type", recorded.get("Content-Type"), own.get("Content-Type"))
    for name in HEADERS:
        expected, got = recorded.get(name), own.get(name)
        same = expected is not None and got is not None and memory.fits(expected, got)
        if expected != got and not same:
            yield _line(name, expected, got)
    if _names(recorded.get("Vary")) != _names(own.get("Vary")):
        yield _line("Vary", recorded.get("Vary"), own.get("Vary"))
    yield from _cookies(recorded.get("Set-Cookie", ""), own.get("Set-Cookie", ""), memory)


def _media(headers: Mapping[str, str]) -> str:
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _names(value: str | None) -> set[str]:
    return {name.strip().lower() for name in (value or "").split(",")}


def _cookies(recorded: str, own: str, memory: Memory) -> Iterator[str]:
    """Compare names and attributes; values and dates are drawn anew, and remembered."""
    expected, got = _read_cookies(recorded), _read_cookies(own)
    for name, (value, attributes) in expected.items():
        if name not in got:
            yield _line(f"cookie {name}", value, None)
            continue
        if attributes != got[name][1] or (value in ("", '""')) != (got[name][0] in ("", '""')):
            yield _line(f"cookie {name}", sorted(attributes), sorted(got[name][1]))
        memory.learn(value.strip('"'), got[name][0])
    for name in got.keys() - expected.keys():
        yield _line(f"cookie {name}", None, got[name][0])


def _read_cookies(header: str) -> dict[str, tuple[str, frozenset[str]]]:
    found = {}
    for name, value, rest in _COOKIE.findall(header):
        attributes = (part.strip().lower() for part in rest.split(";") if part.strip())
        found[name] = (value, frozenset(a for a in attributes if not a.startswith("expires=")))
    return found


def _body(entry: Entry, answer: Answer, memory: Memory) -> Iterator[str]:
    recorded = entry.answer
    if isinstance(recorded, dict) and recorded.keys() == {"base64", "decoded"}:
        yield from _packed(recorded["decoded"], answer.content, memory)
        return
    text = answer.content.decode("utf-8", "replace")
    if isinstance(recorded, dict) and list(recorded) == ["invalid_json_text"]:
        recorded = recorded["invalid_json_text"]  # a plain text under a JSON type
    elif "json" in _media(entry.answer_headers) and (text or recorded != ""):
        try:
            yield from _values(_read_repr(recorded), json.loads(text), memory)
        except ValueError:
            yield _line("body", recorded, text)
        return
    yield from _texts(recorded, text, entry.note, memory)


def _read_repr(recorded: Any) -> Any:
    """Return the list that the recorder wrote down as Python prints it (`/df/` as JSON)."""
    if isinstance(recorded, str) and recorded.startswith("[{'"):
        return ast.literal_eval(recorded)
    return recorded


def _packed(recorded: Any, content: bytes, memory: Memory) -> Iterator[str]:
    try:
        # for such bodies only
        import msgpack  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        yield "body: is MessagePack; install the package msgpack to compare it"
        return
    try:
        own = msgpack.unpackb(content)
    except ValueError as error:
        yield f"body: is no MessagePack: {error}"
    else:
        yield from _values(recorded, own, memory)


def _texts(recorded: str, own: str, note: str, memory: Memory) -> Iterator[str]:
    cut = _LONG_TEXT.search(note)
    if cut and len(own) != int(cut[1]):
        yield _line("length of body", int(cut[1]), len(own))
    own = own[: len(recorded)] if cut else own
    if memory.fits(recorded, own):
        return
    lines, own_lines = recorded.splitlines(), own.splitlines()
    if len(lines) != len(own_lines):
        yield _line("lines of body", len(lines), len(own_lines))
    for number, (line, own_line) in enumerate(zip(lines, own_lines), 1):
        if not memory.fits(line, own_line):
            yield _line(f"body line {number}", line, own_line)
            return
    yield _line("body", recorded, own)


def _values(recorded: Any, own: Any, memory: Memory, path: str = "body") -> Iterator[str]:
    """Yield the differences of two JSON values; the order of keys does not matter."""
    if isinstance(recorded, dict) and isinstance(own, dict):
        yield from _objects(recorded, own, memory, path)
    elif isinstance(recorded, list) and isinstance(own, list):
        if len(recorded) != len(own):
            yield _line(f"{path}.length", len(recorded), len(own))
        for number, (item, own_item) in enumerate(zip(recorded, own)):
            yield from _values(item, own_item, memory, f"{path}[{number}]")
    elif isinstance(recorded, str) and isinstance(own, str):
        if not memory.fits(recorded, own) and not memory.fits_by_key(_key(path), recorded, own):
            yield _line(path, recorded, own)
    elif type(recorded) is not type(own) or recorded != own:  # 1 and 1.0 and true differ
        yield _line(path, recorded, own)


def _objects(
    recorded: dict[str, Any], own: dict[str, Any], memory: Memory, path: str
) -> Iterator[str]:
    cut = _LONG_LIST.search(recorded.get("_recorder_note", ""))
    for key in sorted((recorded.keys() | own.keys()) - {"_recorder_note"}):
        place = f"{path}.{key}"
        if key not in own:
            yield f"{place}: is missing (recorded {_short(recorded[key])})"
        elif key not in recorded:
            yield f"{place}: is too much ({_short(own[key])})"
        elif cut and key == "results" and isinstance(own[key], list):
            if len(own[key]) != int(cut[1]):
                yield _line(f"{place}.length", int(cut[1]), len(own[key]))
            ends = own[key][:KEPT_ITEMS] + own[key][-KEPT_ITEMS:]
            yield from _values(recorded[key], ends, memory, place)
        else:
            yield from _values(recorded[key], own[key], memory, place)


def _key(path: str) -> str:
    return path.rpartition(".")[2]


def _line(place: str, recorded: Any, own: Any) -> str:
    return f"{place}: {_short(recorded)} != {_short(own)}"


def _short(value: Any) -> str:
    text = "absent" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LINE else text[:_LINE] + "..."
