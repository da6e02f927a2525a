"""Local ids of streams and selectors, by name and by number."""

from __future__ import annotations

import pytest

from iotile_cloud.streamer import (
    REBOOT,
    SELECTORS,
    SignedListReport,
    is_system_stream,
    selector,
    stream_id,
    stream_name,
)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0, "buffered 0"),
        (0x0800, "system buffered 0"),
        (0x17FF, "unbuffered 2047"),
        (0x2001, "constant 1"),
        (0x3001, "input 1"),
        (0x4001, "counter 1"),
        (0x5001, "output 1"),
        (REBOOT, "system output 1024"),
    ],
)
def test_names(number, name):
    """A local id has a name, and is made of its words."""
    *system, kind, local = name.split()
    assert stream_name(number) == name
    assert stream_id(kind, int(local), system=bool(system)) == number
    assert is_system_stream(number) is bool(system)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: stream_name(0x6000), "of kind 6"),
        (lambda: stream_name(1 << 16), "stream is 65536"),
        (lambda: stream_id("outputs", 1), "kind is 'outputs'; expected one of buffered"),
        (lambda: stream_id("output", 2048), "local is 2048; expected an int from 0 to 2047"),
        (lambda: selector("all"), "selector is 'all'; expected one of user"),
        (lambda: selector(-1), "selector is -1"),
    ],
)
def test_refused(make, words):
    """What has no name or no number is refused with what there is."""
    with pytest.raises(ValueError, match=words):
        make()


def test_selectors():
    """A selector is known by name; a number stands for itself."""
    assert (selector("user"), selector("system"), selector(0x1234)) == (0xD7FF, 0x5FFF, 0x1234)
    assert all(selector(name) == number for name, number in SELECTORS.items())


def test_streamer_of_a_report():
    """A report tells the slug of its streamer."""
    report = SignedListReport(0x201, [], streamer_index=16)
    assert str(report.streamer) == "t--0000-0000-0000-0201--0010"
