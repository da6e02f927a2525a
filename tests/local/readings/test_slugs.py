"""The slugs that the server takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.local.readings.slugs import full_slug, name_slug, stream_parts

LIKELY = st.text(alphabet="spdvbt-0aF9", max_size=45)


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("p--10", "p--0000-0010"),
        ("d--0201", "d--0000-0000-0000-0201"),
        ("v--10--5001", "v--0000-0010--5001"),
        ("t--0201--0", "t--0000-0000-0000-0201--0000"),
        ("s--0010--0201--5001", "s--0000-0010--0000-0000-0000-0201--5001"),
        ("D--0201", None),
        ("d--020G", None),
        ("d--0-0-0-0-1", None),
        ("d--00201", None),
        ("d--", None),
        ("x--1", None),
        ("", None),
    ],
)
def test_full_slug(text, full):
    """Missing leading groups are zero; anything that is no slug is None."""
    assert full_slug(text) == full


@given(LIKELY | st.text())
def test_full_slug_is_full(text):
    """A full slug is its own full slug, whatever it came from."""
    full = full_slug(text)
    assert full is None or full_slug(full) == full


@pytest.mark.parametrize(
    ("slug", "parts"),
    [
        (
            "s--0000-0000--0001-0000-0000-0207--5001",
            ("", "b--0001-0000-0000-0207", "v--0000-0000--5001"),
        ),
        ("s--0000-0010--0000-0000-0000-0000--5001", ("p--0000-0010", "", "v--0000-0010--5001")),
        ("s--0010--0201--5001", None),
        ("s--0000-0010--0000-0000-0000-0201--50011", None),
    ],
)
def test_stream_parts(slug, parts):
    """A stream names a project and a device, a block, or neither."""
    assert stream_parts(slug) == parts


@given(st.text())
def test_name_slug_is_plain(name):
    """A slug of a name has lower-case letters, digits, `-` and `_` only."""
    assert set(name_slug(name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
