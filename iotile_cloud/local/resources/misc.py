"""Small services that belong to no resource: `/pid/`, `/s3file/`, `/dbstats/`.

Not served yet.
"""

from __future__ import annotations

from ..fields import Route

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = ()
