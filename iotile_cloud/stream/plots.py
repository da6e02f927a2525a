"""Readings drawn with matplotlib (the extra `plot`), or in characters where only a terminal is.

Knows columns and axes, nothing of downloads.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import timezone, tzinfo
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from ..utils._extras import needed
from .columns import Columns
from .plot_text import text_plot
from .table import in_order_of_time

__all__ = ["by_stream", "draw", "drawn_column", "library", "print_plots", "unit_text", "zone_of"]

_FEW = 40  # readings that are few enough to show each one
_MOST = 12  # lines that a legend names
_WIDEST, _MARGIN = 100, 14


def drawn_column(names: Sequence[str], wanted: str | None) -> str:
    """Return the column to draw: the one that is wanted, else the output value or the value.

    Raises:
        ValueError: there is no such column.

    >>> drawn_column(("timestamp", "value"), None)
    'value'
    """
    numbers = [name for name in names if name not in ("timestamp", "stream")]
    if wanted is None:
        return "output_value" if "output_value" in names else "value"
    if wanted not in numbers:
        raise ValueError(f"no column {wanted!r} to plot; there are {', '.join(numbers)}")
    return wanted


def zone_of(tz: Any) -> tzinfo:
    """Return a time zone, UTC for None.

    Raises:
        TypeError, ValueError: there is no such zone.

    >>> zone_of("Mars/Olympus")
    Traceback (most recent call last):
        ...
    ValueError: tz must be a time zone such as 'Europe/Berlin', not 'Mars/Olympus'
    """
    if tz is None or isinstance(tz, tzinfo):
        return tz or timezone.utc
    text = f"tz must be a time zone such as 'Europe/Berlin', not {tz!r}"
    if not isinstance(tz, str):
        raise TypeError(text)
    try:
        return ZoneInfo(tz)
    except (LookupError, OSError, ValueError) as error:
        raise ValueError(text) from error


def library(ax: Any) -> Any:
    """Return matplotlib; None where it is not installed and a terminal can show characters.

    Raises:
        ImportError: it is not installed, and there is no terminal or `ax` wants it.
    """
    try:
        needed("matplotlib.dates", "plot")
        return needed("matplotlib", "plot")
    except ImportError:
        if ax is None and sys.stdout and sys.stdout.isatty():
            return None
        raise


def by_stream(columns: Columns, label: str) -> dict[str, Columns]:
    """Return the readings of each stream in order of time; all are of `label` if none is named."""
    if "stream" not in columns.names:
        return {label: in_order_of_time(columns)}
    places: dict[str, list[int]] = {}
    for place, stream in enumerate(columns["stream"]):
        places.setdefault(str(stream), []).append(place)
    return {stream: in_order_of_time(columns.take(held)) for stream, held in places.items()}


def unit_text(units: Any, slug: str, column: str) -> str:
    """Return the short name of the unit of a stream's output values; empty if it is not known.

    Args:
        units: of the stream, or of many by slug.

    >>> unit_text({"input_unit": None, "output_unit": {"unit_short": "C"}}, "s--1", "output_value")
    'C'
    """
    one = units.get(slug, units) if isinstance(units, Mapping) else None
    unit = one.get("output_unit") if isinstance(one, Mapping) and column == "output_value" else None
    short = unit.get("unit_short") if isinstance(unit, Mapping) else None
    return str(short) if short else ""


def print_plots(series: Mapping[str, Columns], name: str, units: Any) -> None:
    """Print a small plot of each stream."""
    width = min(_WIDEST, shutil.get_terminal_size().columns) - _MARGIN
    for slug, columns in series.items():
        print(slug)
        print(text_plot(columns, name, unit_text(units, slug, name), max(10, width)))


def draw(series: Mapping[str, Columns], name: str, units: Any, ax: Any, zone: tzinfo) -> Any:
    """Return axes with a line for each stream, broken where there is no value.

    Args:
        series: what is drawn, by slug.
        name: the column.
        units: of the stream, or of many by slug.
        ax: the axes to draw on; None makes a new figure.
        zone: of the time axis.
    """
    if ax is None:
        _, ax = needed("matplotlib.pyplot", "plot").subplots(figsize=(10, 4))
    known = {slug: unit_text(units, slug, name) for slug in series}
    alike = len(set(known.values())) == 1
    for slug, columns in series.items():
        label = slug if alike or not known[slug] else f"{slug} ({known[slug]})"
        _line(ax, columns, name, label)
    _lettering(ax, list(series), name, next(iter(known.values()), "") if alike else "")
    dates = needed("matplotlib.dates", "plot")
    locator = dates.AutoDateLocator(tz=zone)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=zone))
    ax.set_xlabel(str(zone))
    return ax


def _line(ax: Any, columns: Columns, name: str, label: str) -> None:
    numpy = needed("numpy", "plot")
    dated = len(columns) - columns.nulls("timestamp")
    times = numpy.asarray(columns["timestamp"][:dated]).view("datetime64[ns]")
    gone = numpy.frombuffer(columns.mask(name)[:dated], dtype="bool")
    values = numpy.asarray(columns[name][:dated], dtype="float64").copy()
    values[gone | ~numpy.isfinite(values)] = numpy.nan
    few = sum(map(isfinite, values)) <= _FEW
    ax.plot(times, values, label=label, linewidth=1, marker="." if few else None)


def _lettering(ax: Any, slugs: Sequence[str], name: str, unit: str) -> None:
    words = name.replace("_", " ")
    ax.set_ylabel(f"{words} ({unit})" if unit else words)
    ax.set_title(slugs[0] if len(slugs) == 1 else f"{len(slugs)} streams")
    ax.grid(visible=True, alpha=0.3)
    if 1 < len(slugs) <= _MOST:
        ax.legend(fontsize="small")
