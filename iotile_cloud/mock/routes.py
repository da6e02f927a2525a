"""Every path that the mock cloud serves: the table of contents.

Knows all rows.  Knows nothing of requests in flight.
"""

from __future__ import annotations

from ..local.resources import s3
from ..local.rules.fields import Route
from . import generated, logins, readings, records, uploads
from .rows import joined

__all__ = ["ROUTES"]

_ROWS = (*logins.ROWS, *records.ROWS, *readings.ROWS, *uploads.ROWS, *generated.ROWS)
ROUTES: tuple[Route, ...] = (*joined(_ROWS), *s3.ROUTES)
