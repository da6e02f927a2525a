"""Tests for iotile_cloud.cli._show."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.cli._show import json_text, show, show_pages, write
from iotile_cloud.utils.gid import IOTileDeviceSlug

TEXTS = st.text(st.characters())  # lone surrogates, too
Printed = pytest.CaptureFixture[str]


@given(st.dictionaries(TEXTS, TEXTS | st.integers()))
def test_json_is_the_value_and_can_be_written(value: dict[str, Any]) -> None:
    """Whatever the server sent comes back from the JSON, which any UTF-8 stream can take."""
    text = json_text(value)
    text.encode("utf-8")
    assert json.loads(text) == value


def test_datetimes_and_slugs_have_a_json_form() -> None:
    """What our own commands know is written as the server would write it."""
    value = {"at": datetime(2018, 1, 1), "device": IOTileDeviceSlug(1)}
    assert json.loads(json_text(value)) == {
        "at": "2018-01-01T00:00:00Z",
        "device": "d--0000-0000-0000-0001",
    }


def test_json_for_a_stream_without_umlauts_stays_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where stdout knows ASCII only, JSON uses its own escapes."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    show({"name": "Zürich"})
    out.flush()
    assert json.loads(out.buffer.getvalue()) == {"name": "Zürich"}  # type: ignore[attr-defined]


def test_text_for_a_stream_without_umlauts_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table on such a terminal shows escapes instead of failing."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    write("Zürich\n")
    out.flush()
    assert out.buffer.getvalue() == b"Z\\xfcrich\n"  # type: ignore[attr-defined]


def test_nothing_is_shown_of_nothing(capsys: Printed) -> None:
    """None, as after a delete, leaves stdout empty."""
    show(None)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("value", ["text", 5, True, {}, []])
def test_a_pipe_gets_any_value_as_json(value: Any, capsys: Printed) -> None:
    """Answers that are neither objects nor listings are JSON as well."""
    show(value)
    assert json.loads(capsys.readouterr().out) == value


def test_a_closed_stdout_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the caller has closed stdout there is nowhere to write to, and nothing to complain."""
    monkeypatch.setattr(sys, "stdout", None)
    show({"a": 1})
    show(b"abc")
    show_pages([[1]])


def test_pages_are_written_while_they_come(capsys: Printed) -> None:
    """Each page is on stdout before the next one is asked for, so none has to be kept."""
    seen = []

    def pages() -> Iterator[list[Any]]:
        for number in range(3):
            seen.append(capsys.readouterr().out)
            yield [number]

    show_pages(pages())
    seen.append(capsys.readouterr().out)
    assert seen == ["", "[\n0", ",\n1", ",\n2\n]\n"]
    assert json.loads("".join(seen)) == [0, 1, 2]
