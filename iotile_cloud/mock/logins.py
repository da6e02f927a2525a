"""Who asks: one token for everybody who logs in.

Knows the login forms.  Knows no resource.
"""

from __future__ import annotations

from typing import Any

from ..local.resources.root import server
from ..local.rules.fields import Call, Route
from ..local.rules.paging import STANDARD, paged
from ..local.web.errors import bad_fields, unauthorized
from ..local.web.messages import Reply, json_reply, no_content
from .rows import row
from .store import TOKEN, check_token, cloud_of

__all__ = ["ROWS"]


def _texts(call: Call, *names: str) -> list[Any]:
    values = call.body.data if isinstance(call.body.data, dict) else {}
    wrong = [name for name in names if not isinstance(values.get(name), str)]
    if wrong:
        raise bad_fields({name: ["This field is required."] for name in wrong})
    return [values[name] for name in names]


def login(call: Call) -> Reply:
    """Answer POST `/auth/login/`: the token, to a user of `users`."""
    email, password = _texts(call, "email", "password")
    cloud = cloud_of(call)
    if cloud.users.get(email) != password:
        raise unauthorized("Unable to log in with provided credentials.")
    cloud.token_ended = False
    return json_reply({"username": email, "jwt": TOKEN})


def logout(call: Call) -> Reply:
    """Answer POST `/auth/logout/`; the token stays what it is."""
    return no_content()


def refresh(call: Call) -> Reply:
    """Answer POST `/auth/api-jwt-refresh/`: the token again."""
    if _texts(call, "token") != [TOKEN] or cloud_of(call).token_ended:
        raise bad_fields({"non_field_errors": ["Signature has expired."]})
    return json_reply({"token": TOKEN})


def accounts(call: Call) -> Reply:
    """Answer GET `/account/`: every user, since one token stands for all of them."""
    users = list(enumerate(check_token(call).users, 1))
    return paged(call.request, users, STANDARD, lambda user: _account(*user))


def _account(number: int, email: str) -> dict[str, Any]:
    name = email.partition("@")[0]
    return {"id": number, "email": email, "username": email, "name": name, "slug": name}


ROWS: tuple[Route, ...] = (
    row("/auth/login/", POST=login),
    row("/auth/logout/", POST=logout),
    row("/auth/api-jwt-refresh/", POST=refresh),
    row("/account/", GET=accounts),
    row("/server/", GET=server),
)
