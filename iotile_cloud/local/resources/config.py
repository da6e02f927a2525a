"""Configuration: named attributes of users, organisations, projects and devices.

Not served yet.
"""

from __future__ import annotations

from ..fields import Route

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = ()
