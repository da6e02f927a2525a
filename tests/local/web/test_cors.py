"""What pages of other sites may do: everything, and their browsers are told so."""

from __future__ import annotations

import pytest

ORIGIN = {"Origin": "https://page.example"}
ASKS = {**ORIGIN, "Access-Control-Request-Method": "POST"}


@pytest.mark.parametrize("path", ["/org/", "/no-such-path/"])
def test_preflight_allows_everything(anybody, path):
    """A preflight is answered without credentials, whatever the path."""
    reply = anybody.options(path, headers=ASKS)
    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]
    assert reply.headers["Access-Control-Allow-Credentials"] == "true"
    assert reply.headers["Access-Control-Allow-Methods"] == "DELETE, GET, OPTIONS, PATCH, POST, PUT"
    assert "authorization" in reply.headers["Access-Control-Allow-Headers"]
    assert reply.headers["Access-Control-Max-Age"] == "86400"


@pytest.mark.parametrize(("path", "status"), [("/server/", 200), ("/org/", 401), ("/x/", 404)])
def test_origin_is_echoed(anybody, path, status):
    """Every answer to a page, a refusal too, may be read by it."""
    reply = anybody.get(path, headers=ORIGIN)
    assert reply.status_code == status
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]


def test_without_origin_no_header(anybody):
    """Whoever is no page gets none of these headers."""
    assert "Access-Control-Allow-Origin" not in anybody.get("/server/").headers


def test_options_without_the_question_is_metadata(anybody):
    """OPTIONS alone is no preflight, and needs credentials."""
    assert anybody.options("/org/", headers=ORIGIN).status_code == 401
