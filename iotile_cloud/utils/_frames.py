"""What all data frames of this package have alike: an index of times in UTC, or in another zone.

Knows no reading and no column but that one (the extra `frames`).
"""

from __future__ import annotations

from typing import Any

from ._extras import needed

__all__ = ["checked_zone", "time_index"]


def checked_zone(tz: Any) -> None:
    """Refuse what is no time zone, before anything is asked.

    Raises:
        ImportError: pandas is not installed.
        TypeError, ValueError: there is no such zone.
    """
    pandas = needed("pandas", "frames")
    try:
        pandas.Timestamp(0, tz="UTC").tz_convert(tz)
    except (LookupError, OSError, TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"tz must be a time zone such as 'Europe/Berlin', not {tz!r}") from error


def time_index(nanos: Any, tz: Any) -> Any:
    """Return an index of the name `timestamp`; the numbers are not copied.

    Args:
        nanos: an array of nanoseconds since 1970 in UTC, 64 bits each; -2**63 becomes NaT.
        tz: zone of the index; UTC if None.

    Raises:
        ImportError: pandas is not installed.
        TypeError, ValueError: there is no such zone.
    """
    checked_zone(tz)
    pandas, numpy = needed("pandas", "frames"), needed("numpy", "frames")
    times = numpy.asarray(nanos).view("datetime64[ns]")
    index = pandas.DatetimeIndex(times, tz="UTC", name="timestamp")
    return index if tz is None else index.tz_convert(tz)
