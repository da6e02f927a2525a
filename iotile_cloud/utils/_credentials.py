"""Which credentials of the environment go to which server.  Pure; the environment is an argument.

Knows the names of the variables.  Does not know how a login goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..api._path import origin

__all__ = ["DOMAIN", "Ambient", "ambient", "may_know_somebody"]

DOMAIN = "IOTILE_CLOUD_DOMAIN"
TOKEN, TOKEN_TYPE = "IOTILE_CLOUD_TOKEN", "IOTILE_CLOUD_TOKEN_TYPE"
EMAIL, PASSWORD = "IOTILE_CLOUD_EMAIL", "IOTILE_CLOUD_PASSWORD"


class Ambient(NamedTuple):
    """What the environment offers for one run; an empty text is nothing."""

    token: str = ""
    token_type: str = ""
    email: str = ""
    password: str = ""
    why_not: str = ""
    """Why what is there is not offered."""

    def __repr__(self) -> str:
        return f"<Ambient of {self.email or 'nobody'}>"


def ambient(environ: Mapping[str, str], domain: str, user: str | None) -> Ambient:
    """Return what `environ` offers for a login of `user` at `domain`.

    Args:
        environ: the environment; an empty variable is one that is not set.
        domain: the server of the run.
        user: e-mail address that was asked for, None for anybody.

    >>> ambient({"IOTILE_CLOUD_TOKEN": "t"}, "https://h", None).token
    't'
    >>> there = {"IOTILE_CLOUD_TOKEN": "t", "IOTILE_CLOUD_DOMAIN": "https://elsewhere"}
    >>> ambient(there, "https://h", None).why_not
    'IOTILE_CLOUD_TOKEN is for https://elsewhere (IOTILE_CLOUD_DOMAIN), not for https://h'
    """
    found = Ambient(*(environ.get(name, "") for name in (TOKEN, TOKEN_TYPE, EMAIL, PASSWORD)))
    secrets = [name for name in (TOKEN, PASSWORD) if environ.get(name)]
    owner = environ.get(DOMAIN, "")
    if owner and not same_server(owner, domain):
        why = f"for {_shown(owner)} ({DOMAIN}), not for {_shown(domain)}"
    elif user and found.email and user.strip().lower() != found.email.strip().lower():
        why = f"for {found.email} ({EMAIL}), not for {user}"
    else:
        return found
    verb = "is" if len(secrets) == 1 else "are"
    return Ambient(why_not=f"{' and '.join(secrets)} {verb} {why}" if secrets else "")


def same_server(one: str, other: str) -> bool:
    """Tell whether two addresses have scheme, host and port in common.

    >>> same_server("https://IOTile.cloud/", "https://iotile.cloud:443")
    True
    """
    try:
        return origin(one) == origin(other)
    except ValueError:  # a port that is no number
        return False


def may_know_somebody(environ: Mapping[str, str], stored: bool) -> bool:
    """Tell whether a run without a user may find one, or a token, elsewhere.

    >>> may_know_somebody({"IOTILE_CLOUD_PASSWORD": "p"}, stored=False)
    False
    """
    return stored or bool(environ.get(TOKEN) or environ.get(EMAIL))


def _shown(address: str) -> str:
    """Return an address without the password that somebody may have written into it."""
    scheme, slashes, rest = address.rpartition("://")
    return scheme + slashes + rest.rpartition("@")[2]
