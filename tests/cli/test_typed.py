"""Tests for iotile_cloud.cli._typed."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from iotile_cloud.cli._typed import body_of, path_of

BASE = "https://iotile.cloud/api/v1"


@pytest.mark.parametrize(
    "typed",
    [
        "org/my-org/projects",
        "/org/my-org/projects/",
        "org//my-org/projects",
        "/api/v1/org/my-org/projects/",
        "api/v1/org/my-org/projects",
        "https://iotile.cloud/api/v1/org/my-org/projects/",
        "HTTPS://IOTile.cloud:443/api/v1/org/my-org/projects",
    ],
)
def test_a_path_is_found_however_it_is_typed(typed: str) -> None:
    """Slashes, the prefix and a whole URL of the server make no difference."""
    assert path_of(typed, BASE) == (["org", "my-org", "projects"], [])


def test_the_query_of_a_pasted_page_is_kept() -> None:
    """The `next` of a page can be pasted as it is."""
    path, query = path_of(f"{BASE}/property/a%20b/?page=2&q=", BASE)
    assert (path, query) == (["property", "a b"], [("page", "2"), ("q", "")])


@pytest.mark.parametrize("typed", ["", "/", "/api/v1/"])
def test_the_root_has_no_segments(typed: str) -> None:
    """The root of the API can be asked for, too."""
    assert path_of(typed, BASE) == ([], [])


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("http://iotile.cloud/api/v1/org/", "on http://iotile.cloud:80, not https://iotile.cloud"),
        ("https://u:secret@evil.example/org", "on https://evil.example:443, not"),
        ("https://iotile.cloud/admin/", "/admin/ is not below"),
        ("org/../account", "goes upwards"),
        (f"{BASE}/org/%2e%2e/", "goes upwards"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(typed: str, words: str) -> None:
    """A token goes to its own server only; the message holds no password."""
    with pytest.raises(ValueError, match=words) as error:
        path_of(typed, BASE)
    assert "secret" not in str(error.value)


def test_data_is_read_from_a_file(tmp_path: Path) -> None:
    """`@FILE` is what the file holds, without the mark that some editors put in front."""
    file = tmp_path / "note.json"
    file.write_bytes(b'\xef\xbb\xbf{"note": "z\xc3\xbc"}')
    assert body_of(f"@{file}") == b'{"note": "z\xc3\xbc"}'


def test_data_is_read_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    """`@-` is what comes through the pipe."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"[1]")))
    assert body_of("@-") == b"[1]"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ('{"a":', "--data is no JSON: Expecting value: line 1 column 6"),
        ("", "--data is no JSON: Expecting value: line 1 column 1"),
        ("[NaN]", "it does not know NaN"),
        ("[" * 100_000, "--data is no JSON"),
        ("\udcff", "--data is no JSON"),
    ],
)
def test_data_that_is_no_json_is_told_with_its_place(data: str, words: str) -> None:
    """Nothing is sent that the server could not read."""
    with pytest.raises(ValueError, match=words):
        body_of(data)
