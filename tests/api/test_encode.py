"""How Python values become text in a query and JSON in a body."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.api._encode import json_body, pairs
from iotile_cloud.utils.gid import IOTileDeviceSlug

EAST = timezone(timedelta(hours=5))
SCALARS = st.one_of(st.none(), st.text(), st.integers(), st.booleans())


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (None, []),
        ("", [""]),
        ("a b", ["a b"]),
        (0, ["0"]),
        (True, ["True"]),
        (False, ["False"]),
        (1.5, ["1.5"]),
        (b"d--1", ["d--1"]),
        (datetime(2018, 1, 1, 12), ["2018-01-01T12:00:00Z"]),
        (datetime(2018, 1, 1, 12, 0, 0, 5), ["2018-01-01T12:00:00.000005Z"]),
        (datetime(2018, 1, 1, 12, tzinfo=EAST), ["2018-01-01T07:00:00Z"]),
        (date(2018, 1, 1), ["2018-01-01"]),
        (UUID(int=1), ["00000000-0000-0000-0000-000000000001"]),
        (IOTileDeviceSlug(1), ["d--0000-0000-0000-0001"]),
        ([1, None, "a"], ["1", "a"]),
        ((1, 2), ["1", "2"]),
        ({1}, ["1"]),
        (frozenset([2]), ["2"]),
        (range(2), ["0", "1"]),
        ([], []),
    ],
)
def test_the_table_of_values_holds(value: Any, texts: list[str]) -> None:
    """Each kind of value becomes the text that the table of the module says."""
    assert pairs({"name": value}) == [("name", text) for text in texts]


@given(st.dictionaries(st.text(), st.one_of(SCALARS, st.lists(SCALARS))))
def test_every_value_but_none_is_one_pair_in_order(arguments: dict[str, Any]) -> None:
    """No value is lost, doubled or moved."""
    flat = [
        (name, str(item))
        for name, value in arguments.items()
        for item in (value if isinstance(value, list) else [value])
        if item is not None
    ]
    assert pairs(arguments) == flat


def test_no_arguments_are_no_pairs() -> None:
    """None stands for no arguments."""
    assert pairs(None) == []


@pytest.mark.parametrize("value", [{"a": 1}, [[1]], [{"a": 1}], [range(2)]])
def test_nested_values_are_refused_by_name(value: Any) -> None:
    """A mapping or a list in a list has no text, and the error names the argument."""
    with pytest.raises(TypeError, match=r"target=.*single values and flat lists"):
        pairs({"target": value})


def test_numpy_values_become_text_and_json() -> None:
    """NumPy integers are ids, and NumPy arrays are lists."""
    numpy = pytest.importorskip("numpy")
    assert pairs({"id": numpy.int64(7), "ids": numpy.array([1, 2])}) == [
        ("id", "7"),
        ("ids", "1"),
        ("ids", "2"),
    ]
    assert json_body({"a": numpy.float64(1.5), "b": numpy.array([1, 2])}) == (
        b'{"a": 1.5, "b": [1, 2]}'
    )


@pytest.mark.parametrize(("data", "text"), [({}, b"{}"), ([], b"[]"), (0, b"0"), ("", b'""')])
def test_everything_but_none_is_a_body(data: Any, text: bytes) -> None:
    """Empty and false values are sent as they are."""
    assert json_body(data) == text


def test_none_is_no_body() -> None:
    """None sends no body."""
    assert json_body(None) is None


def test_times_slugs_and_numbers_in_a_body_are_text() -> None:
    """What JSON does not know but the server does is written as in a query."""
    data = {
        "moment": datetime(2018, 1, 1, 12, tzinfo=EAST),
        "day": date(2018, 1, 1),
        "device": IOTileDeviceSlug(1),
        "id": UUID(int=1),
        "price": Decimal("1.10"),
    }
    assert json.loads(json_body(data) or b"") == {
        "moment": "2018-01-01T07:00:00Z",
        "day": "2018-01-01",
        "device": "d--0000-0000-0000-0001",
        "id": "00000000-0000-0000-0000-000000000001",
        "price": "1.10",
    }


def test_a_value_without_json_form_is_shown() -> None:
    """The error shows the value and its type."""
    with pytest.raises(TypeError, match=r"\{1\} \(set\) has no JSON form"):
        json_body({"a": {1}})


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_know_are_refused(number: float) -> None:
    """NaN and infinity raise instead of making a body that the server cannot read."""
    with pytest.raises(ValueError, match="JSON compliant"):
        json_body({"value": number})
