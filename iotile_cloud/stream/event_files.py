"""The raw data of an event.

Knows the route that serves it, and which events have none.  Does not know where events come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..api.exceptions import HttpNotFoundError, TransportError
from .meter import Meter

__all__ = ["event_id", "fetched"]

_NO_DATA = "Event has no data"  # the server's words; a lost file has others


def event_id(event: Any) -> int:
    """Return the id of an event, given by its row or by its id.

    Raises:
        TypeError: it is neither.

    >>> event_id({"id": 7}), event_id(7)
    (7, 7)
    """
    number = event.get("id") if isinstance(event, Mapping) else event
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"an event is its row or its id, a whole number, not {event!r:.200}")
    return number


def fetched(api: Any, event: Any, meter: Meter) -> Any:
    """Return the raw data of an event (GET /event/<id>/data/); None where it has none.

    Args:
        event: its row, or its id; nothing is asked when the row says that there is none.
        meter: watches the deadline.

    Raises:
        TypeError: it is neither.
        PartialDataError: the deadline is over.
        RestBaseException: the request failed.
    """
    number = event_id(event)
    if isinstance(event, Mapping) and event.get("has_raw_data") is False:
        return None
    resource, left = api.event(number).data, meter.left()
    try:
        return (resource if left is None else resource._within(left)).get()
    except HttpNotFoundError as error:
        if error.detail == _NO_DATA:
            return None
        raise
    except TransportError:
        meter.left()  # raises when it was the deadline that ended the request
        raise
