"""The options that every script has, added so that the script's own always win.

Knows argparse and the names.  What an option means is decided elsewhere.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Container, Iterator
from typing import Any

__all__ = ["ScriptParser", "add_common_options", "description_of"]


class _Hidden(str):
    """Text that is not shown when all arguments are, as a script's log may do."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'(not shown)'"


def _filled(text: str) -> str:
    """Refuse what an unset variable leaves of an option: another server or user would be taken."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty; leave the option out, or fill it")
    return text


def _hidden(text: str) -> _Hidden:
    return _Hidden(_filled(text))


_HELP_OF_TOKEN = (
    "log in with this token; other users of the machine may see it here, "
    "but not in the variable IOTILE_CLOUD_TOKEN"
)
_COMMON: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("", "--domain", {"metavar": "URL", "type": _filled, "help": "address of the server"}),
    ("", "--token", {"type": _hidden, "help": _HELP_OF_TOKEN}),
    ("", "--no-verify", {"action": "store_true", "help": "do not check the server's certificate"}),
    ("-v", "--verbose", {"action": "store_true", "help": "tell what is done"}),
    ("-q", "--quiet", {"action": "store_true", "help": "tell only what goes wrong"}),
)


class ScriptParser(argparse.ArgumentParser):
    """A parser that reads a shortened option as the script's own wherever that makes sense."""

    common: tuple[argparse.Action, ...] = ()

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        return self._all_known(*self.parse_known_args(args, namespace))

    def _all_known(self, options: Any, unknown: list[str]) -> Any:
        """Refuse unknown options by their names: what a mistyped `--token` holds is a secret."""
        if unknown:
            named = [word.partition("=")[0] for word in unknown if word.startswith("-")]
            self.error(f"unrecognized arguments: {' '.join(named or unknown)}")
        return options

    def _get_option_tuples(self, option_string: str) -> list[Any]:
        found: list[Any] = super()._get_option_tuples(option_string)
        own = [one for one in found if one[0] not in self.common]
        return own or found


def add_common_options(
    parser: argparse.ArgumentParser, without: Container[str] = ()
) -> frozenset[str]:
    """Add the common options that `parser` lacks, and return the names of their values.

    One whose long form or whose value's name the script uses is left to the script, and a short
    form that it uses as well.

    >>> parser = ScriptParser()
    >>> parser.add_argument("-v", "--token", dest="t").dest
    't'
    >>> sorted(add_common_options(parser, without={"domain"}))
    ['no_verify', 'quiet', 'verbose']
    """
    taken = set(_taken(parser))
    added = []
    for short, long, settings in _COMMON:
        dest = long.lstrip("-").replace("-", "_")
        if not {dest, long} & taken and dest not in without:
            forms = [short, long] if short and short not in taken else [long]
            added.append(parser.add_argument(*forms, dest=dest, **settings))
    if isinstance(parser, ScriptParser):
        parser.common = tuple(added)
    return frozenset(action.dest for action in added)


def _taken(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield every option and every name of a value, also those of sub-parsers."""
    yield from parser._defaults
    for action in parser._actions:
        yield action.dest
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _taken(below)


def description_of(script: type, base: type) -> str | None:
    """Return the first paragraph of what a script says of itself, or else its module.

    Args:
        script: the class of the script.
        base: the class whose words, and those of its own bases, are not about the script.
    """
    for kind in script.__mro__:
        if kind is base:
            return _first_paragraph(getattr(sys.modules.get(script.__module__), "__doc__", None))
        if vars(kind).get("__doc__"):
            return _first_paragraph(kind.__doc__)
    return None


def _first_paragraph(text: Any) -> str | None:
    if not isinstance(text, str) or not text.strip():
        return None
    words = inspect.cleandoc(text).partition("\n\n")[0]
    # It was not written as a template, which argparse takes it for when it finds this in it.
    return words.replace("%", "%%") if "%(prog)" in words else words
