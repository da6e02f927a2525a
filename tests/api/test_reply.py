"""What a finished reply means: a value, or one of the errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.api import exceptions
from iotile_cloud.api._reply import (
    error_of,
    first_words,
    json_of,
    object_of,
    scrub,
    value_of,
    words_of,
)

URL = "http://host/api/v1/org/x/"
JSON = "application/json"


def made(status: int, content: Any = b"", kind: str = JSON, **headers: str) -> requests.Response:
    """Return a reply made by hand, as scripts do in their own tests."""
    response = requests.Response()
    response.status_code = status
    response._content = content
    response.url = URL + "?page=2"
    response.headers.update({"Content-Type": kind, **headers})
    response.request = requests.Request(
        "POST", response.url, headers={"Authorization": "jwt hush", "Accept": "x"}, data=b"hush"
    ).prepare()
    return response


@pytest.mark.parametrize(
    ("response", "value"),
    [
        (made(200, b'{"a": 1}'), {"a": 1}),
        (made(201, b"[]", "application/json; charset=utf-8"), []),
        (made(200, b"null"), None),
        (made(200, b'{"a": 1}', "application/vnd.api+JSON"), {"a": 1}),
        (made(200, b' {"a": 1}', "text/plain"), {"a": 1}),
        (made(200, b"[1]", ""), [1]),
        (made(200, b"{a,b}", "text/csv"), b"{a,b}"),
        (made(200, b"12", "text/csv"), b"12"),
        (made(200, b'{"a": 1}\n{"a": 2}', "application/x-ndjson"), b'{"a": 1}\n{"a": 2}'),
        (made(200, b"a,b", "text/csv"), b"a,b"),
        (made(200, b"<html>", "text/html"), b"<html>"),
        (made(200), b""),
        (made(200, None), b""),
        (made(204), None),
        (made(205, b"x", "text/plain"), None),
    ],
)
def test_the_value_of_a_good_reply(response: requests.Response, value: Any) -> None:
    """JSON is decoded, "no content" is None, and all else is the raw bytes."""
    assert value_of(response) == value
    assert type(value_of(response)) is type(value)


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 200_000])
def test_json_that_cannot_be_read_is_an_error(content: bytes) -> None:
    """What claims to be JSON and is not raises, and the error keeps the bytes."""
    with pytest.raises(exceptions.HttpUnexpectedReplyError, match="JSON was expected") as caught:
        value_of(made(200, content))
    assert caught.value.content == content
    assert caught.value.status_code == 200


def test_a_page_of_html_for_json_is_named_with_its_first_words() -> None:
    """A proxy's page is told from the server's answer at a glance."""
    with pytest.raises(exceptions.HttpUnexpectedReplyError) as caught:
        json_of(made(200, b"<html><h1>Hotel Wi-Fi</h1></html>", "text/html"))
    assert str(caught.value) == (
        f"JSON was expected from {URL}, and this text/html is none: 'Hotel Wi-Fi'"
    )
    assert caught.value.url == URL
    assert caught.value.detail == "Hotel Wi-Fi"


def test_an_object_is_needed_where_its_fields_are_read() -> None:
    """A JSON text or list is an error that shows it."""
    assert object_of(made(200, b'{"jwt": "x"}')) == {"jwt": "x"}
    with pytest.raises(exceptions.HttpUnexpectedReplyError, match=r"a JSON object .* not '\[1\]'"):
        object_of(made(200, b"[1]"))


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_2xx_is_no_error(status: int) -> None:
    """A good reply has no error."""
    assert error_of(made(status)) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, exceptions.HttpBadRequestError),
        (401, exceptions.HttpAuthenticationError),
        (403, exceptions.HttpPermissionError),
        (404, exceptions.HttpNotFoundError),
        (405, exceptions.HttpClientError),
        (409, exceptions.HttpConflictError),
        (429, exceptions.HttpTooManyRequestsError),
        (500, exceptions.HttpServerError),
        (503, exceptions.HttpServerError),
        (301, exceptions.HttpRedirectError),
        (304, exceptions.HttpRedirectError),
    ],
)
def test_each_status_has_its_leaf(status: int, kind: type[Exception]) -> None:
    """The class of the error follows from the status alone."""
    assert type(error_of(made(status))) is kind


@pytest.mark.parametrize(("status", "start"), [(404, "Client Error"), (500, "Server Error")])
def test_the_text_begins_as_published_and_goes_on_with_the_words(status: int, start: str) -> None:
    """First title, status and URL without query, then method and the server's words."""
    error = error_of(made(status, b'{"detail": "Not found."}'))
    assert str(error) == f"{start} {status}: {URL} (POST: Not found.)"


def test_the_text_without_words_is_as_published() -> None:
    """With no request and no body there is nothing to add."""
    response = made(404, None)
    response.request = None  # type: ignore[assignment]
    assert str(error_of(response, "http://h/x/")) == "Client Error 404: http://h/x/"


