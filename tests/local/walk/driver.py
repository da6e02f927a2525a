"""A walk: random requests one after the other, and after each the checks.

Knows when which check is due.  Knows nothing of how requests are made up.
"""

from __future__ import annotations

import logging
from random import Random
from urllib.parse import urlencode

from iotile_cloud.local.messages import Request

from .checks import MADE_ON_READING, SAFE, Watch, check_reply, org_of, orgs_of_person
from .drawing import Drawing
from .values import Pool
from .world import HOST, engine_over, people

EPISODE = 500  # requests before the world is made anew: much of it is gone by then
EVERY = 25  # requests between the dearer checks
# Listings that show what is others', as the server does, and records of nobody.
OPEN = ("note", "account", "vartype", "sg", "dt", "pt", "ot", "component")
OPEN_LISTS = tuple(f"/api/v1/{kind}/" for kind in OPEN)
# Kinds of records that are not an organisation's.
PERSONAL = ("account", "session", "store", "file", "invitation", "row")


class Errors(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.found = []

    def emit(self, record):
        self.found.append(self.format(record))


class Walk:
    """A walk over copies of one store.

    Args:
        store: where each episode starts.
        seed: what all chance comes from.
    """

    def __init__(self, store, seed):
        self.store = store
        self.seed = seed
        self.rng = Random(seed)
        self.statuses = {}
        self.latest = []

    def run(self, steps):
        """Take so many steps; return how often each route answered which status."""
        errors = Errors()
        log = logging.getLogger("iotile_cloud.local")
        log.addHandler(errors)
        propagate, log.propagate = log.propagate, False
        try:
            for number in range(steps):
                if number % EPISODE == 0:
                    self._begin()
                self._one(number, errors)
        finally:
            log.removeHandler(errors)
            log.propagate = propagate
        self._end()
        return self.statuses

    def _begin(self):
        if hasattr(self, "engine"):
            self._end()
        self.engine = engine_over(self.store.copy())
        self.people, self.strangers = people(self.engine)
        store = self.engine.store
        known = {"email": "ann@example.com", "username": "ann", "password": "ann-secret"}
        known["token"] = self.engine.signer.issue(store.get("account", "ann"))
        self.drawing = Drawing(self.rng, Pool(self.rng, store, known))
        self.watch = Watch(store)

    def _end(self):
        """Check that what was written is what memory had."""
        self.watch.check_memory()
        twin = self.engine.store.copy()
        assert Watch(twin).records == self.watch.records
        twin.close()
        self.engine.store.close()

    def _one(self, number, errors):
        person = self._person()
        request = self._request(person)
        self.latest = [*self.latest[-EVERY:], (request, person.name)]
        try:
            reply = self._answered(request, person, errors)
            if number % EVERY == 0:
                self.watch.check_memory()
                self._walk_pages(person)
        except Exception as error:
            asked = "\n".join(
                f"  {name or '-'}: {asked}"[:1500] for asked, name in self.latest[-3:]
            )
            where = f"seed {self.seed!r}, step {number}: {error}\n{asked}"
            raise AssertionError(where) from error
        self.statuses[reply.status] = self.statuses.get(reply.status, 0) + 1

    def _person(self):
        """Return who asks: often one who may do much."""
        chance = self.rng.random()
        if chance < 0.04:
            return self.rng.choice(self.strangers)
        if chance < 0.65:
            name = "root" if chance < 0.4 else "ann"
            return self.rng.choice([p for p in self.people if p.name == name])
        return self.rng.choice(self.people)

    def _request(self, person):
        orgs = orgs_of_person(self.engine.store, person) - {""}
        return self.drawing.request(person.headers, orgs)

    def _answered(self, request, person, errors):
        store = self.engine.store
        before = orgs_of_person(store, person)
        reply = self.engine.handle(request)
        assert not errors.found, errors.found[0]
        data = check_reply(request, reply)
        if isinstance(data, dict):
            self.drawing.follow(data)
        changed, added = self.watch.changed()
        self._check_change(request, reply, changed, added)
        user = store.get("account", person.name) or {}
        if reply.status < 400 and not user.get("is_staff"):
            orgs = before | orgs_of_person(store, person)
            self._check_writes(changed, orgs)
            if request.method == "GET" and isinstance(data, dict):
                self._check_listed(request, data, orgs)
        if request.path == "/api/v1/data/" and reply.status == 201:
            assert added[0] == data.get("count", 1), f"{added[0]} readings instead of {data}"
        return reply

    def _check_change(self, request, reply, changed, added):
        allowed = {"session", *(kind for end, kind in MADE_ON_READING if end in request.path)}
        if reply.status >= 400 or request.method in SAFE:
            other = [change for change in changed if change[0] not in allowed]
            assert not other, f"{request.method} -> {reply.status} changed {other}"
            assert added == (0, 0), f"{request.method} -> {reply.status} added rows"

    def _check_writes(self, changed, orgs):
        store = self.engine.store
        for kind, *states in changed:
            if kind in PERSONAL or (kind == "variable" and states[0] is None):
                continue  # anybody may make a variable anywhere, as on the server
            for record in filter(None, states):
                org = record["slug"] if kind == "org" else org_of(store, record)
                assert org is None or org in orgs, f"{kind} of {org} was changed: {states}"

    def _check_listed(self, request, data, orgs):
        results = data.get("results")
        if request.path in OPEN_LISTS or not isinstance(results, list):
            return
        for row in results:
            org = org_of(self.engine.store, row) if isinstance(row, dict) else None
            assert org is None or org in orgs, f"{org}'s {row} is listed"

    def _walk_pages(self, person):
        """Check that the pages of a listing hold each of its records once."""
        request = self._request(person)
        if request.method != "GET":
            return
        asked = dict(request.args)
        asked.pop("page", None)
        whole = self._page(request, {**asked, "page_size": "1000"})
        if whole is None or whole["count"] > 1000:
            return
        size = max(1, whole["count"] // 4)
        pages, number = [], 1
        while True:
            page = self._page(request, {**asked, "page_size": str(size), "page": str(number)})
            pages += page["results"]
            assert page["count"] == whole["count"], "the count is not the same on all pages"
            if page["next"] is None:
                break
            number += 1
        assert pages == whole["results"], f"{request.path}: the pages are not the whole"
        assert len(pages) == whole["count"], f"{request.path}: the count is wrong"
        names = [row["id"] for row in pages if isinstance(row, dict) and row.get("id")]
        assert len(names) == len(set(map(str, names))), f"{request.path}: listed twice"

    def _page(self, request, args):
        """Return a page of a listing, or None when it is none."""
        query = urlencode(args, errors="surrogatepass")
        headers = {name: value for name, value in request.headers.items() if name != "Accept"}
        reply = self.engine.handle(Request("GET", request.path, query, {**headers, "Host": HOST}))
        self.watch.changed()
        if reply.status != 200 or reply.content_type != "application/json":
            return None
        data = check_reply(request, reply)
        return data if isinstance(data, dict) and {"results", "next"} <= data.keys() else None
