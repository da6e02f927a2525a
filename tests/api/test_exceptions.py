"""The tree of errors, and how an error travels."""

from __future__ import annotations

import copy
import pickle
import threading
from typing import Any

import pytest
import requests
import requests.exceptions as rx

from iotile_cloud.api import exceptions
from iotile_cloud.api.exceptions import (
    HttpClientError,
    HttpCouldNotVerifyServerError,
    HttpNotFoundError,
    HttpServerError,
    PartialDataError,
    RestBaseException,
    RestHttpBaseException,
    TransportError,
)

TREE: dict[type, list[type[RestBaseException]]] = {
    HttpClientError: [
        exceptions.HttpBadRequestError,
        exceptions.HttpAuthenticationError,
        exceptions.HttpPermissionError,
        exceptions.HttpNotFoundError,
        exceptions.HttpConflictError,
        exceptions.HttpTooManyRequestsError,
        exceptions.HttpRedirectError,
    ],
    RestHttpBaseException: [
        HttpClientError,
        HttpServerError,
        HttpCouldNotVerifyServerError,
        exceptions.HttpUnexpectedReplyError,
    ],
    TransportError: [
        exceptions.ConnectionError,
        exceptions.Timeout,
        exceptions.ChunkedEncodingError,
        exceptions.ContentDecodingError,
        exceptions.TooManyRedirects,
    ],
    RestBaseException: [
        RestHttpBaseException,
        TransportError,
        PartialDataError,
        exceptions.ImproperlyConfigured,
        exceptions.SerializerNoRestailable,
        exceptions.SerializerNotRestailable,
    ],
}
BOTH_WAYS = [
    (exceptions.ConnectionError, rx.ConnectionError),
    (exceptions.ProxyError, rx.ProxyError),
    (exceptions.Timeout, rx.Timeout),
    (exceptions.ConnectTimeout, rx.ConnectTimeout),
    (exceptions.ReadTimeout, rx.ReadTimeout),
    (exceptions.ChunkedEncodingError, rx.ChunkedEncodingError),
    (exceptions.ContentDecodingError, rx.ContentDecodingError),
    (exceptions.TooManyRedirects, rx.TooManyRedirects),
    (HttpCouldNotVerifyServerError, rx.SSLError),
]
ALL = sorted(
    (kind for kind in vars(exceptions).values() if isinstance(kind, type) and kind is not Any),
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize(
    ("parent", "kind"), [(parent, kind) for parent, kinds in TREE.items() for kind in kinds]
)
def test_the_tree_is_as_drawn(parent: type, kind: type) -> None:
    """Who catches a branch catches all its leaves."""
    assert issubclass(kind, parent)


@pytest.mark.parametrize(("ours", "theirs"), BOTH_WAYS)
def test_errors_of_the_network_can_be_caught_both_ways(ours: type, theirs: type) -> None:
    """Code that catches what requests raises goes on to work."""
    assert issubclass(ours, theirs)


@pytest.mark.parametrize("kind", ALL)
def test_every_error_is_in_the_tree_and_drawn(kind: type) -> None:
    """There is no error outside the tree, and none that its drawing leaves out."""
    assert issubclass(kind, RestBaseException)
    assert kind.__name__ in (exceptions.__doc__ or "")


def test_a_star_import_does_not_hide_the_built_in_connection_error() -> None:
    """All names but that one are handed out."""
    assert {kind.__name__ for kind in ALL} - set(exceptions.__all__) == {"ConnectionError"}
    assert set(exceptions.__all__) <= {kind.__name__ for kind in ALL}


def test_every_keyword_becomes_an_attribute() -> None:
    """The published constructor takes any keywords."""
    error: Any = RestHttpBaseException("text", response=1, content=b"x", whatever=2)
    assert (error.response, error.content, error.whatever) == (1, b"x", 2)
    assert str(error) == "text"


@pytest.mark.parametrize("kind", ALL)
def test_attributes_are_none_when_there_is_nothing_to_tell(kind: type[RestBaseException]) -> None:
    """`.status_code` and its siblings can be read from any error."""
    error = kind("text")
    told = (error.method, error.url, error.status_code, error.response, error.content)
    assert [*told, error.detail, error.retry_after] == [None] * 7


@pytest.mark.parametrize("kind", ALL)
def test_an_error_without_arguments_has_no_text(kind: type[RestBaseException]) -> None:
    """It can be made, and shown, without any argument."""
    assert str(kind()) == ""


def test_the_published_second_argument_is_kept() -> None:
    """A TLS error carries the one of requests, and its text is the first argument only."""
    original = rx.SSLError("bad certificate")
    error = HttpCouldNotVerifyServerError("not verified", original)
    assert error.args == ("not verified", original)
    assert str(error) == "not verified"


def reply() -> requests.Response:
    """Return a reply as an error holds it."""
    response = requests.Response()
    response.status_code, response._content = 404, b"gone"
    response.request = requests.Request("GET", "http://h/").prepare()
    return response


@pytest.mark.parametrize(
    "travel", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
@pytest.mark.parametrize("kind", ALL)
def test_errors_travel_whole(kind: type[RestBaseException], travel: Any) -> None:
    """Copied or pickled, an error has the same class, text and attributes."""
    error = kind("text", method="GET", url="http://h/", status_code=404, response=reply())
    arrived = travel(error)
    assert type(arrived) is kind
    assert str(arrived) == "text"
    assert (arrived.method, arrived.url, arrived.status_code) == ("GET", "http://h/", 404)
    assert arrived.response.content == b"gone"


def test_a_tls_error_travels_with_the_one_of_requests() -> None:
    """Its second argument, which holds open connections, arrives as one of that class."""
    error = HttpCouldNotVerifyServerError("text", rx.SSLError("bad", threading.Lock()))
    arrived = pickle.loads(pickle.dumps(error))
    assert arrived.args[0] == "text"
    assert type(arrived.args[1]) is rx.SSLError


def test_a_partial_result_travels() -> None:
    """What came, and what was promised, arrive with the error."""
    error = PartialDataError("short", expected=2, received=1, rows=[{"value": 1}])
    arrived = pickle.loads(pickle.dumps(error))
    assert (arrived.expected, arrived.received, arrived.rows) == (2, 1, [{"value": 1}])


def test_a_not_found_error_is_still_a_client_error_to_old_scripts() -> None:
    """The published classes keep their published parents."""
    assert HttpNotFoundError.__mro__[1:4] == (
        HttpClientError,
        RestHttpBaseException,
        RestBaseException,
    )
