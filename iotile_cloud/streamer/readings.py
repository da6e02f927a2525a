"""The readings of a report: columns inside, `Reading` objects only where one is looked at.

Knows no bytes of a report; of time, only whom to ask.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, overload

from .clock import NO_TIME, Clock, micros, moment
from .reading import Reading, checked_before

__all__ = ["Readings", "narrow"]

_NAMES = ("stream", "reading_id", "raw_time", "value")
_NANO = 1000  # a microsecond has as many
_NEVER = Clock(None)


class Readings(Sequence[Reading]):
    """An immutable sequence of readings, 14 bytes or a little more for each.

    Its columns are arrays: `stream` of 16 bits, `reading_id` and `raw_time` of 32, `value` of 32
    or, where one does not fit, 64.  Treat them as read-only; they are not copied.

    Args:
        said: the times that the readings say themselves, in microseconds since 1970 in UTC,
            -2**63 for none.

    Raises:
        ValueError: the columns are not of one length and these types.

    >>> Readings.of([Reading(0x5001, 42), Reading(0x5001, 43)]).value
    array('I', [42, 43])
    """

    __slots__ = ("_clock", "_said", "_times", "raw_time", "reading_id", "stream", "value")

    def __init__(
        self,
        stream: array[int],
        reading_id: array[int],
        raw_time: array[int],
        value: array[int],
        said: array[int] | None = None,
    ) -> None:
        columns = (stream, reading_id, raw_time, value, *([] if said is None else [said]))
        kinds = "".join(one.typecode for one in columns)
        if kinds[:4] not in ("HIII", "HIIq") or len({len(one) for one in columns}) != 1:
            raise ValueError(f"columns are of types {kinds} and {[*map(len, columns)]} readings")
        self.stream, self.reading_id, self.raw_time = stream, reading_id, raw_time
        self.value = value
        self._said = said if any(time != NO_TIME for time in said or ()) else None
        self._clock = _NEVER
        self._times: array[int] | None = None

    def __setattr__(self, name: str, value: object) -> None:
        if name in self.__slots__ and not name.startswith("_") and hasattr(self, name):
            raise AttributeError(f"{name} of readings cannot be set: make others with Readings.of")
        super().__setattr__(name, value)

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> Readings:
        """Return these readings; the times that they say are kept."""
        if isinstance(readings, Readings):
            return readings
        readings = tuple(readings)
        for at, one in enumerate(readings):
            if not isinstance(one, Reading):
                raise ValueError(f"reading {at} is {one!r:.80}; expected a Reading")
        said = array("q", [micros(one.timestamp) for one in readings])
        return cls(
            array("H", [one.stream for one in readings]),
            array("I", [one.reading_id for one in readings]),
            array("I", [one.raw_time for one in readings]),
            narrow([one.value for one in readings]),
            said,
        )

    def timed(self, received: datetime | None, sent: int) -> Readings:
        """Return the same readings, with what a report tells of the clock; columns are shared."""
        timed = Readings(self.stream, self.reading_id, self.raw_time, self.value, self._said)
        timed._clock = Clock.of(received, sent, self.stream, self.reading_id)
        return timed

    def saying_times(self) -> Readings:
        """Return the same readings; times that are known by when a report came are then said."""
        if self._clock.received is None:
            return self
        return Readings(self.stream, self.reading_id, self.raw_time, self.value, self.times)

    def untimed(self) -> Readings:
        """Return the same readings without times of their own; columns are shared."""
        return Readings(self.stream, self.reading_id, self.raw_time, self.value)

    @property
    def clock(self) -> Clock:
        """What is known of the clock of the device."""
        return self._clock

    def said_columns(self) -> tuple[array[int], ...]:
        """Return stream, raw time, id, the time that a reading says itself, and value."""
        said = self._said or array("q", [NO_TIME]) * len(self)
        return self.stream, self.raw_time, self.reading_id, said, self.value

    @property
    def times(self) -> array[int]:
        """Microseconds since 1970 in UTC: the time a reading says, or else that of the clock."""
        if self._times is None:
            times = self._clock.times(self.raw_time, self.reading_id)
            for place, time in enumerate(self._said or ()):
                if time != NO_TIME:
                    times[place] = time
            self._times = times
        return self._times

    def columns(self) -> dict[str, array[int]]:
        """Return the columns; `timestamp` has nanoseconds since 1970 in UTC, -2**63 for null.

        Raises:
            ValueError: a reading says a time that nanoseconds in 64 bits cannot.
        """
        try:
            nanos = (time if time == NO_TIME else time * _NANO for time in self.times)
            columns = {"timestamp": array("q", nanos)}
        except OverflowError:
            worst = max((time for time in self.times if time != NO_TIME), key=abs)
            text = f"a reading says {moment(worst)}; columns hold the years 1678 to 2261"
            raise ValueError(text) from None
        return {**columns, **{name: getattr(self, name) for name in _NAMES}}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Return the readings one by one as dictionaries, `timestamp` a datetime or None."""
        columns = [getattr(self, name) for name in _NAMES]
        for time, *values in zip(self.times, *columns):
            yield {"timestamp": moment(time), **dict(zip(_NAMES, values))}

    def take(self, places: Sequence[int]) -> Readings:
        """Return the readings that stand in these places, in this order."""
        columns = [getattr(self, name) for name in _NAMES]
        taken = [array(one.typecode, [one[place] for place in places]) for one in columns]
        said = self._said
        times = None if said is None else array("q", [said[place] for place in places])
        stream, reading_id, raw_time, value = taken
        return Readings(stream, reading_id, raw_time, value, times)

    def __len__(self) -> int:
        return len(self.stream)

    @overload
    def __getitem__(self, place: int) -> Reading: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Reading, ...]: ...
    def __getitem__(self, place: int | slice) -> Reading | tuple[Reading, ...]:
        if isinstance(place, slice):
            return tuple(self[at] for at in range(*place.indices(len(self))))
        time = moment(self.times[place])
        raw_time, reading_id = self.raw_time[place], self.reading_id[place]
        return checked_before(self.stream[place], self.value[place], raw_time, reading_id, time)

    def __iter__(self) -> Iterator[Reading]:
        return map(
            checked_before,
            self.stream,
            self.value,
            self.raw_time,
            self.reading_id,
            map(moment, self.times),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Readings) and self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self._content())

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3]))
        return f"<{len(self)} readings: {shown}{', ...' * (len(self) > 3)}>"

    def _content(self) -> tuple[Any, ...]:
        columns = (self.stream, self.reading_id, self.raw_time, array("q", self.value))
        said = None if self._said is None else self._said.tobytes()
        return (*(one.tobytes() for one in columns), said)


def narrow(values: list[int]) -> array[int]:
    """Return values as an array of unsigned 32 bits, or of signed 64 where that is too narrow.

    Raises:
        OverflowError: 64 bits are too narrow.
    """
    try:
        return array("I", values)
    except OverflowError:
        return array("q", values)
