"""Which form an answer has: formats, suffixes, Accept headers, pages, msgpack."""

from __future__ import annotations

import json

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.local.web.errors import ApiError, bad_request, not_found
from iotile_cloud.local.web.messages import Request, json_reply
from iotile_cloud.local.web.render import API, PACKED_API, error_text, negotiated

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PACKED = {"Accept": "application/msgpack"}
EVENTS = "s--0000-0001--0000-0000-0000-000a--5002"


def chosen(query="", suffix="", forms=API, **headers):
    return negotiated(Request("GET", "/", query, headers), forms, suffix).format


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("application/json; charset=utf-8", "json"),
        ("application/*", "json"),
        ("text/*", "api"),
        ("TEXT/HTML", "api"),
        (BROWSER, "api"),
        ("*/*, text/html", "api"),
        ("text/html, application/json", "json"),
        ("application/xml, */*;q=0.1", "json"),
    ],
)
def test_accept(accept, form):
    """The most exact range decides, then the order of the route's forms."""
    assert chosen(Accept=accept) == form


@pytest.mark.parametrize("accept", ["application/xml", "text", ";", "application/msgpack", "a/*"])
def test_nothing_acceptable_is_406(accept):
    """A range that fits no form is refused."""
    with pytest.raises(ApiError) as refusal:
        chosen(Accept=accept)
    assert refusal.value.reply.status == 406


@pytest.mark.parametrize(
    ("query", "suffix", "form"),
    [
        ("format=json", "", "json"),
        ("format=api", "", "api"),
        ("format=", "", "json"),
        ("", "json", "json"),
        ("format=api", "json", "json"),
    ],
)
def test_format(query, suffix, form):
    """The suffix of the path, else the argument, names the form."""
    assert chosen(query, suffix) == form


@pytest.mark.parametrize(("query", "suffix"), [("format=xml", ""), ("", "xml")])
def test_unknown_format_is_404(query, suffix):
    """A form that the route lacks is not found."""
    with pytest.raises(ApiError) as refusal:
        chosen(query, suffix)
    assert refusal.value.reply.status == 404


@given(st.text())
def test_any_accept_header_chooses_or_refuses(accept):
    """No Accept header fails in any other way."""
    try:
        found = chosen(Accept=accept, forms=PACKED_API)
    except ApiError as refusal:
        found = refusal.reply.status
    assert found in {"json", "msgpack", "api", 406}


def test_page_shows_the_data(ann):
    """A browser gets a page with the JSON in it, and a cookie for its forms."""
    reply = ann.get("/org/acme/", headers={"Accept": BROWSER})
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "&quot;slug&quot;: &quot;acme&quot;" in reply.text
    assert reply.headers["Set-Cookie"].startswith("csrftoken=")


def test_page_has_the_status_of_the_data(anybody):
    """A refusal is a page too, with the status of the refusal."""
    reply = anybody.get("/org/", headers={"Accept": BROWSER})
    assert reply.status_code == 401
    assert "401 Unauthorized" in reply.text


def test_page_is_safe(ann):
    """Nothing that a user wrote becomes a part of the page."""
    ann.patch("/account/ann/", json={"name": "<script>alert(1)</script>"})
    assert "<script>" not in ann.get("/account/ann/?format=api").text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/org/acme.json", 200), ("/org.json", 200), ("/org.json/", 200), ("/org/acme.xml", 404)],
)
def test_suffix(ann, path, status):
    """A path may end in the name of a form."""
    reply = ann.get(path)
    assert reply.status_code == status
    assert reply.headers["Content-Type"] == "application/json"


def test_msgpack_out(ann):
    """Events come as msgpack to whoever accepts it, with times as text."""
    reply = ann.get(f"/event/?filter={EVENTS}&page_size=1", headers=PACKED)
    assert reply.headers["Content-Type"] == "application/msgpack"
    row = msgpack.unpackb(reply.content)["results"][0]
    assert (row["timestamp"], row["extra_data"]) == ("2020-01-01T00:00:01Z", {"n": 1})


def test_msgpack_in(ann):
    """Events may be posted as msgpack."""
    event = {"stream": EVENTS, "timestamp": "2020-02-01T00:00:00Z", "extra_data": {"m": 1}}
    headers = {"Content-Type": "application/msgpack"}
    reply = ann.post("/event/", data=msgpack.packb(event), headers=headers)
    assert (reply.status_code, reply.json()["extra_data"]) == (201, {"m": 1})


@pytest.mark.parametrize(
    "body",
    [b"\xc1", b"\x81", b"\xa5", msgpack.packb({"a": b"\xff"}), msgpack.packb({"a": float("nan")})],
)
def test_broken_msgpack_is_400(ann, body):
    """What is no msgpack, or could not be said in JSON, is refused."""
    reply = ann.post("/event/", data=body, headers={"Content-Type": "application/msgpack"})
    assert reply.status_code == 400
    assert "MessagePack parse error" in reply.text


@pytest.mark.parametrize("path", ["/data/", "/org/"])
def test_other_resources_know_no_msgpack(ann, path):
    """Everywhere else msgpack is neither taken nor given."""
    assert ann.get(path, headers=PACKED).status_code == 406
    sent = ann.post(path, data=b"\x80", headers={"Content-Type": "application/msgpack"})
    assert sent.status_code == 415


@pytest.mark.parametrize(
    ("error", "text"),
    [(not_found(), b"Error: Not found."), (bad_request("no"), b"Error: no")],
)
def test_error_of_a_table_is_plain_text(error, text):
    """A table's error is a line of text in the type of the table."""
    reply = error_text("json", "application/json").render(error.reply)
    assert (reply.content_type, reply.body) == ("application/json; charset=utf-8", text)


def test_data_of_a_table_stays():
    """What a table's handler wrote goes out as it is."""
    reply = json_reply([1])
    assert json.loads(error_text("json", "application/json").render(reply).body) == [1]
