"""Signed tokens (JWT, HS256) and hashed passwords.

Knows nothing of requests or records: claims in, text out, and back.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Signer", "TokenError", "check_password", "fingerprint", "hash_password"]

REFRESH_WINDOW = 180 * 86400  # seconds after the first login during which a token is renewed
_HEADER = {"typ": "JWT", "alg": "HS256"}
_ROUNDS = 200_000  # of hashing a password that lies in a file
_FEW_ROUNDS = 100  # in memory only: tests log in all the time


class TokenError(ValueError):
    """The token does not count; the text is the server's."""


class Signer:
    """Makes and reads the tokens of one cloud, with its own secret.

    Args:
        secret: what its tokens are signed with.
        lifetime: seconds for which a token counts.
        clock: returns the seconds since 1970.

    >>> signer = Signer(b"secret", 60, lambda: 0)
    >>> token = signer.issue({"id": 1, "username": "ann", "email": "ann@example.com"})
    >>> signer.expire_all()
    >>> signer.read(token)
    Traceback (most recent call last):
    iotile_cloud.local.access.tokens.TokenError: Signature has expired.
    """

    def __init__(self, secret: bytes, lifetime: float, clock: Callable[[], float]) -> None:
        self._secret = secret
        self._lifetime = lifetime
        self._clock = clock
        self._ended = 0  # tokens that would end at this second, or before, have ended

    def issue(self, user: Mapping[str, Any], first_issued: int | None = None) -> str:
        """Return a new token for `user`; a renewed one keeps the time of the first."""
        now = int(self._clock())
        claims = {
            "user_id": user["id"],
            "username": user["username"],
            "exp": max(int(self._clock() + self._lifetime), self._ended + 1),
            "email": user["email"],
            "orig_iat": now if first_issued is None else first_issued,
        }
        return self.sign(claims)

    def expire_all(self) -> None:
        """Let every token that was issued so far have ended, before its time."""
        self._ended = max(self._ended + 1, int(self._clock() + self._lifetime))

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return `claims` as a signed token."""
        body = ".".join(_encode(json.dumps(p, separators=(",", ":"))) for p in (_HEADER, claims))
        return f"{body}.{_base64(self._digest(body))}"

    def read(self, token: str) -> dict[str, Any]:
        """Return the claims of `token`.

        Raises:
            TokenError: it is no token, was not signed here, or has ended; one that does not say
                when it ends never does.
        """
        body, _, signature = token.rpartition(".")
        try:
            if not hmac.compare_digest(self._digest(body), _decode(signature)):
                raise TokenError("Error decoding signature.")
            claims: dict[str, Any] = json.loads(_decode(body.split(".")[1]))
        except (binascii.Error, IndexError, UnicodeError, ValueError) as error:
            raise TokenError("Error decoding signature.") from error
        if "exp" in claims and claims["exp"] <= max(self._clock(), self._ended):
            raise TokenError("Signature has expired.")
        return claims

    def check_renewable(self, claims: Mapping[str, Any]) -> None:
        """Raise TokenError when the first login lies too far back to renew the token."""
        if claims["orig_iat"] + REFRESH_WINDOW < self._clock():
            raise TokenError("Refresh has expired.")

    def _digest(self, body: str) -> bytes:
        return hmac.new(self._secret, body.encode(), hashlib.sha256).digest()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _encode(text: str) -> str:
    return _base64(text.encode())


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def hash_password(password: str, durable: bool) -> str:
    """Return `password` in the form that is stored: salted and hashed.

    Args:
        durable: it will lie in a file, where a guess must cost time.
    """
    salt = secrets.token_hex(8)
    rounds = _ROUNDS if durable else _FEW_ROUNDS
    return f"{rounds}${salt}${_hashed(password, salt, rounds)}"


def check_password(password: str, stored: str) -> bool:
    """Tell whether `password` is the one that was stored."""
    rounds, salt, digest = stored.split("$")
    return hmac.compare_digest(_hashed(password, salt, int(rounds)), digest)


def fingerprint(key: str) -> str:
    """Return what is stored of a key drawn by chance, which nobody can guess."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _hashed(password: str, salt: str, rounds: int) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), rounds).hex()
