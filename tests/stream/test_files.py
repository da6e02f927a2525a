"""Tests for iotile_cloud.stream.files: nothing half, nothing lost, and three forms."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.stream.columns import Columns
from iotile_cloud.stream.files import csv_text, json_lines, replacing, write_parquet
from iotile_cloud.stream.stamps import NO_TIME, text_of, texts_of

TIME = "2018-01-01T00:00:00Z"
DOUBLES = st.none() | st.floats(allow_nan=False)
INTEGERS = st.none() | st.integers(-(2**63), 2**63 - 1)
TIMES = st.integers(-(2**63), 2**63 - 1) | st.integers(-(2**32), 2**32).map(lambda t: t * 10**9)
needs_modes = pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")


def test_a_file_appears_when_it_is_whole(tmp_path):
    """Nothing is under the name until all is written."""
    path = tmp_path / "rows.csv"
    with replacing(path) as (file,):
        file.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"


def test_an_error_leaves_what_was_there(tmp_path):
    """The old file is untouched and the new one is gone."""
    path = tmp_path / "rows.csv"
    path.write_bytes(b"old")

    def write():
        with replacing(path) as (file,):
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"old", ["rows.csv"])


def test_a_thread_that_nobody_waits_for_leaves_nothing_behind(tmp_path):
    """A process that ends in the middle, as after Ctrl-C, takes its half files with it."""
    code = f"""
import threading
from iotile_cloud.stream.files import replacing
begun = threading.Event()
def write():
    with replacing({str(tmp_path / "rows.csv")!r}):
        begun.set()
        threading.Event().wait()
threading.Thread(target=write, daemon=True).start()
begun.wait()
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert list(tmp_path.iterdir()) == []


def test_two_files_go_to_their_places_together(tmp_path):
    """Where one cannot, the other does not either."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"old")

    def write():
        with replacing(one, two):
            two.mkdir()

    with pytest.raises(OSError, match="irectory|denied"):
        write()
    assert (one.read_bytes(), sorted(os.listdir(tmp_path))) == (b"old", ["one", "two"])


@needs_modes
def test_a_file_has_the_mode_that_the_umask_says(tmp_path):
    """Readings are no secret: a new file is like any other that the user makes."""
    before = os.umask(0o027)
    try:
        with replacing(tmp_path / "rows"):
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "rows").stat().st_mode & 0o777 == 0o640


@needs_modes
def test_a_link_stays_a_link(tmp_path):
    """What a link points to is replaced."""
    (tmp_path / "link").symlink_to(tmp_path / "rows")
    with replacing(tmp_path / "link") as (file,):
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "rows").read_bytes() == b"new"


@pytest.mark.parametrize("path", [".", pytest.param(os.devnull, marks=needs_modes)])
def test_only_a_file_is_replaced(path):
    """A folder or a device stays what it is, and that is said before anything is written."""
    with pytest.raises(OSError, match="no file that could be replaced"), replacing(path):
        pytest.fail("there is nothing to write to")


def test_a_folder_that_is_not_there_is_named(tmp_path):
    """No folder is made in silence."""
    path = tmp_path / "absent" / "rows"
    with pytest.raises(FileNotFoundError, match="no folder .*absent"), replacing(path):
        pytest.fail("there is nothing to write to")


@pytest.mark.skipif(os.name == "nt", reason="the name would not even be looked up there")
def test_an_error_names_the_file_that_was_asked_for(tmp_path):
    """Nobody knows the name under which a file is written before it is whole."""
    path = tmp_path / ("x" * 300)
    with pytest.raises(OSError, match="too long") as raised, replacing(path):
        pass
    assert raised.value.filename == str(path)
    assert list(tmp_path.iterdir()) == []


def test_a_long_name_is_no_hindrance(tmp_path):
    """The file that is written meanwhile has a short name of its own."""
    path = tmp_path / ("n" * 250)
    with replacing(path):
        pass
    assert path.exists()


@given(st.lists(st.tuples(DOUBLES, INTEGERS), max_size=5))
def test_csv_keeps_every_digit(rows):
    """What is read back from CSV are the numbers, and empty is null."""
    values, integers = zip(*rows) if rows else ((), ())
    columns = Columns.made(
        {"timestamp": [TIME] * len(rows), "value": values, "int_value": integers}
    )
    read = list(csv.reader(io.StringIO(csv_text(columns))))
    assert [row[0] for row in read] == [TIME] * len(rows)
    assert [float(row[1]) if row[1] else None for row in read] == list(values)
    assert [int(row[2]) if row[2] else None for row in read] == list(integers)


def test_csv_writes_a_row_without_time():
    """Its first cell is empty."""
    columns = Columns.made({"timestamp": [None, "2018-01-01T00:00:00.25Z"], "value": [1, 2]})
    assert csv_text(columns) == ",1.0\n2018-01-01T00:00:00.250000Z,2.0\n"


@given(st.lists(TIMES))
def test_times_are_written_as_the_server_writes_them(times):
    """Many at once are what each is alone, and none is no text."""
    assert texts_of(times) == [None if time == NO_TIME else text_of(time) for time in times]


@given(st.lists(st.dictionaries(st.text(), st.none() | st.integers() | st.text()), max_size=4))
def test_json_lines_are_the_rows(rows):
    """Each line is one row, whatever is in it."""
    lines = json_lines(rows)
    assert lines.isascii()
    assert [json.loads(line) for line in lines.splitlines()] == rows


def test_parquet_tells_in_its_schema_what_is_known_in_the_end():
    """The metadata is asked for when all blocks are written."""
    parquet = pytest.importorskip("pyarrow.parquet")
    file, told = io.BytesIO(), []

    def blocks():
        yield Columns.made({"timestamp": [TIME], "value": [1.5]})
        told.append("the end")

    write_parquet(file, blocks(), lambda: {"told": told})
    assert json.loads(parquet.read_schema(file).metadata[b"iotile_cloud"]) == {"told": ["the end"]}


def test_parquet_puts_small_blocks_together(monkeypatch):
    """Blocks are grouped up to a size, so that a file of many pages is quick to read."""
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr("iotile_cloud.stream.files._GROUP", 3)
    file = io.BytesIO()
    blocks = (Columns.made({"timestamp": [TIME], "id": [number]}) for number in range(7))
    write_parquet(file, blocks, dict)
    written = parquet.ParquetFile(file)
    assert [written.read_row_group(i).num_rows for i in range(written.num_row_groups)] == [3, 3, 1]
    assert written.read()["id"].to_pylist() == list(range(7))


def test_parquet_names_the_extra_it_needs(monkeypatch):
    """Without pyarrow the error says what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'iotile_cloud\[frames\]'"):
        write_parquet(io.BytesIO(), [Columns.made({"value": [1]})], dict)
