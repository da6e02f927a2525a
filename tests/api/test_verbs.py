"""What the verbs, uploads and listings of a resource send and return."""

from __future__ import annotations

import io
import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any, Callable

import pytest
import requests

from iotile_cloud.api import exceptions
from iotile_cloud.api.connection import Api, RestResource

Client = Callable[..., Api]
BASE = "http://host/api/v1/"


def made(**settings: Any) -> RestResource:
    """Return a resource made directly, as published."""
    return RestResource(base_url=BASE, **settings)


# -- verbs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete"])
def test_keywords_become_the_query(scripted: Any, client: Client, verb: str) -> None:
    """In every verb, and as text of the documented kind."""
    scripted.play(scripted.reply(200, {}))
    getattr(client().org("x"), verb)(staff=1, none=None, start=datetime(2018, 1, 1), id=[1, 2])
    request = scripted.requests[0]
    query = "staff=1&start=2018-01-01T00%3A00%3A00Z&id=1&id=2"
    assert (request.method, request.path) == (verb.upper(), f"/api/v1/org/x/?{query}")


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("data", [{"a": [1, None]}, {}, [], 0, "text"])
def test_data_becomes_a_body_of_json(scripted: Any, client: Client, verb: str, data: Any) -> None:
    """Everything but None is sent, with its type."""
    scripted.play(scripted.reply(200, {}))
    getattr(client().org("x"), verb)(data)
    request = scripted.requests[0]
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == data


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete"])
def test_no_data_is_no_body(scripted: Any, client: Client, verb: str) -> None:
    """None sends neither a body nor a type of one."""
    scripted.play(scripted.reply(200, {}))
    getattr(client().org("x"), verb)()
    assert scripted.requests[0].body == b""
    assert scripted.requests[0].headers["Content-Type"] is None


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch"])
def test_the_answer_is_returned(scripted: Any, client: Client, verb: str) -> None:
    """JSON decoded, "no content" as None, other content as bytes."""
    csv = scripted.reply(200, b"a,b", Content_Type="text/csv")
    scripted.play(scripted.reply(201, {"slug": "x"}), scripted.reply(204), csv)
    call = getattr(client().org, verb)
    assert [call(), call(), call()] == [{"slug": "x"}, None, b"a,b"]


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch"])
def test_an_error_is_raised(scripted: Any, client: Client, verb: str) -> None:
    """Its text begins with status and URL without the query, as published."""
    scripted.play(scripted.reply(404, {"detail": "Not found."}))
    with pytest.raises(exceptions.HttpNotFoundError) as caught:
        getattr(client().org("x"), verb)(staff=1)
    assert str(caught.value).startswith(f"Client Error 404: {scripted.url}/api/v1/org/x/ (")
    assert caught.value.detail == "Not found."
    assert caught.value.response.status_code == 404


def test_a_redirected_write_names_the_location(scripted: Any, client: Client) -> None:
    """The caller learns which address would have been right."""
    scripted.play(scripted.reply(301, Location="https://h/api/v1/org/"))
    with pytest.raises(exceptions.HttpRedirectError, match="Location: https://h/api/v1/org/"):
        client().org.post({})


