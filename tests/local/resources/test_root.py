"""The list of resources, and which server this is."""

from __future__ import annotations


def test_every_listed_resource_is_served(cloud, anybody):
    """The root names absolute URLs, and something answers at each."""
    listed = anybody.get("/").json()
    assert listed["org"] == f"{cloud.url}/api/v1/org/"
    for url in listed.values():
        assert anybody.get(url).status_code in (200, 401), url


def test_root_behind_a_proxy(anybody):
    """The scheme is the one that the proxy was asked with."""
    listed = anybody.get("/", headers={"X-Forwarded-Proto": "https"}).json()
    assert all(url.startswith("https://") for url in listed.values())
