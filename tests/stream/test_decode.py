"""Tests for iotile_cloud.stream._decode: the extra `fast` changes speed and no result."""

from __future__ import annotations

import json
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iotile_cloud.api._paging import read_page
from iotile_cloud.api.exceptions import HttpUnexpectedReplyError, RestBaseException
from iotile_cloud.stream import _decode
from iotile_cloud.stream._decode import columns_decoder, page_of_columns, rows_decoder
from iotile_cloud.stream.data import StreamData
from iotile_cloud.stream.kinds import STREAM_NAMES

TIMES = st.sampled_from(
    [None, "2018-01-01T00:00:00Z", "2018-01-01T23:59:59.25Z", "2018-01-01", "soon", "", 5]
)
NUMBERS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.integers(10**29, 10**31),
    st.floats(),
    st.sampled_from([1e22, -0.0, 5e-324, 1.7976931348623157e308, "5", "", [], {}]),
)
FIELDS = {
    "timestamp": TIMES,
    "int_value": st.one_of(st.integers(-(2**63), 2**63 - 1), NUMBERS),
    "value": NUMBERS,
    "output_value": st.one_of(st.floats(), st.none()),
    "streamer_local_id": st.one_of(st.integers(0, 2**31), NUMBERS),
    "display_value": st.one_of(st.text(), st.just("\ud800")),
    "type": st.sampled_from(["Num", "ITR", None]),
    "extra": st.recursive(st.text(), lambda inner: st.lists(inner, max_size=2), max_leaves=4),
}
PLAIN = st.fixed_dictionaries(
    {
        "timestamp": st.sampled_from(["2018-01-01T00:00:00Z", None]),
        "int_value": st.integers(-(2**63), 2**63 - 1) | st.none(),
        "value": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9),
        "display_value": st.text(),
    }
)
ODD = st.fixed_dictionaries({}, optional=FIELDS)
BODIES = st.builds(
    lambda rows, count, more, ascii: json.dumps(
        {"count": count, "next": more, "previous": None, "results": rows}, ensure_ascii=ascii
    ).encode("utf-8", "surrogatepass"),
    st.lists(PLAIN, max_size=4) | st.lists(ODD, max_size=2),
    st.sampled_from([0, 3, None, "3", True, -1]),
    st.sampled_from([None, "http://x/?page=2"]),
    st.booleans(),
)
LITERALS = [
    b'{"results": [{"value": 1E5, "int_value": -0}]}',
    b'{"results": [{"value": 1e400}]}',
    b'{"results": [{"value": NaN}, {"value": -Infinity}]}',
    b'{"results": [{"value": 1, "value": 2}]}',
    b'{"results": [{"display_value": "\xff"}]}',
    b'\xef\xbb\xbf{"results": []}',
    b'{"results": [], "results": [{"value": 9007199254740993}]}',
    b'{"results": [{"value": 0.1000000000000000055511151231257827021181583404541015625}]}',
    b'[{"value": 1.0}]',
    b"[1]",
    b'{"results": {}}',
    b"{}",
    b'"text"',
    b"5",
    b"",
    b"<html>",
]


@pytest.fixture(autouse=True)
def _fast():
    pytest.importorskip("msgspec")


def ordinary(content):
    """Return the value of a body, as it is without the extra."""
    return json.loads(content)


def outcome(make):
    """Return what `make` returns, or the kind of its failure, in a form that can be compared."""
    try:
        return repr(make())
    except (RestBaseException, ValueError) as error:
        return type(error).__name__


def with_fallback(decode, content):
    """Return what a resource makes of a body that it may decode with `decode`."""
    try:
        return decode(content)
    except ValueError:
        return ordinary(content)


def shown(page):
    """Return a page of columns as something whose repr tells all of it."""
    columns = [(name, page.rows.tolist(name)) for name in page.rows]
    return columns, page.rows["timestamp"], page.count, page.more


def columns_by_standard(content):
    return shown(page_of_columns(ordinary(content), STREAM_NAMES, "here"))


