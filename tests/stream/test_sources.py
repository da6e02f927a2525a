"""Tests for iotile_cloud.stream.sources."""

from __future__ import annotations

import pytest

from iotile_cloud.api.exceptions import HttpUnexpectedReplyError
from iotile_cloud.stream.sources import listed, streams_of
from iotile_cloud.utils.gid import IOTileDeviceSlug, IOTileProjectSlug

ONE = {"slug": "s--0000-0001--0000-0000-0000-0001--5001"}
TWO = {"slug": "s--0000-0001--0000-0000-0000-0002--5001"}


def listing(*rows):
    return {"count": len(rows), "next": None, "results": list(rows)}


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("p--1", {"project": "p--0000-0001"}),
        (IOTileProjectSlug(1), {"project": "p--0000-0001"}),
        ("D--00AB", {"device": "d--0000-0000-0000-00ab"}),
        ("b--0001-0000-0000-0001", {"device": "b--0001-0000-0000-0001"}),
        ("v--0001--5001", {"variable": "v--0000-0001--5001"}),
    ],
)
def test_a_listing_tells_the_streams(pages, source, asked):
    """Each kind has its filter, is asked for by its full slug, and in the largest pages."""
    assert streams_of(pages(listing(ONE, TWO)), source) == [ONE, TWO]
    assert pages.asked() == [{**asked, "page": "1", "page_size": "20000"}]


def test_a_stream_is_its_record(pages):
    """A stream stands for itself."""
    assert streams_of(pages(ONE), "s--1--1--5001") == [ONE]
    assert pages.paths() == [f"/api/v1/stream/{ONE['slug']}/"]


def test_a_fleet_stands_for_the_streams_of_its_devices(pages):
    """The members of a fleet are devices, and are looked up one after the other."""
    members = [{"device": str(IOTileDeviceSlug(number))} for number in (1, 2)]
    api = pages(listing(*members), listing(ONE), listing(TWO))
    assert streams_of(api, "g--1") == [ONE, TWO]
    assert [asked.get("device") for asked in pages.asked()[1:]] == [
        member["device"] for member in members
    ]


@pytest.mark.parametrize("source", ["", "x--1", "0001", "p--zzzz", "s--1", None, 7])
def test_what_is_no_slug_asks_nothing(pages, source):
    """A malformed source is a ValueError."""
    with pytest.raises(ValueError, match=r"\S"):
        streams_of(pages(), source)
    assert pages.asked() == []


def test_a_slug_of_another_kind_is_refused(pages):
    """A streamer has no streams, and the error says what has."""
    with pytest.raises(ValueError, match="name a project .p--., device"):
        streams_of(pages(), "t--0000-0000-0000-0001--0001")


@pytest.mark.parametrize("source", ["p--1", "s--1--1--5001", "g--1"])
@pytest.mark.parametrize("row", [1, {}, None, {"slug": ""}])
def test_a_reply_without_streams_is_an_error(pages, source, row):
    """Rows that are no streams, or no members of a fleet, do not vanish."""
    with pytest.raises(HttpUnexpectedReplyError, match="was expected, not"):
        streams_of(pages(always=row if source.startswith("s") else listing(row)), source)


def test_sources_are_listed_once():
    """The same source again adds nothing, and a single one needs no list."""
    assert listed(["d--1", IOTileDeviceSlug(1), "d--1"]) == ["d--1", str(IOTileDeviceSlug(1))]
    assert listed(IOTileProjectSlug(1)) == ["p--0000-0001"]
