"""The cloud that is walked over: the demo data, two organisations, and users of every role.

Knows descriptions and tokens.  Does not know what is asked.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from iotile_cloud.local.access.tokens import Signer
from iotile_cloud.local.engine import Engine
from iotile_cloud.local.routes import ROUTES
from iotile_cloud.local.seed import load
from iotile_cloud.local.storage.store import Store

NOW = 1600000000.0  # 2020-09-13T12:26:40Z
HOST = "cloud.test"
KEY = "a-key-of-acme"
STREAM = "s--0000-0001--0000-0000-0000-000a--5001"
REPORT = "00000000-0000-4000-8000-0000000000ff"
BLOCK = "b--0001-0000-0000-000a"
MADE = {"created_on": "2020-01-01T00:00:00Z", "created_by": "ann"}
ROLES = {"adam": "a1", "dora": "d1"}  # beside those of the small cloud


@dataclass(frozen=True)
class Person:
    """Somebody who asks.

    Attributes:
        name: the user, or "" for nobody.
        headers: what says so.
        org: the organisation, when it is a key of one that asks.
    """

    name: str
    headers: dict[str, str]
    org: str = ""


NOBODY = Person("", {})


def crowded(small):
    """Return the description of the small cloud with more users, and more kinds of records."""
    full = deepcopy(small)
    for key in ("users", "events", "data", "streamers"):  # the demo has the same numbers
        for record in full[key]:
            record["id"] += 100_000
    for number, (name, role) in enumerate(ROLES.items(), start=20):
        person = {"id": number, "slug": name, "username": name, "password": name}
        full["users"].append({**person, "email": f"{name}@example.com"})
        full["orgs"][0]["members"].append({"user": name, "role": role, "is_active": True})
    device = "d--0000-0000-0000-000a"
    full |= {
        "api_keys": [{"key": KEY, "org": "acme"}],
        "datablocks": [{"id": 1, "slug": BLOCK, "title": "B", "org": "acme", "block": 1, **MADE}],
        "properties": [
            {"name": "Where", "value": "here", "type": "str", "target": device, "org": "acme"}
        ],
        "notes": [
            {"target": target, "timestamp": "2020-01-02T00:00:00Z", "note": "n", **MADE}
            for target in (device, "d--0000-0000-0000-000c")
        ],
        "locations": [
            {"target": device, "timestamp": f"2020-01-0{n}T00:00:00Z", "lat": "1", "lon": "2"}
            for n in (1, 2)
        ],
        "aliases": [
            {
                "id": number,
                "slug": f"a--0000-0000-0000-000{number}",
                "name": "A",
                "org": org,
                **MADE,
                "taps": [{"id": number, "timestamp": "2020-01-01T00:00:00Z", "stream": stream}],
            }
            for number, org, stream in (
                (1, "acme", STREAM),
                (2, "other", "s--0000-0002--0000-0000-0000-000c--5001"),
            )
        ],
        "fleets": [
            {"id": 1, "slug": "g--0000-0000-0001", "name": "F", "org": "acme", "is_network": False}
        ],
        "filters": [
            {
                "id": 1,
                "slug": "f" + STREAM[1:],
                "project": "p--0000-0001",
                "variable": "v--0000-0001--5001",
                "device": device,
                "states": [{"id": 1, "slug": "a", "label": "a", "actions": []}],
                **MADE,
            }
        ],
        "generated_reports": [
            {
                "id": f"00000000-0000-4000-8000-0000000000f{n}",
                "label": "R",
                "org": "acme",
                "source_ref": device,
                **MADE,
            }
            for n in (1, 2)
        ],
        "property_templates": [
            {"org": "acme", "name": "T", "type": "str", "enums": ["a", "b"], **MADE}
        ],
    }
    return full


def full_store(small):
    """Return a store with the demo data and the crowded cloud."""
    store = Store()
    with store.transaction():
        load(store, "demo")
        load(store, crowded(small))
    return store


class Ticking:
    """A clock that goes on by a second whenever it is read."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        self.now += 1.0
        return self.now


def engine_over(store):
    """Return an engine that answers from `store`."""
    clock = Ticking()
    return Engine(store, Signer(store.secret, 1e9, clock), clock, ROUTES)


def people(engine):
    """Return everybody who may ask, most of them with a token."""
    store, signer = engine.store, engine.signer
    accounts = list(store.all("account"))
    found = [Person(u["slug"], {"Authorization": f"jwt {signer.issue(u)}"}) for u in accounts]
    for number, user in enumerate(accounts):
        token = {"slug": f"cookie{number}", "user": user["slug"], "ends": NOW * 2, "used": False}
        store.put("session", token)
        cookies = f"sessionid={token['slug']}; csrftoken=t"
        found.append(Person(user["slug"], {"Cookie": cookies, "X-CSRFToken": "t"}))
    device = {"user": "ann", "device": "d--0000-0000-0000-000a", "project": "x"}
    found += [
        Person("ann", {"Authorization": f"a-jwt {signer.sign(device)}"}),
        Person("", {"Authorization": f"Api-Key {KEY}"}, "acme"),
        NOBODY,
    ]
    signed = signer.sign({"username": "nobody", "user": "nobody", "device": "d--1"})
    broken = ["jwt x.y.z", "jwt", "token \udcff", "Api-Key", "Basic YTpi", "jwt é.é.é"]
    broken += [f"jwt {signed}", f"a-jwt {signed}", "token None", "\x00"]
    return found, [Person("", {"Authorization": text}) for text in broken]
