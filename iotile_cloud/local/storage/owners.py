"""What the rows of a stream say alike: its slug, project, device and variable, kept once.

So a row is small, and all rows of a stream move by one change.  Knows nothing of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter

from .database import Database
from .tables import OWNER

__all__ = ["Owner", "Owners"]

Owner = dict[str, str]

_NAMES = ", ".join(OWNER)
_names_of = itemgetter(*OWNER)


class Owners:
    """The owners of rows, each with a number, in memory as in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owners: dict[int, Owner] = {}
        self._numbers: dict[tuple[str, ...], int] = {}
        self.reload()
        database.when_undone(self.reload)

    def reload(self) -> None:
        """Read everything again from the database."""
        rows = self._database.query(f"SELECT id, {_NAMES} FROM owner")
        self._owners = {number: dict(zip(OWNER, names)) for number, *names in rows}
        self._numbers = {tuple(owner.values()): at for at, owner in self._owners.items()}

    def __getitem__(self, number: int) -> Owner:
        return self._owners[number]

    def number_of(self, row: Mapping[str, str]) -> int:
        """Return the number of the owner that `row` names, a new one when it is the first."""
        names = _names_of(row)
        if names not in self._numbers:
            statement = f"INSERT INTO owner ({_NAMES}) VALUES (?, ?, ?, ?)"
            number = self._database.execute(statement, names).lastrowid or 0
            self._owners[number] = dict(zip(OWNER, names))
            self._numbers[names] = number
        return self._numbers[names]

    def matching(self, field: str, slug: str) -> list[int]:
        """Return the numbers of the owners whose `field` is `slug`."""
        if field not in OWNER:
            raise ValueError(f"{field!r} is none of {', '.join(OWNER)}")
        found = self._database.query(f"SELECT id FROM owner WHERE {field} = ?", (slug,))
        return [number for (number,) in found]

    def move(self, field: str, slug: str, change: Callable[[Owner], Owner]) -> None:
        """Let `change` rename the owners whose `field` is `slug`, and so all their rows."""
        with self._database.transaction():
            for number in self.matching(field, slug):
                changed = change(dict(self._owners[number]))
                self._database.execute(
                    f"UPDATE owner SET ({_NAMES}) = (?, ?, ?, ?) WHERE id = ?",
                    (*_names_of(changed), number),
                )
            self.reload()
