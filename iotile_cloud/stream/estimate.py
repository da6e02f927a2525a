"""What a download will cost, judged by one small page of it.  Pure; knows nothing of requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["SAMPLE", "Estimate", "estimated"]

SAMPLE = 10  # rows to judge by
_FILL = 0.9  # of a page: parts of a download are not all full


@dataclass(frozen=True)
class Estimate:
    """About what a download brings; each is None where the server does not tell how much it has.

    Attributes:
        rows: readings.
        requests: pages to ask for.
        bytes: of JSON, before compression.
    """

    rows: int | None
    requests: int | None
    bytes: int | None


def estimated(rows: int | None, sample: Sequence[Any], page_size: int) -> Estimate:
    """Return what a download of `rows` costs.

    Args:
        rows: as the server counts them.
        sample: some of them.
        page_size: how many of them a page holds at the most.

    >>> estimated(40_000, [{"value": 1.5}], 20_000)
    Estimate(rows=40000, requests=4, bytes=560000)
    """
    if rows is None:
        return Estimate(None, None, None)
    size = sum(len(json.dumps(row, separators=(",", ":"))) + 1 for row in sample)
    requests = 1 if rows <= page_size else 1 + -(-rows // max(1, int(page_size * _FILL)))
    return Estimate(rows, requests, round(rows * size / max(1, len(sample))))
