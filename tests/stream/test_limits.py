"""Tests for iotile_cloud.stream.limits."""

from __future__ import annotations

from math import inf, nan

import pytest

from iotile_cloud.stream.data import StreamData
from iotile_cloud.stream.limits import checked_deadline


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "4"])
def test_workers_are_a_positive_whole_number(workers):
    """What is no number of threads is refused at once, and shown."""
    with pytest.raises(ValueError, match="workers must be a whole number from 1 on"):
        StreamData("s", api=None, workers=workers)


@pytest.mark.parametrize("deadline", [0, -1, nan, inf, True, "5"])
def test_a_deadline_is_a_positive_number_of_seconds(deadline):
    """What is no time to wait is refused at once, and shown."""
    with pytest.raises(ValueError, match=f"deadline must be seconds, .* not {deadline!r}"):
        StreamData("s", api=None, deadline=deadline)


@pytest.mark.parametrize("deadline", [None, 5, 0.5])
def test_a_deadline_that_makes_sense_is_kept(deadline):
    """Seconds with or without a fraction, and no limit at all, pass."""
    assert checked_deadline(deadline) == deadline
