"""One path from a call to the wire, for every verb, login, refresh and upload.

Adds the current token, sends through the session, repeats a 401 when the token was replaced
meanwhile, and turns errors of requests into leaves of our tree.  Does not know what URLs mean,
nor what a reply means.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable, NoReturn

import requests
import requests.exceptions as rx

from . import exceptions as ours
from ._encode import pairs
from ._reply import scrub
from ._retry import READS, RetryPolicy
from ._session import one_call
from ._upload import MultipartFile

__all__ = ["Hooks", "Options", "Sender"]

logger = logging.getLogger(__name__)

# The first class that an error is an instance of decides, so leaves stand before their parents.
_LEAVES: tuple[tuple[type[Exception], type[ours.RestBaseException]], ...] = (
    (rx.SSLError, ours.HttpCouldNotVerifyServerError),
    (rx.ProxyError, ours.ProxyError),
    (rx.ConnectTimeout, ours.ConnectTimeout),
    (rx.ReadTimeout, ours.ReadTimeout),
    (rx.Timeout, ours.Timeout),
    (rx.ConnectionError, ours.ConnectionError),
    (rx.ChunkedEncodingError, ours.ChunkedEncodingError),
    (rx.ContentDecodingError, ours.ContentDecodingError),
    (rx.TooManyRedirects, ours.TooManyRedirects),
    (rx.InvalidProxyURL, ours.InvalidProxyURL),
    (rx.InvalidURL, ours.InvalidURL),
    (rx.InvalidSchema, ours.InvalidSchema),
    (rx.InvalidHeader, ours.InvalidHeader),
)


@dataclass(frozen=True)
class Options:
    """What one call, or one resource, does otherwise than its `Api`."""

    timeout: tuple[float | None, float | None] | None = None
    """(connect, read) in seconds; None is what the session has."""
    policy: RetryPolicy | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bool = False
    strict_delete: bool = False
    decode: Callable[[bytes], Any] | None = None
    """Makes the value of a body, or leaves it to `value_of` by a ValueError."""


@dataclass(frozen=True)
class Hooks:
    """Callables of the user that are told of requests."""

    on_request: Callable[[str, str], object] | None = None
    on_response: Callable[[requests.Response], object] | None = None


class Sender:
    """Sends for all resources that share a session and a token.

    Args:
        session: what sends.
        authorization: returns the current value of the Authorization header, None for none.
        hooks: callables of the user.
    """

    def __init__(
        self,
        session: requests.Session,
        authorization: Callable[[], str | None],
        hooks: Hooks | None = None,
    ) -> None:
        self.session = session
        self.authorization = authorization
        self._hooks = hooks or Hooks()

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: bytes | MultipartFile | None = None,
        content_type: str = "application/json",
        authorize: bool = True,
        options: Options | None = None,
    ) -> requests.Response:
        """Return the whole reply, whatever its status.

        Args:
            method, url: what to ask and where; `url` without a query.
            params: arguments of the query.
            body, content_type: what to send, None for nothing.
            authorize: whether to send the token.
            options: what this call does otherwise than the session.

        Raises:
            TransportError: no whole reply arrived.
            HttpCouldNotVerifyServerError: TLS did not verify the server.
        """
        options = options or Options()
        sent = self.authorization() if authorize else None
        headers = {
            **({} if body is None else {"Content-Type": content_type}),
            **({"Authorization": sent} if sent else {}),
            **options.headers,
        }
        exchange = partial(self._exchange, method, url, pairs(params), body, headers, options)
        with one_call(options.policy):
            response = exchange()
            refused = response.status_code == 401 and sent and headers["Authorization"] == sent
            current = self.authorization() if refused else None
            if not current or current == sent:
                return response
            # The server refused before it did anything, so a repetition is safe for writes too;
            # with the token that was sent it could only be refused again.
            logger.debug("%s %s is repeated: the token was replaced meanwhile", method, url)
            if isinstance(body, MultipartFile):
                body.seek(0)
            headers["Authorization"] = current
            return exchange()

    def _exchange(
        self,
        method: str,
        url: str,
        query: list[tuple[str, str]],
        body: bytes | MultipartFile | None,
        headers: dict[str, str],
        options: Options,
    ) -> requests.Response:
        if self._hooks.on_request:
            self._hooks.on_request(method, url)
        try:
            response = self.session.request(
                method,
                url,
                params=query,
                data=body,
                headers=headers,
                timeout=options.timeout,
                allow_redirects=method in READS,  # said also to a session of the caller's own
            )
        except rx.RequestException as error:
            _raise_ours(error, method, url)
        logger.debug("%s %s: %s", method, url, response.status_code)
        if self._hooks.on_response:
            self._hooks.on_response(response)
        return response


def _raise_ours(error: rx.RequestException, method: str, url: str) -> NoReturn:
    """Raise the leaf of our tree that `error` stands for; others pass as they are."""
    scrub(error)
    leaf = next((leaf for theirs, leaf in _LEAVES if isinstance(error, theirs)), None)
    if leaf is None:
        raise error
    why = str(_reason(error))
    text = f"{leaf.__name__}: {method} {url}" + (f" ({why})" if why else "")
    args = (text, error) if leaf is ours.HttpCouldNotVerifyServerError else (text,)
    raise leaf(*args, method=method, url=url, request=error.request) from error


def _reason(error: Exception) -> object:
    """What urllib3 says went wrong, without the layers around it."""
    cause = error.args[0] if error.args else error
    return getattr(cause, "reason", None) or cause
