"""The grammar of slugs: one table, the numbers in a text, and the text of numbers.

Every kind of slug is read and written by walking the table.  Knows no slug class and no server.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import SupportsIndex

# The whole grammar: kind letter -> its name, and how many groups of four hex digits each term has.
GRAMMAR: dict[str, tuple[str, tuple[int, ...]]] = {
    "p": ("project", (2,)),
    "d": ("device", (4,)),
    "b": ("block", (4,)),
    "g": ("fleet", (3,)),
    "v": ("variable", (2, 1)),
    "s": ("stream", (2, 4, 1)),
    "t": ("streamer", (4, 1)),
}
_HEX = frozenset("0123456789abcdef")


def gid_split(gid: str) -> list[str]:
    """Split a slug into its kind and its terms.

    >>> gid_split("v--0000-0005--5001")
    ['v', '0000-0005', '5001']
    """
    return gid.split("--")


def gid_join(elements: Iterable[str]) -> str:
    """Join a kind and its terms into a slug; the reverse of `gid_split`.

    >>> gid_join(["v", "0000-0005", "5001"])
    'v--0000-0005--5001'
    """
    return "--".join(elements)


def gid2int(gid: str) -> int:
    """Return the number that one term of up to four groups stands for.

    >>> gid2int("0000-000a")
    10
    """
    return number_of(gid, 4, "hex digits in up to four groups, such as 0000-000a")


def fix_gid(gid: str, num_terms: int) -> str:
    """Return one term with the missing leading groups filled in, `num_terms` groups in all.

    >>> fix_gid("0201", 4)
    '0000-0000-0000-0201'
    """
    return grouped(number_of(gid, num_terms, f"up to {num_terms} groups of hex digits"), num_terms)


def int16gid(n: SupportsIndex) -> str:
    """Write the low 16 bits of `n` as one group; higher bits are masked off.

    >>> int16gid(0x5001), int32gid(5), int48gid(5), int64gid(5)
    ('5001', '0000-0005', '0000-0000-0005', '0000-0000-0000-0005')
    """
    return grouped(n, 1)


def int32gid(n: SupportsIndex) -> str:
    """Write the low 32 bits of `n` as two groups."""
    return grouped(n, 2)


def int48gid(n: SupportsIndex) -> str:
    """Write the low 48 bits of `n` as three groups."""
    return grouped(n, 3)


def int64gid(n: SupportsIndex) -> str:
    """Write the low 64 bits of `n` as four groups."""
    return grouped(n, 4)


def int2pid(n: SupportsIndex) -> str:
    """Write project number `n`, 32 bits: int2pid(5) is `p--0000-0005`."""
    return gid_join(["p", int32gid(n)])


def int2did(n: SupportsIndex) -> str:
    """Write the low 48 bits of device number `n`: a short device slug without the block group.

    >>> int2did(10)
    'd--0000-0000-000a'
    """
    return gid_join(["d", int48gid(n)])


def int2bid(n: SupportsIndex) -> str:
    """Write a block as its 64-bit number, block in the top 16 bits: `b--0001-0000-0000-0201`."""
    return gid_join(["b", int64gid(n)])


def int2fid(n: SupportsIndex) -> str:
    """Write fleet number `n`, 48 bits: int2fid(1) is `g--0000-0000-0001`."""
    return gid_join(["g", int48gid(n)])


def int2vid(n: SupportsIndex) -> str:
    """Write the local id `n` of a variable, 16 bits and without a project: `v--5001`."""
    return gid_join(["v", int16gid(n)])


def _as_int(value: object) -> int | None:
    """Return the integer that `value` is, or None; a bool is not a number here."""
    if isinstance(value, (bool, str)):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def grouped(value: SupportsIndex, groups: int) -> str:
    """Write the low bits of a number as `groups` groups of four hex digits."""
    number = _as_int(value)
    if number is None:
        raise ValueError(f"not a number: {value!r}; expected an int")
    digits = f"{number & (1 << 16 * groups) - 1:0{4 * groups}x}"
    return "-".join(digits[at : at + 4] for at in range(0, 4 * groups, 4))


def _from_hex(text: str, groups: int) -> int | None:
    """Read `12ab`, `0x12ab` or `1-02ab`; only a first group may be short, so nothing is guessed."""
    head, *tail = text.lower().split("-")
    if tail:
        fits = len(tail) < groups and len(head) <= 4 and all(len(group) == 4 for group in tail)
    else:
        head = head[2:] if head.startswith("0x") else head
        fits = len(head) <= 4 * groups
    digits = "".join([head, *tail])
    return int(digits, 16) if head and fits and _HEX.issuperset(digits) else None


def number_of(value: object, groups: int, expected: str) -> int:
    """Return the number of one term given as hex text or int, or raise ValueError."""
    number = _from_hex(value, groups) if isinstance(value, str) else _as_int(value)
    if number is None or not 0 <= number < 1 << 16 * groups:
        raise ValueError(f"not a valid id: {value!r}; expected {expected}")
    return number


def form_of(kind: str) -> str:
    """Return the canonical form of a kind for messages: `v--xxxx-xxxx--xxxx`."""
    return gid_join([kind, *("-".join(["xxxx"] * groups) for groups in GRAMMAR[kind][1])])


def read_slug(kind: str, value: object) -> list[int]:
    """Return the numbers in a slug of `kind`; one of a single term may also be bare or an int."""
    name, widths = GRAMMAR[kind]
    expected = f"{form_of(kind)} (x is a hex digit)"
    if len(widths) == 1:
        expected += f", its hex digits alone, or an int of {16 * widths[0]} bits"
    if len(widths) == 1 and not isinstance(value, str):
        return [number_of(value, widths[0], expected)]
    terms = gid_split(value) if isinstance(value, str) else [""]
    if len(terms) == len(widths) == 1:
        terms = [kind, *terms]
    if kind == "s" and terms[1:2] == [""]:
        terms[1] = "0"  # published short form: a stream of no project
    numbers = list(map(_from_hex, terms[1:], widths))
    known = [number for number in numbers if number is not None]
    if terms[0].lower() != kind or not len(known) == len(widths) == len(terms) - 1:
        raise ValueError(f"not a {name} slug: {value!r}; expected {expected}")
    return known
