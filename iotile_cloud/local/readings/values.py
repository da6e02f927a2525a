"""The server's rules for numbers and times: what is stored of a reading, and what is shown.

Pure functions on plain dicts with the fields of a stream and of its variable, as the server gives
them.  Knows no store, no request and no permission.
"""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Any, Optional

from ...utils.basic import datetime_to_str, utc_text

__all__ = ["display_value", "output_value", "record_time", "row_time", "stored_value"]

Fields = Optional[dict[str, Any]]

_LIMIT = 2147483647
_PLAIN = (None, "", "auto", "<L")  # raw formats that leave the number as it is
_FACTOR = ("multiplication_factor", "division_factor", "offset")
_UNIT = ("m", "d", "o")


def stored_value(int_value: int, stream: Fields, variable: Fields) -> tuple[str, float]:
    """Return `type` and `value` of the row that is stored for a raw number.

    Source: what POST data/ and POST streamer/report/ leave behind.

    Args:
        int_value: the number as the device sent it.
        stream: the stream record; without one the number is stored unchanged.
        variable: the record of the stream's variable, or None.

    Raises:
        ValueError: the stream's raw_value_format reads no number from four bytes.

    >>> stored_value(32, {"input_unit": {"m": 5, "d": 2, "o": 1.0}, "mdo_type": "S"}, None)
    ('ITR', 81.0)
    >>> stored_value(4294967295, {"raw_value_format": "<l", "mdo_type": "S"}, None)
    ('Num', -1.0)
    """
    if stream is None:
        return "Num", float(int_value)
    raw = _reinterpreted(int_value, stream.get("raw_value_format"))
    scaled = _mdo(max(-_LIMIT, min(raw, _LIMIT)), _factors(stream, variable), _FACTOR)
    unit = _input_unit(stream, variable)
    return ("ITR", _mdo(scaled, unit, _UNIT)) if unit else ("Num", scaled)


def output_value(value: float | None, stream: Fields) -> float | None:
    """Return a stored `value` in the output unit of its stream; None stays None.

    Source: GET stream/<slug>/data/.  An output unit of the variable is not looked at.

    >>> output_value(300.15, {"output_unit": {"m": 1, "d": 1, "o": -273.15}})
    27.0
    """
    return None if value is None else _mdo(value, (stream or {}).get("output_unit"), _UNIT)


def display_value(
    value: float | None, int_value: int | None, stream: Fields, variable: Fields
) -> str | None:
    """Return the number as the server prints it, with the decimal places of the variable.

    When `value` is None or 0 the server works from `int_value`, input unit first: the reverse of
    the order in which it stores, so that this can disagree with `output_value`.
    Source: GET stream/<slug>/data/.

    >>> display_value(81.0, 32, None, None)
    '81.00'
    """
    if not value and int_value is not None and stream is not None:
        value = _mdo(int_value, _input_unit(stream, variable), _UNIT)
        value = _mdo(value, _factors(stream, variable), _FACTOR)
    shown = output_value(value, stream)
    places = 2 if variable is None else variable["decimal_places"]
    return None if shown is None else f"{shown:.{places}f}"


def row_time(moment: datetime | None) -> str | None:
    """Return the time of a data row as the server writes it: fractions of a second are cut."""
    return None if moment is None else datetime_to_str(moment)


def record_time(moment: datetime | None) -> str | None:
    """Return any other time as the server writes it: with microseconds when there are any."""
    return None if moment is None else utc_text(moment)


def _reinterpreted(raw: int, code: str | None) -> float:
    """Read the four bytes of `raw` in another struct format; numbers of other widths stay."""
    if code in _PLAIN or not 0 <= raw <= 0xFFFFFFFF:
        return raw
    try:
        number = struct.unpack_from(str(code), struct.pack("<L", raw))[0]
    except (IndexError, UnicodeError, struct.error):
        number = None
    if not isinstance(number, (int, float)):
        raise ValueError(f"raw_value_format {code!r} reads no number from four bytes; try '<l'")
    return number


def _factors(stream: dict[str, Any], variable: Fields) -> Fields:
    return variable if stream.get("mdo_type") == "V" else stream


def _input_unit(stream: dict[str, Any], variable: Fields) -> Fields:
    return stream.get("input_unit") or (variable or {}).get("input_unit")


def _mdo(number: float, source: Fields, names: tuple[str, str, str]) -> float:
    """Apply the multiply, divide and offset that `source` keeps under `names`; null counts as 1."""
    if not source:
        return float(number)
    m, d, o = map(source.get, names)
    return float((o or 0.0) + number * (m or 1) / (d or 1))
