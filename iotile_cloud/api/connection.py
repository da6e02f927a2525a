"""The face of the client: `Api` logs in, holds the token and opens resources.

Knows the conversation about tokens and which settings a user can make.  What a resource does is
in `resource`, what a call does is in `_sender` and the rooms below it.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Callable, ClassVar, TypeVar

import requests
from urllib3.util.retry import Retry

from ._encode import json_body
from ._kept import KeptToken
from ._path import base_url as _base_url
from ._reply import error_of, first_words, hushed, token_reply, unexpected
from ._retry import RetryEvent, RetryPolicy
from ._sender import Hooks, Options, Sender
from ._session import CloudAdapter, CloudSession, Timeout
from ._token import RefreshSchedule, authorization, expiry
from .exceptions import *  # noqa: F403  (published: every error is also a name of this module)
from .exceptions import HttpRedirectError, HttpUnexpectedReplyError, RestBaseException
from .resource import RestResource as RestResource

if TYPE_CHECKING:
    from .token_store import StoredToken, TokenStore

DOMAIN_NAME = "https://iotile.cloud"
API_PREFIX = "api/v1"
DEFAULT_TOKEN_TYPE = "jwt"
DEFAULT_HEADERS = {"Content-Type": "application/json"}

logger = logging.getLogger(__name__)

# All threads wait for a renewal, and the old token is still good: it must not take long.
_BRIEF = Options(timeout=(5.0, 10.0), policy=RetryPolicy(retries=0))

Self = TypeVar("Self", bound="Api")


class Api:
    """A connection to one IOTile Cloud: `api.org('my-org').projects.get()`.

    Every attribute that is not a name of the class opens the resource of that name, and so does
    `api['name']` for any name.  The class's own names are `login logout set_token refresh_token
    close token token_type username expires_at session domain base_url prefix use_token
    resource_class login_path logout_path refresh_path`.

    One `Api` may be used by many threads.  It can be pickled; the copy opens its own connections.
    To serve another service built on Django REST framework, derive from it and set the class
    attributes `domain`, `prefix`, `token_type`, `resource_class` and the three paths.

    Args:
        domain: address of the server, by default the hosted service.
        token_type: what the server calls the token: `jwt`, `token`, `a-jwt`, `Api-Key`.
        verify: whether TLS certificates are checked; a path names a bundle of authorities.
        timeout: seconds, or a pair (connect, read) of seconds; None waits for ever.
        retries: how often a failed read is repeated (0 never), or a urllib3 `Retry`.
        strict_delete: `delete` raises for an error instead of returning False.
        user_agent: what the client calls itself.
        prefix: path between domain and resources.
        on_request: called with method and URL before each call, but not before its repetitions.
        on_response: called with the `requests.Response` that a call ends with.
        on_retry: called with a `RetryEvent` before each repetition.
        token_store: where the token of whoever logged in last is found; it keeps what a login or a
            renewal brings, and `logout` takes it out.

    Raises:
        ValueError: `domain`, `timeout` or `retries` makes no sense.
        TokenStoreError: the store cannot be used.

    >>> api.org("demo-org").projects.get()["count"]
    2
    """

    domain: str = DOMAIN_NAME
    prefix: str = API_PREFIX
    token: str | None = None
    token_type: str = DEFAULT_TOKEN_TYPE
    username: str | None = None
    use_token: bool = True
    resource_class: type[RestResource] = RestResource
    login_path: ClassVar[str] = "auth/login"
    logout_path: ClassVar[str] = "auth/logout"
    refresh_path: ClassVar[str] = "auth/api-jwt-refresh"
    _now: Callable[[], float] = staticmethod(time.time)

    def __init__(
        self,
        domain: str | None = None,
        token_type: str | None = None,
        verify: bool | str = True,
        timeout: Timeout = (10, 60),
        retries: int | Retry | None = 3,
        *,
        strict_delete: bool = False,
        user_agent: str | None = None,
        prefix: str | None = None,
        on_request: Callable[[str, str], object] | None = None,
        on_response: Callable[[requests.Response], object] | None = None,
        on_retry: Callable[[RetryEvent], object] | None = None,
        token_store: TokenStore | None = None,
    ) -> None:
        self.domain = (domain or self.domain).rstrip("/")
        self.prefix = self.prefix if prefix is None else prefix
        self.base_url = _base_url(self.domain, self.prefix)
        self.token_type = token_type or self.token_type
        adapter = CloudAdapter(RetryPolicy.of(retries), timeout, on_retry)
        self.session: requests.Session = CloudSession(adapter, user_agent or _user_agent())
        self.session.verify = verify
        self._options = Options(strict_delete=strict_delete)
        self._hooks = Hooks(on_request, on_response)
        self._schedule = RefreshSchedule()
        self._lock = threading.RLock()
        self._token_store = token_store
        self._kept: KeptToken | None = None
        if token_store:
            stored = token_store.get(self.domain)
            if stored and not stored.is_over() and token_type in (None, stored.token_type):
                self._borrow(token_store, stored)

    # -- resources --------------------------------------------------------------------------

    def __getattr__(self, name: str) -> RestResource:
        # Probes of Python, IPython and pickle are not resources, and before __init__ nothing is.
        if name.startswith("_") or "base_url" not in vars(self):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self[name]

    def __getitem__(self, segment: Any) -> RestResource:
        root = self.resource_class(
            base_url=self.base_url,
            use_token=self.use_token,
            token_type=self.token_type,
            token=self.token,
            session=self.session,
        )
        # From here on the resource asks this object for the token, so it always has the current.
        root._sender, root._options = self._sender, self._options
        return root[segment]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}>"

    # -- the token --------------------------------------------------------------------------

    @property
    def expires_at(self) -> datetime | None:
        """When the token ends (UTC); None without a token, or if it does not say."""
        end = expiry(self.token)
        return None if end is None else datetime.fromtimestamp(end, timezone.utc)

    def set_token(self, token: str | None, token_type: str | None = None) -> None:
        """Send `token` from now on, by all resources of this object, also those held already.

        Args:
            token: the token, None for none.
            token_type: what it is called; as before when left out.

        Raises:
            ValueError: the token holds white space or a control character.

        >>> from iotile_cloud import Api
        >>> offline = Api()
        >>> offline.set_token("big-ugly-token")
        """
        authorization(token_type or self.token_type, token)
        with self._lock:
            self.token = token
            self.token_type = token_type or self.token_type

    def login(self, password: str, email: str) -> bool:
        """Ask for a token with a password, and keep the token (POST /auth/login/).

        Args:
            password: is not kept.
            email: the user's address.

        Returns:
            True, or False when the server refuses; the log tells its words.

        Raises:
            HttpRedirectError: the server is elsewhere; the password was not sent on.
            HttpUnexpectedReplyError: it answers with something else than JSON, or with a token
                that cannot be sent.
            TransportError: no whole reply arrived.
            TokenStoreError: logged in, but the token could not be stored.

        >>> api.login(email="demo@example.com", password="demo")
        True
        """
        response = self._post(self.login_path, {"email": email, "password": password})
        error = error_of(response)
        if isinstance(error, HttpRedirectError):
            raise error
        if response.status_code != 200:
            shown = hushed(response)
            words = first_words(shown.content or b"", shown.headers.get("Content-Type", ""))
            logger.error("Login failed: %s %s", response.status_code, words)
            return False
        account = token_reply(response)
        token = account.get(self.token_type, self.token)
        try:
            authorization(self.token_type, token)
        except ValueError as reason:
            text = f"the reply holds no usable token: {reason}"
            raise unexpected(hushed(response), text) from None
        with self._lock:
            self.username, self.token = account.get("username"), token
            if self._token_store and token and self.token_type in account:
                stored = self._token_store.put(self.domain, email, token, self.token_type)
                self._kept = KeptToken(self._token_store, stored)
        return True

    def logout(self) -> None:
        """Tell the server goodbye and forget the token (POST /auth/logout/).

        The server cannot take a token back, so a copy of it stays good until it ends.  If the
        server does not confirm, the log says so and the token is kept.
        """
        # The token as it is: to renew it now would make one that nobody can take back.
        header = authorization(self.token_type, self.token) if self.use_token else None
        options = Options(headers={"Authorization": header} if header else {})
        response = self._post(self.logout_path, None, options)
        if response.status_code != 204:
            logger.error("Logout failed: %s", error_of(response) or response.status_code)
            return
        with self._lock:
            if self._kept:
                self._kept.forget(self.token)
            self.username = self.token = self._kept = None

    def refresh_token(self) -> bool:
        """Exchange a living JWT for a new one now (POST /auth/api-jwt-refresh/).

        A token near its end is renewed by itself before a request; this is for doing it at
        another time.  When the server gives none, the token is forgotten.

        Returns:
            whether there is a new token.

        Raises:
            AssertionError: the token is of another type, which cannot be refreshed.
            TransportError: no whole reply arrived; the token stays.
        """
        if self.token_type.lower() != "jwt":
            raise AssertionError(f"only a jwt can be refreshed, not a {self.token_type!r} token")
        with self._lock:
            self.token = self._renewed(self.token)
            return self.token is not None

    def _renewed(self, token: str | None) -> str | None:
        """Return the token that the server gives for `token`, or None after a line in the log."""
        response = self._post(self.refresh_path, {"token": token}, _BRIEF)
        why: object = error_of(response) or "the reply holds no token"
        try:
            new = token_reply(response).get("token") if response.status_code == 200 else None
            if new and authorization(self.token_type, new):
                if self._kept:
                    self._kept.renewed(token, new)
                return str(new)
        except (HttpUnexpectedReplyError, ValueError) as error:
            why = error
        logger.error("Token was not refreshed: %s", why)
        return None

    def _authorization(self) -> str | None:
        """Return the Authorization header of the next request, after a renewal if one is due."""
        with self._lock:
            if self.token_type.lower() == "jwt" and self._schedule.due(self.token, self._now()):
                try:
                    other = self._kept.fresher(self.token, self._now()) if self._kept else None
                    self.token = other or self._renewed(self.token) or self.token
                except RestBaseException as error:
                    logger.warning("Token was not refreshed, the old one stays: %s", error)
                self._schedule.postpone(self._now())
            return authorization(self.token_type, self.token) if self.use_token else None

    def _borrow(self, store: TokenStore, stored: StoredToken) -> None:
        """Send a token of `store`, and keep there what it is renewed to."""
        with self._lock:
            self.set_token(stored.token, stored.token_type)
            self._kept = KeptToken(store, stored)
            self._schedule.expect(stored.token, stored.since)

    @property
    def _sender(self) -> Sender:
        return Sender(self.session, self._authorization, self._hooks)

    def _post(self, path: str, data: Any, options: Options | None = None) -> requests.Response:
        """Send a request of the conversation about tokens, which never adds the token itself."""
        url, body = f"{self.base_url}/{path.strip('/')}/", json_body(data)
        return self._sender.send("POST", url, body=body, authorize=False, options=options)

    # -- life -------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections.  The object can be used again, and then opens new ones."""
        self.session.close()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._lock = threading.RLock()


def _user_agent() -> str:
    from iotile_cloud import __version__

    return f"iotile-cloud/{__version__} {requests.utils.default_user_agent()}"
