"""The routes that log in and out and hand out tokens.

Knows the three login forms and what each answers.  Knows nothing of other resources.
"""

from __future__ import annotations

from ..access.auth import drf_token, user_for_credentials, user_of_claims
from ..access.sessions import (
    SESSION,
    close_session,
    csrf_cookie,
    ended_cookie,
    open_session,
    session_cookie,
)
from ..access.tokens import TokenError
from ..rules.crud import show
from ..rules.fields import Call, Field, Handler, Route
from ..rules.validate import validate
from ..storage.store import Record
from ..web.bodies import AS_JSON
from ..web.errors import ApiError, bad_fields, detail
from ..web.messages import Reply, json_reply, no_content
from .account import FIELDS as ACCOUNT

_LOGIN = (
    Field("email", "email", required=True, most=200),
    Field("password", required=True, most=200),
)


_JWT_LOGIN = (Field("username", required=True), Field("password", required=True))


_JWT = (Field("token", required=True),)


_UNKNOWN = "User doesn't exist."


_RESET = (Field("email", "email", required=True),)


def _account(call: Call, user: Record) -> Record:
    return show(call.store, ACCOUNT, user)


def login(call: Call) -> Reply:
    """Answer POST `/auth/login/`, whose body is JSON whatever its content type says."""
    if call.user:
        raise ApiError(403, "Already Logged-in")
    values = validate(call.store, _LOGIN, call.body.data)
    user = user_for_credentials(call.store, values["email"], values["password"])
    if user is None:
        raise ApiError(401, "Username/password combination invalid.")
    tokens = {"token": drf_token(call.store, user), "jwt": call.signer.issue(user)}
    reply = json_reply({**_account(call, user), **tokens})
    session = open_session(call.store, user, call.clock())
    return reply.adding(csrf_cookie(), session_cookie(session))


def logout(call: Call) -> Reply:
    """Answer POST `/auth/logout/`: a session ends, tokens stay good all the same."""
    if call.session is not None:
        close_session(call.store, call.session)
    cookies = (ended_cookie(),) if SESSION in call.request.cookies else ()
    return no_content().adding(*cookies)


def token(call: Call) -> Reply:
    """Answer GET `/auth/token/`: the user's lasting token and a fresh JWT."""
    tokens = {"token": drf_token(call.store, call.user), "jwt": call.signer.issue(call.user)}
    return json_reply(tokens)


def user_info(call: Call) -> Reply:
    """Answer GET `/auth/user-info/`: who the caller is, and a fresh JWT."""
    if not call.user:
        raise ApiError(403, "User not recognized.")
    return json_reply({**_account(call, call.user), "jwt": call.signer.issue(call.user)})


def jwt_login(call: Call) -> Reply:
    """Answer POST `/auth/api-jwt-auth/`: a JWT for a user name (or e-mail address)."""
    values = validate(call.store, _JWT_LOGIN, call.body.data)
    user = user_for_credentials(call.store, values["username"], values["password"])
    if user is None:
        raise bad_token("Unable to log in with provided credentials.")
    return json_reply({"token": call.signer.issue(user)})


def jwt_verify(call: Call) -> Reply:
    """Answer POST `/auth/api-jwt-verify/`: the same token, when it counts."""
    text = validate(call.store, _JWT, call.body.data)["token"]
    try:
        user_of_claims(call.store, call.signer.read(text), _UNKNOWN)
    except TokenError as error:
        raise bad_token(str(error)) from None
    return json_reply({"token": text})


def jwt_refresh(call: Call) -> Reply:
    """Answer POST `/auth/api-jwt-refresh/`: a new token that keeps the time of the first."""
    text = validate(call.store, _JWT, call.body.data)["token"]
    try:
        claims = call.signer.read(text)
        user = user_of_claims(call.store, claims, _UNKNOWN)
        call.signer.check_renewable(claims)
    except TokenError as error:
        raise bad_token(str(error)) from None
    return json_reply({"token": call.signer.issue(user, claims["orig_iat"])})


def reset_password(call: Call) -> Reply:
    """Answer POST `/auth/password/reset/`; no mail is sent from here."""
    email = validate(call.store, _RESET, call.body.data)["email"].lower()
    if not any(user["email"].lower() == email for user in call.store.all("account")):
        raise detail(400, "No account associated to that email address")
    return json_reply({"detail": "Password reset e-mail has been sent."})


def bad_token(text: str) -> ApiError:
    """Return the 400 of the JWT routes."""
    return bad_fields({"non_field_errors": [text]})


def _open(name: str, handler: Handler) -> tuple[Route, ...]:
    """Return the routes of a JWT form: it takes anything behind its last slash, any header."""
    return tuple(
        Route(f"/auth/{name}/{rest}", {"POST": handler}, access="open")
        for rest in ("", "<path:rest>")
    )


ROUTES = (
    Route("/auth/login/", {"POST": login}, access="public", accepted=AS_JSON),
    Route("/auth/logout/", {"POST": logout}),
    Route("/auth/token/", {"GET": token}),
    Route("/auth/user-info/", {"GET": user_info}, access="public"),
    Route("/auth/password/reset/", {"POST": reset_password}, access="public"),
    *_open("api-jwt-auth", jwt_login),
    *_open("api-jwt-verify", jwt_verify),
    *_open("api-jwt-refresh", jwt_refresh),
)
