"""Every error that the library raises about a call, in one tree.

    RestBaseException
    ├── RestHttpBaseException                there was a reply (or TLS refused to give one)
    │   ├── HttpClientError                  4xx
    │   │   ├── HttpBadRequestError          400
    │   │   ├── HttpAuthenticationError      401
    │   │   ├── HttpPermissionError          403
    │   │   ├── HttpNotFoundError            404
    │   │   ├── HttpConflictError            409
    │   │   ├── HttpTooManyRequestsError     429
    │   │   └── HttpRedirectError            3xx that was not followed
    │   ├── HttpServerError                  5xx
    │   ├── HttpUnexpectedReplyError         2xx, but not what the call needs
    │   └── HttpCouldNotVerifyServerError    also requests' SSLError
    ├── TransportError                       no whole reply; also the requests error of the name
    │   ├── ConnectionError ── ProxyError, ConnectTimeout
    │   ├── Timeout ── ConnectTimeout, ReadTimeout
    │   ├── ChunkedEncodingError, ContentDecodingError
    │   ├── TooManyRedirects
    │   └── InvalidHeader, InvalidSchema, InvalidURL ── InvalidProxyURL
    ├── PartialDataError                     a listing or download came out short
    ├── TokenStoreError                      tokens cannot be kept, or not privately
    ├── ImproperlyConfigured
    └── SerializerNoRestailable, SerializerNotRestailable     kept names, never raised

Knows the tree and how an error travels (pickle).  Which reply becomes which error is decided in
`_reply`; which requests error becomes which leaf, in `_sender`.
"""

from __future__ import annotations

from typing import Any

import requests.exceptions as rx

__all__ = [  # `ConnectionError` is left out: a star import must not hide the built-in one
    "ChunkedEncodingError",
    "ConnectTimeout",
    "ContentDecodingError",
    "HttpAuthenticationError",
    "HttpBadRequestError",
    "HttpClientError",
    "HttpConflictError",
    "HttpCouldNotVerifyServerError",
    "HttpNotFoundError",
    "HttpPermissionError",
    "HttpRedirectError",
    "HttpServerError",
    "HttpTooManyRequestsError",
    "HttpUnexpectedReplyError",
    "ImproperlyConfigured",
    "InvalidHeader",
    "InvalidProxyURL",
    "InvalidSchema",
    "InvalidURL",
    "PartialDataError",
    "ProxyError",
    "ReadTimeout",
    "RestBaseException",
    "RestHttpBaseException",
    "SerializerNoRestailable",
    "SerializerNotRestailable",
    "Timeout",
    "TokenStoreError",
    "TooManyRedirects",
    "TransportError",
]


class RestBaseException(Exception):
    """Root of the tree; every keyword given becomes an attribute.

    Attributes:
        method: the HTTP method, or None when no request is concerned.
        url: the URL of the resource, without its query.
        status_code: the HTTP status, None without a reply.
        response: the `requests.Response`, None without a reply; its request carries neither
            credentials nor a body.
        content: the body as bytes, None without a reply.
        detail: the server's own words as one line of text, None without a reply.
        retry_after: seconds that the server asked to wait, None when it did not.

    >>> error = HttpNotFoundError("Client Error 404: http://host/api/v1/org/x/", status_code=404)
    >>> error.status_code, error.detail
    (404, None)
    """

    method: str | None = None
    url: str | None = None
    status_code: int | None = None
    response: Any = None
    content: bytes | None = None
    detail: str | None = None
    retry_after: float | None = None

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args)
        for name, value in attributes.items():
            setattr(self, name, value)

    def __str__(self) -> str:
        # Leaves that are also OSError would otherwise read two arguments as errno and text.
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> Any:
        return _rebuild, (type(self), tuple(map(_without_handles, self.args)), vars(self))


def _without_handles(argument: Any) -> Any:
    """A requests error holds its connection pool, which cannot be pickled: keep type and text."""
    if isinstance(argument, rx.RequestException):
        return type(argument)(str(argument))
    return argument


