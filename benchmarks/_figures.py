"""What a measured figure is, and its arithmetic.  Pure: knows no processes and no packages.

Every figure is a ratio, or bytes a reading, so it holds on any machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Callable, Optional


@dataclass(frozen=True)
class Run:
    """A job for one process: `job` is a name that `_job.py` knows."""

    package: str
    job: str
    rows: int
    workers: int = 0  # 0: what the package does by itself


Round = Mapping[Run, Optional[Mapping[str, Any]]]  # what each run took; None: it failed


Amount = tuple[float, int]  # what was measured of a run, and its readings
Compare = Callable[[Amount, Amount], float]


def ratio(top: Amount, bottom: Amount) -> float:
    """Return how many times the one amount is the other.

    >>> ratio((1.0, 100), (4.0, 100))
    0.25
    """
    return top[0] / bottom[0]


def ratio_for_each(top: Amount, bottom: Amount) -> float:
    """Return the ratio of what a single reading takes; 1 where the amount grows with them.

    >>> ratio_for_each((40.0, 1000), (4.0, 100))
    1.0
    """
    return ratio(top, bottom) * bottom[1] / top[1]


def for_each_more(top: Amount, bottom: Amount) -> float:
    """Return what each further reading takes, whatever the first ones took.

    >>> for_each_more((50.0, 20), (30.0, 10))
    2.0
    """
    return (top[0] - bottom[0]) / (top[1] - bottom[1])


@dataclass(frozen=True)
class Figure:
    """One number of the outcome.

    Attributes:
        text: what it is.
        top: the run that is judged.
        bottom: what it is compared with.
        aim: the most that it should be; None when it only informs.
        quantity: which of the measured things: "seconds", "peak" or "held" (bytes).
        compare: makes one number of the two.
    """

    text: str
    top: Run
    bottom: Run
    aim: float | None = None
    quantity: str = "seconds"
    compare: Compare = ratio

    def values(self, rounds: Sequence[Round], quantity: str) -> list[float]:
        """Return the figure of each round, of this quantity; empty when a run told nothing.

        >>> slow, quick = Run("a", "data", 10), Run("b", "data", 10)
        >>> rounds = [{slow: {"s": 4, "readings": 10}, quick: {"s": 1, "readings": 10}}]
        >>> Figure("b to a", quick, slow).values(rounds, "s")
        [0.25]
        """
        found = []
        for each in rounds:
            top, bottom = (each.get(run) for run in (self.top, self.bottom))
            if not top or not bottom or top[quantity] is None:
                return []
            amounts = ((told[quantity], told["readings"]) for told in (top, bottom))
            found.append(self.compare(*amounts))
        return found


@dataclass(frozen=True)
class Group:
    """Figures that share a server.

    Attributes:
        title: what they have in common.
        figures: the figures.
        streams: streams of the project.
        latency: seconds by which each reply is held back.
    """

    title: str
    figures: Sequence[Figure]
    streams: int = 0
    latency: float = 0.0

    @property
    def runs(self) -> list[Run]:
        """The runs of a round, each once, in the order in which they take turns."""
        return list(dict.fromkeys(run for one in self.figures for run in (one.bottom, one.top)))

    @property
    def longest(self) -> int:
        """The readings of the longest stream."""
        return max(run.rows for run in self.runs)


HEAD = """\
| figure | median | lowest to highest | of processor time | aim | met |
|---|---|---|---|---|---|"""


def line(figure: Figure, rounds: Sequence[Round]) -> str:
    """Return the figure as a line of the table under `HEAD`."""
    values = figure.values(rounds, figure.quantity)
    aim = "" if figure.aim is None else f"{figure.aim:.4g}"
    met = "" if figure.aim is None else "no" if misses(figure, rounds) else "yes"
    if not values:
        return f"| {figure.text} | not measured | | | {aim} | {met} |"
    timed = figure.quantity == "seconds"
    cpu = f"{median(figure.values(rounds, 'cpu')):.2f}" if timed else ""
    span = f"{min(values):.2f} to {max(values):.2f}"
    return f"| {figure.text} | **{median(values):.2f}** | {span} | {cpu} | {aim} | {met} |"


def misses(figure: Figure, rounds: Sequence[Round]) -> bool:
    """Tell whether the figure has an aim and is above it, or could not be measured."""
    values = figure.values(rounds, figure.quantity)
    return figure.aim is not None and not (values and median(values) <= figure.aim)
