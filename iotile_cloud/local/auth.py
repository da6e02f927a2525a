"""Who asks: from the Authorization header to a user, and the login forms' check.

Knows the three kinds of header and the texts of their failures.  Knows nothing of resources.
"""

from __future__ import annotations

import secrets
from typing import Any

from .errors import unauthorized
from .store import Record, Store
from .tokens import Signer, TokenError, check_password

__all__ = ["drf_token", "user_for_credentials", "user_for_header", "user_of_claims"]

NOBODY: Record = {}


def user_for_header(store: Store, signer: Signer, header: str) -> Record:
    """Return the user whom an Authorization header stands for; an unknown scheme is nobody.

    Raises:
        ApiError: 401, the scheme is known but its credentials do not count.
    """
    scheme, *words = header.split() or [""]
    reader = {"jwt": _by_jwt, "token": _by_token}.get(scheme.lower())
    if reader is None:
        return NOBODY
    name = "Authorization" if reader is _by_jwt else "token"
    if not words:
        raise unauthorized(f"Invalid {name} header. No credentials provided.")
    if len(words) > 1:
        noun = "Credentials" if reader is _by_jwt else "Token"
        raise unauthorized(f"Invalid {name} header. {noun} string should not contain spaces.")
    return reader(store, signer, words[0])


def _by_jwt(store: Store, signer: Signer, token: str) -> Record:
    try:
        return user_of_claims(store, signer.read(token))
    except TokenError as error:
        raise unauthorized(str(error)) from None


def user_of_claims(store: Store, claims: dict[str, Any]) -> Record:
    """Return the user whom a token's claims name.

    Raises:
        TokenError: there is none, or the account is switched off.
    """
    user = store.find("account", username=claims.get("username"))
    if user is None:
        raise TokenError("Invalid signature.")
    if not user["is_active"]:
        raise TokenError("User account is disabled.")
    return user


def _by_token(store: Store, signer: Signer, token: str) -> Record:
    user = store.find("account", drf_token=token)
    if user is None:
        raise unauthorized("Invalid token.")
    if not user["is_active"]:
        raise unauthorized("User inactive or deleted.")
    return user


def user_for_credentials(store: Store, name: str, password: str) -> Record | None:
    """Return the active user with this e-mail address (any case) or user name, and password."""
    for user in store.all("account"):
        if name == user["username"] or name.lower() == user["email"].lower():
            good = user["is_active"] and check_password(password, user["password"])
            return user if good else None
    return None


def drf_token(store: Store, user: Record) -> str:
    """Return the user's lasting token, made when it is first asked for."""
    if not user.get("drf_token"):
        user["drf_token"] = secrets.token_hex(20)
        store.put("account", user)
    token: str = user["drf_token"]
    return token
