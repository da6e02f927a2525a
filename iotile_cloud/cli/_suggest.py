"""What was meant by a mistyped word: one that is there and looks like it.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean"]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'device'?`, to go behind an error; empty when nothing is alike.

    >>> did_you_mean("devise", ["org", "device"])
    "; did you mean 'device'?"
    >>> did_you_mean("device", ["org", "device"])
    ''
    """
    names = sorted(known)
    close = [] if word in names else get_close_matches(word.lower(), names, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
