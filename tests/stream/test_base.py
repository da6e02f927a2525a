"""Tests for iotile_cloud.stream.base."""

from __future__ import annotations

import pytest

from iotile_cloud.stream.data import StreamData


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "4"])
def test_workers_are_a_positive_whole_number(workers):
    """What is no number of threads is refused at once, and shown."""
    with pytest.raises(ValueError, match="workers must be a whole number from 1 on"):
        StreamData("s", api=None, workers=workers)
