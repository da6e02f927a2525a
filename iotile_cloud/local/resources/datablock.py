"""Data blocks (archives): what a device held, put away under a name.

Not served yet.
"""

from __future__ import annotations

from ..fields import Route

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = ()
