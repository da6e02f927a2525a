"""A walk: random requests one after the other, and after each the checks.

Knows when which check is due.  Knows nothing of how requests are made up.
"""

from __future__ import annotations

import logging
from random import Random
from urllib.parse import urlencode

from iotile_cloud.local.routes import ROUTES
from iotile_cloud.local.storage.store import Store
from iotile_cloud.local.web.messages import Request

from .checks import MADE_ON_READING, SAFE, Watch, check_reply, org_of, orgs_of_person
from .drawing import Drawing
from .values import Pool
from .world import HOST, NOBODY, engine_over, people

EPISODE = 500  # requests before the world is made anew: much of it is gone by then
EVERY = 25  # requests between the dearer checks
# Words of paths that show everybody what is of one organisation, as on the server.
OPEN = ("template", "script", "note", "account", "vartype", "sg", "dt", "pt", "ot", "component")
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
        self.engine = None
        self.statuses = {}
        self.latest = []

    def run(self, steps, path):
        """Take so many steps; return how often each status came.

        Args:
            path: a file that the last world is written to and read from again.
        """
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
        self._check_file(path)
        self._end()
        return self.statuses

    def _begin(self):
        if self.engine is None:
            self._open(self.store)
            self._fill()
        else:
            self._end()
        self._open(self.store)

    def _open(self, store):
        """Make a world of a copy of `store`."""
        self.engine = engine_over(store.copy())
        store = self.engine.store
        self.people, self.strangers = people(self.engine)
        known = {"email": "ann@example.com", "username": "ann", "password": "ann-secret"}
        known["confirm_password"] = known["password"]
        known["token"] = self.engine.signer.issue(store.get("account", "ann"))
        self.drawing = Drawing(self.rng, Pool(self.rng, store, known))
        self.watch = Watch(store)

    def _fill(self):
        """Let staff make some of everything that can be made, where every episode starts."""
        headers = next(p.headers for p in self.people if p.name == "root")
        for route in [route for route in ROUTES if "POST" in route.handlers] * 3:
            request = self.drawing.creation(route, headers)
            reply = self.engine.handle(request)
            assert reply.status != 500, request
        self.store = self.engine.store

    def _end(self):
        """Check that what was written is what memory had."""
        self.watch.check_memory()
        twin = self.engine.store.copy()
        assert Watch(twin).records == self.watch.records
        twin.close()
        self.engine.store.close()

    def _check_file(self, path):
        """Check that a file gives back what was put into it."""
        store = self.engine.store
        kept = Store(path)
        store._database.copy_to(kept._database)
        kept.close()
        again = Store(path)
        seen = Watch(again)
        seen.check_memory()
        assert (seen.records, seen.rows) == (self.watch.records, self.watch.rows)
        again.close()

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
        if chance < 0.06:
            return self.rng.choice([*self.strangers, *[NOBODY] * 10])
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
            if "/streamer/report" not in request.path:  # taken for any device, as on the server
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
            if kind == "report/generated" and all(states) and _without_source(*states):
                continue  # an archive takes along what staff made of a device for others
            for record in filter(None, states):
                org = record["slug"] if kind == "org" else org_of(store, record)
                assert org is None or org in orgs, f"{kind} of {org} was changed: {states}"

    def _check_listed(self, request, data, orgs):
        words = request.path.replace(".", "/").split("/")
        tapped = request.args.get("filter", "").startswith("a--")  # checked when it was tapped
        if set(OPEN) & set(words) or tapped:
            return
        results = data.get("results")
        for row in results if isinstance(results, list) else [data]:
            org = org_of(self.engine.store, row) if isinstance(row, dict) else None
            assert org is None or org in orgs, f"{org}'s {row} is shown"

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
        assert len(pages) == whole["count"], f"{request.path}: the count is wrong"
        names, all_names = ([_name(row) for row in rows] for rows in (pages, whole["results"]))
        assert names == all_names, f"{request.path}: the pages are not the whole"
        assert len(names) == len(set(names)), f"{request.path}: listed twice"

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


def _name(row):
    """Return what tells a listed row from the others."""
    return str(row.get("id") or row.get("slug") or row) if isinstance(row, dict) else str(row)


def _without_source(before, after):
    """Tell whether two states of a report differ in what it is about, and in nothing else."""
    return {**before, "source_ref": after["source_ref"]} == after
