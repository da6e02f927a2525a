"""A curve as inline SVG that fits any width: the line is stretched, its lettering is not.

Needs no script and nothing from elsewhere; its colours are those of the page around it.  Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..utils._html import markup
from .axes import Tick, time_ticks, value_ticks
from .curve import Curve, Point

__all__ = ["plot_svg"]

Run = list[tuple[int, int]]

_ACROSS, _DOWN = 4000, 1000  # units of the line, whatever the size on the page
_LETTER = 7  # pixels that a letter takes at the most
_FEW = 40  # readings that are few enough to show each one
_SIDE = 36  # pixels that half a day's name takes
_EDGE = 60 * 10**9  # nanoseconds to both sides of a single instant


def plot_svg(curve: Curve, title: str, height: int = 200) -> str:
    """Return the picture of a curve; empty where it has nothing to draw.

    Args:
        title: what it shows, for those who do not see it.
        height: pixels of its grid; it is as wide as there is room.
    """
    points = curve.points
    known = [(time, value) for time, value in points if value is not None]
    if not known:
        return ""
    first, last = points[0][0], points[-1][0]
    if first == last:
        first, last = first - _EDGE, last + _EDGE
    levels = value_ticks(min(one[1] for one in known), max(one[1] for one in known))
    times = time_ticks(first, last)
    left = max(_SIDE, 14 + _LETTER * max(len(tick.text) for tick in levels))
    runs = _runs(points, (first, last), (levels[0].at, levels[-1].at))
    line = "".join(map(_line, runs))
    dotted = runs if len(known) <= _FEW else [run for run in runs if len(run) == 1]
    dots = "".join(f"M{x} {y}h0" for run in dotted for x, y in run)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" height="{height}"'
        f' style="box-sizing:content-box;overflow:visible;display:block;'
        f'width:calc(100% - {left + _SIDE}px);padding:10px {_SIDE}px 40px {left}px">'
        f"<title>{markup(title)}</title>"
        + _levels(levels)
        + _times(times, first, last)
        + f'<svg width="100%" height="100%" viewBox="0 0 {_ACROSS} {_DOWN}"'
        ' preserveAspectRatio="none" overflow="visible">'
        + _stroke("line", line, 1.5)
        + _stroke("line dots", dots, 5)
        + "</svg></svg>"
    )


def _stroke(kind: str, path: str, width: float) -> str:
    return (
        f'<path class="{kind}" fill="none" stroke="#1668c7" stroke-width="{width}"'
        ' stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"'
        f' d="{path}"/>'
        if path
        else ""
    )


def _levels(ticks: Sequence[Tick]) -> str:
    low, high = ticks[0].at, ticks[-1].at
    drawn = []
    for tick in ticks:
        y = f"{100 - 100 * _share(tick.at, low, high):.3f}%"
        drawn.append(
            f'<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}" stroke="currentColor"'
            f' stroke-opacity=".18"/><text x="-8" y="{y}" dy=".35em" text-anchor="end"'
            f' font-size="12" fill="currentColor">{markup(tick.text)}</text>'
        )
    return "".join(drawn)


def _times(ticks: Sequence[Tick], first: int, last: int) -> str:
    drawn = []
    for tick in ticks:
        x = f"{100 * _share(tick.at - first, 0, last - first):.3f}%"
        drawn.append(
            f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="100%" stroke="currentColor"'
            f' stroke-opacity=".1"/>'
            f'<g class="time" font-size="12" fill="currentColor" text-anchor="middle">'
            f'<text x="{x}" y="100%" dy="18">{markup(tick.text)}</text>'
            f'<text x="{x}" y="100%" dy="33" fill-opacity=".7">{markup(tick.below)}</text></g>'
        )
    return "".join(drawn)


def _share(at: float, low: float, high: float) -> float:
    span = high / 2 - low / 2  # of halves, because it is always finite
    return (at / 2 - low / 2) / span if span else 0.5


def _runs(points: Sequence[Point], across: tuple[int, int], up: tuple[float, float]) -> list[Run]:
    """Return where the readings are in the picture, those together that a line joins."""
    runs: list[Run] = []
    joined = False
    for time, value in points:
        if value is not None:
            x = round(_ACROSS * _share(time - across[0], 0, across[1] - across[0]))
            y = round(_DOWN * (1 - _share(value, *up)))
            if not joined:
                runs.append([])
            if runs[-1][-1:] != [(x, y)]:
                runs[-1].append((x, y))
        joined = value is not None
    return runs


def _line(run: Run) -> str:
    """Return a run as part of a path: where it begins, and from there step by step."""
    steps = "".join(f"l{b[0] - a[0]} {b[1] - a[1]}" for a, b in zip(run, run[1:]))
    return f"M{run[0][0]} {run[0][1]}{steps}" if steps else ""
