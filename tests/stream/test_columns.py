"""Tests for iotile_cloud.stream.columns, kinds and stamps, and for columns() of downloads."""

from __future__ import annotations

import copy
from array import array
from datetime import datetime
from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.api.exceptions import HttpUnexpectedReplyError, PartialDataError
from iotile_cloud.local.demo import demo_facts
from iotile_cloud.stream.columns import Columns, ColumnTimes, column_span, ordered_column_span
from iotile_cloud.stream.data import RawData, StreamData
from iotile_cloud.stream.kinds import RAW_NAMES, STREAM_NAMES, checked_names
from iotile_cloud.stream.stamps import NO_TIME, nanoseconds, nanoseconds_of, text_of
from iotile_cloud.utils.basic import utc_text

STREAM = demo_facts().upload.stream
FIRST, LAST = "2018-01-01T00:00:00Z", "2018-01-01T00:00:01Z"
ROW = {
    "timestamp": FIRST,
    "int_value": 1,
    "value": 1.5,
    "output_value": 3.0,
    "streamer_local_id": 7,
}


def one(name, *values):
    """Return one column of these values."""
    return Columns.made({name: values})


# -- the value ------------------------------------------------------------------------------------


def test_a_row_becomes_one_number_in_each_column():
    """Times are nanoseconds, and the other columns hold what the row holds."""
    columns = Columns.of([ROW], STREAM_NAMES)
    assert {name: list(columns[name]) for name in columns} == {
        **{name: [ROW[name]] for name in STREAM_NAMES},
        "timestamp": [1514764800 * 10**9],
    }


def test_columns_keep_at_most_64_bytes_a_row():
    """Numbers take eight bytes, masks one, and arrays grow by little more than they need."""
    rows = [{}, *[ROW] * 999]
    columns = Columns.of([], RAW_NAMES)
    for _ in range(100):
        columns.extend(Columns.of(rows, RAW_NAMES))
    held = sum(
        part.__sizeof__() for name in columns for part in (columns[name], columns.mask(name))
    )
    assert held / len(columns) <= 64 * 1.07


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1, -(2**63)])
def test_integers_of_64_bits_stay_exact(number):
    """A number that a double would round is kept to its last bit."""
    assert one("int_value", number)["int_value"][0] == number


def test_null_is_masked_and_has_a_stand_in():
    """In the arrays null is NaN, 0 and numpy's NaT."""
    columns = Columns.of([{}, ROW], STREAM_NAMES)
    assert isnan(columns["value"][0])
    assert (columns["int_value"][0], columns["timestamp"][0]) == (0, NO_TIME)
    assert [columns.tolist(name)[0] for name in columns] == [None] * 5
    assert [columns.mask(name) for name in columns] == [bytearray(b"\1\0")] * 5


def test_a_nan_of_the_server_is_no_null():
    """NaN that was sent stays NaN; null that was sent is masked."""
    columns = one("value", nan, None)
    assert (columns.nulls("value"), columns.mask("value")) == (1, bytearray(b"\0\1"))
    assert isnan(columns.tolist("value")[0])


def test_a_column_is_shared_through_the_buffer_protocol():
    """What takes a buffer sees the very numbers of a column."""
    columns = one("value", 1.0, 2.0)
    view = memoryview(columns["value"])
    columns["value"][0] = 5.0
    assert view.tolist() == [5.0, 2.0]


def test_a_slice_has_the_rows_of_the_slice():
    """Data and masks are cut alike."""
    columns = one("value", 1.0, None, 3.0)
    assert columns[1:] == one("value", None, 3.0)
    assert columns[-1:].tolist("value") == [3.0]


@given(st.lists(st.sampled_from([None, 1.0, nan]), max_size=6), st.integers(0, 6))
def test_blocks_make_the_whole(values, place):
    """Columns that are put together are those that came in one piece."""
    columns = one("value", *values[:place])
    columns.extend(one("value", *values[place:]))
    assert columns == one("value", *values)


