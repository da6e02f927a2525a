"""Tables and plots for a terminal, in plain ASCII so that every terminal can show them.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["plot", "table"]


def table(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows under titles, columns aligned: numbers to the right, text to the left.

    >>> print(table(["stream", "sum"], [["a", 1.5], ["bc", 20]]))
    stream   sum
    a       1.50
    bc        20
    """
    numeric = [False] * len(titles)
    lines = [list(titles)]
    for row in rows:
        numeric = [isinstance(cell, (int, float)) for cell in row]
        lines.append([f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in row])
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric)
        ).rstrip()
        for line in lines
    )


def plot(values: Sequence[float], width: int = 64, height: int = 8) -> str:
    """Return a bar for the mean of each of `width` slices of `values`, with the scale at the left.

    >>> print(plot([0.0, 1.0, 2.0, 1.0], width=4, height=2))
        2.00 | ###
        0.00 |####
    """
    if not values:
        return ""
    width = min(width, len(values))
    edges = [len(values) * at // width for at in range(width + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in zip(edges, edges[1:])]
    low, high = min(means), max(means)
    step = (high - low) / height or 1.0
    lines = []
    for level in range(height, 0, -1):
        bar = "".join("#" if mean >= low + (level - 1) * step else " " for mean in means)
        label = {height: f"{high:,.2f}", 1: f"{low:,.2f}"}.get(level, "")
        lines.append(f"{label:>8} |{bar}".rstrip())
    return "\n".join(lines)
