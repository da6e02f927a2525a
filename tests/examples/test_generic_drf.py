"""The example for another service of Django REST framework, on a stand-in for one."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

TOKEN = "0123456789abcdef"


class Inventory:
    """A service with parts, two on a page, which wants its own kind of token."""

    def __init__(self, scripted):
        self.url = scripted.url
        self.asked = []
        self.orders = []
        self._reply = scripted.reply
        self._parts = [
            {"id": number, "name": name, "stock": stock}
            for number, name, stock in (
                (1, "bolt", 3),
                (2, "nut", 50),
                (3, "gear", 9),
                (7, "belt", 0),
            )
        ]
        scripted.play(always=self._answer)

    def _answer(self, request):
        asked = urlsplit(request.path)
        self.asked.append(f"{request.method} {asked.path}")
        if self.asked[-1] == "POST /rest/v2/session/open/":
            good = json.loads(request.body)["password"] == "demo"
            return self._reply(200, {"token": TOKEN}) if good else self._reply(400, {"error": "no"})
        if request.headers["Authorization"] != f"token {TOKEN}":
            return self._reply(401, {"detail": "Invalid token."})
        if self.asked[-1] == "GET /rest/v2/part/":
            return self._reply(200, self._page(parse_qs(asked.query)))
        if self.asked[-1] == "POST /rest/v2/session/close/":
            return self._reply(204)
        self.orders.append((asked.path, json.loads(request.body)))
        return self._reply(201, {"id": 100 + len(self.orders)})

    def _page(self, query):
        few = [one for one in self._parts if one["stock"] < int(query["stock__lt"][0])]
        page = int(query.get("page", ["1"])[0])
        more = f"{self.url}/rest/v2/part/?page={page + 1}" if page * 2 < len(few) else None
        return {"count": len(few), "next": more, "results": few[page * 2 - 2 : page * 2]}


@pytest.fixture
def inventory(scripted):
    return Inventory(scripted)


def test_parts_are_listed_and_ordered(example, run, inventory):
    """Login, all pages, orders and logout go where this service has them, with its token."""
    status, lines = run(example.LowParts, "--domain", inventory.url, "--order")
    assert status == 0
    assert lines == [
        *("bolt: 3 left", "  ordered as 101"),
        *("gear: 9 left", "  ordered as 102"),
        *("belt: 0 left", "  ordered as 103"),
    ]
    assert inventory.orders[-1] == ("/rest/v2/part/7/orders/", {"count": 10})
    assert inventory.asked[0] == "POST /rest/v2/session/open/"
    assert inventory.asked[-1] == "POST /rest/v2/session/close/"


def test_listing_orders_nothing(example, run, inventory):
    """Without `--order`, and with another limit, parts are only shown."""
    status, lines = run(example.LowParts, "--domain", inventory.url, "--below", 5)
    assert (status, lines, inventory.orders) == (0, ["bolt: 3 left", "belt: 0 left"], [])


def test_a_refused_login_is_a_failure(example, run, inventory, monkeypatch):
    """A wrong password ends in status 1, and nothing else is asked."""
    monkeypatch.setenv("IOTILE_CLOUD_PASSWORD", "wrong")
    assert run(example.LowParts, "--domain", inventory.url) == (1, [])
    assert inventory.asked == ["POST /rest/v2/session/open/"]
