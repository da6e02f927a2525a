"""Stream filters: state machines that watch a stream.

Not served yet.
"""

from __future__ import annotations

from ..fields import Route

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = ()
