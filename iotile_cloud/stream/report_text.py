"""Reports as JSON, CSV and a table to read, and files of them.  Does not know how they are made.

A report is what `compute_sum` returns: a dictionary with `streams`, a dictionary of values for
each stream, and perhaps a `total`.  JSON takes every other report too.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from .files import Path, replacing
from .report_facts import rows_of
from .report_html import report_html

__all__ = ["report_csv", "report_json", "report_text", "text_table", "write_report"]


def report_json(report: Any) -> str:
    r"""Return a report as JSON.

    >>> report_json({"streams": {}, "total": 0.0})
    '{\n  "streams": {},\n  "total": 0.0\n}\n'
    """
    return json.dumps(report, indent=2, ensure_ascii=False, default=str) + "\n"


def report_csv(report: Mapping[str, Any]) -> str:
    r"""Return a report as CSV: a line for each stream; numbers with all digits, empty for None.

    A total is not in it.

    Raises:
        ValueError: it is a report of another form, or found no streams.

    >>> report_csv({"streams": {"s--1": {"sum": 0.1, "units": "G"}}, "total": 0.1})
    'stream,sum,units\ns--1,0.1,G\n'
    """
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(rows_of(report))
    return lines.getvalue()


def report_text(report: Mapping[str, Any]) -> str:
    r"""Return a report as a table for people: numbers rounded to six digits, a total below.

    Raises:
        ValueError: it is a report of another form, or found no streams.

    >>> report = {"streams": {"s--1": {"sum": 2 / 3, "units": "G"}}, "total": 2 / 3}
    >>> print(report_text(report), end="")
    stream       sum  units
    s--1    0.666667  G
    total   0.666667
    """
    head, *rows = rows_of(report)
    if "total" in report:
        rows.append(["total", report["total"], *[""] * (len(head) - 2)])
    return text_table([head, *rows])


def text_table(rows: Sequence[Sequence[Any]]) -> str:
    r"""Return rows, the titles first, in columns: numbers to the right, rounded to six digits.

    >>> print(text_table([["label", "sum"], ["Mains", 2 / 3]]), end="")
    label       sum
    Mains  0.666667
    """
    right = [any(isinstance(cell, (int, float)) for cell in column) for column in zip(*rows)]
    cells = [list(map(_shown, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    return "".join(_line(row, widths, right) for row in cells)


def write_report(report: Any, path: Path, **page: Any) -> None:
    """Write a report to a file, in the form that the end of its name says.

    Args:
        report: what `compute_sum` returned.
        path: ends in `.json`, `.csv`, `.txt` or `.html`.  A file there is replaced when all is
            written.
        page: what else a page tells, as for `report_html`; the other forms have no place for it.

    Raises:
        ValueError: the name ends otherwise, or the report does not go into this form.
        TypeError: `page` is given for another form than a page, or is unknown.
        OSError: it cannot be written there.

    >>> write_report({"streams": {"s--1": {"sum": 1.5}}, "total": 1.5}, folder / "sums.csv")
    >>> (folder / "sums.csv").read_text()
    'stream,sum\\ns--1,1.5\\n'
    """
    ending = os.path.splitext(os.fsdecode(path))[1].lower()
    if ending not in _FORMS:
        raise ValueError(f"the name of a report ends in {', '.join(_FORMS)}, not {ending!r}")
    text = _FORMS[ending](report, **page)
    with replacing(path) as (file,):
        file.write(text.encode())


_FORMS: dict[str, Callable[..., str]] = {
    ".json": report_json,
    ".csv": report_csv,
    ".txt": report_text,
    ".html": report_html,
}


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return format(value, ".6g") if isinstance(value, float) else str(value)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    fitted = (
        cell.rjust(width) if flush else cell.ljust(width)
        for cell, width, flush in zip(cells, widths, right)
    )
    return "  ".join(fitted).rstrip() + "\n"