def columns_by_extra(content):
    value = with_fallback(columns_decoder(STREAM_NAMES), content)
    return shown(page_of_columns(value, STREAM_NAMES, "here"))


@settings(max_examples=40, deadline=None)
@given(BODIES)
def test_rows_are_those_of_the_standard_library(content):
    """Whatever rows hold, they come out the same, type for type."""
    fast = outcome(lambda: with_fallback(rows_decoder(), content))
    assert fast == outcome(lambda: ordinary(content))


@settings(max_examples=40, deadline=None)
@given(BODIES)
def test_columns_are_those_of_the_standard_library(content):
    """Whatever rows hold, the columns are the same, or the same kind of error."""
    assert outcome(lambda: columns_by_extra(content)) == outcome(
        lambda: columns_by_standard(content)
    )


@pytest.mark.parametrize("content", LITERALS)
def test_bodies_that_json_writers_do_not_write(content):
    """What only a hand or another program writes is read alike too."""
    assert outcome(lambda: with_fallback(rows_decoder(), content)) == outcome(
        lambda: ordinary(content)
    )
    assert outcome(lambda: columns_by_extra(content)) == outcome(
        lambda: columns_by_standard(content)
    )


def test_a_plain_page_takes_the_fast_way():
    """The extra is not only there: pages as the server writes them are left to nobody else."""
    content = json.dumps(
        {
            "count": 1,
            "next": None,
            "results": [{"timestamp": None, "value": 1.5, "display_value": "1,5 °"}],
        },
        ensure_ascii=False,
    ).encode()
    assert rows_decoder()(content) == json.loads(content)
    assert columns_decoder(["value"])(content).rows["value"].tolist() == [1.5]


def test_without_the_extra_there_is_no_other_decoder(monkeypatch):
    """The ordinary way of the api serves alone."""
    monkeypatch.setattr(_decode, "msgspec", None)
    assert (rows_decoder(), columns_decoder(["value"])) == (None, None)


@pytest.mark.parametrize("extra", [True, False])
def test_a_download_meets_odd_numbers(pages, monkeypatch, extra):
    """NaN and integers of 64 bits arrive in rows and in columns, with the extra and without."""
    if not extra:
        monkeypatch.setattr(_decode, "msgspec", None)
    rows = [{"timestamp": None, "int_value": 2**63 - 1, "value": nan}]
    body = {"count": 1, "next": None, "results": rows}
    readings = StreamData("s", pages(body, body))
    readings.initialize_from_server()
    columns = readings.columns("int_value", "value", lastn=1)
    assert repr(readings.data) == repr(rows)
    assert repr(columns.tolist("value")) == "[nan]"
    assert columns.tolist("int_value") == [2**63 - 1]


@pytest.mark.parametrize("extra", [True, False])
def test_a_page_that_is_none_is_told(pages, scripted, monkeypatch, extra):
    """HTML for JSON is the error it always was, and so is an object without rows."""
    if not extra:
        monkeypatch.setattr(_decode, "msgspec", None)
    html = scripted.reply(200, b"<html>Maintenance</html>", Content_Type="application/json")
    for answer, words in ((html, "JSON was expected"), ({"detail": "?"}, "page of rows")):
        with pytest.raises(HttpUnexpectedReplyError, match=words):
            StreamData("s", pages(answer)).columns("int_value", lastn=1)


def test_pages_of_columns_have_count_and_more():
    """What a page says about the others is read as from any page."""
    content = b'{"count": 5, "next": "http://x/", "results": [{"value": 1}]}'
    page, usual = columns_decoder(["value"])(content), read_page(ordinary(content), "here")
    assert (page.count, page.more, len(page.rows)) == (usual.count, usual.more, 1)


def test_a_body_that_nests_too_deep_is_left_to_the_ordinary_way():
    """What no decoder can read is a ValueError, whichever decoder is installed."""
    decode = rows_decoder()
    if decode is None:
        pytest.skip("msgspec is not installed")
    with pytest.raises(ValueError, match="recursion"):
        decode(b'{"results": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
