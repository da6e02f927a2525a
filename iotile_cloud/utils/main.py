"""`BaseMain`: the frame of a script that logs in, works and logs out.

Knows the hooks, their order and logging.  How one logs in is `_login`'s, what the options are is
`_options`', and how a program ends is `_ending`'s.
"""

from __future__ import annotations

import argparse
import getpass  # noqa: F401 (published: tests of scripts replace it here)
import logging
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from ..api.connection import DOMAIN_NAME, Api
from ..api.exceptions import RestBaseException
from ..api.token_store import TokenStore
from ._credentials import DOMAIN, may_know_somebody
from ._ending import status_of
from ._login import NOBODY, Wanted, log_in
from ._options import ScriptParser, add_common_options, description_of

__all__ = ["BaseMain"]

logger = logging.getLogger(__name__)


class BaseMain:
    """Derive a script from it, override `after_login`, and call `main()` or `run()`.

    The constructor reads the command line: `-u/--user` and what `add_extra_args` adds.  Where the
    script has no option of that name itself, there are also `--domain`, `--token`, `--no-verify`,
    `-v/--verbose` and `-q/--quiet`.

    The credentials are, in this order: `--token`; the environment's `IOTILE_CLOUD_TOKEN` (with
    `IOTILE_CLOUD_TOKEN_TYPE`), or `IOTILE_CLOUD_EMAIL` and `IOTILE_CLOUD_PASSWORD`, which are sent
    to `IOTILE_CLOUD_DOMAIN` only if that is set; what `iotile-cloud login` stored; a prompt.

    Args:
        argv: the arguments, without the name of the script; `sys.argv` when left out.

    Attributes:
        parser: the `argparse.ArgumentParser`.
        args: the parsed arguments; `args.email` is the user.
        domain: the server; a class attribute that a script may set, which `--domain` overrides and
            which the environment does not.
        epilog: a class attribute, the end of the help, such as examples.
        api_class: a class attribute, the kind of `Api` for another service; None is `Api` itself.
        api: the `Api`, once `main` has made it.

    Raises:
        SystemExit: status 1 without a user or any other credential, 2 for wrong arguments.

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
    epilog: str | None = None
    api_class: type[Api] | None = None
    api: Api
    _common_options: frozenset[str] = frozenset()
    _token_source: str = ""
    _token_outlives_us: bool = False
    _login_failed: bool = False
    _parser_class: type[argparse.ArgumentParser] = ScriptParser

    def __init__(self, argv: Sequence[str] | None = None) -> None:
        self._make_parser()
        self._read_arguments(argv)

    # -- hooks ------------------------------------------------------------------------------

    def add_extra_args(self) -> None:
        """Add the script's own arguments to `self.parser`."""

    def config_logging(self) -> None:
        """Configure logging; called when the arguments are known."""
        logging.basicConfig(
            level=logging.WARNING if self._common_option("quiet") else logging.INFO,
            format="[%(asctime)-15s] %(levelname)-6s %(message)s",
        )

    def get_domain(self) -> str:
        """Return the address of the server.  A script that overrides it has no `--domain`."""
        ambient = None if self._sets_domain() else os.environ.get(DOMAIN)
        return self._common_option("domain") or ambient or self.domain

    def before_login(self) -> None:
        """Do what comes before the login."""

    def login(self) -> bool:
        """Log in with the first credentials that there are; return whether the server agreed.

        A token that the server refuses is told of by the first request that needs it, except for a
        stored one, which is tried at once and forgotten.
        """
        outcome = log_in(self.api, self._wanted())
        if outcome.problem:
            self._critical_exit(outcome.problem)
            return False  # a script's own _critical_exit may come back
        if not self._user_email():
            self.args.email = outcome.user
        self._token_source, self._token_outlives_us = outcome.source, outcome.lasting
        return outcome.done

    def after_login(self) -> None:
        """Do the work of the script."""

    def logout(self) -> None:
        """Log out; called whenever the login succeeded, also when the work failed.

        A token that was there before the script, in an argument, the environment or the store, is
        let go of, and stays good for the next run.
        """
        if self._token_outlives_us:
            self.api.set_token(None)
            return
        try:
            self.api.logout()
        except RestBaseException as error:
            # The work is done, and the server keeps nothing that a logout would have to end.
            logger.warning("Logout failed: %s", error)

    def after_logout(self) -> None:
        """Do what comes after the logout."""

    # -- the flow ---------------------------------------------------------------------------

    def main(self, argv: Sequence[str] | None = None) -> None:
        """Run the hooks in their order.

        Args:
            argv: other arguments than those that the constructor read.

        Raises:
            SystemExit: status 1 when the login fails.
            Exception: whatever the hooks raise, after the logout.
        """
        if argv is not None:
            self._read_arguments(argv)
        self.domain = self.get_domain()
        self.api = self._make_api(self.domain)
        with self.api:
            self.before_login()
            if not self.login():
                self._login_failed = True  # also where a script's own _critical_exit comes back
                self._critical_exit(f"Login of {self._user_email()} at {self.domain} failed")
                return
            try:
                self.after_login()
            finally:
                try:
                    self.logout()
                finally:
                    self.after_logout()

    def run(self, argv: Sequence[str] | None = None) -> NoReturn:
        """Run `main` as a program does, and end the process: 0 done, 1 failed, 130 interrupted.

        What can go wrong in the world is one line on stderr.  A mistake in the script keeps its
        traceback.

        >>> BaseMain(["-u", "demo@example.com"]).run()  # asks for the password
        Traceback (most recent call last):
            ...
        SystemExit: 0
        """
        work = self.main if argv is None else lambda: self.main(argv)
        sys.exit(status_of(work, self.parser.prog) or int(self._login_failed))

    def _make_parser(self) -> None:
        """Make `self.parser` with all its options; nothing is parsed yet."""
        self.parser: argparse.ArgumentParser = self._parser_class(
            description=description_of(type(self), BaseMain),
            epilog=self.epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.parser.add_argument("-u", "--user", dest="email", help="e-mail address of the user")
        self.add_extra_args()
        overridden = type(self).get_domain is not BaseMain.get_domain
        self._common_options = add_common_options(self.parser, {"domain"} if overridden else ())

    def _read_arguments(self, argv: Sequence[str] | None) -> None:
        """Read the arguments, and refuse at once what cannot lead to a login."""
        self.args = self.parser.parse_args(argv)
        self.config_logging()
        if self._common_option("verbose"):
            logging.getLogger(__package__.partition(".")[0]).setLevel(logging.DEBUG)
        self._require_somebody()

    def _require_somebody(self) -> None:
        """End the script when nothing says who is to log in."""
        if not (self._user_email() or self._common_option("token")) and not may_know_somebody(
            os.environ, self._token_store().path.exists()
        ):
            self._critical_exit(NOBODY)

    def _make_api(self, domain: str) -> Api:
        make = self.api_class or Api
        return make(domain, verify=False) if self._common_option("no_verify") else make(domain)

    def _common_option(self, name: str) -> Any:
        """Return the value of a common option, None where the script has its own of that name."""
        return getattr(self.args, name, None) if name in self._common_options else None

    def _user_email(self) -> str | None:
        return getattr(self.args, "email", None)

    def _wanted(self) -> Wanted:
        """Return who is to log in, and where credentials may be found."""
        return Wanted(
            self._user_email(), self._common_option("token"), os.environ, self._token_store()
        )

    def _token_store(self) -> TokenStore:
        return TokenStore()

    def _sets_domain(self) -> bool:
        """Tell whether the script names the server, be it the hosted one."""
        kinds = type(self).__mro__
        places = (self, *kinds[: kinds.index(BaseMain)])
        return BaseMain.domain != DOMAIN_NAME or any("domain" in vars(one) for one in places)

    def _critical_exit(self, msg: str) -> None:
        """Log `msg` and end the script with status 1."""
        logger.error(msg)
        sys.exit(1)
