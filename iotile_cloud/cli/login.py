"""`iotile-cloud login`: asks for the password once, and keeps the token it brings.

Knows who logs in and what is said about it.  How tokens are kept is the token store's.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from ..utils._credentials import EMAIL, TOKEN
from ..utils._login import NOBODY, Wanted, account_of
from ._command import Command

__all__ = ["main", "parser"]


class _Login(Command):
    """Log in once, and keep the token for the next commands and scripts.

    The password is not kept."""

    name = "login"
    examples = (
        "iotile-cloud login -u me@example.com",
        "iotile-cloud --domain http://127.0.0.1:8000 login -u demo@example.com",
    )

    def before_login(self) -> None:
        """Refuse a store that cannot be used before a password is typed in vain."""
        self._token_store().users(self.domain)

    def after_login(self) -> None:
        """Keep the token that the login brought, or the one of `--token` once it is proved."""
        token, user = self.api.token, self._user_email()
        if self._token_outlives_us:
            user = self._owner() or user
        if not user:
            raise ValueError("the token is of no account; say with -u under what name to keep it")
        if not token:
            raise ValueError(f"{self.api.domain} gave no {self.api.token_type} token to keep")
        store = self._token_store()
        stored = store.put(self.api.domain, user, token, self.api.token_type)
        end = stored.expires_at
        until = f", until {end:%Y-%m-%d %H:%M} UTC" if end else ""
        self.tell(f"{stored.user} is logged in at {stored.domain}{until}")
        self.tell(f"the token is kept in {store.path}")
        if os.environ.get(TOKEN):
            self.tell(f"{TOKEN} is set in the environment, and goes before a kept token")

    def logout(self) -> None:
        """Stay logged in: that is what this command is for."""

    def _owner(self) -> str | None:
        owner = account_of(self.api).get("email")
        asked = self._user_email()
        if owner and asked and owner.lower() != asked.lower():
            raise ValueError(f"the token is of {owner}, not of {asked}")
        return owner

    def _wanted(self) -> Wanted:
        # A token of the environment needs no keeping, and an old stored one is to be replaced.
        around = {name: value for name, value in os.environ.items() if name != TOKEN}
        return replace(super()._wanted(), environ=around, store=None)

    def _require_somebody(self) -> None:
        if self._user_email() or self._common_option("token") or os.environ.get(EMAIL):
            return
        if sys.stdin is not None and sys.stdin.isatty():
            print("E-mail: ", end="", file=sys.stderr, flush=True)
            line = sys.stdin.readline()
            self.args.email = line.strip()
            if not line:  # the input ended, and the cursor stands behind the prompt
                print(file=sys.stderr)
        if not self._user_email():
            raise SystemExit(NOBODY)


def parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    return _Login.build_parser()


def main(arguments: Sequence[str]) -> int:
    """Log in as `arguments` say, keep the token and return 0."""
    return _Login(arguments).execute()
