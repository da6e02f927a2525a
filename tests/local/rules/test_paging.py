"""Pages and their links."""

from __future__ import annotations

import pytest

STREAM = "s--0000-0001--0000-0000-0000-000a--5001"


@pytest.fixture
def page(ann):
    """Asks for a page of the 30 readings."""

    def get(headers=None, **query):
        return ann.get("/data/", params={"filter": STREAM, **query}, headers=headers)

    return get


def ids(reply):
    return [row["id"] for row in reply.json()["results"]]


def test_links_lead_through_all_rows(page, ann):
    """Following next gives every row once, and ends."""
    reply, seen = page(page_size=7), []
    while True:
        seen += ids(reply)
        if reply.json()["next"] is None:
            break
        reply = ann.get(reply.json()["next"])
    assert seen == list(range(1, 31))


def test_links_are_absolute_and_sorted(page, cloud):
    """Links carry every argument, sorted by name; page 1 is not named."""
    content = page(page_size=10, page=2, zeta="a b", alpha="").json()
    start = f"{cloud.url}/api/v1/data/?alpha=&filter={STREAM}"
    assert content["next"] == f"{start}&page=3&page_size=10&zeta=a+b"
    assert content["previous"] == f"{start}&page_size=10&zeta=a+b"


def test_links_follow_host_and_proxy(page):
    """Links are built from the Host header and X-Forwarded-Proto."""
    reply = page(page_size=10, headers={"Host": "cloud.example", "X-Forwarded-Proto": "https"})
    assert reply.json()["next"].startswith("https://cloud.example/api/v1/data/?")


def test_last_page(page):
    """page=last gives the last page, whose next is null."""
    reply = page(page_size=7, page="last")
    assert ids(reply) == [29, 30]
    assert reply.json()["next"] is None
    assert "page=4" in reply.json()["previous"]


@pytest.mark.parametrize("number", ["0", "-1", "6", "abc", "1.0", "\u0661", "9" * 5000])
def test_invalid_page(page, number):
    """A page that is not there is 404."""
    reply = page(page_size=7, page=number)
    assert (reply.status_code, reply.json()) == (404, {"detail": "Invalid page."})


@pytest.mark.parametrize("size", ["0", "-3", "abc", ""])
def test_nonsense_size_means_default(page, size):
    """A page size that makes no sense counts as not asked."""
    assert len(ids(page(page_size=size))) == 30


def test_size_is_clamped(ann, cloud, monkeypatch):
    """A page holds at most the maximum of its class, and next keeps the asked size."""
    for number in range(1200):
        cloud.engine.store.put(
            "org", {**cloud.engine.store.get("org", "acme"), "slug": f"o{number}"}
        )
    content = ann.get("/org/?page_size=5000").json()
    assert (content["count"], len(content["results"])) == (1201, 1000)
    assert content["next"].endswith("?page=2&page_size=5000")


def test_default_size(ann, cloud):
    """A listing shows 100 rows when nothing is asked."""
    for number in range(150):
        cloud.engine.store.put(
            "org", {**cloud.engine.store.get("org", "acme"), "slug": f"o{number}"}
        )
    assert len(ann.get("/org/").json()["results"]) == 100


def test_first_page_of_nothing(client_of):
    """An empty listing has a first page."""
    content = client_of("eve").get("/data/").json()
    assert content == {"count": 0, "next": None, "previous": None, "results": []}


@pytest.mark.parametrize("number", ["+2", " 2 ", "02"])
def test_page_in_other_words(page, number):
    """A number may have a sign, blanks around it, and zeros before it."""
    assert ids(page(page_size=7, page=number))[0] == 8


def test_no_page_size_is_too_great_to_be_clamped(page):
    """However many digits a page size has, it means the largest page there is."""
    assert len(ids(page(page_size="9" * 3000))) == 30
