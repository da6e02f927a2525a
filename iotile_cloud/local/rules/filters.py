"""The arguments that narrow a listing, as makers of tests: `equals("org")(call, text)(record)`.

Knows nothing of which resource has which arguments.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..readings.slugs import full_slug
from ..readings.windows import micros, required_micros, required_number
from ..storage.store import Record
from ..web.errors import bad_fields, not_found
from .fields import Call
from .validate import uuid_text

__all__ = [
    "contains",
    "equals",
    "existing",
    "has_property",
    "in_project",
    "of_author",
    "of_number",
    "of_time",
    "truth",
]

Test = Callable[[Record], bool]
Filter = Callable[[Call, str], Test]


def equals(field: str, convert: Callable[[str], Any] = str) -> Filter:
    """Keep the records whose `field` is the text; text that does not convert matches nothing."""

    def make(call: Call, text: str) -> Test:
        try:
            wanted = convert(text)
        except ValueError:
            return lambda record: False
        return lambda record: bool(record.get(field) == wanted)

    return make


def contains(field: str) -> Filter:
    """Keep the records whose `field` contains the text, in any case."""
    return lambda call, text: lambda record: text.lower() in record[field].lower()


def existing(kind: str, field: str) -> Filter:
    """Keep the records whose `field` is the slug of a record of `kind`, which must exist."""

    def make(call: Call, text: str) -> Test:
        if call.store.get(kind, text) is None:
            raise not_found()
        return lambda record: bool(record.get(field) == text)

    return make


def of_author(call: Call, text: str) -> Test:
    """Keep the records made by the user with this number, who must exist."""
    number = int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None
    author = call.store.find("account", id=number)
    if author is None:
        text = "Select a valid choice. That choice is not one of the available choices."
        raise bad_fields({"created_by": [text]})
    slug = author["slug"]
    return lambda record: bool(record.get("created_by") == slug)


def of_number(field: str, name: str = "") -> Filter:
    """Keep the records whose `field` is the number that the text says.

    Args:
        name: what the query argument is called, where that is not as the field.
    """

    def make(call: Call, text: str) -> Test:
        wanted = required_number(text, name or field)
        return lambda record: record.get(field) == wanted

    return make


def in_project(field: str) -> Filter:
    """Keep the records of a project given by UUID or slug (short too); nonsense matches none.

    Args:
        field: "id" when the records name their project by its UUID, else "slug".
    """

    def make(call: Call, text: str) -> Test:
        key = uuid_text(text)
        find, get = call.store.find, call.store.get
        project = get("project", key) if key else find("project", slug=full_slug(text))
        wanted = (project or {}).get(field)
        return lambda record: wanted is not None and record.get("project") == wanted

    return make


def has_property(call: Call, text: str) -> Test:
    """Keep the records with a property of this name, or (`<name>__<value>`) with this text."""
    name, _, value = text.partition("__")
    found = [p for p in call.store.all("property") if p["name"] == name]
    targets = {p["target"] for p in found if not value or p["value"] == value}
    return lambda record: record["slug"] in targets


def truth(field: str) -> Filter:
    """Keep the records whose `field` is the boolean that the text says; nonsense keeps all."""

    def make(call: Call, text: str) -> Test:
        wanted = {"true": True, "1": True, "false": False, "0": False}.get(text.lower())
        return lambda record: wanted is None or bool(record[field]) == wanted

    return make


def of_time(field: str, name: str) -> Filter:
    """Keep the records whose time `field` is from `start` on, or before `end`."""

    def make(call: Call, text: str) -> Test:
        limit = required_micros(text, name)

        def test(record: Record) -> bool:
            if record[field] is None:
                return False
            moment = micros(record[field])
            return moment >= limit if name == "start" else moment < limit

        return test

    return make
