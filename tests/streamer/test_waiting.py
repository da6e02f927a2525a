"""Pauses that grow and end."""

from __future__ import annotations

import pytest

from iotile_cloud.streamer._waiting import Waiting


class Time:
    """A clock that a sleep moves on, and that counts every sleep."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


def test_pauses_grow_and_end_at_the_limit():
    """Each pause is twice as long, none longer than eight seconds, and the last one fits."""
    time = Time()
    waiting = Waiting(20, time.sleep, time.clock)
    while waiting.pause():
        pass
    assert time.slept == [0.25, 0.5, 1, 2, 4, 8, 4.25]


def test_time_that_passes_otherwise_counts():
    """What the requests took between the pauses belongs to the wait."""
    time = Time()
    waiting = Waiting(20, time.sleep, time.clock)
    time.now += 30
    assert not waiting.pause()


def test_a_clock_that_stands_still_ends_as_well():
    """What was slept counts, whatever the clock says."""
    slept: list[float] = []
    waiting = Waiting(1, slept.append, lambda: 0.0)
    while waiting.pause():
        pass
    assert sum(slept) == 1


def test_asked_pause_is_kept():
    """A server that asks for a longer pause gets it."""
    time = Time()
    assert Waiting(20, time.sleep, time.clock).pause(5)
    assert time.slept == [5]


def test_pause_that_is_too_long_is_not_made():
    """A pause beyond the limit is not begun."""
    time = Time()
    assert not Waiting(20, time.sleep, time.clock).pause(21)
    assert time.slept == []


def test_restart_gives_the_whole_limit_again():
    """A new wait begins with short pauses."""
    time = Time()
    waiting = Waiting(0.25, time.sleep, time.clock)
    assert waiting.pause()
    assert not waiting.pause()
    waiting.restart()
    assert waiting.pause()


@pytest.mark.parametrize("limit", [-1, float("inf"), float("nan"), None, "60"])
def test_a_wait_has_to_end(limit):
    """Only a number of seconds is a limit."""
    with pytest.raises(ValueError, match="wait must be"):
        Waiting(limit, print, lambda: 0.0)
