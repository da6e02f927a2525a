"""Readings as a table (CSV, JSON or text), also pivoted: `/df/`.

Not served yet.
"""

from __future__ import annotations

from ..fields import Route

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = ()
