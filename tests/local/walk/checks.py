"""What must hold after every request: about the reply alone, and about what the store has.

Knows HTTP, and who belongs where.  Does not know how a request was made up.
"""

from __future__ import annotations

import json

import msgpack

from iotile_cloud.local.access.permissions import orgs_of
from iotile_cloud.local.storage.tables import TABLES

SAFE = ("GET", "HEAD", "OPTIONS")
# Part of a path, kind of record: what is made when it is asked for, the lasting token of a user
# and the file of an event's raw data.
MADE_ON_READING = (("/auth/token", "account"), ("/url", "file"))
OWNING = ("project", "device", "datablock", "stream", "alias", "filter", "fleet")
PARTS = ("filter/state", "key")  # kinds whose slug is one of its owner's only
OWNERS = ("org", "alias", "filter", "project", "device", "block", "stream", "target")


def check_reply(request, reply):
    """Check that a reply is whole by itself; return its data when it is JSON."""
    assert reply.status != 500, "the server failed"
    names = {name for name, _ in reply.headers}
    if reply.status == 204:
        assert not reply.body, "204 with a body"
        return None
    if reply.status == 405:
        assert "Allow" in names, "405 without Allow"
    if reply.status == 401 and "/auth/login" not in request.path:  # nor does the server there
        assert "WWW-Authenticate" in names, "401 without WWW-Authenticate"
    for name, value in reply.headers:
        assert not set("\r\n\0") & set(name + value), f"{name} with a line end"
    if reply.content_type == "application/json":
        return json.loads(reply.body, parse_constant=_no_constant)
    if reply.content_type == "application/msgpack":
        return msgpack.unpackb(reply.body)
    if reply.content_type.startswith("text/"):
        reply.body.decode()
    return None


def _no_constant(text):
    raise AssertionError(f"{text} in JSON")


class Watch:
    """Looks for changes of a store, and for what memory and database have differently."""

    def __init__(self, store):
        self.store = store
        self._changes = self._count()
        self.records, self.rows = self._look()

    def _count(self):
        return self._ask("SELECT total_changes()")[0][0]

    def _ask(self, query):
        return self.store._database.query(query)

    def _look(self):
        found = self._ask("SELECT kind, key, body FROM record")
        rows = [
            self._ask(f"SELECT COUNT(*), TOTAL(id), TOTAL(timestamp) FROM {name}")[0]
            for name in TABLES
        ]
        return {(kind, key): body for kind, key, body in found}, rows

    def changed(self):
        """Return the records that changed since the last time, before and after; and rows added."""
        if self._count() == self._changes:
            return [], (0, 0)
        self._changes = self._count()
        (old, rows), (self.records, self.rows) = (self.records, self.rows), self._look()
        keys = [key for key in {**old, **self.records} if old.get(key) != self.records.get(key)]
        differing = [(key[0], _read(old, key), _read(self.records, key)) for key in keys]
        # What moves between streams changes neither count nor sums; then records change too.
        added = tuple(new[0] - was[0] for was, new in zip(rows, self.rows))
        if not differing and rows != self.rows and added == (0, 0):
            differing = [("row", None, None)]
        return differing, added

    def check_memory(self):
        """Check that memory has what the database has, and that no name is given twice."""
        kinds = {}
        for (kind, key), body in self.records.items():
            record = self.store.get(kind, json.loads(key))
            assert record is not None, f"{kind} {key} is not in memory"
            assert json.loads(json.dumps(record)) == json.loads(body), (
                f"{kind} {key} differs in memory"
            )
            kinds.setdefault(kind, []).append(record)
        for kind, records in kinds.items():
            assert len(list(self.store.all(kind))) == len(records), f"{kind}: more in memory"
            for name in ("id",) if kind in PARTS else ("id", "slug"):
                values = [str(r[name]) for r in records if r.get(name) is not None]
                assert len(values) == len(set(values)), f"two records of {kind} have one {name}"


def _read(records, key):
    body = records.get(key)
    return body and json.loads(body)


def org_of(store, record):
    """Return the organisation that a record or a listed row belongs to, or None: nobody's."""
    for name in OWNERS:
        value = record.get(name)
        if name == "org" and isinstance(value, str) and "/" not in value:
            return value
        if not value or not isinstance(value, str):
            continue
        owners = (store.get(kind, value) or store.find(kind, slug=value) for kind in OWNING)
        return next((owner.get("org") for owner in owners if owner is not None), None)
    return None


def orgs_of_person(store, person):
    """Return the organisations whose records `person` may see without `staff=1`."""
    user = store.get("account", person.name) if person.name else None
    return (orgs_of(store, user) if user else set()) | {person.org}
