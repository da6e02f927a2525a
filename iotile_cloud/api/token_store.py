"""Where tokens are kept between runs: for each server and user one, in a file of the owner's.

Knows what is in the file.  How it is kept private and whole is `_private_file`'s; when a token is
used or renewed is decided elsewhere.  Passwords are never kept.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ._path import base_url, origin
from ._private_file import PrivateFile, configuration_folder
from ._token import authorization, expiry
from .exceptions import TokenStoreError

if TYPE_CHECKING:
    from .connection import Api

__all__ = ["StoredToken", "TokenStore"]

_VERSION = 1
_Tokens = dict[str, dict[str, "StoredToken"]]


@dataclass(frozen=True)
class StoredToken:
    """A token as it is kept; it is not shown.

    Attributes:
        domain: the server, as scheme, host and port.
        user: e-mail address, in lower case.
        token, token_type: what `Api.set_token` takes.
        since: when the server gave it, in seconds since 1970 UTC.
    """

    domain: str
    user: str
    token: str = field(repr=False)
    token_type: str
    since: float

    @property
    def expires_at(self) -> datetime | None:
        """When it ends (UTC); None if it does not say."""
        end = expiry(self.token)
        return None if end is None else datetime.fromtimestamp(end, timezone.utc)

    def is_over(self) -> bool:
        """Tell whether it has ended."""
        end = expiry(self.token)
        return end is not None and end <= time.time()


class TokenStore:
    """The tokens of one user of this machine, in a file that only he can read.

    Give it to `Api(domain, token_store=TokenStore())`, which then finds the token of its server,
    keeps what a login or a renewal brings and forgets it at `logout()`.  Several processes may use
    one file at once.

    Args:
        path: the file, by default `tokens.json` in the user's configuration directory:
            `$XDG_CONFIG_HOME/iotile_cloud` or `~/.config/iotile_cloud`,
            `~/Library/Application Support/iotile_cloud`, `%APPDATA%\\iotile_cloud`.

    Raises (every method):
        TokenStoreError: others can read the file, it is not the user's own, it is damaged, or the
            system refuses.

    >>> store = TokenStore(folder / "tokens.json")
    >>> stored = store.put("https://iotile.cloud", "me@example.com", "big-ugly-token")
    >>> store.users("https://iotile.cloud")
    ['me@example.com']
    >>> store.get("https://iotile.cloud/").token
    'big-ugly-token'
    >>> store.forget("https://iotile.cloud")
    True
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        if path is None:
            home = os.path.expanduser("~")
            path = os.path.join(configuration_folder(sys.platform, os.environ, home), "tokens.json")
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}>"

    def get(self, domain: str, user: str | None = None) -> StoredToken | None:
        """Return the token for a server, also one that is over; None when there is none.

        Args:
            domain: the server; scheme, host and port count.
            user: e-mail address; when left out, whoever logged in there last.
        """
        return _find(self._read().get(_server(domain), {}), user)

    def users(self, domain: str) -> list[str]:
        """Return the e-mail addresses that have a token for a server, the latest login first."""
        return list(reversed(self._read().get(_server(domain), {})))

    def put(self, domain: str, user: str, token: str, token_type: str = "jwt") -> StoredToken:
        """Keep the token of a login, instead of what there was for this server and user.

        Raises:
            ValueError: the token cannot be sent, or there is no user.
        """
        name = _name(user)
        if not name or authorization(token_type, token) is None:
            raise ValueError("a token is kept for an e-mail address, and cannot be empty")
        stored = StoredToken(_server(domain), name, token, token_type, time.time())
        with self._changing() as tokens:
            place = tokens.setdefault(stored.domain, {})
            place.pop(stored.user, None)
            place[stored.user] = stored  # behind the others: the latest login
        return stored

    def renew(self, stored: StoredToken, token: str) -> StoredToken:
        """Put a renewed token in the place of one, and return it.

        It is not kept when the place is empty, or when another process has put a token there that
        is later than the one that was renewed.
        """
        renewed = replace(stored, token=token, since=time.time())
        with self._changing() as tokens:
            place = tokens.get(stored.domain, {})
            found = place.get(stored.user)
            if found and (found == stored or found.since < stored.since):
                place[stored.user] = renewed
        return renewed

    def forget(self, domain: str, user: str | None = None, token: str | None = None) -> bool:
        """Forget a token; return whether there was one.

        Args:
            domain: the server.
            user: e-mail address; when left out, whoever logged in there last.
            token: forget only this one, and not what another process has put in its place.
        """
        with self._changing() as tokens:
            place = tokens.get(_server(domain), {})
            found = _find(place, user)
            if found is None or token not in (None, found.token):
                return False
            del place[found.user]
            return True

    def lend(self, stored: StoredToken, api: Api) -> None:
        """Let `api` send a token of this store, and keep here what it is renewed to.

        Raises:
            ValueError: `api` talks to another server than the one that the token is for.
        """
        if _server(api.domain) != stored.domain:
            raise ValueError(f"the token is for {stored.domain}, not for {_server(api.domain)}")
        api._borrow(self, stored)

    def _read(self) -> _Tokens:
        return _decoded(PrivateFile(self.path).read(), self.path)

    @contextmanager
    def _changing(self) -> Iterator[_Tokens]:
        """Give out what is kept, to be changed, while no other process may change it."""
        file = PrivateFile(self.path)
        with file.locked():
            before = self._read()
            tokens = {domain: dict(users) for domain, users in before.items()}
            yield tokens
            if _encoded(tokens) != _encoded(before):  # their order counts, too
                file.write(_encoded(tokens))


def _server(domain: str) -> str:
    """Return scheme, host and, where it is unusual, the port: whom a token may be sent to."""
    scheme, host, port = origin(base_url(domain, ""))
    host = f"[{host}]" if ":" in host else host
    usual = origin(f"{scheme}://{host}")[2]
    return f"{scheme}://{host}" + ("" if port == usual else f":{port}")


def _name(user: str) -> str:
    return user.strip().lower()


def _find(users: dict[str, StoredToken], user: str | None) -> StoredToken | None:
    if user is not None:
        return users.get(_name(user))
    return users[next(reversed(users))] if users else None


def _encoded(tokens: _Tokens) -> bytes:
    rows = [asdict(one) for users in tokens.values() for one in users.values()]
    return json.dumps({"version": _VERSION, "tokens": rows}, indent=1).encode("ascii")


def _decoded(content: bytes | None, path: Path) -> _Tokens:
    """Return the tokens of a file.  The error about a damaged one does not hold what is in it."""
    tokens = None if content is None else _understood(content)
    if tokens is None and content is not None:
        raise TokenStoreError(
            f"{path} is damaged, or of another version; move it away and log in again"
        )
    return tokens or {}


def _understood(content: bytes) -> _Tokens | None:
    tokens: _Tokens = {}
    try:
        document = json.loads(content)
        if document["version"] != _VERSION:
            return None
        for row in document["tokens"]:
            stored = _checked(StoredToken(**row))
            tokens.setdefault(stored.domain, {})[stored.user] = stored
    except (KeyError, RecursionError, TypeError, ValueError):
        return None
    return tokens


def _checked(stored: StoredToken) -> StoredToken:
    """Return `stored`; ValueError when it cannot be what was written."""
    *texts, since = asdict(stored).values()
    if not all(isinstance(text, str) and text for text in texts) or type(since) is not float:
        raise ValueError
    authorization(stored.token_type, stored.token)
    return stored
