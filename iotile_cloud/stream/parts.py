"""A stream of many on its way: what of it has come, and what is still to be asked for.

Knows nothing of requests, threads or what the pieces hold.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .columns import Columns

if TYPE_CHECKING:
    from .data import StreamData

__all__ = ["Part", "gathered"]

_SMALL = 1_000  # rows; smaller pieces come together
Piece = TypeVar("Piece", "list[Any]", Columns)


class Part(Generic[Piece]):
    """A stream of which some is still to be read.

    Attributes:
        slug: which one.
        readings: its download; None before that has begun.
        pieces: what it brings from here on.
    """

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.readings: StreamData | None = None
        self.pieces: Iterator[Piece] = iter(())

    def close(self) -> None:
        """End the download, wherever it is."""
        if isinstance(self.pieces, Generator):
            with suppress(ValueError):  # a thread is at it, and who interrupts waits for none
                self.pieces.close()


def gathered(part: Part[Piece]) -> tuple[Piece | None, bool]:
    """Return the next pieces of a part as one (None: there are none), and whether to go on.

    An error comes after the pieces before it.

    >>> part = Part("s--1")
    >>> part.pieces = iter([[1, 2], [3]])
    >>> gathered(part)
    ([1, 2, 3], False)
    """
    whole: Piece | None = None
    try:
        for piece in part.pieces:
            if whole is None:
                whole = piece
            else:
                whole.extend(piece)
            if len(whole) >= _SMALL:
                return whole, True
    except Exception as error:
        if whole is None:
            raise
        part.pieces = _failing(error)
        return whole, True
    return whole, False


def _failing(error: Exception) -> Iterator[Any]:
    yield from ()
    raise error
