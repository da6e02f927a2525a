"""`iotile-cloud whoami`: shows who is logged in where, and how.  Never asks for a password."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from ..utils._login import Wanted, account_of
from ._command import Command

__all__ = ["main", "parser"]


class _Whoami(Command):
    """Show who is logged in, and where. Nobody is asked for a password."""

    name = "whoami"
    examples = ("iotile-cloud whoami", "iotile-cloud whoami --json")

    def after_login(self) -> None:
        """Ask the server whose the token is, and show it."""
        account = account_of(self.api)
        end = self.api.expires_at
        self.show(
            {
                "email": account.get("email", self._user_email()),
                "username": account.get("username"),
                "name": account.get("name"),
                "domain": self.api.domain,
                "token_from": self._token_source,
                "token_type": self.api.token_type,
                "expires_at": end,
            }
        )

    def _wanted(self) -> Wanted:
        return replace(super()._wanted(), prompt=False)

    def _require_somebody(self) -> None:
        """Who it is, is the question."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    return _Whoami.build_parser()


def main(arguments: Sequence[str]) -> int:
    """Show who `arguments` and their surroundings stand for; return 0."""
    return _Whoami(arguments).execute()
