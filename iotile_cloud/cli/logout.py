"""`iotile-cloud logout`: forgets a kept token, and tells the server goodbye.

Knows whose tokens are meant.  How they are kept is the token store's.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from ..api.exceptions import RestBaseException
from ..api.token_store import StoredToken
from ..utils._credentials import TOKEN
from ._command import Command

__all__ = ["main", "parser"]


class _Logout(Command):
    """Forget the kept token of whoever logged in last, or of the user that is named.

    The server cannot take a token back: a copy of it stays good until it ends."""

    name = "logout"
    examples = (
        "iotile-cloud logout",
        "iotile-cloud logout -u me@example.com",
        "iotile-cloud logout --all",
    )

    def add_arguments(self) -> None:
        self.parser.add_argument(
            "--all", action="store_true", help="forget the tokens of all users of this server"
        )

    def execute(self) -> int:
        """Forget tokens; it needs no login, and no server that answers."""
        domain, store = self.get_domain(), self._token_store()
        user = self._user_email()
        users = store.users(domain)
        chosen = users if self.args.all else [user] if user else users[:1]
        found = [stored for one in chosen if (stored := store.get(domain, one))]
        for stored in found:
            self._say_goodbye(stored)
            store.forget(domain, stored.user)
            self.tell(f"{stored.user} is logged out of {stored.domain}")
        if not found:
            self.tell(f"{f'{user} was not' if user else 'nobody was'} logged in at {domain}")
        if os.environ.get(TOKEN):
            self.tell(f"{TOKEN} is still set in the environment")
        return self.status

    def _say_goodbye(self, stored: StoredToken) -> None:
        if stored.is_over():
            return
        with self._make_api(stored.domain) as api:
            api.set_token(stored.token, stored.token_type)
            try:
                api.logout()
            except RestBaseException as error:
                self.tell(f"the server was not told: {error}")

    def _require_somebody(self) -> None:
        """Nobody needs to log in."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    return _Logout.build_parser()


def main(arguments: Sequence[str]) -> int:
    """Forget what `arguments` say and return 0."""
    return _Logout(arguments).execute()
