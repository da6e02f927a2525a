"""`iotile-cloud get|post|put|patch|delete`: one call to any resource of the API.

Knows what the five have in common and in what they differ, which is a few lines each.  How a typed
path and typed data become a request is in `_typed`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, ClassVar

from ..api._path import base_url
from ..api.connection import Api, RestResource
from ..api.exceptions import HttpNotFoundError, RestBaseException
from ._command import Command
from ._suggest import did_you_mean
from ._typed import body_of, grouped, path_of, query_of

__all__ = ["VERBS", "main", "parser"]


class _Call(Command):
    """What the five share.

    Attributes:
        sends: whether it takes `--data`.
        lists: whether it takes `--all`.
        shows: whether the answer is shown.
    """

    dry = True
    sends: ClassVar[bool] = True
    lists: ClassVar[bool] = False
    shows: ClassVar[bool] = True

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(arguments)
        try:
            self._path, query = path_of(self.args.path, base_url(self.get_domain(), Api.prefix))
            self._query = grouped([*query, *query_of(self.args.query)])
            self._body = None if self.args.data is None else body_of(self.args.data)
        except ValueError as error:
            self.parser.error(str(error))
        if self._body is not None and not self.sends:
            self.parser.error("get sends no --data; filters are typed as key=value")
        if self.args.all and "page" in self._query:
            self.parser.error("--all reads all pages, and page= asks for one; give one of them")

    def add_arguments(self) -> None:
        add = self.parser.add_argument
        add("path", metavar="PATH", help="such as org/my-org/projects, or a URL of the server")
        what = "the query; a key may be repeated"
        add("query", metavar="KEY=VALUE", nargs="*", default=[], help=what)
        sent = "the JSON to send, @FILE for what is in a file, @- for stdin"
        add("--data", metavar="JSON", help=sent if self.sends else argparse.SUPPRESS)
        if self.lists:
            add("--all", action="store_true", help="read all pages of a listing, and show the rows")
        else:
            self.parser.set_defaults(all=False)

    def after_login(self) -> None:
        resource = _resource(self.api, self._path)
        try:
            if self.args.all:
                self.show_rows(resource.pages(**self._query))
                return
            # Not by the name of the verb, whose own arguments a key of the query may be called.
            answer = resource._call(self.name.upper(), self._query, self._body)
        except HttpNotFoundError as error:
            error.args = (f"{error}{self._meant()}",)
            raise
        if self.shows:
            self.show(answer)

    def _meant(self) -> str:
        """Return what to say of a first segment that the API does not know."""
        try:
            listing: Any = _resource(self.api, []).get()
        except RestBaseException:
            return ""
        names = {str(name).partition("/")[0] for name in listing or ()}
        return did_you_mean(self._path[0], names) if self._path else ""


class Get(_Call):
    """Show what is at a path of the API."""

    name = "get"
    examples = (
        "iotile-cloud get org/my-org/projects",
        "iotile-cloud get device project=p--0000-0101 --all",
        "iotile-cloud get device/d--2001 --json",
    )
    sends = False
    lists = True


class Post(_Call):
    """Make something at a path of the API, and show the answer."""

    name = "post"
    examples = (
        "iotile-cloud post note --data @note.json",
        "iotile-cloud post note --data @note.json --dry-run",
    )


class Put(_Call):
    """Replace what is at a path of the API, and show the answer."""

    name = "put"
    examples = ("iotile-cloud put org/my-org --data @org.json",)


class Patch(_Call):
    """Change what is at a path of the API, and show the answer."""

    name = "patch"
    examples = ('iotile-cloud patch device/d--2001 --data \'{"label": "North Meter"}\'',)


class Delete(_Call):
    """Delete what is at a path of the API.  Nothing is shown when it is done."""

    name = "delete"
    examples = ("iotile-cloud delete note/17",)
    shows = False


VERBS: dict[str, type[_Call]] = {call.name: call for call in (Get, Post, Put, Patch, Delete)}


def parser(verb: str) -> argparse.ArgumentParser:
    """Return the parser of one of the five."""
    return VERBS[verb].build_parser()


def main(verb: str, arguments: Sequence[str]) -> int:
    """Make the call and return the exit status."""
    return VERBS[verb](arguments).execute()


def _resource(api: Api, segments: Sequence[str]) -> RestResource:
    if not segments:  # the root, which lists the resources
        return api["root"]._copy(url=api.base_url)
    resource = api[segments[0]]
    for segment in segments[1:]:
        resource = resource[segment]
    return resource