@pytest.mark.parametrize(("status", "result"), [(200, True), (204, True)])
def test_delete_tells_whether_the_server_did(
    scripted: Any, client: Client, status: int, result: bool
) -> None:
    """True for a good answer."""
    scripted.play(scripted.reply(status))
    assert client().org("x").delete() is result


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 500, 503])
def test_delete_returns_false_and_warns(
    scripted: Any, client: Client, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """False for an error, and the log tells the status and the server's words."""
    scripted.play(scripted.reply(status, {"detail": "Because."}))
    with caplog.at_level(logging.WARNING):
        assert client().org("x").delete() is False
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert str(status) in record.getMessage()
    if status >= 400:
        assert "Because." in record.getMessage()


def test_a_strict_delete_raises(scripted: Any, client: Client) -> None:
    """`Api(strict_delete=True)` makes it like the other verbs."""
    scripted.play(scripted.reply(403), scripted.reply(204))
    org = client(strict_delete=True).org("x")
    with pytest.raises(exceptions.HttpPermissionError):
        org.delete()
    assert org.delete() is True


def test_a_delete_without_answer_raises(scripted: Any, client: Client) -> None:
    """Nobody knows whether it was done, so neither True nor False would be right."""
    scripted.play(scripted.Cut())
    with pytest.raises(exceptions.ConnectionError):
        client().org("x").delete()


def test_a_reply_from_elsewhere_can_be_processed() -> None:
    """Scripts hand in what they got from the session directly."""
    response = requests.Response()
    response.status_code, response._content = 200, b'{"count": 1}'
    response.headers["Content-Type"] = "application/json"
    assert made()._process_response(response) == {"count": 1}
    response.status_code = 500
    with pytest.raises(exceptions.HttpServerError, match=f"Server Error 500: {BASE}"):
        made()._process_response(response)


def test_a_bare_reply_from_elsewhere_can_be_processed() -> None:
    """A reply without body, request and headers is still an error of its status."""
    response = requests.Response()
    response.status_code = 404
    with pytest.raises(exceptions.HttpNotFoundError) as caught:
        made()._process_response(response)
    assert caught.value.response is response


# -- uploads ---------------------------------------------------------------------------------


def test_a_file_is_uploaded_with_its_name(scripted: Any, client: Client, tmp_path: Path) -> None:
    """The field is `file`, further fields come from `data`, and keywords are the query."""
    path = tmp_path / "report.bin"
    path.write_bytes(b"content")
    scripted.play(scripted.reply(200, {"count": 1}))
    api = client()
    api.set_token("x")
    answer = api.streamer.report.upload_file(filename=str(path), data={"a": 1}, timestamp="t")
    assert answer == {"count": 1}
    request = scripted.requests[0]
    assert request.path == "/api/v1/streamer/report/?timestamp=t"
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert request.headers["Authorization"] == "jwt x"
    assert b'name="file"; filename="report.bin"' in request.body
    assert b'name="a"\r\n\r\n1\r\n' in request.body


def test_an_open_file_is_uploaded(scripted: Any, client: Client) -> None:
    """A BytesIO, or a pair of name and file."""
    scripted.play(always=scripted.reply(200, {}))
    upload = client().event.upload
    upload.upload_fp(io.BytesIO(b"one"))
    upload.upload_fp(("two.mp", io.BytesIO(b"two")), {"stream": "s--1"})
    first, second = (request.body for request in scripted.requests)
    assert b'filename="file"' in first
    assert b'filename="two.mp"' in second
    assert b"\r\n\r\ns--1\r\n" in second


def test_a_file_that_is_missing_is_an_os_error(client: Client, scripted: Any) -> None:
    """It names the file, and nothing is sent."""
    with pytest.raises(FileNotFoundError, match="no-such"):
        client().streamer.report.upload_file("no-such.bin")
    assert scripted.requests == []


def test_a_refused_upload_is_an_error(scripted: Any, client: Client) -> None:
    """An empty file, for example, is for the server to refuse in its words."""
    scripted.play(scripted.reply(400, ["Report is empty"]))
    with pytest.raises(exceptions.HttpBadRequestError, match="Report is empty"):
        client().streamer.report.upload_fp(io.BytesIO(b""))


# -- listings --------------------------------------------------------------------------------


def test_each_walks_all_pages_of_the_largest_size(scripted: Any, client: Client) -> None:
    """Pages are asked for by number at our own URL, whatever host `next` names."""
    link = "http://elsewhere.invalid/?page=2"
    scripted.play(
        scripted.reply(200, {"count": 3, "next": link, "results": [1, 2]}),
        scripted.reply(200, {"count": 3, "next": None, "results": [3]}),
    )
    assert list(client().device.each(project="p")) == [1, 2, 3]
    assert [request.path for request in scripted.requests] == [
        f"/api/v1/device/?page_size=20000&project=p&page={page}" for page in (1, 2)
    ]


def test_each_takes_a_size_of_pages(scripted: Any, client: Client) -> None:
    """The caller's wish replaces the largest."""
    scripted.play(scripted.reply(200, []))
    assert list(client().device.each(page_size=5)) == []
    assert scripted.requests[0].path == "/api/v1/device/?page_size=5&page=1"


def test_pages_come_one_by_one(api: Api) -> None:
    """`pages` yields the rows of each page."""
    sizes = [len(rows) for rows in api.project.pages(page_size=1)]
    assert sizes == [1] * api.project.get()["count"]


@pytest.mark.parametrize("walk", ["each", "pages"])
def test_a_walk_over_all_pages_takes_no_page(walk: str) -> None:
    """The error says what to use for a single one."""
    with pytest.raises(ValueError, match=r"use get\(page=\.\.\.\) for one"):
        getattr(made().device, walk)(page=2)


def test_a_page_of_html_is_an_error_of_the_listing(scripted: Any, client: Client) -> None:
    """A proxy's page is not an empty listing."""
    scripted.play(scripted.reply(200, b"<p>Log in", Content_Type="text/html"))
    with pytest.raises(exceptions.HttpUnexpectedReplyError, match="'Log in'"):
        list(client().device.each())


def test_an_error_on_a_later_page_is_raised(scripted: Any, client: Client) -> None:
    """A listing is not short in silence."""
    first = scripted.reply(200, {"count": 2, "next": "x", "results": [1]})
    scripted.play(first, scripted.reply(404, {"detail": "Invalid page."}))
    with pytest.raises(exceptions.PartialDataError, match="page 2 was announced and is gone"):
        list(client().device.each())


def test_a_last_page_that_is_gone_is_an_end_when_all_rows_came(
    scripted: Any, client: Client
) -> None:
    """Rows that went away while reading are no loss when as many as announced are here."""
    first = scripted.reply(200, {"count": 1, "next": "x", "results": [1]})
    scripted.play(first, scripted.reply(404, {"detail": "Invalid page."}))
    assert list(client().device.each()) == [1]
