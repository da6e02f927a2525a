"""From what a user wrote to a URL."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.api._path import base_url, join, origin

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: text not in (".", "..")
)


@given(TEXTS)
def test_any_text_stays_one_segment_and_can_be_read_back(text: str) -> None:
    """Whatever a segment holds, the URL has one more segment, which unquotes to it."""
    path = urlsplit(join("http://h/api/v1/thing/", text)).path
    assert path.startswith("/api/v1/thing/")
    assert path.endswith("/")
    segment = path[len("/api/v1/thing/") : -1]
    assert "/" not in segment
    assert unquote(segment) == text


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_segments_that_a_url_cannot_hold_are_refused(text: str) -> None:
    """'', '.' and '..' are refused by an error that shows them."""
    with pytest.raises(
        ValueError, match=f"'{text}' cannot be a part of a path".replace(".", r"\.")
    ):
        join("http://h/", text)


@pytest.mark.parametrize("url", ["http://h/x", "http://h/x/", "http://h/x//"])
def test_there_is_one_slash_between_segments_and_at_the_end(url: str) -> None:
    """However the URL above ends, the new one has single slashes."""
    assert join(url, "y") == "http://h/x/y/"


def test_a_segment_is_quoted_once() -> None:
    """A per cent sign is text like any other, so what is quoted already is quoted again."""
    assert join("http://h", "a%20b") == "http://h/a%2520b/"


@pytest.mark.parametrize(
    ("domain", "prefix", "url"),
    [
        ("https://iotile.cloud", "api/v1", "https://iotile.cloud/api/v1"),
        ("https://iotile.cloud/", "api/v1", "https://iotile.cloud/api/v1"),
        ("https://iotile.cloud//", "/api/v1/", "https://iotile.cloud/api/v1"),
        ("http://127.0.0.1:8000", "", "http://127.0.0.1:8000"),
        ("http://h/below", "api/v1", "http://h/below/api/v1"),
        ("HTTP://[::1]:80", "api/v1", "HTTP://[::1]:80/api/v1"),
    ],
)
def test_the_base_url_has_no_doubled_and_no_last_slash(domain: str, prefix: str, url: str) -> None:
    """Slashes at the end of the domain and around the prefix do not matter."""
    assert base_url(domain, prefix) == url


@pytest.mark.parametrize(
    "domain",
    [
        "iotile.cloud",
        "127.0.0.1:8000",
        "ftp://iotile.cloud",
        "https://",
        "https://h?x=1",
        "https://h#x",
        "https://h:port",
        "https://h:99999",
        "https://[::1",
        "https://h\n",
        " https://h",
        "https://h h",
    ],
)
def test_a_domain_that_is_no_address_is_refused(domain: str) -> None:
    """The error shows the text and what would be right."""
    with pytest.raises(ValueError, match=r"must look like 'https://iotile\.cloud', not ") as caught:
        base_url(domain, "api/v1")
    assert repr(domain) in str(caught.value)


def test_credentials_in_a_domain_are_refused_and_not_shown() -> None:
    """The domain may not hold a user and password, and the error does not repeat them."""
    with pytest.raises(ValueError, match=r"login\(\) or set_token\(\)") as caught:
        base_url("https://me:hush@h", "api/v1")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://h/a", "https://H:443/b?c", True),
        ("http://h", "http://h:80", True),
        ("http://h", "https://h", False),
        ("http://h", "http://h:8080", False),
        ("http://h", "http://www.h", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(one: str, other: str, same: bool) -> None:
    """Two URLs have the same origin if all three agree, the default port counted in."""
    assert (origin(one) == origin(other)) is same


@pytest.mark.parametrize("prefix", ["a?x=1", "a b", "a#b"])
def test_a_prefix_that_is_no_path_is_refused(prefix: str) -> None:
    """The error shows the prefix, and not a domain that was right."""
    with pytest.raises(ValueError, match="the prefix must look like 'api/v1'"):
        base_url("http://h", prefix)


def test_bytes_are_read_as_utf_8() -> None:
    """A segment means the same as in a query."""
    assert join("http://h/", "\u00e9".encode()) == "http://h/%C3%A9/"
