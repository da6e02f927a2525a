"""Tests for iotile_cloud.utils._html, and for the slugs that it shows."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.utils._forms import forms_of
from iotile_cloud.utils._html import cell, markup, number, table
from iotile_cloud.utils.gid import IOTileStreamSlug, parse_slug

SLUGS = ["p--1", "d--1", "b--0002-0000-0000-0001", "g--1", "v--1--5001", "s--1--1--5001", "t--1--1"]


HELD = st.characters(min_codepoint=32, exclude_categories=["Cs", "Cf", "Cn", "Co"])


@given(st.text(HELD))
def test_a_text_is_the_same_in_an_element_and_in_an_attribute(text):
    """It can be read back from both."""
    tree = ElementTree.fromstring(f'<a b="{markup(text)}">{markup(text)}</a>')
    assert tree.get("b") == (tree.text or "") == text


@given(st.text())
def test_any_text_is_safe(text):
    """Whatever it holds, it is one text for a parser, and can be encoded."""
    tree = ElementTree.fromstring(f'<a b="{markup(text)}">{markup(text)}</a>'.encode())
    assert list(tree) == []
    assert list(tree.attrib) == ["b"]


@given(st.floats() | st.integers())
def test_a_number_is_close_to_what_is_shown(value):
    """Six digits at the least are right."""
    shown = number(value).replace(",", "")
    if not shown.endswith("bits"):
        assert float(shown) == pytest.approx(value, rel=1e-5, nan_ok=True)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.1, "0.1"),
        (1234567.89, "1,234,568"),
        (100.0, "100"),
        (-0.0, "-0"),
        (999999.96, "1,000,000"),
        (10**30, "100 bits"),
        (1e22, "1e+22"),
    ],
)
def test_numbers_are_for_people(value, shown):
    """Thousands stand apart, zeros at the end are left out, giants are short."""
    assert number(value) == shown


def test_a_rounded_number_tells_all_its_digits():
    """They are in the title of its cell."""
    assert cell(2 / 3) == '<td class="number" title="0.6666666666666666">0.666667</td>'


def test_a_table_of_text_is_escaped():
    """Neither heads nor cells can be anything but text."""
    made = table(["<a>"], [["<b>", "<c>"]], mark="<d>")
    assert [one in made for one in ("<a>", "<b>", "<c>", "<d>")] == [False] * 4


@pytest.mark.parametrize("text", SLUGS)
def test_a_slug_shows_every_form(text):
    """A notebook shows kind, long and short form and parts of each kind of slug."""
    slug = parse_slug(text)
    words = list(ElementTree.fromstring(slug._repr_html_()).itertext())
    for name, value in forms_of(slug).items():
        assert name in words
        assert str(value) in words


def test_an_empty_slug_has_nothing_to_show():
    """A notebook falls back to the plain text."""
    assert IOTileStreamSlug()._repr_html_() is None
