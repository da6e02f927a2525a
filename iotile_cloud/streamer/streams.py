"""Numbers with a meaning: local ids of streams, and the selectors of streamers.

Knows no report, and not which streams a project has.
"""

from __future__ import annotations

from .reading import number

__all__ = [
    "REBOOT",
    "SELECTORS",
    "STREAM_KINDS",
    "is_system_stream",
    "selector",
    "stream_id",
    "stream_name",
]

STREAM_KINDS = ("buffered", "unbuffered", "constant", "input", "counter", "output")
REBOOT = 0x5C00  # system output 1024: the device was started

# What a streamer picks, by name.  `virtual` has more bits than a device's own have.
SELECTORS = {
    "user": 0xD7FF,  # all user outputs, and reboots
    "user without reboots": 0x57FF,
    "system": 0x5FFF,  # all system outputs
    "combined": 0xDFFF,  # all outputs of both kinds
    "system buffered": 0x0FFF,
    "unspecified": 0xFFFF,
    "virtual": 0x10000,
}

_SYSTEM = 1 << 11
_ALL = (1 << 11) - 1


def stream_id(kind: str, local: int, *, system: bool = False) -> int:
    """Return the local id of a stream.

    Args:
        kind: one of STREAM_KINDS.
        local: 0 to 2047.
        system: whether the firmware fills it, not the application.

    Raises:
        ValueError: there is no such kind or number.

    >>> hex(stream_id("output", 1)), stream_id("output", 1024, system=True) == REBOOT
    ('0x5001', True)
    """
    if kind not in STREAM_KINDS:
        raise ValueError(f"kind is {kind!r}; expected one of {', '.join(STREAM_KINDS)}")
    return STREAM_KINDS.index(kind) << 12 | bool(system) * _SYSTEM | number("local", local, 0, _ALL)


def stream_name(stream: int) -> str:
    """Return a local id in words.

    Raises:
        ValueError: it has not 16 bits, or is of no kind.

    >>> stream_name(0x5001), stream_name(0x5C00)
    ('output 1', 'system output 1024')
    """
    kind = number("stream", stream, 0, 0xFFFF) >> 12
    if kind >= len(STREAM_KINDS):
        raise ValueError(f"stream is {stream:#06x}, of kind {kind}; there are kinds 0 to 5")
    return f"{'system ' * is_system_stream(stream)}{STREAM_KINDS[kind]} {stream & _ALL}"


def is_system_stream(stream: int) -> bool:
    """Tell whether the firmware fills a stream, by its local id.

    Raises:
        ValueError: it has not 16 bits.

    >>> is_system_stream(0x5C00), is_system_stream(0x5001)
    (True, False)
    """
    return bool(number("stream", stream, 0, 0xFFFF) & _SYSTEM)


def selector(name: str | int) -> int:
    """Return a selector by its name in SELECTORS; a number is returned as it is.

    Raises:
        ValueError: there is no such name, or the number has more than 32 bits.

    >>> hex(selector("user")), selector(0x5FFF)
    ('0xd7ff', 24575)
    """
    if isinstance(name, str):
        if name not in SELECTORS:
            raise ValueError(f"selector is {name!r}; expected one of {', '.join(SELECTORS)}")
        return SELECTORS[name]
    return number("selector", name, 0, 0xFFFFFFFF)
