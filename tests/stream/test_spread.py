"""Tests for iotile_cloud.stream.spread."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iotile_cloud.stream.spread import event_frame, spread, write_event_csv

TIME = "2024-03-05T00:00:00Z"
NAMES = ("timestamp", "extra_data")
KEYS = st.text('.a"', max_size=2)
VALUES = st.recursive(
    st.none() | st.integers(0, 1),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def leaves(value, way=()):
    """Return the ways to all that is no object, or an empty one."""
    if isinstance(value, dict) and (value or not way):
        return [found for key, one in value.items() for found in leaves(one, (*way, key))]
    return [way]


@settings(deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_no_two_ways_have_one_name(extra):
    """Whatever names a device uses, each value has a column of its own."""
    found = spread({"extra_data": extra})
    assert len(found) == len(leaves(extra))


def test_deep_objects_are_followed_to_the_end():
    """The depth of an object is not limited by the interpreter's."""
    extra = 1
    for _ in range(5000):
        extra = {"a": extra}
    assert list(spread({"extra_data": extra}).values()) == [1]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None], "Int64"),
        ([1, 2.5, None], "float64"),
        (["a", None], "string"),
        ([True, None], "boolean"),
        ([True, 1], "object"),
        ([2**63], "object"),
        ([2**53 + 1, 0.5], "object"),
        ([[1], None], "object"),
        ([None, None], "object"),
    ],
)
def test_a_column_has_the_kind_of_its_values(values, kind):
    """Values of one kind have its kind, and others stay what they are: nothing is rounded."""
    pytest.importorskip("pandas")
    events = [{"timestamp": TIME, "extra_data": {"x": value}} for value in values]
    column = event_frame(events, NAMES, None, {})["extra_data.x"]
    assert column.dtype == kind
    assert [None if one is None else value for one, value in zip(values, column)] == values


def test_a_frame_of_no_events_has_its_own_columns():
    """Without events there are no names within, and the others are there."""
    pytest.importorskip("pandas")
    frame = event_frame([], ("timestamp", "id", "extra_data"), None, {"query": {}})
    assert (list(frame), len(frame), frame.attrs) == (["id"], 0, {"query": {}})


def test_an_event_without_a_name_has_null_there():
    """Names that only some events have are columns of all."""
    pytest.importorskip("pandas")
    events = [{"timestamp": TIME, "extra_data": extra} for extra in ({"a": 1}, None, {"b": "x"})]
    frame = event_frame(events, NAMES, None, {})
    assert frame["extra_data.a"].isna().tolist() == [False, True, True]
    assert frame["extra_data.b"].isna().tolist() == [True, True, False]


def test_csv_keeps_every_value_readable():
    """Text is text, null is nothing, and the rest is JSON with all its digits."""
    extra = {"n": 0.1, "t": 'a,"b', "l": [1, "x"], "f": False, "z": None}
    blocks = [
        [{"timestamp": TIME, "extra_data": extra}],
        [{"timestamp": TIME, "extra_data": {"new": 1}}],
    ]
    file = io.BytesIO()
    write_event_csv(file, blocks, NAMES)
    assert list(csv.reader(io.StringIO(file.getvalue().decode()))) == [
        ["timestamp", *(f"extra_data.{name}" for name in ("n", "t", "l", "f", "z", "new"))],
        [TIME, "0.1", 'a,"b', '[1, "x"]', "false", "", ""],
        [TIME, "", "", "", "", "", "1"],
    ]


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\r\nb"])
def test_csv_keeps_an_event_on_its_line(text):
    """Whatever ends a line elsewhere is quoted where it stands in a text."""
    file = io.BytesIO()
    write_event_csv(file, [[{"timestamp": TIME, "extra_data": {"t": text}}]], NAMES)
    lines = csv.reader(io.StringIO(file.getvalue().decode(), newline=""))
    assert list(lines)[1:] == [[TIME, text]]
