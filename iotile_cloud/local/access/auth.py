"""Who asks: from the headers of a request to a user, and the login forms' check.

Knows the four ways to say who one is, in the server's order, and the texts of their failures.
Knows nothing of resources.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from ..storage.store import Record, Store
from ..web.errors import unauthorized
from ..web.messages import Request
from .sessions import check_forgery
from .tokens import Signer, TokenError, check_password, fingerprint

__all__ = [
    "Asker",
    "drf_token",
    "identified",
    "org_of_key",
    "user_for_credentials",
    "user_of_claims",
]

_API_KEY = "Api-Key "  # in this case only


@dataclass(frozen=True)
class Asker:
    """Who asks; an empty user is nobody."""

    user: Record = field(default_factory=dict)
    by_session: bool = False


def identified(store: Store, signer: Signer, request: Request, session: Record | None) -> Asker:
    """Return who asks: the first header that the server recognises decides, then the session.

    Raises:
        ApiError: 401, the scheme is known but its credentials do not count; 403, a writing
            request of a session does not repeat the cookie that it should.
    """
    user = _by_header(store, signer, request.header("Authorization"))
    if user or session is None:
        return Asker(user)
    check_forgery(request)
    return Asker(store.get("account", session["user"]) or {}, by_session=True)


def _by_header(store: Store, signer: Signer, header: str) -> Record:
    scheme, *words = header.split() or [""]
    reader = _READERS.get(scheme.lower())
    if reader is None:
        return {}
    name, noun = ("token", "Token") if reader is _by_token else ("Authorization", "Credentials")
    if not words:
        raise unauthorized(f"Invalid {name} header. No credentials provided.")
    if len(words) > 1:
        raise unauthorized(f"Invalid {name} header. {noun} string should not contain spaces.")
    try:
        return reader(store, signer, words[0])
    except TokenError as error:
        raise unauthorized(str(error)) from None


def _by_jwt(store: Store, signer: Signer, token: str) -> Record:
    return user_of_claims(store, signer.read(token))


def _by_device(store: Store, signer: Signer, token: str) -> Record:
    """Return the user who claimed the device that this token was made for."""
    claims = signer.read(token)
    if not (claims.get("user") and claims.get("device")):
        raise TokenError("Invalid payload.")
    return _active(store.get("account", claims["user"]))


def _by_token(store: Store, signer: Signer, token: str) -> Record:
    try:
        token.encode("latin-1").decode()
    except UnicodeError:
        text = "Token string should not contain invalid characters."
        raise unauthorized(f"Invalid token header. {text}") from None
    user = store.find("account", drf_token=token)
    if user is None:
        raise unauthorized("Invalid token.")
    if not user["is_active"]:
        raise unauthorized("User inactive or deleted.")
    return user


_READERS = {"jwt": _by_jwt, "a-jwt": _by_device, "token": _by_token}


def user_of_claims(
    store: Store, claims: dict[str, Any], unknown: str = "Invalid signature."
) -> Record:
    """Return the user whom a JWT's claims name.

    Args:
        unknown: the text for a user who is not there.

    Raises:
        TokenError: there is none, or the account is switched off.
    """
    if not claims.get("username"):
        raise TokenError("Invalid payload.")
    return _active(store.find("account", username=claims["username"]), unknown)


def _active(user: Record | None, unknown: str = "Invalid signature.") -> Record:
    if user is None:
        raise TokenError(unknown)
    if not user["is_active"]:
        raise TokenError("User account is disabled.")
    return user


def org_of_key(store: Store, request: Request) -> str:
    """Return the organisation whose Api-Key came; a revoked or unknown one looks like none."""
    header = request.header("Authorization")
    if not header.startswith(_API_KEY):
        return ""
    key = store.get("api_key", fingerprint(header[len(_API_KEY) :]))
    return "" if key is None or key["revoked"] else str(key["org"])


def user_for_credentials(store: Store, name: str, password: str) -> Record | None:
    """Return the active user with this e-mail address (any case) or user name, and password."""
    for user in store.all("account"):
        if name == user["username"] or name.lower() == user["email"].lower():
            slug, stored = user["slug"], user["password"]
            with store.pause():  # to hash takes long, in a file
                good = check_password(password, stored)
            found = store.find("account", slug=slug, password=stored, is_active=True)
            return found if good else None
    return None


def drf_token(store: Store, user: Record) -> str:
    """Return the user's lasting token, made when it is first asked for."""
    if not user.get("drf_token"):
        user["drf_token"] = secrets.token_hex(20)
        store.put("account", user)
    token: str = user["drf_token"]
    return token
