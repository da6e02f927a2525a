"""Every way in which a resource refuses, each with the body that the server sends.

The texts are part of the wire contract.  Knows nothing of which resource refuses, or why.
"""

from __future__ import annotations

from .messages import Headers, Reply, json_reply

__all__ = [
    "ApiError",
    "bad_fields",
    "bad_request",
    "denied",
    "forbidden",
    "method_not_allowed",
    "not_found",
    "restricted",
    "unauthorized",
]

ACCESS_DENIED = "Access Denied due to lack of sufficient permissions"
NO_PERMISSION = "You do not have permission to perform this action."
NO_CREDENTIALS = "Authentication credentials were not provided."


class ApiError(Exception):
    """A refusal with its status and JSON body."""

    def __init__(self, status: int, body: object, headers: Headers = ()) -> None:
        super().__init__(status, body)
        self.reply: Reply = json_reply(body, status, headers)


def detail(status: int, text: str, headers: Headers = ()) -> ApiError:
    """Return the framework's own shape: one text under `detail`."""
    return ApiError(status, {"detail": text}, headers)


def not_found(text: str = "Not found.") -> ApiError:
    """Return the 404 of a record that is not there, or not for this user."""
    return detail(404, text)


def forbidden(text: str = NO_PERMISSION) -> ApiError:
    """Return the 403 of a record that is there, but not for this user."""
    return detail(403, text)


def denied() -> ApiError:
    """Return the 403 of a member whose role does not allow it."""
    return detail(403, ACCESS_DENIED)


def restricted(status: int) -> ApiError:
    """Return what non-staff get when they delete."""
    return ApiError(status, {"error": "Restricted Access. Contact Arch"})


def unauthorized(text: str = NO_CREDENTIALS) -> ApiError:
    """Return the 401, with the challenge header."""
    return detail(401, text, (("WWW-Authenticate", 'JWT realm="api"'),))


def method_not_allowed(method: str) -> ApiError:
    """Return the 405 (the engine adds `Allow`)."""
    return detail(405, f'Method "{method}" not allowed.')


def bad_fields(errors: object) -> ApiError:
    """Return the 400 of a body or filter whose fields are wrong: `{field: [texts]}`."""
    return ApiError(400, errors)


def bad_request(text: str) -> ApiError:
    """Return the 400 that a view raises by itself: a list with one text."""
    return ApiError(400, [text])
