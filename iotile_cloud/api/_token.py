"""When a token ends, and when it is time to ask for a new one.  Pure; time is an argument.

Reads the claims of a JWT without checking its signature, which only the server can do.  Does not
know how a token is got.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

__all__ = ["RefreshSchedule", "authorization", "expiry"]

SHARE = 0.1  # of a token's life: in its last tenth it is renewed,
MARGIN = 300.0  # and in its last so many seconds, so that calls far apart do not miss the time,
MOST = 0.5  # but not before half of it is over
PAUSE = 60.0  # seconds after a failed renewal before the next try
_WORD = re.compile(r"[\x21-\x7e]+")
_END_OF_TIME = 253_402_300_800.0  # the year 10000, which datetime does not know


def authorization(token_type: str, token: str | None) -> str | None:
    """Return the value of the Authorization header, None without a token.

    Raises:
        ValueError: the token or its type cannot stand in a header; the token is not shown.
    """
    if token is None or token == "":
        return None
    if not isinstance(token, str):
        raise ValueError(f"a token is text, not {type(token).__name__}")
    if not _WORD.fullmatch(token_type):
        raise ValueError(
            f"a type of token is a word such as 'jwt' or 'Api-Key', not {token_type!r}"
        )
    if not _WORD.fullmatch(token):
        raise ValueError(
            f"the {token_type} token (of {len(token)} characters) holds white space, a control or "
            "a non-ASCII character; was it read with the end of its line?"
        )
    return f"{token_type} {token}"


def expiry(token: str | None) -> float | None:
    """Return when a JWT ends, in seconds since 1970 UTC; None if it does not say, or is no JWT.

    >>> expiry("0123456789abcdef") is None
    True
    """
    parts = (token or "").split(".")
    if len(parts) != 3:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims: Any = json.loads(base64.urlsafe_b64decode(padded))
        end = float(claims["exp"])
    except (KeyError, OverflowError, RecursionError, TypeError, ValueError):
        return None
    return end if 0 <= end < _END_OF_TIME else None


class RefreshSchedule:
    """Remembers since when a token is known, and so when its renewal is due."""

    def __init__(self) -> None:
        self._token: str | None = None
        self._due: float | None = None
        self._end = 0.0

    def due(self, token: str | None, now: float) -> bool:
        """Tell whether `token` should be renewed at `now` (seconds since 1970 UTC).

        False for a token that is over already: the server renews only living ones.
        """
        if token != self._token:
            self._token, self._due = token, None
            end = expiry(token)
            if end is not None and end > now:
                self._end = end
                life = end - now
                self._due = end - min(max(MARGIN, SHARE * life), MOST * life)
        return self._due is not None and self._due <= now < self._end

    def expect(self, token: str, since: float) -> None:
        """Let `token`, that was given at `since`, be renewed once half of its life is over.

        It is for one that is kept between runs: the next may come late, and after its end nobody
        can renew it.
        """
        end = expiry(token)
        if end is not None and end > since:
            self._token, self._end, self._due = token, end, end - MOST * (end - since)

    def postpone(self, now: float) -> None:
        """Leave the token alone for a while, after a renewal that failed."""
        self._due = now + PAUSE
