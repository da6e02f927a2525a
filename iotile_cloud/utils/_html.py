"""Text, numbers and tables as HTML that is safe whatever they hold.  Pure; also well-formed XML.

Does not know what a page is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from math import floor, isfinite, log10
from typing import Any

__all__ = ["cell", "markup", "number", "shown", "table"]

_STRANGE = re.compile(  # what XML forbids, and what turns round the text that follows
    "[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z", re.ASCII)
_APART = r"<span>\1</span> <span>\2\3</span>"  # a day and a time, between which a line may end
_DIGITS = 6
_HUGE = 64  # bits of a whole number that is still written out


def markup(value: object) -> str:
    """Return the text of `value` for the inside of an element or of a quoted attribute.

    What no page may hold (control characters, halves of characters, what turns text round)
    becomes U+FFFD.

    >>> markup("<b> & 'c'")
    '&lt;b&gt; &amp; &#x27;c&#x27;'
    """
    return escape(_STRANGE.sub("\ufffd", str(value)))


def number(value: float) -> str:
    """Return a number as people read it: six digits, all of them before the point, thousands apart.

    >>> number(1234567.8), number(2 / 3), number(1440), number(1e-9)
    ('1,234,568', '0.666667', '1,440', '1e-09')
    """
    if isinstance(value, int):
        return f"{value:,}" if value.bit_length() <= _HUGE else f"{value.bit_length()} bits"
    if not value or not isfinite(value):
        return f"{value:g}"
    before = floor(log10(abs(value))) + 1
    if not -4 < before <= 15:
        return f"{value:.{_DIGITS}g}"
    text = f"{value:,.{max(0, _DIGITS - before)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(value: object) -> str:
    """Return a value as a cell shows it, not yet as markup.

    >>> shown(None), shown(True), shown(0.5), shown("G")
    ('-', 'yes', '0.5', 'G')
    """
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, (int, float)) else str(value)


def table(head: Sequence[Any], rows: Iterable[Sequence[Any]], mark: str = "") -> str:
    """Return a table; numbers stand at the right, and tell all their digits when pointed at.

    Args:
        head: the titles; none for a table that has them in its first column.
        rows: the values.
        mark: the class of the table.

    >>> table([], [["kind", "device"]])
    '<table><tbody><tr><th scope="row">kind</th><td>device</td></tr></tbody></table>'
    """
    top = "".join(f'<th scope="col">{markup(one)}</th>' for one in head)
    body = "".join(f"<tr>{_first(row[0])}{''.join(map(cell, row[1:]))}</tr>" for row in rows)
    named = f' class="{markup(mark)}"' if mark else ""
    return (
        f"<table{named}>"
        + (f"<thead><tr>{top}</tr></thead>" if head else "")
        + f"<tbody>{body}</tbody></table>"
    )


def _first(value: object) -> str:
    return f'<th scope="row">{markup(shown(value))}</th>'


def cell(value: object, flush: bool = False, below: str | None = None) -> str:
    """Return a cell; a number stands at the right, a time of the server without its letters.

    Args:
        value: what is in it.
        flush: whether it stands at the right, whatever it is.
        below: a time below the value.

    >>> cell("2024-03-05T00:00:00Z"), cell(None)
    ('<td class="time"><span>2024-03-05</span> <span>00:00:00</span></td>', '<td>-</td>')
    """
    text, kind, whole = markup(shown(value)), "", ""
    if isinstance(value, str) and _TIME.fullmatch(value):
        text, kind = _TIME.sub(_APART, value), "time"
    elif flush or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        kind = "number"
        whole = f' title="{value!r}"' if isinstance(value, float) else ""
    under = f"<small>{_TIME.sub(_APART, markup(below))}</small>" if below else ""
    named = f' class="{kind}"' if kind else ""
    return f"<td{named}{whole}>{text}{under}</td>"
