"""Tests for frames, tables and files of downloads: iotile_cloud.stream.faces, frames and meta."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import asdict
from math import isnan, nan

import pytest

import iotile_cloud
from iotile_cloud.api.exceptions import HttpNotFoundError, PartialDataError
from iotile_cloud.local.demo import demo_facts
from iotile_cloud.stream.data import BaseData, RawData, StreamData, StreamRawData
from iotile_cloud.stream.kinds import RAW_NAMES, STREAM_NAMES
from iotile_cloud.stream.meta import described
from iotile_cloud.stream.meter import Meter
from iotile_cloud.stream.receipt import Receipt

STREAM = demo_facts().upload.stream
DEVICE = "d--0000-0000-0000-2001"
ABSENT = "s--0000-0101--0000-0000-0000-2001--5fff"
KNOWN = {
    "timestamp": "2018-01-01T00:00:00Z",
    "int_value": 2**53 + 1,
    "value": 0.1,
    "output_value": nan,
    "streamer_local_id": 7,
    "device_timestamp": 3,
    "id": 9,
    "stream": "s--1",
}
ROWS = [KNOWN, {**dict.fromkeys(KNOWN), "timestamp": "2018-01-01T00:00:01.5Z"}, {}]
FORMS = ("to_csv", "to_jsonl", "to_parquet")


def held(rows=ROWS):
    """Return a download that holds these rows."""
    data = BaseData(None)
    data.data = list(rows)
    return data


def stream_of(rows=ROWS):
    """Return a download of a stream that holds these rows, and cannot ask."""

    class Held(StreamData):
        def _units(self, held):
            return None

    data = Held("s--1", None)
    data.data = list(rows)
    return data


@pytest.fixture
def pandas():
    """The real pandas, where it is installed."""
    return pytest.importorskip("pandas")


@pytest.fixture
def arrow():
    """The real pyarrow, where it is installed."""
    return pytest.importorskip("pyarrow")


@pytest.fixture
def write(tmp_path):
    """A function that writes a file by the name of the method and returns where it is."""

    def write(data, form, *names, **query):
        if form == "to_parquet":
            pytest.importorskip("pyarrow")
        path = tmp_path / "rows"
        getattr(data, form)(path, *names, **query)
        return path

    return write


def told(path):
    """Return what a file of readings tells about itself, inside or beside."""
    if path.read_bytes()[:4] == b"PAR1":
        parquet = pytest.importorskip("pyarrow.parquet")
        return json.loads(parquet.read_schema(path).metadata[b"iotile_cloud"])
    return json.loads(path.with_name("rows.meta.json").read_text())


# -- pandas ---------------------------------------------------------------------------------------


def test_a_frame_holds_what_the_server_has(api, pandas):
    """Rows are in the order of the download, by a time in UTC."""
    data = StreamData(STREAM, api)
    frame = data.frame(lastn=50)
    data.initialize_from_server(lastn=50)
    assert frame["value"].tolist() == [row["value"] for row in data.data]
    assert frame.index[0] == pandas.Timestamp(data.data[0]["timestamp"])
    assert str(frame.index.dtype) == "datetime64[ns, UTC]"
    assert list(frame) == list(STREAM_NAMES[1:])


@pytest.mark.parametrize("rows", [ROWS, [KNOWN], []], ids=["nulls", "none null", "empty"])
def test_the_types_of_a_frame_do_not_depend_on_what_is_in_it(pandas, rows):
    """Frames of several downloads go together, whether there are nulls or not."""
    types = {name: str(kind) for name, kind in stream_of(rows).frame().dtypes.items()}
    assert types == {
        "int_value": "Int64",
        "value": "float64",
        "output_value": "float64",
        "streamer_local_id": "Int64",
    }


def test_nulls_of_a_frame(pandas):
    """Null is NA in integers and texts, NaN in doubles, NaT in the index; no row is lost."""
    frame = held().frame()
    assert frame["int_value"].tolist() == [2**53 + 1, pandas.NA, pandas.NA]
    assert frame["stream"].isna().tolist() == [False, True, True]
    assert [isnan(number) for number in frame["value"]] == [False, True, True]
    assert frame.index.isna().tolist() == [False, False, True]


def test_a_zone_changes_the_index_alone(api, pandas):
    """`tz=` shows the same moments on another clock, and is no part of the query."""
    data = StreamData(STREAM, api)
    there, here = data.frame(lastn=3, tz="Asia/Tokyo"), data.frame(lastn=3)
    assert str(there.index.tz) == "Asia/Tokyo"
    assert (there.index == here.index).all()
    assert there.attrs["query"] == {"lastn": 3}


@pytest.mark.parametrize("tz", ["Mars/Base", "", [5]])
def test_a_zone_that_is_none_is_refused_unasked(pandas, tz):
    """It is checked before the download, not after."""
    with pytest.raises((TypeError, ValueError), match="tz must be a time zone"):
        StreamData("s--1", None).frame(tz=tz, lastn=1)


def test_columns_of_a_frame_can_be_chosen(api, pandas):
    """Only what is named is there, beside the time."""
    assert list(StreamData(STREAM, api).frame("output_value", lastn=5)) == ["output_value"]


# -- Arrow ----------------------------------------------------------------------------------------


def test_a_table_keeps_null_apart_from_nan(arrow):
    """Null is null, and a NaN of the server is a number."""
    table = stream_of().arrow()
    assert table["output_value"].null_count == 2
    assert isnan(table["output_value"][0].as_py())
    assert table["int_value"].to_pylist() == [2**53 + 1, None, None]
    assert table["timestamp"].null_count == 1


@pytest.mark.parametrize("rows", [ROWS, [KNOWN], []], ids=["nulls", "none null", "empty"])
def test_the_schema_of_a_table_does_not_depend_on_what_is_in_it(arrow, rows):
    """Tables of several downloads go together."""
    table = held(rows).arrow()
    assert table.schema.types[:2] == [arrow.timestamp("ns", "UTC"), arrow.int64()]
    assert str(table.schema.field("stream").type).startswith("dictionary<values=string")
    assert table.column_names == list(RAW_NAMES)


# -- files ----------------------------------------------------------------------------------------


def test_csv_of_a_download(api, write):
    """A header and one line for each row, with the numbers of the server."""
    data = StreamData(STREAM, api)
    read = list(csv.reader(write(data, "to_csv", lastn=20).read_text().splitlines()))
    data.initialize_from_server(lastn=20)
    assert read[0] == list(STREAM_NAMES)
    assert [(line[0], float(line[2])) for line in read[1:]] == [
        (row["timestamp"], row["value"]) for row in data.data
    ]


def test_json_lines_of_a_download(api, write):
    """Each line is a row as the server sent it."""
    data = StreamData(STREAM, api)
    path = write(data, "to_jsonl", lastn=20)
    data.initialize_from_server(lastn=20)
    assert [json.loads(line) for line in path.read_text().splitlines()] == data.data


def test_parquet_of_a_download(api, arrow, write):
    """The file has the table that `arrow` gives."""
    data = StreamRawData(STREAM, api)
    read = pytest.importorskip("pyarrow.parquet").read_table(write(data, "to_parquet", lastn=20))
    table = data.arrow(lastn=20)
    assert read.to_pydict() == table.to_pydict()
    assert read.schema.field("timestamp").type == arrow.timestamp("ns", "UTC")


@pytest.mark.parametrize("form", FORMS)
def test_what_data_holds_can_be_written(write, form):
    """Without a query nothing is asked."""
    assert write(held(), form).stat().st_size > 0


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("query", [{}, {"start": "2100-01-01T00:00:00Z"}], ids=["held", "asked"])
def test_nothing_is_a_file_too(api, write, form, query):
    """Where there are no rows there is a file that says so."""
    data = StreamData(STREAM, api)
    data.data = []
    path = write(data, form, **query)
    assert told(path)["receipt"]["received"] == 0


def test_a_file_has_only_the_columns_that_are_named(api, write):
    """Named columns come in the order in which they are named."""
    path = write(StreamData(STREAM, api), "to_csv", "output_value", "int_value", lastn=3)
    assert path.read_text().splitlines()[0] == "timestamp,output_value,int_value"


@pytest.mark.parametrize("form", FORMS)
def test_a_broken_download_leaves_the_old_file(pages, write, tmp_path, form):
    """An error is raised, no file is half, and what was there is untouched."""
    (tmp_path / "rows").write_bytes(b"old")
    broken = StreamData("s--1", pages({"count": 5, "next": None, "results": [KNOWN]}))
    with pytest.raises(PartialDataError) as caught:
        write(broken, form, start=None)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("rows", b"old")]
    assert (caught.value.receipt.received, caught.value.receipt.complete) == (1, False)


@pytest.mark.parametrize("form", FORMS)
def test_a_refusal_leaves_no_file(api, write, tmp_path, form):
    """A stream that is not there makes no file."""
    with pytest.raises(HttpNotFoundError):
        write(StreamData(ABSENT, api), form, lastn=1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", ["to_csv", "to_parquet"])
def test_a_column_that_is_none_leaves_no_file(write, tmp_path, form):
    """Names are checked before anything is written."""
    with pytest.raises(ValueError, match="no column"):
        write(held(), form, "colour")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_written_in_constant_memory(monkeypatch, write, form):
    """Ten times as many readings take no more memory."""
    tracemalloc = pytest.importorskip("tracemalloc")
    monkeypatch.setattr("iotile_cloud.stream.files._GROUP", 500)

    class Pages(BaseData):
        def _fetch_data(self, page, last, **params):
            rows = [{**KNOWN, "id": 100 * page + place} for place in range(100)]
            return {"results": rows, "next": page < last or None, "count": 100 * last}

    def peak(pages):
        tracemalloc.start()
        write(Pages(None), form, last=pages)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)  # loads what is loaded once
    assert peak(100) < 1.2 * peak(10)


# -- what they tell about themselves --------------------------------------------------------------


def test_a_frame_tells_where_it_is_from(api, cloud, pandas):
    """Its attributes name server, stream, query, units, version and receipt."""
    data = StreamData(STREAM, api)
    about = data.frame(lastn=5).attrs
    record = api.stream(STREAM).get()
    assert about == {
        "domain": cloud.url,
        "stream": STREAM,
        "query": {"lastn": 5},
        "units": {name: record[name] for name in ("input_unit", "output_unit")},
        "version": iotile_cloud.__version__,
        "receipt": asdict(data.receipt),
    }


@pytest.mark.parametrize("form", FORMS)
def test_a_file_tells_the_same(api, write, form):
    """What frames have as attributes, files have inside or beside."""
    data = StreamData(STREAM, api)
    about = told(write(data, form, start="2024-03-05", end="2024-03-06"))
    assert about["query"] == {"start": "2024-03-05", "end": "2024-03-06"}
    assert about["receipt"] == asdict(data.receipt)
    assert about["units"]["output_unit"] == api.stream(STREAM).get()["output_unit"]


def test_a_table_tells_the_same(api, arrow):
    """Its schema carries JSON."""
    data = StreamData(STREAM, api)
    about = json.loads(data.arrow(lastn=5).schema.metadata[b"iotile_cloud"])
    assert about["receipt"] == asdict(data.receipt)


def test_what_data_holds_keeps_its_own_account(api, write):
    """Downloads that leave `data` as it is do not change what is told about it."""
    data = StreamData(STREAM, api)
    data.initialize_from_server(lastn=4)
    data.columns(lastn=9)
    about = told(write(data, "to_csv"))
    assert (about["query"], about["receipt"]["received"]) == ({"lastn": 4}, 4)


def test_no_token_is_told(api, write):
    """Whatever is known about the connection, its token is not among it."""
    path = write(StreamData(STREAM, api), "to_csv", lastn=3)
    assert api.token not in path.with_name("rows.meta.json").read_text()


@pytest.mark.parametrize("domain", ["https://me:pw@host", "https://me@host", "https://host"])
def test_no_name_or_password_is_told(domain):
    """An address is told without who uses it."""
    assert described(domain, None, {}, None, Receipt())["domain"] == "https://host"


def test_readings_of_several_streams_have_no_units(api, write):
    """They are of a query and of no stream."""
    about = told(write(RawData(api), "to_csv", filter=DEVICE, lastn=3))
    assert (about["stream"], about["units"], about["query"]["filter"]) == (None, None, DEVICE)


def test_readings_come_without_units_where_there_is_no_record(pages, write, scripted, caplog):
    """What cannot be told is null and is logged; the readings are there."""
    page = {"count": 1, "next": None, "results": [KNOWN]}
    data = StreamData("s--1", pages(page, always=scripted.reply(403)))
    assert told(write(data, "to_csv", start=None))["units"] is None
    assert "units" in caplog.text


def test_units_are_asked_for_once_a_download(pages, scripted, write):
    """The record is kept until the next download."""
    record = {"input_unit": None, "output_unit": {"unit_short": "C"}}
    data = StreamData("s--1", pages({"count": 1, "next": None, "results": [KNOWN]}, record))
    data.initialize_from_server()
    for _ in range(2):
        assert told(write(data, "to_csv"))["units"] == record
    assert pages.paths() == ["/api/v1/stream/s--1/data/", "/api/v1/stream/s--1/"]


def test_units_are_asked_for_when_the_deadline_of_the_download_is_long_over(api, write):
    """What `data` holds can be written at any time."""
    data = StreamData(STREAM, api, deadline=60)
    data.initialize_from_server(lastn=3)
    data._meter = Meter(0)
    assert told(write(data, "to_csv"))["units"] is not None


# -- what is not installed ------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["frame", "arrow"])
def test_a_missing_extra_is_named(monkeypatch, form):
    """The error says what to install, before anything is asked."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'iotile_cloud\[frames\]'"):
        getattr(StreamData("s--1", None), form)(lastn=1)


def test_parquet_without_pyarrow_leaves_no_file(monkeypatch, tmp_path):
    """It is known before a file is begun."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"iotile_cloud\[frames\]"):
        held().to_parquet(tmp_path / "rows")
    assert not list(tmp_path.iterdir())


def test_nothing_of_the_extras_is_loaded_unasked():
    """Importing the streams loads no pandas, pyarrow, numpy or tqdm."""
    code = (
        "import sys, iotile_cloud.stream.data; "
        "print([m for m in ('pandas', 'pyarrow', 'numpy', 'tqdm') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert shown.stdout == "[]\n"
