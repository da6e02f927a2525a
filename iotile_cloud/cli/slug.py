"""`iotile-cloud slug`: what a slug means, in every form.  Asks no server."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from ..utils._forms import forms_of
from ..utils.gid import IOTileDeviceSlug, parse_slug
from ._parser import CommandParser, take_common_options
from ._show import is_terminal, note, show

__all__ = ["forms", "main", "parser"]


def parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    made = CommandParser(
        prog="iotile-cloud slug",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Tell what slugs mean, in every form. No server is asked.",
        epilog="examples:\n  iotile-cloud slug d--2001\n  iotile-cloud slug s--0101--2001--5001",
    )
    what = "a slug, short or long; hex digits alone are a device"
    made.add_argument("text", metavar="TEXT", nargs="+", help=what)
    made.add_argument("--json", action="store_true", help="write JSON, also on a terminal")
    take_common_options(made)
    return made


def main(arguments: Sequence[str]) -> int:
    """Show what each text means, and return 0, or 1 when one means nothing."""
    options = parser().parse_args(arguments)
    found = []
    for text in options.text:
        try:
            found.append(forms(text))
        except ValueError as error:
            note(str(error))
    if options.json or not is_terminal():
        show(found, as_json=True)
    else:
        for number, one in enumerate(found):
            if number:
                print()
            show(one)
    return int(len(found) < len(options.text))


def forms(text: str) -> dict[str, Any]:
    """Return what a slug means, by name.

    Args:
        text: a slug, short or long; hex digits without a kind are a device.

    Raises:
        ValueError: it is no slug.

    >>> forms("v--0005--5001")["project"], forms("2001")["number"]
    ('p--0000-0005', 8193)
    """
    slug = parse_slug(text) if "--" in text else IOTileDeviceSlug(text)
    return forms_of(slug)
