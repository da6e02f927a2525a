"""Tests for iotile_cloud.cli.slug."""

from __future__ import annotations

import json
from typing import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.cli import FAILED, WRONG_USE, main
from iotile_cloud.cli.slug import forms
from iotile_cloud.utils._forms import short
from iotile_cloud.utils._grammar import GRAMMAR, gid_join, grouped
from iotile_cloud.utils.gid import parse_slug


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2001", {"kind": "device", "slug": "d--0000-0000-0000-2001", "number": 8193}),
        ("d--0002-0000-0000-2001", {"block": "b--0002-0000-0000-2001", "hex": "0x2000000002001"}),
        ("p--0101", {"kind": "project", "slug": "p--0000-0101", "number": 257, "hex": "0x101"}),
        ("g--1", {"kind": "fleet", "slug": "g--0000-0000-0001", "short": "g--0001"}),
        ("v--0101--5001", {"project": "p--0000-0101", "local_id": "5001"}),
        ("t--2001--0001", {"device": "d--0000-0000-0000-2001", "index": 1}),
        ("b--0002-0000-0000-2001", {"device": "d--0000-0000-0000-2001", "block": 2}),
        (
            "s--0101--2001--5001",
            {
                "project": "p--0000-0101",
                "device": "d--0000-0000-0000-2001",
                "variable": "v--0000-0101--5001",
                "local_id": "5001",
            },
        ),
    ],
)
def test_a_slug_tells_its_parts(text: str, meaning: dict[str, object]) -> None:
    """Each kind tells the slugs and numbers that it is made of."""
    told = forms(text)
    assert {name: told.get(name) for name in meaning} == meaning


@given(st.sampled_from(sorted(GRAMMAR)), st.data())
def test_the_short_form_is_the_same_slug(kind: str, data: st.DataObject) -> None:
    """What is left out of a slug's zeros is put back when it is read."""
    numbers = [data.draw(st.integers(1, (1 << 16 * width) - 1)) for width in GRAMMAR[kind][1]]
    text = gid_join([kind, *map(grouped, numbers, GRAMMAR[kind][1])])
    try:
        slug = parse_slug(text)
    except ValueError:
        return  # a block of no device
    assert parse_slug(short(slug)) == slug


def test_a_pipe_gets_a_list_also_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON is a list whatever the number of texts, so that a script need not look."""
    assert main(["slug", "d--1"]) == 0
    assert [one["slug"] for one in json.loads(capsys.readouterr().out)] == [
        "d--0000-0000-0000-0001"
    ]


def test_a_terminal_gets_lines(
    at_terminal: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """A person reads a line for each form, and an empty one between two slugs."""
    assert at_terminal("slug", "g--1", "g--2") == 0
    assert capsys.readouterr().out.splitlines()[:7] == [
        "kind    fleet",
        "slug    g--0000-0000-0001",
        "short   g--0001",
        "number  1",
        "hex     0x1",
        "",
        "kind    fleet",
    ]


def test_what_is_no_slug_is_told_and_the_rest_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """One wrong text does not hide the others, and makes the status 1."""
    assert main(["slug", "x--1", "d--1"]) == FAILED
    captured = capsys.readouterr()
    assert len(json.loads(captured.out)) == 1
    assert captured.err.startswith("iotile-cloud: not a slug: 'x--1'")


def test_no_text_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a text there is nothing to tell."""
    assert main(["slug"]) == WRONG_USE
    assert "TEXT" in capsys.readouterr().err
