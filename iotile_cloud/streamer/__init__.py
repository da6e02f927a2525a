"""Floor 1: the report formats in which devices hand over readings.  Knows nothing of HTTP."""

from __future__ import annotations

from .signed_list import Reading, ReportError, SignedListReport

__all__ = ["Reading", "ReportError", "SignedListReport"]
