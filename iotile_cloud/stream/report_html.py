"""A report as one page to look at, to print and to send on.  Pure.

It needs nothing from elsewhere and runs nothing, and every text in it is escaped.  How a curve is
drawn is in `svg`, how the page looks in `report_style`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Union

from ..utils._html import cell, markup, shown, table
from ..utils.basic import utc_text
from .axes import moment_text
from .columns import Columns
from .curve import Curve
from .figure_html import figure, named
from .receipt import Receipt
from .report_facts import problems_of, receipt_facts, rows_of
from .report_style import STYLE
from .stamps import nanoseconds_of

if TYPE_CHECKING:
    from .report import ReportReceipt

__all__ = ["report_html"]

AnyReceipt = Union[Receipt, "ReportReceipt"]
_TITLE = "Report of IOTile Cloud"
_ACCOUNT = ("expected", "received", "dropped", "first", "last", "requests", "retries")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def report_html(
    report: Mapping[str, Any],
    *,
    title: str = _TITLE,
    query: Mapping[str, Any] | None = None,
    receipt: AnyReceipt | None = None,
    series: Mapping[str, Columns | Curve] | None = None,
    labels: Mapping[str, str] | None = None,
) -> str:
    """Return a report as a page of HTML.

    A report that found no streams is a page that says so.

    Args:
        report: what `compute_sum` returned.
        title: stands at its top.
        query: what was asked, by name: `start` and `end` are its window.
        receipt: what the report could and could not use.
        series: the readings of streams, by slug, each of which is plotted: columns with an
            `output_value` or else a `value`, or the curve that was made of them.
        labels: the names of streams, by slug.

    Raises:
        ValueError: it is a report of another form.

    >>> page = report_html({"streams": {"s--1": {"sum": 1.5, "units": "<b>"}}, "total": 1.5})
    >>> page.startswith("<!DOCTYPE html>"), "&lt;b&gt;" in page, "<b>" in page
    (True, True, False)
    """
    empty = isinstance(report, Mapping) and "error" in report
    head, *rows = [["stream"]] if empty else rows_of(report)
    labels, query = labels or {}, query or {}
    units = {row[0]: dict(zip(head, row)).get("units") for row in rows}
    parts = [
        _header(title, query),
        f'<section class="problems"><h2>{markup(report["error"])}</h2></section>' if empty else "",
        _tiles(report, rows, units, receipt),
        _problems(receipt),
        "" if empty else _table(head, rows, report, labels),
        *(
            figure(slug, one, labels.get(slug), units.get(slug))
            for slug, one in (series or {}).items()
        ),
        _facts("Query", query),
        _receipt(receipt),
    ]
    return _page(title, "\n".join(part for part in parts if part))


def _page(title: str, body: str) -> str:
    from .. import __version__

    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{markup(_POLICY)}"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{markup(title)}</title><style>{STYLE}</style></head>\n<body><main>\n{body}\n</main>"
        f"\n<footer>Made with iotile_cloud {markup(__version__)}. Times are in UTC.</footer>"
        "</body></html>\n"
    )


def _header(title: str, query: Mapping[str, Any]) -> str:
    start, end = (query.get(name) for name in ("start", "end"))
    words = [f"From {_time(start)}"] if start else ["From the beginning"] if end else []
    words += [f"to before {_time(end)}"] if end else []
    window = f"<p>{markup(' '.join(words))}</p>" if words else ""
    return f"<header><h1>{markup(title)}</h1>{window}</header>"


def _time(value: Any) -> str:
    """Return a time of a query for people; what is none as it is."""
    try:
        text = utc_text(value) if isinstance(value, date) else str(value)
        return moment_text(nanoseconds_of(text))
    except (OverflowError, ValueError):
        return str(value)


def _tiles(
    report: Mapping[str, Any],
    rows: Sequence[Sequence[Any]],
    units: Mapping[str, Any],
    receipt: AnyReceipt | None,
) -> str:
    tiles: list[tuple[str, Any, Any]] = []
    if "total" in report:
        alike = {str(unit or "") for unit in units.values()}
        tiles.append(("Total", report["total"], alike.pop() if len(alike) == 1 else ""))
    tiles.append(("Streams in the report", len(rows), ""))
    if receipt is not None:
        ones = _receipts(receipt)
        tiles.append(("Readings received", sum(one.received for one in ones), ""))
        tiles.append(("Complete", receipt.complete, ""))
    cells = (
        f"<div><dt>{markup(name)}</dt><dd>{markup(shown(value))}"
        + (f" <small>{markup(unit)}</small>" if unit else "")
        + "</dd></div>"
        for name, value, unit in tiles
    )
    return f'<dl class="tiles">{"".join(cells)}</dl>'


def _receipts(receipt: AnyReceipt) -> list[Receipt]:
    return [receipt] if isinstance(receipt, Receipt) else list(receipt.streams.values())


def _problems(receipt: AnyReceipt | None) -> str:
    problems = problems_of(receipt) if receipt is not None else []
    items = "".join(f"<li>{markup(problem)}</li>" for problem in problems)
    return (
        f'<section class="problems"><h2>To know about this report</h2><ul>{items}</ul></section>'
        if items
        else ""
    )


def _table(
    head: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    report: Mapping[str, Any],
    labels: Mapping[str, str],
) -> str:
    """Return the table of a report; a time is put below the value that it is the time of."""
    found = {name: at for at, name in enumerate(head) if at}
    times = {at: found[f"{name}_time"] for name, at in found.items() if f"{name}_time" in found}
    places = [at for at in range(1, len(head)) if at not in times.values()]
    right = [any(isinstance(row[at], (int, float)) for row in rows) for at in range(len(head))]
    titles = "".join(_title(head[at], right[at]) for at in (0, *places))

    def line(row: Sequence[Any]) -> str:
        cells = (cell(row[at], right[at], row[times[at]] if at in times else None) for at in places)
        return f'<tr><th scope="row">{named(row[0], labels.get(row[0]))}</th>{"".join(cells)}</tr>'

    foot = ""
    if "total" in report:
        rest = "<td></td>" * (len(places) - 1)
        foot = f'<tfoot><tr><th scope="row">Total</th>{cell(report["total"])}{rest}</tr></tfoot>'
    body = f"<tbody>{''.join(map(line, rows))}</tbody>"
    return _wide("Streams", f"<table><thead><tr>{titles}</tr></thead>{body}{foot}</table>")


def _title(name: Any, flush: bool) -> str:
    at_right = ' class="number"' if flush else ""
    return f'<th scope="col"{at_right}>{markup(str(name).replace("_", " "))}</th>'


def _facts(title: str, facts: Mapping[str, Any]) -> str:
    pairs = "".join(
        f"<dt>{markup(str(name).replace('_', ' '))}</dt><dd>{markup(_fact(value))}</dd>"
        for name, value in facts.items()
        if value is not None
    )
    return f'<section><h2>{title}</h2><dl class="facts">{pairs}</dl></section>' if pairs else ""


def _fact(value: Any) -> str:
    if isinstance(value, date):
        return utc_text(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_fact, value))
    return str(value)


def _receipt(receipt: AnyReceipt | None) -> str:
    if receipt is None:
        return ""
    if isinstance(receipt, Receipt):
        return _facts("Receipt", receipt_facts(receipt))
    head = ["stream", *_ACCOUNT, "without value", "complete"]
    rows = [
        [slug, *(getattr(one, name) for name in _ACCOUNT), receipt.nulls.get(slug, 0), one.complete]
        for slug, one in receipt.streams.items()
    ]
    return _wide("Receipt", table(head, rows), "receipt") if rows else ""


def _wide(title: str, held: str, mark: str = "") -> str:
    """Return a table that is moved sideways where it has no room, also with the keyboard."""
    named = f' class="{mark}"' if mark else ""
    return (
        f"<section{named}><h2>{title}</h2>"
        f'<div class="wide" role="region" aria-label="{title}" tabindex="0">{held}</div></section>'
    )