def test_blocks_of_other_columns_are_refused():
    """Nothing is put behind columns of other names."""
    with pytest.raises(ValueError, match="cannot take"):
        one("value").extend(one("int_value"))


def test_columns_of_different_length_are_refused():
    """A reading is in every column."""
    with pytest.raises(ValueError, match=r"\[1, 2\]"):
        Columns({"value": array("d", [1]), "int_value": array("q", [1, 2])})


def test_rows_are_taken_by_their_places():
    """Taking reorders data, texts and masks."""
    columns = Columns.made({"stream": ["a", None], "value": [1.0, 2.0]}).take([1, 0])
    assert columns == Columns.made({"stream": [None, "a"], "value": [2.0, 1.0]})


def test_columns_are_unequal_when_a_name_a_value_or_a_mask_is():
    """Equality looks at all that is there."""
    assert one("value", 0.0) != one("output_value", 0.0)
    assert one("value", 0.0) != one("value", -0.0)
    assert one("int_value", 0) != one("int_value", None)
    assert one("value", nan) == one("value", nan)
    assert one("value") != []


def test_equal_texts_are_kept_once():
    """A column of slugs holds one object a slug."""
    slugs = one("stream", "s--1", "".join(["s-", "-1"]))["stream"]
    assert slugs[0] is slugs[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("int_value", 2**63),
        ("int_value", 1.5),
        ("int_value", "1"),
        ("value", "high"),
        ("value", 10**400),
        ("timestamp", "yesterday"),
        ("timestamp", 5),
        ("timestamp", "2300-01-01T00:00:00Z"),
        ("stream", 5),
    ],
)
def test_a_value_of_another_kind_is_an_error_that_shows_it(name, value):
    """Nothing is guessed: the error names the column and the value."""
    with pytest.raises(HttpUnexpectedReplyError, match=f"{name} should be .*{str(value)[:20]}"):
        one(name, None, value)


def test_a_whole_double_is_an_integer():
    """A server that writes 5.0 for 5 is understood."""
    assert one("int_value", 5.0, None).tolist("int_value") == [5, None]


def test_a_row_that_is_no_object_is_an_error():
    """What is no row is not taken for one without fields."""
    with pytest.raises(HttpUnexpectedReplyError, match="should be a JSON object, not 5"):
        Columns.of([ROW, 5], STREAM_NAMES)


def test_an_unknown_column_is_refused():
    """The error tells what there is."""
    with pytest.raises(ValueError, match="no column 'type'; there are timestamp, int_value"):
        checked_names(["type"], STREAM_NAMES)


# -- times ----------------------------------------------------------------------------------------

MOMENTS = st.datetimes(
    min_value=datetime(1678, 1, 1),
    max_value=datetime(2261, 12, 31),
)


@given(st.lists(MOMENTS.map(utc_text)))
def test_many_times_are_read_as_one_is(texts):
    """The short way for many texts gives what the long way gives for each."""
    assert list(nanoseconds(texts)) == list(map(nanoseconds_of, texts))
    assert list(map(text_of, nanoseconds(texts))) == texts


@pytest.mark.parametrize(
    "text",
    [
        "2018-01-01T12:00:00",
        "2018-01-01 12:00:00.123456+00:00",
        "2018-01-01T12:00:00.1234567Z",
        "2018-01-01T01:00:00+05:30",
        "2018-01-01",
        "2018-01-01T24:00:00Z",
    ],
)
def test_other_forms_of_a_time_are_read_alike(text):
    """Zones, fractions and bare dates mean the same as everywhere in this package."""
    assert list(nanoseconds([text])) == [nanoseconds_of(text)]


@pytest.mark.parametrize(
    "text", ["", "2018-01-01T24:30:00Z", "2018-W01-1T12:00:00Z", "2018-01-01T12:61:00Z", "١٢"]
)
def test_what_is_no_time_is_refused(text):
    """The short way takes nothing that the long way does not."""
    with pytest.raises(ValueError, match="not a time"):
        nanoseconds([FIRST, text])