def test_a_refused_redirect_names_the_location() -> None:
    """The caller sees where the server wanted it to go."""
    error = error_of(made(301, Location="https://host/"))
    assert isinstance(error, exceptions.HttpRedirectError)
    assert error.location == "https://host/"
    assert str(error) == f"Redirect 301: {URL} (not followed; Location: https://host/)"


def test_a_redirect_to_nowhere_says_so() -> None:
    """A missing Location is named as such."""
    assert "Location: none" in str(error_of(made(302)))


def test_an_error_tells_all_about_the_reply() -> None:
    """Method, URL, status, reply, bytes, words and Retry-After are attributes."""
    response = made(429, b'{"detail": "Slow down."}', **{"Retry-After": "7"})
    error: Any = error_of(response)
    assert (error.method, error.url, error.status_code) == ("POST", URL, 429)
    assert error.response is response
    assert error.content == b'{"detail": "Slow down."}'
    assert (error.detail, error.retry_after) == ("Slow down.", 7.0)


SHAPES: list[tuple[Any, str]] = [
    ({"detail": "Not found."}, "Not found."),
    ({"name": ["Too long."], "slug": ["Taken.", "Bad."]}, "name: Too long.; slug: Taken. Bad."),
    ({"non_field_errors": ["Unable to log in."]}, "Unable to log in."),
    (["Passwords did not match"], "Passwords did not match"),
    ([{}, {"stream": ["Required."]}], "item 1: stream: Required."),
    ({"error": "Restricted Access."}, "Restricted Access."),
    ({"msg": "No key available"}, "No key available"),
    ("User not recognized.", "User not recognized."),
    ({"a": {"b": ["c"]}}, "a: b: c"),
    ({"a": None, "b": []}, ""),
    (None, ""),
]


@pytest.mark.parametrize(("body", "words"), SHAPES)
def test_every_shape_of_error_body_is_read(body: Any, words: str) -> None:
    """The server's words come out as one line, whatever JSON they came in."""
    assert words_of(json.dumps(body).encode(), JSON) == words


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"Error: no such stream", JSON, "Error: no such stream"),
        (b"<h1>502 Bad &amp; Gone</h1>\n<hr>nginx", "text/html", "502 Bad & Gone nginx"),
        (b"<script>if (a < b) {}</script><!-- x > y --><p>Sorry", "text/html", "Sorry"),
        (b" <html><p>No type", "", "No type"),
        (b"<head><title>Gone</title></head><h1>Gone</h1>", "text/html", "Gone"),
        (b"<head><title>Gone</title></head><body></body>", "text/html", "Gone"),
        (b"<header>Gone</header><p>away</p>", "text/html", "Gone away"),
        (b"a < b and b > c", "text/plain", "a < b and b > c"),
        (b"\xff\xfe", "text/plain", "\ufffd\ufffd"),
        (b"", "text/html", ""),
    ],
)
def test_words_that_are_no_json(content: bytes, kind: str, words: str) -> None:
    """Markup is dropped, plain text stays, and bytes that are no text are shown as such."""
    assert words_of(content, kind) == words


def test_words_are_cut_at_a_length_that_can_be_read() -> None:
    """A long body does not flood the log; the cut is marked."""
    words = words_of(b"word " * 10_000, "text/plain")
    assert len(words) == 500
    assert words.endswith("\u2026")


@pytest.mark.parametrize("content", [b'"\\u001b[2Jred\\u0000"', b'"\\ud800[2Jred"', b"\x1b[2Jred"])
def test_words_cannot_steer_a_terminal(content: bytes) -> None:
    """Control characters and halves of characters do not get into an error's text."""
    assert words_of(content, JSON) == "[2Jred"


@pytest.mark.parametrize("content", [b"[" * 200_000, b'{"a":' * 900 + b"1" + b"}" * 900])
def test_words_nested_without_measure_are_shown_as_text(content: bytes) -> None:
    """A hostile body does not hide the error by another one."""
    assert words_of(content, JSON)


@given(st.binary(), st.sampled_from([JSON, "text/html", ""]))
def test_words_never_raise(content: bytes, kind: str) -> None:
    """Any bytes have words that are one printable line of bounded length."""
    for words in (words_of(content, kind), first_words(content, kind)):
        assert len(words) <= 500
        assert words.isprintable()


JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=8,
)


@given(JSON_VALUES)
def test_words_of_any_json_never_raise(value: Any) -> None:
    """Any JSON value has words."""
    assert words_of(json.dumps(value).encode(), JSON).isprintable()


def test_a_reply_is_scrubbed_with_its_history() -> None:
    """Neither its own request nor those of its redirects keep credentials or bodies."""
    response = made(404)
    response.history = [made(301)]
    scrub(response)
    for each in (response, *response.history):
        assert "Authorization" not in each.request.headers
        assert each.request.headers["Accept"] == "x"
        assert each.request.body is None
        assert (each.request.method, each.request.url) == ("POST", URL + "?page=2")


def test_scrubbing_leaves_the_request_that_was_sent_as_it_is() -> None:
    """Others may hold it: an error gets a copy."""
    response = made(404)
    sent = response.request
    scrub(response)
    assert sent.headers["Authorization"] == "jwt hush"
