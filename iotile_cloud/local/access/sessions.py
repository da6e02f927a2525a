"""Sessions of browsers: the cookies that a login sets, and what they count for later.

Knows cookies and the check against forged requests.  Knows nothing of tokens or resources.
"""

from __future__ import annotations

import hmac
import secrets
import string

from werkzeug.http import dump_cookie

from ..storage.store import Record, Store
from ..web.errors import forbidden
from ..web.messages import Request

__all__ = [
    "SESSION",
    "check_forgery",
    "close_session",
    "csrf_cookie",
    "ended_cookie",
    "find_session",
    "open_session",
    "session_cookie",
]

SESSION, CSRF = "sessionid", "csrftoken"
_LIFETIME = 14 * 86400  # seconds
_CSRF_LIFETIME = 364 * 86400
_SAFE = ("GET", "HEAD", "OPTIONS")
_Header = tuple[str, str]


def open_session(store: Store, user: Record, now: float) -> Record:
    """Keep a new session of `user` and return it; whatever sessions have ended are forgotten."""
    for old in store.all("session"):
        if old["ends"] <= now:
            store.remove("session", old)
    slug = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(32))
    session = {"slug": slug, "user": user["slug"], "ends": now + _LIFETIME, "used": False}
    return store.put("session", session)


def find_session(store: Store, request: Request, now: float) -> Record | None:
    """Return the session that the request's cookie names, if it is one of an active user."""
    session = store.get("session", request.cookies.get(SESSION, ""))
    if session is None or session["ends"] <= now:
        return None
    user = store.get("account", session["user"])
    return session if user is not None and user["is_active"] else None


def close_session(store: Store, session: Record) -> None:
    """Forget `session`."""
    store.remove("session", session)


def check_forgery(request: Request) -> None:
    """Check that a writing request of a session repeats its cookie in a header.

    Raises:
        ApiError: 403, it does not.
    """
    if request.method in _SAFE:
        return
    cookie = request.cookies.get(CSRF, "")
    if not cookie:
        raise forbidden("CSRF Failed: CSRF cookie not set.")
    sent = request.header("X-CSRFToken")
    if not hmac.compare_digest(cookie.encode("utf-8", "replace"), sent.encode("utf-8", "replace")):
        raise forbidden("CSRF Failed: CSRF token missing or incorrect.")


def session_cookie(session: Record) -> _Header:
    """Return the header that gives a browser its session."""
    return _cookie(SESSION, session["slug"], _LIFETIME)


def csrf_cookie() -> _Header:
    """Return the header that gives a browser what its writing requests must repeat."""
    letters = string.ascii_letters + string.digits
    return _cookie(CSRF, "".join(secrets.choice(letters) for _ in range(64)), _CSRF_LIFETIME)


def ended_cookie() -> _Header:
    """Return the header that takes a browser's session away."""
    return "Set-Cookie", dump_cookie(SESSION, "", 0, expires=0, path="/", samesite="Lax")


def _cookie(name: str, value: str, seconds: int) -> _Header:
    text = dump_cookie(name, value, seconds, path="/", httponly=True, samesite="Lax")
    return "Set-Cookie", text