def test_column_times_are_microseconds():
    """A download compares times as it compares those of rows."""
    times = ColumnTimes(one("timestamp", LAST, None))
    assert [times[0], times[-1], len(times)] == [1514764801 * 10**6, None, 2]


def test_the_span_of_columns():
    """First and last time come as the server writes them, in whatever order rows are."""
    assert column_span(one("timestamp", None, LAST, FIRST)) == (FIRST, LAST, 1)
    assert column_span(one("timestamp", LAST, FIRST)) == (FIRST, LAST, 0)
    assert column_span(one("timestamp", None)) == (None, None, 1)


@pytest.mark.parametrize("times", [[FIRST, LAST, None], [FIRST], [None, None], []])
def test_the_span_of_columns_in_order_is_the_same(times):
    """Of rows in order of time, those without one last, the ends are enough."""
    assert ordered_column_span(one("timestamp", *times)) == column_span(one("timestamp", *times))


# -- downloads ------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [{"start": None}, {"page_size": 1000}, {"lastn": 7}])
def test_a_download_of_columns_is_that_of_rows(api, query):
    """Columns hold what the rows of the same query hold, and the receipts say the same."""
    rows, columns = StreamData(STREAM, api), StreamData(STREAM, api)
    rows.initialize_from_server(**query)
    assert columns.columns(**query) == rows.columns()
    assert columns.receipt == rows.receipt
    assert columns.data == []


def test_columns_without_a_query_are_of_everything_where_nothing_was_downloaded(api):
    """A fresh object that is asked for columns downloads them all."""
    columns = StreamData(STREAM, api).columns()
    assert (len(columns), columns.names) == (5760, STREAM_NAMES)


def test_rows_without_a_query_are_of_everything_where_nothing_was_downloaded(api):
    """A fresh object that is asked for rows downloads them all."""
    assert sum(1 for _ in StreamData(STREAM, api).rows()) == 5760


def test_a_download_that_brought_nothing_is_held(api):
    """What was downloaded and is empty is not downloaded again."""
    readings = StreamData(STREAM, api)
    readings.initialize_from_server(start="2100-01-01")
    assert (len(readings.columns()), list(readings.rows())) == (0, [])


def test_only_the_named_columns_come(api):
    """The time is always among them."""
    assert StreamData(STREAM, api).columns("int_value", lastn=3).names == ("timestamp", "int_value")


def test_raw_readings_have_columns_of_their_own(api):
    """They tell the stream and the ids, and have no output value."""
    readings = RawData(api)
    columns = readings.columns(filter=STREAM, lastn=3)
    assert columns.names == RAW_NAMES
    assert columns["stream"] == [STREAM] * 3
    assert readings.receipt.received == 3


def test_a_subclass_with_hooks_of_its_own_gives_columns(api):
    """Pages that a subclass fetches become columns as well."""

    class Own(StreamData):
        def _fetch_data(self, **params):
            return [copy.copy(ROW)] * 2

    assert Own(STREAM, api).columns("value", start=None)["value"].tolist() == [1.5, 1.5]


def test_a_short_download_carries_its_columns(pages):
    """A PartialDataError has the columns that came, and the receipt."""
    short = {"count": 2, "next": None, "results": [ROW]}
    with pytest.raises(PartialDataError) as raised:
        StreamData("s", pages(short)).columns(lastn=5)
    assert raised.value.rows == Columns.of([ROW], STREAM_NAMES)
    assert (raised.value.received, raised.value.receipt.complete) == (1, False)


def test_numpy_takes_columns_without_a_copy():
    """Arrays of numpy share the memory of a column, and null times are NaT."""
    numpy = pytest.importorskip("numpy")
    columns = Columns.of([ROW, {}], STREAM_NAMES)
    times = numpy.frombuffer(columns["timestamp"], "datetime64[ns]")
    values = numpy.asarray(columns["value"])
    columns["value"][0] = 9.0
    assert [str(times[0]), bool(numpy.isnat(times[1])), values[0]] == [
        "2018-01-01T00:00:00.000000000",
        True,
        9.0,
    ]
