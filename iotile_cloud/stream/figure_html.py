"""The plot of a stream with what has to be said of it: its name, its unit, what it shows.  Pure.

How the line is drawn is in `svg`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..utils._html import markup, number
from .columns import Columns
from .curve import Curve
from .svg import plot_svg

__all__ = ["figure", "named"]


def figure(slug: str, one: Columns | Curve, label: str | None = None, unit: Any = None) -> str:
    """Return the plot of a stream with its words.

    Args:
        slug: the stream.
        one: its readings, of which `output_value` is drawn, or else `value`; or their curve.
        label: its name.
        unit: of the values.
    """
    curve = one if isinstance(one, Curve) else _curve(one)
    words = f"{label or slug}{f' in {unit}' if unit else ''}"
    picture = plot_svg(curve, f"{words}: {_drawn(curve)}")
    in_unit = f" · {markup(unit)}" if unit else ""
    return (
        f"<figure><figcaption>{named(slug, label)}{in_unit}"
        f"<p>{markup(_drawn(curve))}</p></figcaption>{picture}</figure>"
    )


def _curve(columns: Columns) -> Curve:
    name = "output_value" if "output_value" in columns.names else "value"
    return Curve.of([columns], name)


def _drawn(curve: Curve) -> str:
    """Return what a plot shows and what it does not."""
    points = sum(value is not None for _, value in curve.points)
    if not curve.drawn:
        said = "No readings to draw"
    elif points == curve.drawn:
        said = "1 reading" if points == 1 else f"{number(points)} readings, all drawn"
    else:
        said = (
            f"{number(curve.drawn)} readings, drawn through {number(points)} of them:"
            " the first, lowest, highest and last of each slice of time"
        )
    return "; ".join([said, *_missing(curve)]) + "."


def _missing(curve: Curve) -> Iterator[str]:
    if curve.nulls:
        yield f"{number(curve.nulls)} without a value: a gap"
    if curve.odd:
        yield f"{number(curve.odd)} not a finite number: a gap"
    if curve.undated:
        yield f"{number(curve.undated)} without a time: not shown"


def named(slug: str, label: str | None = None) -> str:
    """Return a slug, below the name of what it stands for, if that has one.

    >>> named("s--1", "Mains")
    '<span class="name">Mains</span> <code>s--<wbr/>1</code>'
    """
    name = f'<span class="name">{markup(label)}</span> ' if label else ""
    return f"{name}<code>{markup(slug).replace('--', '--<wbr/>')}</code>"
