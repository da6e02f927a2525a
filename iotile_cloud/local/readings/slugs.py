"""Which slugs the server takes in its URLs and arguments, and which full slug they mean.

The server is stricter than the client's slug classes: lower case only, short forms only here and
there.  Knows nothing of records or HTTP.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["full_slug", "grouped", "name_slug", "stream_parts"]

GROUPS = {"p": (2,), "v": (2, 1), "s": (2, 4, 1), "d": (4,), "b": (4,), "t": (4, 1)}

# Upper case is taken in a stream that is only written to: it is then another stream.
_STREAM = re.compile(
    r"s--([0-9a-fA-F]{4}-[0-9a-fA-F]{4})--((?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{4})--([0-9a-fA-F]{4})"
)
_TERM = re.compile(r"[0-9a-f]{1,4}(-[0-9a-f]{1,4})*")


def grouped(number: int, groups: int) -> str:
    """Return `number` as groups of four hexadecimal digits.

    >>> grouped(0x10, 2)
    '0000-0010'
    """
    digits = f"{number:0{4 * groups}x}"
    return "-".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def full_slug(text: str) -> str | None:
    """Return `text` with its missing leading groups, or None when it is no slug.

    >>> full_slug("v--0010--5102"), full_slug("d--0201"), full_slug("D--0201")
    ('v--0000-0010--5102', 'd--0000-0000-0000-0201', None)
    """
    kind, *terms = text.split("--")
    sizes = GROUPS.get(kind, ())
    if not sizes or len(terms) != len(sizes) or not all(map(_TERM.fullmatch, terms)):
        return None
    parts = [[group.zfill(4) for group in term.split("-")] for term in terms]
    if any(len(part) > size for part, size in zip(parts, sizes)):
        return None
    padded = ["-".join(["0000"] * (n - len(part)) + part) for part, n in zip(parts, sizes)]
    return "--".join([kind, *padded])


def stream_parts(slug: str) -> tuple[str, str, str] | None:
    """Return the project, device (or block) and variable of a full stream slug.

    The device is "" for a virtual stream, the project "" for an archived one.  None when `slug`
    is not a full stream slug.

    >>> stream_parts("s--0000-0010--0000-0000-0000-0201--5001")
    ('p--0000-0010', 'd--0000-0000-0000-0201', 'v--0000-0010--5001')
    """
    match = _STREAM.fullmatch(slug)
    if match is None:
        return None
    project, device, variable = match.groups()
    kind = "d" if device.startswith("0000-") else "b"
    return (
        "" if project == "0000-0000" else f"p--{project}",
        "" if device == "0000-0000-0000-0000" else f"{kind}--{device}",
        f"v--{project}--{variable}",
    )


def name_slug(name: str) -> str:
    """Return the slug that the server makes of a name.

    >>> name_slug("Water Meters: Zürich")
    'water-meters-zurich'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain)).strip("-_")
