"""Tests for iotile_cloud.cli._layout."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.cli._layout import Layout, cell, places, record, rows_of, shorten

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=60))
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.just({"m": 1, "text": "x" * 50})
OBJECTS = st.dictionaries(st.text(max_size=10), VALUES, max_size=8)
ROWS = st.lists(VALUES | OBJECTS, max_size=5)


def table(rows: list[Any], width: int = 80) -> tuple[list[str], Layout]:
    """Return the lines of a table, and its layout."""
    layout = Layout.of(rows, width)
    return [layout.head(), *map(layout.line, rows)], layout


@given(ROWS, st.integers(20, 200))
def test_a_table_fits_whatever_is_in_it(rows: list[Any], width: int) -> None:
    """No line is wider than the terminal or holds what is not printable."""
    for line in table(rows, width)[0]:
        assert places(line) <= width
        assert line.isprintable()


@given(ROWS, st.integers(20, 200))
def test_every_key_is_shown_or_told_as_left_out(rows: list[Any], width: int) -> None:
    """A table forgets no key."""
    layout = table(rows, width)[1]
    keys = {key for row in rows for key in (row if isinstance(row, dict) else ["value"])}
    assert {*layout.names, *layout.left_out} == keys


@given(OBJECTS, st.integers(1, 200))
def test_an_object_is_lines_of_printable_text(value: dict[str, Any], width: int) -> None:
    """Each key has at least one line, whatever its value is."""
    text, _ = record(value, width)
    lines = text.split("\n")
    assert all(line.isprintable() for line in lines)
    assert len(lines) >= len(value)


def test_telling_columns_come_first_and_empty_ones_last() -> None:
    """Slug and name lead; what is long, nested or always empty has to wait for room."""
    uuid = "d0000001-0000-4000-8000-000000000001"
    row = {"about": "", "id": uuid, "unit": {"m": 1}, "lid": 5, "name": "Mains", "slug": "v--5"}
    assert Layout.of([row], 200).names == ["slug", "name", "lid", "id", "unit", "about"]


def test_an_empty_column_is_left_out_when_others_are() -> None:
    """A column of dashes is no news to somebody who has not seen all that there is."""
    row = {"slug": "d--1", "wide": "x" * 29, "block": None}
    assert Layout.of([row], 20).left_out == ["wide", "block"]
    assert Layout.of([row], 80).left_out == []


def test_a_column_without_room_makes_place_for_a_narrower_one() -> None:
    """Each column that fits is shown, also behind one that does not."""
    layout = Layout.of([{"slug": "d--1", "wide": "x" * 29, "id": 1}], 20)
    assert (layout.names, layout.left_out) == (["slug", "id"], ["wide"])


def test_numbers_stand_at_the_right() -> None:
    """Columns of numbers are aligned by their last digit; a dash stands for nothing."""
    lines, _ = table([{"n": 1, "t": "a"}, {"n": 10, "t": None}, {"n": None, "t": True}])
    assert lines == [" n  t", " 1  a", "10  -", " -  true"]


def test_a_column_without_title_and_values_has_room_for_a_dash() -> None:
    """A key may be empty, and its value null."""
    lines, layout = table([{"": None, "n": 1}])
    assert lines == ["n", "1  -"]
    assert not layout.shortened


def test_a_later_row_keeps_to_a_narrow_column() -> None:
    """Where there is no room for three dots there are fewer."""
    layout = Layout.of([{"n": 1, "m": 2}], 80)
    assert layout.line({"n": 100, "m": 2}) == ".  2"


def test_a_cut_cell_says_so() -> None:
    """What is too wide ends in dots, and the layout remembers it."""
    lines, layout = table([{"a": "x" * 50}])
    assert lines[1] == "x" * 37 + "..."
    assert layout.shortened


def test_nothing_is_told_of_a_table_that_shows_all() -> None:
    """A table with room for everything has nothing to admit."""
    layout = table([{"a": "x" * 40, "b": {"m": 1}}])[1]
    assert not layout.shortened
    assert layout.left_out == []


def test_a_key_that_comes_later_is_told() -> None:
    """The first rows decide on the columns, and a later key is not lost in silence."""
    layout = Layout.of([{"a": 1}], 80)
    layout.line({"a": 2, "b": 3})
    assert layout.left_out == ["b"]


def test_wide_letters_take_two_places() -> None:
    """A name in Chinese does not break the columns."""
    lines, _ = table([{"name": "水表", "org": "a"}, {"name": "abcd", "org": "b"}])
    assert lines == ["name  org", "水表  a", "abcd  b"]
    assert shorten("水表水表", 8) == "水表..."
    assert places("e\u0301") == 1


def test_text_of_an_object_is_wrapped_and_nested_values_are_cut() -> None:
    """An object shows its text whole; a cut in what is nested is admitted."""
    text, cut = record({"about": "x" * 30, "unit": {"k": "y" * 30}}, 27)
    assert text.splitlines() == [
        "about  " + "x" * 20,
        "       " + "x" * 10,
        'unit   {"k":"yyyyyyyyyyy...',
    ]
    assert cut


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\x1b[31mred\u202e", "\\x1b[31mred\\u202e"),
        ("tab\t", "tab\\t"),
        ("\ud800", "\\ud800"),
        (12345678901234567890, "12345678901234567890"),
        (0.1, "0.1"),
        ([], "[]"),
        (False, "false"),
        ("", ""),
        (datetime(2018, 1, 1, tzinfo=timezone.utc), "2018-01-01T00:00:00Z"),
    ],
)
def test_a_cell_is_one_line_that_no_terminal_obeys(value: Any, shown: str) -> None:
    """Escape sequences of a hostile label are shown, not sent; numbers keep their digits."""
    assert cell(value) == shown


@pytest.mark.parametrize("value", [None, "text", 5, {"results": "none"}, {}])
def test_what_is_no_listing_has_no_rows(value: Any) -> None:
    """Only a list, or an object with a list of results, is a listing."""
    assert rows_of(value) is None
