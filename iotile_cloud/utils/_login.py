"""How a script logs in: each source of credentials in its turn, until one answers.

Knows the order, and when nobody can be asked.  Which of the environment's credentials may be used
is decided in `_credentials`.
"""

from __future__ import annotations

import getpass
import logging
import os
import select
import stat
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..api.connection import Api
from ..api.exceptions import HttpAuthenticationError, HttpClientError, TokenStoreError
from ..api.token_store import StoredToken, TokenStore
from ._credentials import TOKEN_TYPE, ambient

__all__ = ["NOBODY", "Outcome", "Wanted", "account_of", "log_in"]

logger = logging.getLogger(__name__)

NOBODY = "User email is required: use -u EMAIL"
_PATIENCE = 60.0  # seconds that a program may take to write a password into our pipe
_REMEDY = (
    "set IOTILE_CLOUD_TOKEN, or IOTILE_CLOUD_EMAIL and IOTILE_CLOUD_PASSWORD, "
    "or run `iotile-cloud login` once"
)


@dataclass(frozen=True)
class Wanted:
    """Who is to log in, and where credentials may be found."""

    user: str | None
    token: str | None = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    store: TokenStore | None
    prompt: bool = True
    """Whether a password may be asked for."""


@dataclass(frozen=True)
class Outcome:
    """How a login ended."""

    done: bool
    user: str | None = None
    source: str = ""
    lasting: bool = False
    """Whether the token was there before the run, and so is to outlive it."""
    problem: str = ""
    """Why there was nothing to try."""


def log_in(api: Api, wanted: Wanted) -> Outcome:
    """Give `api` a token from the first source that has something for its server.

    Raises:
        ValueError: a token was given that cannot be sent.
        RestBaseException: the server could not be asked.
    """
    if wanted.token:
        api.set_token(str(wanted.token), wanted.environ.get(TOKEN_TYPE))
        return Outcome(True, wanted.user, "--token", lasting=True)
    if not issubclass(type(api), Api):  # a stand-in of a test, which knows the prompt only
        return _from_prompt(api, wanted.user, [], wanted.prompt)
    around = ambient(wanted.environ, api.domain, wanted.user)
    user = wanted.user or around.email or None
    if around.token:
        api.set_token(around.token, around.token_type)
        return Outcome(True, user, "the environment", lasting=True)
    if around.password and user:
        return Outcome(api.login(email=user, password=around.password), user, "the environment")
    notes = [around.why_not] if around.why_not else []
    if wanted.store is not None:
        stored = _from_store(api, wanted.store, user, notes)
        if stored is not None:
            return Outcome(True, stored.user, "the token store", lasting=True)
    return _from_prompt(api, user, notes, wanted.prompt)


def account_of(api: Api) -> dict[str, Any]:
    """Return whose the token is (GET /account/), empty for one that is nobody's, as a device's.

    Raises:
        HttpAuthenticationError: the server does not take the token.
    """
    try:
        account = api.account.get(page_size=1)["results"][0]
        api.username = account["username"]
    except HttpAuthenticationError:
        raise
    except (HttpClientError, IndexError, KeyError, TypeError) as error:
        logger.debug("The token is of nobody's account: %s", error)
        return {}
    return dict(account)


def _from_store(
    api: Api, store: TokenStore, user: str | None, notes: list[str]
) -> StoredToken | None:
    """Use a stored token, or say in `notes` why the one that is there is of no use."""
    try:
        stored = store.get(api.domain, user)
        if stored is None:
            return None
        why = _why_useless(api, store, stored)
        if why is None:
            return stored
        notes.append(f"{why}, and is forgotten")
        store.forget(stored.domain, stored.user, stored.token)
    except TokenStoreError as error:
        notes.append(str(error))
    return None


def _why_useless(api: Api, store: TokenStore, stored: StoredToken) -> str | None:
    if stored.is_over():
        end = stored.expires_at
        return f"The stored token of {stored.user} ended at {end:%Y-%m-%d %H:%M} UTC"
    type_before = api.token_type
    store.lend(stored, api)
    try:
        account_of(api)
        return None
    except HttpAuthenticationError:
        api.set_token(None, type_before)
    return f"The stored token of {stored.user} is not accepted by {stored.domain} any more"


def _from_prompt(api: Api, user: str | None, notes: list[str], may_ask: bool) -> Outcome:
    problem = None
    if not may_ask:
        problem = f"{f'{user} is not' if user else 'Nobody is'} logged in at {api.domain}"
    elif not user:
        problem = NOBODY
    elif _nobody_is_there():
        problem = f"No password was given: there is no terminal to ask {user} at; {_REMEDY}"
    else:
        for note in notes:
            logger.warning("%s", note)
        try:
            with warnings.catch_warnings():  # of what is typed being shown: in a pipe nobody types
                warnings.simplefilter("ignore", getpass.GetPassWarning)
                password = getpass.getpass()
        except KeyboardInterrupt:
            _leave_the_prompt()
            raise
        except EOFError:
            _leave_the_prompt()
            problem = f"No password was given: the input ended at the prompt; {_REMEDY}"
    if problem or not user:
        return Outcome(False, user, problem=". ".join([str(problem), *notes]))
    return Outcome(api.login(email=user, password=password), user, "the prompt")


def _leave_the_prompt() -> None:
    """Let what is said next begin in a line of its own."""
    if sys.stderr is not None and sys.stderr.isatty():
        print(file=sys.stderr)


def _nobody_is_there() -> bool:
    """Tell whether a prompt would wait for ever, or has nothing to read from."""
    own = (getattr(getpass, f"{kind}_getpass", None) for kind in ("unix", "fallback"))
    if getpass.getpass not in own:
        return False  # Windows' own, or one that somebody put in its place, asks in another way
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        return False
    except OSError:
        pass  # no terminal controls this process; a password may come through a pipe
    try:
        incoming = sys.stdin.fileno()
        mode = os.fstat(incoming).st_mode
    except (AttributeError, OSError):
        return sys.stdin is None
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        return not select.select([incoming], [], [], _PATIENCE)[0]
    return not stat.S_ISREG(mode)  # such as /dev/null
