"""`BaseMain`: the frame of a script that logs in, works and logs out.

Knows arguments, prompts, logging and exit codes.  What the script does, and how it talks to the
server, it does not know.
"""

from __future__ import annotations

import argparse
import getpass
import logging
import sys

from ..api.connection import DOMAIN_NAME, Api
from ..api.exceptions import RestBaseException

__all__ = ["BaseMain"]

logger = logging.getLogger(__name__)


class BaseMain:
    """Derive a script from it, override `after_login`, and call `main()`.

    The constructor reads the command line: `-u/--user` and what `add_extra_args` adds.

    Attributes:
        parser: the `argparse.ArgumentParser`.
        args: the parsed arguments; `args.email` is the user.
        domain: the server; a class attribute that a script may set.
        api: the `Api`, once `main` has made it.

    Raises:
        SystemExit: status 1 without a user, 2 for wrong arguments.

    >>> class Hello(BaseMain):
    ...     def add_extra_args(self):
    ...         self.parser.add_argument("greeting")
    ...     def after_login(self):
    ...         print(self.args.greeting, self.api.username)
    >>> script = Hello()  # with the arguments: -u demo@example.com Hello
    >>> script.main()     # asks for the password
    Hello demo
    """

    domain: str = DOMAIN_NAME
    api: Api

    def __init__(self) -> None:
        self.parser = argparse.ArgumentParser()
        self.parser.add_argument("-u", "--user", dest="email", help="e-mail address of the user")
        self.add_extra_args()
        self.args = self.parser.parse_args()
        self.config_logging()
        if not self.args.email:
            self._critical_exit("User email is required: use -u EMAIL")

    # -- hooks ------------------------------------------------------------------------------

    def add_extra_args(self) -> None:
        """Add the script's own arguments to `self.parser`."""

    def config_logging(self) -> None:
        """Configure logging; called when the arguments are known."""
        logging.basicConfig(
            level=logging.INFO, format="[%(asctime)-15s] %(levelname)-6s %(message)s"
        )

    def get_domain(self) -> str:
        """Return the address of the server."""
        return self.domain

    def before_login(self) -> None:
        """Do what comes before the login."""

    def login(self) -> bool:
        """Ask for the password and log in; return whether the server agreed."""
        try:
            password = getpass.getpass()
        except EOFError:
            self._critical_exit("No password was given: the input ended at the prompt")
            return False  # a script's own _critical_exit may come back
        return self.api.login(email=self.args.email, password=password)

    def after_login(self) -> None:
        """Do the work of the script."""

    def logout(self) -> None:
        """Log out; called whenever the login succeeded, also when the work failed."""
        try:
            self.api.logout()
        except RestBaseException as error:
            # The work is done, and the server keeps nothing that a logout would have to end.
            logger.warning("Logout failed: %s", error)

    def after_logout(self) -> None:
        """Do what comes after the logout."""

    # -- the flow ---------------------------------------------------------------------------

    def main(self) -> None:
        """Run the hooks in their order.

        Raises:
            SystemExit: status 1 when the login fails.
            Exception: whatever the hooks raise, after the logout.
        """
        self.domain = self.get_domain()
        self.api = Api(self.domain)
        with self.api:
            self.before_login()
            if not self.login():
                self._critical_exit(f"Login of {self.args.email} at {self.domain} failed")
                return
            try:
                self.after_login()
            finally:
                try:
                    self.logout()
                finally:
                    self.after_logout()

    def _critical_exit(self, msg: str) -> None:
        """Log `msg` and end the script with status 1."""
        logger.error(msg)
        sys.exit(1)
