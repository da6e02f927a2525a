"""From what was typed to what is sent: paths, `key=value` and `--data`.

Knows no resource and no verb.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from ..api._path import origin

__all__ = ["body_of", "grouped", "path_of", "query_of"]

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)

Pairs = list[tuple[str, str]]


def path_of(text: str, base: str) -> tuple[list[str], Pairs]:
    """Return the segments below `base` that a typed path names, and the query behind its `?`.

    Args:
        text: a path with or without slashes around it, also with the prefix of the API; or a whole
            URL of the same server, such as the `next` of a page.
        base: the URL below which all resources lie.

    Raises:
        ValueError: the URL is of another server or not below `base`, or the path goes upwards.

    >>> path_of("/org/my-org/projects/", "https://iotile.cloud/api/v1")
    (['org', 'my-org', 'projects'], [])
    >>> path_of("https://iotile.cloud/api/v1/org/?page=2", "https://iotile.cloud/api/v1")
    (['org'], [('page', '2')])
    """
    path, _, query = text.partition("?")
    whole = bool(_URL.match(text))
    if whole:
        server = "{}://{}:{}".format(*origin(path))  # without a password that it may hold
        if origin(path) != origin(base):
            raise ValueError(f"the path is on {server}, not {base}; --domain chooses a server")
        path = urlsplit(path).path
    segments = [unquote(part) if whole else part for part in path.split("/") if part]
    prefix = [part for part in urlsplit(base).path.split("/") if part]
    if segments[: len(prefix)] == prefix:
        segments = segments[len(prefix) :]
    elif whole:
        raise ValueError(f"/{'/'.join(segments)}/ is not below {base}")
    if {".", ".."} & set(segments):
        raise ValueError(f"{path!r} goes upwards; expected a path such as org/my-org/projects")
    return segments, parse_qsl(query, keep_blank_values=True)


def query_of(words: Iterable[str]) -> Pairs:
    """Return the names and values of `key=value` words; a value may hold `=` and may be empty.

    Raises:
        ValueError: a word has no `=`, or nothing before it.

    >>> query_of(["project=p--0001", "id=1", "id=2"])
    [('project', 'p--0001'), ('id', '1'), ('id', '2')]
    """
    pairs = []
    for word in words:
        key, equals, value = word.partition("=")
        if not key or not equals:
            raise ValueError(f"{word!r} is no filter; expected key=value, such as page_size=10")
        pairs.append((key, value))
    return pairs


def body_of(text: str) -> bytes:
    """Return the JSON that `--data` names: the text itself, `@FILE`, or `@-` for stdin.

    It is sent as it was written, so nothing is lost in numbers.

    Raises:
        ValueError: it is no JSON; the message tells where.
        OSError: the file cannot be read.

    >>> body_of('{"label": "North Meter"}')
    b'{"label": "North Meter"}'
    """
    where = "--data"
    content = text.encode("utf-8", "surrogateescape")
    if text.startswith("@"):
        where = "stdin" if text == "@-" else text[1:]
        content = _read(text[1:])
    try:
        decoded = content.decode("utf-8-sig")
        json.loads(decoded, parse_constant=_refuse)
    except RecursionError:
        raise ValueError(f"{where} is no JSON that can be read: it is nested too deep") from None
    except ValueError as error:
        raise ValueError(f"{where} is no JSON: {error}") from None
    return decoded.encode("utf-8")


def _read(name: str) -> bytes:
    if name == "-":
        if sys.stdin is None:
            raise OSError("stdin is closed, so --data @- has nothing to read")
        return sys.stdin.buffer.read()
    with open(name, "rb") as file:
        return file.read()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"it does not know {constant}")


def grouped(pairs: Pairs) -> dict[str, Any]:
    """Return `pairs` as keywords: the values of each name in a list.

    >>> grouped([("id", "1"), ("id", "2")])
    {'id': ['1', '2']}
    """
    keywords: dict[str, Any] = {}
    for name, value in pairs:
        keywords.setdefault(name, []).append(value)
    return keywords
