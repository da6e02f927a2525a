"""Multiply, divide, offset: the one formula by which the server turns numbers into units.

Knows nothing of units, streams or HTTP.
"""

from __future__ import annotations

import math
import operator
from typing import SupportsIndex

__all__ = ["MdoError", "MdoHelper"]


class MdoError(ValueError, AssertionError):
    """An argument that is no multiplier, divider or offset; scripts may catch either base."""


def _factor(name: str, value: SupportsIndex) -> float:
    try:
        number = 0 if isinstance(value, bool) else float(operator.index(value))
    except (OverflowError, TypeError):
        number = 0
    if not number:
        raise MdoError(f"{name} is {value!r}; expected an int that is not zero")
    return number


def _offset(value: SupportsIndex | float | None) -> float | None:
    if value is None:
        return None
    try:
        if isinstance(value, bool):
            raise TypeError
        number = value if isinstance(value, float) else float(operator.index(value))
    except (OverflowError, TypeError):
        number = math.nan
    if not math.isfinite(number):
        raise MdoError(f"o is {value!r}; expected None or a finite int or float")
    return float(number) or None


class MdoHelper:
    """Convert numbers by `o + v * m / d`, as the unit objects of the server define it.

    Args:
        m: what to multiply by, an int that is not zero.
        d: what to divide by, an int that is not zero.
        o: what to add after that; None is the same as 0.

    Raises:
        MdoError: an argument is of another type, zero, or not finite.

    >>> fahrenheit = MdoHelper(m=9, d=5, o=-459.67)  # from kelvin
    >>> round(fahrenheit.compute(273.15), 2)
    32.0
    >>> str(MdoHelper(3, 2, 0.5))
    '0.5+3.0x/2.0'
    """

    def __init__(
        self, m: SupportsIndex, d: SupportsIndex, o: SupportsIndex | float | None = None
    ) -> None:
        self._m = _factor("m", m)
        self._d = _factor("d", d)
        self._o = _offset(o)

    def __str__(self) -> str:
        scale = f"{self._m}x/{self._d}"
        return scale if self._o is None else f"{self._o}+{scale}"

    def compute(self, value: float) -> float:
        """Return `value` in the unit that this conversion leads to."""
        return (self._o or 0.0) + value * self._m / self._d

    def compute_value(self, value: float) -> float:
        """Return `value` converted; the same as `compute`."""
        return self.compute(value)

    def compute_reverse(self, value: float) -> float:
        """Return the number that `compute` turns into `value`.

        >>> MdoHelper(3, 2, 0.5).compute_reverse(3.5)
        2.0
        """
        return (value - (self._o or 0.0)) * self._d / self._m
