"""Tokens that end before their time.

Knows when a token ends.  Knows nothing of who wants it to.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .tokens import Signer, TokenError

__all__ = ["ExpiringSigner"]


class ExpiringSigner(Signer):
    """A signer that can let all its tokens end at once.

    >>> signer = ExpiringSigner(b"secret", 60, lambda: 0)
    >>> token = signer.issue({"id": 1, "username": "ann", "email": "ann@example.com"})
    >>> signer.expire_all()
    >>> signer.read(token)
    Traceback (most recent call last):
    iotile_cloud.local.tokens.TokenError: Signature has expired.
    """

    _ended = 0  # tokens that would end at this second, or before, have ended

    def expire_all(self) -> None:
        """Let every token that was issued so far have ended."""
        self._ended = max(self._ended + 1, int(self._clock() + self._lifetime))

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return `claims` as a signed token, which differs from all that have ended."""
        if not self._ended or "exp" not in claims:
            return super().sign(claims)
        return super().sign({**claims, "exp": max(claims["exp"], self._ended + 1)})

    def read(self, token: str) -> dict[str, Any]:
        """Return the claims of `token`; raises TokenError."""
        claims = super().read(token)
        if claims.get("exp", math.inf) <= self._ended:
            raise TokenError("Signature has expired.")
        return claims