def _rebuild(kind: Any, args: tuple[Any, ...], state: dict[str, Any]) -> Any:
    error = kind.__new__(kind, *args)
    error.args = args  # which OSError sets in its __init__, skipped here
    error.__dict__.update(state)
    return error


class RestHttpBaseException(RestBaseException):
    """The server's answer, or its identity, was not acceptable."""


class HttpClientError(RestHttpBaseException):
    """4xx: the server refused the request."""


class HttpBadRequestError(HttpClientError):
    """400: the server did not accept the data or the arguments; see `detail`."""


class HttpAuthenticationError(HttpClientError):
    """401: no token, or one that the server does not accept (any more)."""


class HttpPermissionError(HttpClientError):
    """403: the user may not do this."""


class HttpNotFoundError(HttpClientError):
    """404: there is no such object, or it is not this user's to see."""


class HttpConflictError(HttpClientError):
    """409: the object is not in the state that the request needs."""


class HttpTooManyRequestsError(HttpClientError):
    """429: too many requests; see `retry_after`."""


class HttpRedirectError(HttpClientError):
    """3xx that was not followed, mostly since a write would be lost on the way: see `location`."""

    location: str | None = None


class HttpServerError(RestHttpBaseException):
    """5xx: the server failed."""


class HttpUnexpectedReplyError(RestHttpBaseException):
    """2xx, but the body is not what the call needs, such as a proxy's HTML page for JSON."""


class HttpCouldNotVerifyServerError(RestHttpBaseException, rx.SSLError):
    """TLS did not verify the server, or was cut before it could; no request was sent."""


class TransportError(RestBaseException):
    """No whole reply arrived.  The write may or may not have reached the server."""

    request: Any = None


class ConnectionError(TransportError, rx.ConnectionError):
    """The connection could not be made, broke, or fell silent within an answer."""


class ProxyError(ConnectionError, rx.ProxyError):
    """The proxy could not be reached or refused."""


class Timeout(TransportError, rx.Timeout):
    """A wait for the network reached its limit."""


class ConnectTimeout(ConnectionError, Timeout, rx.ConnectTimeout):
    """No connection within the connect timeout; nothing was sent."""


class ReadTimeout(Timeout, rx.ReadTimeout):
    """Connected, but no answer began within the read timeout."""


class ChunkedEncodingError(TransportError, rx.ChunkedEncodingError):
    """The body stopped in the middle."""


class ContentDecodingError(TransportError, rx.ContentDecodingError):
    """The body's compression is damaged."""


class TooManyRedirects(TransportError, rx.TooManyRedirects):
    """The server sends the reader in circles."""


class InvalidHeader(TransportError, rx.InvalidHeader):
    """A header, of a request or of a reply, cannot be."""


class InvalidSchema(TransportError, rx.InvalidSchema):
    """A redirect or a proxy asks for a protocol that is not there."""


class InvalidURL(TransportError, rx.InvalidURL):
    """A redirect leads to what is no URL."""


class InvalidProxyURL(InvalidURL, rx.InvalidProxyURL):
    """The proxy that the environment names has no valid address."""


class PartialDataError(RestBaseException):
    """Fewer rows came than the server had announced, or its pages repeat without end.

    Attributes:
        expected: rows that the first page announced, None when it did not say.
        received: rows that came.
        rows: those rows, where they are kept (None when they were handed out one by one).
        receipt: the `Receipt` of the download, None for a plain listing.
    """

    expected: int | None = None
    received: int = 0
    rows: Any = None
    receipt: Any = None


class TokenStoreError(RestBaseException):
    """The file of stored tokens cannot be used: others can read it, or it is damaged."""


class ImproperlyConfigured(RestBaseException):
    """Kept from earlier releases for code that catches it."""


class SerializerNoRestailable(RestBaseException):
    """Kept from earlier releases for code that catches it."""


class SerializerNotRestailable(RestBaseException):
    """Kept from earlier releases for code that catches it."""
