"""Readings as 16 bytes each, the way in which all binary reports but one hold them.

Knows the layout of a reading.  Knows no header and no signature.
"""

from __future__ import annotations

import sys
from array import array

from .errors import FieldError
from .readings import Readings

__all__ = ["SIZE", "checked_values", "pack_readings", "unpack_readings"]

SIZE = 16  # stream (16 bits), reserved (16), reading id, raw time, value: little endian
_SWAP = sys.byteorder == "big"


def pack_readings(readings: Readings) -> bytes:
    """Return the bytes of readings.

    Raises:
        ValueError: a value has no room in 32 bits.
    """
    words = array("I", bytes(SIZE * len(readings)))
    words[0::4] = array("I", readings.stream)
    words[1::4] = readings.reading_id
    words[2::4] = readings.raw_time
    words[3::4] = checked_values(readings)
    if _SWAP:
        words.byteswap()
    return words.tobytes()


def checked_values(readings: Readings) -> array[int]:
    """Return the values as 32 bits each; raises like `pack_readings`."""
    values = readings.value
    try:
        return values if values.typecode == "I" else array("I", values)
    except OverflowError:
        at, worst = next((a, v) for a, v in enumerate(values) if not 0 <= v < 1 << 32)
        text = f"value of reading {at} is {worst}; expected an int from 0 to {(1 << 32) - 1}"
        raise ValueError(text) from None


def unpack_readings(content: bytes | memoryview) -> tuple[Readings, FieldError | None]:
    """Return the readings in whole multiples of 16 bytes, and what is wrong with one of them."""
    words = array("I")
    words.frombytes(content)
    if _SWAP:
        words.byteswap()
    first = words[0::4]
    flaw = None
    if max(first, default=0) > 0xFFFF:
        at = next(at for at, word in enumerate(first) if word > 0xFFFF)
        flaw = FieldError(f"reserved field of reading {at} is {first[at] >> 16}; expected 0")
        first = array("I", [word & 0xFFFF for word in first])
    return Readings(array("H", first), words[1::4], words[2::4], words[3::4]), flaw
