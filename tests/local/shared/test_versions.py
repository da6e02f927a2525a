"""Version numbers."""

from __future__ import annotations

import pytest

from iotile_cloud.local.shared.versions import numbers, part_of, put_versions, version_text

PARTS = {"version": ("major", "minor")}


@pytest.mark.parametrize("parts", [(0,), (1, 2, 3), (-1, 4)])
def test_text_and_numbers(parts):
    """The text of a version tells its numbers."""
    assert numbers(version_text(*parts)) == parts


@pytest.mark.parametrize(
    ("old", "values", "text"),
    [
        ({}, {}, "v0.0"),
        ({}, {"major": 2}, "v2.0"),
        ({"version": "v1.2"}, {"major": 2}, "v2.2"),
        ({"version": "v1.2"}, {"minor": 0, "major": 3}, "v3.0"),
    ],
)
def test_parts_become_a_text(old, values, text):
    """Parts that are not given stay as they were, and are zero at first."""
    put_versions(values, old, PARTS)
    assert values == {"version": text}


def test_part_that_is_not_there():
    """A part beyond the end of a version is zero."""
    assert part_of("version", 2)(None, {"version": "v1.2"}) == 0
