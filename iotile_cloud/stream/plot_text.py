"""A small plot in plain characters, which every terminal can show.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from math import isfinite

from ..utils._html import number
from .columns import Columns
from .stamps import text_of
from .table import in_order_of_time

__all__ = ["text_plot"]

_LABEL = 10


def text_plot(
    columns: Columns, name: str = "output_value", unit: str = "", width: int = 64, height: int = 8
) -> str:
    """Return bars for the means of `width` equal parts of the time that readings span.

    Where a part has no reading with a value, there is no bar.  The scale is at the left; below are
    time, number and extremes of the readings.

    Args:
        columns: with a `timestamp` and the column `name`.
        unit: of the values.

    >>> times = [f"2024-03-05T00:00:0{second}Z" for second in range(4)]
    >>> columns = Columns.made({"timestamp": times, "output_value": [0.0, 1.0, None, 2.0]})
    >>> print(text_plot(columns, unit="C", width=4, height=2))
             2 | # #
             0 |## #
    2024-03-05T00:00:00Z to 2024-03-05T00:00:03Z, 3 readings of 0 to 2 C, 1 without a value
    """
    columns = in_order_of_time(columns)
    times = columns["timestamp"][: len(columns) - columns.nulls("timestamp")]
    values = columns[name][: len(times)]
    known = [isfinite(value) for value in values]
    shown, at = list(compress(values, known)), list(compress(times, known))
    if not shown:
        return f"no readings to draw ({number(len(columns))} in all)"
    means = _means(shown, at, min(width, len(times)))
    words = f"{text_of(at[0])} to {text_of(at[-1])}, {number(len(shown))} readings"
    words += f" of {number(min(shown))} to {number(max(shown))}{f' {unit}' if unit else ''}"
    missing = len(columns) - len(shown)
    words += f", {number(missing)} without a value" if missing else ""
    return "\n".join([*_bars(means, height), words])


def _means(values: Sequence[float], times: Sequence[int], width: int) -> list[float | None]:
    first, span = times[0], times[-1] - times[0]
    parts: list[list[float]] = [[] for _ in range(width)]
    for value, time in zip(values, times):
        parts[min(width - 1, (time - first) * width // (span or 1))].append(value)
    return [sum(value / len(part) for value in part) if part else None for part in parts]


def _bars(means: Sequence[float | None], height: int) -> list[str]:
    drawn = [mean for mean in means if mean is not None]
    low, high = min(drawn), max(drawn)
    step = high / height - low / height or 1.0
    lines = []
    for level in range(height, 0, -1):
        least = low + (level - 1) * step
        bar = "".join(" " if mean is None or mean < least else "#" for mean in means)
        label = {height: number(high), 1: number(low)}.get(level, "")
        lines.append(f"{label:>{_LABEL}} |{bar}".rstrip())
    return lines
