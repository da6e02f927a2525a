"""What a notebook shows of downloads and reports.  Pure: it asks nobody and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Callable

from ..utils._html import markup, number, shown, table
from .curve import Curve
from .figure_html import figure
from .receipt import Receipt
from .report_facts import problems_of, receipt_facts, rows_of

__all__ = ["download_html", "report_fragment", "shielded"]

_HEAD = 10  # rows
_LONG = 80  # characters of a cell
_PLOTS = 20  # a notebook keeps all that it shows


def shielded(make: Callable[[], str]) -> str | None:
    """Return what `make` returns; None, for which a notebook shows the plain text, if it cannot.

    >>> shielded(lambda: 1 / 0) is None
    True
    """
    try:
        return make()
    except Exception:  # a notebook would show a traceback beside every result
        return None


def download_html(
    name: str,
    stream: object,
    rows: Sequence[Any],
    units: Mapping[str, Any] | None,
    receipt: Receipt,
) -> str:
    """Return the first rows of a download, with what it tells about itself.

    Args:
        name: the class.
        stream: the slug; None for several streams.
        rows: what is held.
        units: those of the stream, where they are known already.
        receipt: of the last download.
    """
    title = name if stream is None else f"{name} {stream}"
    parts = [f"<strong>{markup(title)}</strong>"]
    unit = (units or {}).get("output_unit")
    if isinstance(unit, Mapping) and unit.get("unit_short"):
        parts.append(f"<p>output unit: {markup(unit['unit_short'])}</p>")
    head = rows[:_HEAD]
    parts.append(f"<p>{_held(len(head), len(rows))}</p>")
    if head:
        names = list(dict.fromkeys(key for row in head if isinstance(row, dict) for key in row))
        cells = [[_short(row.get(key)) for key in names] for row in head if isinstance(row, dict)]
        parts.append(table(names, cells) if names else "")
    if receipt != Receipt():
        parts.append(f"<p>last download: {markup(_told(receipt))}</p>")
    return f"<div>{''.join(parts)}</div>"


def _held(shown_rows: int, rows: int) -> str:
    if not rows:
        return "no rows held"
    return f"{number(rows)} rows held" + (f", the first {shown_rows}:" if shown_rows < rows else "")


def _told(receipt: Receipt) -> str:
    return ", ".join(f"{name} {shown(value)}" for name, value in receipt_facts(receipt).items())


def _short(value: Any) -> str | None:
    text = None if value is None else str(value)
    return text if text is None or len(text) <= _LONG else text[:_LONG] + "…"


def report_fragment(
    name: str, report: Any, receipt: Any, curves: Mapping[str, Curve], labels: Mapping[str, str]
) -> str:
    """Return a report, with what it could not use and the first plots of its streams.

    Args:
        name: of the class.
        report: what `compute_sum` returned; None before that.
        receipt: its account.
        curves, labels: of the streams, by slug.
    """
    parts = [f"<strong>{markup(name)}</strong>"]
    units = {}
    if report is None:
        parts.append("<p>no report yet</p>")
    elif isinstance(report, Mapping) and "streams" in report:
        head, *rows = rows_of(report)
        units = {row[0]: dict(zip(head, row)).get("units") for row in rows}
        total = [["total", report["total"]]] if "total" in report else []
        parts.append(table(head, [*rows, *total]))
    else:
        parts.append(f"<pre>{markup(report)}</pre>")
    problems = "".join(f"<li>{markup(one)}</li>" for one in problems_of(receipt))
    parts.append(f"<ul>{problems}</ul>" if problems else "")
    for slug, one in islice(curves.items(), _PLOTS):
        parts.append(figure(slug, one, labels.get(slug), units.get(slug)))
    more = len(curves) - _PLOTS
    if more > 0:
        page = "write_report(generator.report, 'report.html', **generator.about)"
        parts.append(f"<p>{number(more)} more plots: <code>{page}</code> shows all</p>")
    return f"<div>{''.join(parts)}</div>"
