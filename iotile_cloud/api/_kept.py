"""The tie between the token that an `Api` sends and its place in a token store.

What goes wrong with the store here is logged and no more: the request that the token is for can go
on without it.  Does not know how a token is got.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Callable, TypeVar

from ._token import expiry
from .exceptions import TokenStoreError

if TYPE_CHECKING:
    from .token_store import StoredToken, TokenStore

__all__ = ["KeptToken"]

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class KeptToken:
    """One token of a store, as long as the `Api` sends this one and no other."""

    def __init__(self, store: TokenStore, stored: StoredToken) -> None:
        self._store, self._stored = store, stored

    def fresher(self, token: str | None, now: float) -> str | None:
        """Return what another process has renewed `token` to, None when it did not."""
        if token != self._stored.token:
            return None
        found = _tried(lambda: self._store.get(self._stored.domain, self._stored.user))
        end = expiry(found.token) if found else None
        if not found or end is None or end <= max(now, expiry(token) or 0.0):
            return None
        self._stored = found
        return found.token

    def renewed(self, old: str | None, new: str) -> None:
        """Keep `new` in the place of `old`."""
        if old == self._stored.token:
            kept = _tried(lambda: self._store.renew(self._stored, new))
            self._stored = kept or self._stored

    def forget(self, token: str | None) -> None:
        """Empty the place, if it is still that of `token`."""
        stored = self._stored
        if token == stored.token:
            _tried(lambda: self._store.forget(stored.domain, stored.user, stored.token))


def _tried(action: Callable[[], Result]) -> Result | None:
    try:
        return action()
    except TokenStoreError as error:
        logger.warning("The token store cannot be used: %s", error)
        return None
