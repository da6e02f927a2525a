"""What may stand in a field, a query or a path: fitting values of every kind, and unfitting ones.

Draws from what a store holds.  Knows nothing of routes.
"""

from __future__ import annotations

import inspect
import re
from uuid import UUID

from iotile_cloud.local import resources
from iotile_cloud.local.routes import FIELDS
from iotile_cloud.local.rules.fields import Resource
from iotile_cloud.local.storage.rows import EVERYTHING
from iotile_cloud.local.storage.store import KEYS

from .checks import org_of

MODULES = [module for module in vars(resources).values() if inspect.ismodule(module)]
RESOURCES = [r for module in MODULES for r in vars(module).values() if isinstance(r, Resource)]
KINDS = sorted({*KEYS, *FIELDS, "data", *(r.kind for r in RESOURCES)} - {"api_key", "file"})

DEEP = ["x"]
for _ in range(300):
    DEEP = [DEEP]

BAD = (
    *(None, "", " ", 0, -1, True, False, 1.5, -0.0, 1e308, float("nan"), float("inf")),
    *(1 << 31, -(1 << 31) - 1, (1 << 63) - 1, 1 << 63, 10**30, 10**400, "1" * 5000),
    *([], {}, [[]], [None], [{}], {"a": None}, {"": ""}, {"slug": "acme"}, DEEP),
    *("\0", "a\0b", "\ud800", "\udfff x", "x" * 300, "é" * 70, "\u202e", "🦉", "%s", "'; --"),
    *(
        "nan",
        "Infinity",
        "1e999",
        "-1",
        "\uff11",
        "²",
        "0x10",
        "1_000",
        "+5",
        "null",
        "None",
        "a--",
    ),
    *("../..", "a/b", "{}", "[]", "[1]", "<b>", "__class__", "last", "all", "0", "1", "true"),
    *("d--", "d--0000-0000-0000-zzzz", "D--000A", "s--1--2", "--", "s--0001--000a--5001"),
)
TIMES = (
    *("2020-01-01T00:00:00Z", "2020-01-01T00:10:00", "2020-01-02T00:00:00+02:00"),
    *("2020-01-01 00:00:00.123456Z", "2020-01-01", "0001-01-01T00:00:00+14:00", "now"),
    *("9999-12-31T23:59:59-14:00", "2020-02-30T00:00:00Z", "2020-01-01T24:00:00Z", "1577836800"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59Z"),
)
# Names of fields -> the kind of record that they name, where that is called otherwise.
ALIASES = {"block": "datablock", "user": "account", "source_ref": "device", "slug": "device"}
TEXTS = ("A name", "Zürich", "5001", "ann@example.com", "str", "x", "Where", "12")
FLAGS = ("0", "1", "true", "False", "maybe")


def keys_of(kind, record):
    """Return what a record of `kind` may be called by."""
    names = dict.fromkeys((KEYS.get(kind, "slug"), "slug", "id"))
    return [record[name] for name in names if record.get(name) is not None]


def rewritten(rng, key):
    """Return `key` in another spelling: short, in capitals, without dashes, as a number."""
    text = str(key)
    ways = [str.upper, lambda t: re.sub(r"(?<=--)(0000-)+", "", t), lambda t: t.split("--")[-1]]
    ways += [lambda t: t.replace("-", ""), lambda t: t + " ", lambda t: t[:-1]]
    ways += [lambda t: str(UUID(int=rng.getrandbits(128))), lambda t: t[::-1]]
    return rng.choice(ways)(text)


class Pool:
    """Draws values that fit what a store holds.

    Args:
        rng: the chance.
        store: whose records are named.

    Attributes:
        orgs: whose records are named rather than others'.
        known: by the name of a field, what fits there; it cannot be guessed.
        wild: how often a value is another than what fits.
        part: the kind of record that an `id` alone names.
        words: the names and choices of the route that is asked.
    """

    def __init__(self, rng, store, known):
        self.rng = rng
        self.store = store
        self.known = known
        self.orgs = set()
        self.wild = 0.0
        self.part = ""
        self.words = []

    def key(self, kind="", name=""):
        """Return the `name` of a record of `kind` (or of any), mostly of one that is there."""
        rng = self.rng
        kind = kind or rng.choice(KINDS)
        rows = {"data": self.store.readings, "event": self.store.events}.get(kind)
        records = rows.select([EVERYTHING])[:40] if rows else list(self.store.all(kind))
        drawn = rng.choices(records, k=5) if records else [{"slug": "acme"}]
        own = (r for r in drawn if org_of(self.store, r) in self.orgs or r.get("slug") in self.orgs)
        record = next(own, drawn[0])
        keys = [record[name]] if name in record else keys_of(kind, record)
        key = keys[0] if rng.random() < 0.8 else rng.choice(keys)
        return rewritten(rng, key) if rng.random() < self.wild else key

    def target(self):
        """Return the slug of what notes and properties are about."""
        return self.key(self.rng.choice(["device", "device", "project", "datablock", "stream"]))

    def bad(self):
        """Return what fits nowhere, or only by chance."""
        return self.rng.choice(BAD)

    def fitting(self, field):
        """Return a value that `field` takes, as far as its table row tells."""
        rng = self.rng
        if field.name in self.known and rng.random() < 0.5:
            return self.known[field.name]
        least, most = field.limits
        plain = {
            "int": lambda: rng.choice([1, 5, 40, rng.randint(0, most), rng.choice([least, most])]),
            "float": lambda: rng.choice([0.5, -3, 1e6]),
            "decimal": lambda: rng.choice(["12.5", 3, "-70.123456"]),
            "bool": lambda: rng.random() < 0.5,
            "choice": lambda: rng.choice(field.options),
            "email": lambda: f"user{rng.randrange(99)}@example.com",
            "moment": lambda: rng.choice(TIMES if rng.random() < self.wild else TIMES[:4]),
            "date": lambda: "2020-01-01",
            "uuid": lambda: str(UUID(int=rng.getrandbits(128))),
            "json": lambda: rng.choice([{"a": [1]}, [], "x", None]),
            "object": lambda: {"error": "x"} if rng.random() < 0.3 else {"a": 1.5},
            "texts": lambda: [str(self.key("device"))],
            "unit": lambda: rng.choice(["in--temp--millikelvin", "out--temp--celsius"]),
            "related": lambda: self.key(*field.options),
        }
        if field.kind in plain:
            return plain[field.kind]()
        return self.guessed(field.name)

    def guessed(self, name):
        """Return a value for what is only known by its name."""
        rng = self.rng
        if name in self.known and rng.random() < 0.4:
            return self.known[name]
        if name == "target":
            return self.target()
        if name == "id" and self.part in KINDS:
            return self.key(self.part)
        name = name.replace("_slug", "")
        kind = ALIASES.get(name, name)
        chance = rng.random()
        if chance < self.wild:
            return rng.choice(BAD)
        if kind in KINDS and chance < 0.8:
            return self.key(kind)
        if name in ("start", "end", "timestamp") or name.endswith(("_on", "_at", "_ts")):
            return rng.choice(TIMES if rng.random() < self.wild else TIMES[:4])
        if name in ("page", "page_size", "lastn") or "id" in name or name.endswith(("_0", "_1")):
            return rng.choice([1, 2, 3, 7, 100, "last", rng.randint(-1, 10**6)])
        if name in ("staff", "all", "mask") or chance < 0.3:
            return rng.choice(FLAGS)
        return rng.choice([*TEXTS, *TIMES[:2], *self.words[:40], self.key(), rng.randrange(70000)])
