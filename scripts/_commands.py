"""Writes the pages of the commands, or tells which of them are not as the commands are.

Knows the folder.  What is on a page is made in `_command_pages`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from _command_pages import pages

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "commands"


def main(arguments: Sequence[str]) -> int:
    if list(arguments) not in ([], ["--check"]):
        print("scripts/commands takes --check and nothing else", file=sys.stderr)
        return 2
    return (check if arguments else write)(dict(pages()))


def write(made: Mapping[str, str]) -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in differing(made):
        if name in made:
            (FOLDER / name).write_bytes(made[name].encode())
        else:
            (FOLDER / name).unlink()
    return 0


def check(made: Mapping[str, str]) -> int:
    wrong = differing(made)
    if wrong:
        names = ", ".join(wrong)
        print(f"Not as the commands are: {names}; run scripts/commands", file=sys.stderr)
    return 1 if wrong else 0


def differing(made: Mapping[str, str]) -> list[str]:
    """Return the names of the pages that are missing, left over or of another text."""
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    return sorted(name for name in {*there, *made} if there.get(name) != made.get(name))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
