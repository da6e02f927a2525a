"""What there is to say of a report and of its receipt, whatever it is written as.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..utils._html import number
from .receipt import Receipt

if TYPE_CHECKING:
    from .report import ReportReceipt

__all__ = ["problems_of", "receipt_facts", "rows_of"]


def rows_of(report: Any) -> list[list[Any]]:
    """Return the table of a report, its head first: a row for each stream, its slug first.

    Raises:
        ValueError: it is a report of another form, or found no streams.

    >>> rows_of({"streams": {"s--1": {"sum": 1.5}}, "total": 1.5})
    [['stream', 'sum'], ['s--1', 1.5]]
    """
    if isinstance(report, Mapping) and "error" in report:
        raise ValueError(f"the report is empty: {report['error']}")
    streams = report.get("streams") if isinstance(report, Mapping) else None
    if not isinstance(streams, Mapping) or not all(
        isinstance(one, Mapping) for one in streams.values()
    ):
        raise ValueError("a table needs a report with values for each stream; JSON takes any")
    names = list(dict.fromkeys(name for one in streams.values() for name in one))
    if not streams and "total" in report:  # sums, and all of them zero
        names = ["sum", "units"]
    rows = [[slug, *(one.get(name) for name in names)] for slug, one in streams.items()]
    return [["stream", *names], *rows]


def problems_of(receipt: Receipt | ReportReceipt) -> list[str]:
    """Return what kept readings away from a result, one sentence each; empty when nothing did.

    >>> problems_of(Receipt(expected=5, received=3))
    ['This is not complete: 3 of 5 readings came.']
    """
    if isinstance(receipt, Receipt):
        said = [] if receipt.complete else [f"This is not complete: {_came(receipt)}."]
        return said + ([f"{number(receipt.nulls)} readings have no time."] if receipt.nulls else [])
    told = [f"{slug} is left out: {reason}" for slug, reason in receipt.unreadable.items()]
    told += [
        f"{slug} is not complete: {_came(one)}."
        for slug, one in receipt.streams.items()
        if not one.complete and slug not in receipt.unreadable
    ]
    told += [
        f"{slug}: {number(nulls)} readings have no value and are left out."
        for slug, nulls in receipt.nulls.items()
    ]
    return told + [f"{slug} has no readings in this window." for slug in receipt.empty]


def _came(receipt: Receipt) -> str:
    expected = "an unknown number of" if receipt.expected is None else number(receipt.expected)
    return f"{number(receipt.received)} of {expected} readings came"


def receipt_facts(receipt: Receipt) -> dict[str, Any]:
    """Return the account of one download by the names of its parts, those that are not empty."""
    return {name: value for name, value in asdict(receipt).items() if value not in (None, "")}
