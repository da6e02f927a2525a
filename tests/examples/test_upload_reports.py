"""The example that brings a folder of reports to the cloud, on an embedded cloud."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timezone

import pytest

from iotile_cloud.streamer import Reading, SignedListReport

CAME = datetime(2025, 6, 1, tzinfo=timezone.utc)
INDEX = 7  # of a streamer that the demo data do not have


def report(*ids):
    """Return a report of the first meter: reading n was taken at second n of its uptime."""
    readings = [Reading(0x5001, n, raw_time=n, reading_id=n) for n in ids]
    more = {"report_id": max(ids) + 1, "sent_timestamp": 100, "streamer_index": INDEX}
    return SignedListReport.from_readings("d--2001", readings, **more).encode()


@pytest.fixture
def folder(tmp_path):
    """A folder with two reports that came in on CAME, a damaged one, and a file of another kind."""
    contents = {"a.bin": report(3, 4), "b.bin": report(1, 2), "c.bin": report(5)[:-1]}
    for name, content in {**contents, "notes.txt": b"-"}.items():
        path = tmp_path / "reports" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (CAME.timestamp(), CAME.timestamp()))
    return tmp_path / "reports"


@pytest.fixture
def upload(example, run, own_cloud, folder):
    """A function that runs the example on the folder, with more arguments."""
    return lambda *more: run(example.UploadReports, folder, "--domain", own_cloud.url, *more)


def test_folder_is_uploaded(upload, own_cloud):
    """Good reports are stored in the order of their ids; a damaged one is named, and the status."""
    status, lines = upload()
    assert status == 1
    assert lines == [
        "a.bin: stored, 2 of 2 new",
        "b.bin: stored, 2 of 2 new",
        "c.bin: not uploaded: cut short: the header says 60 bytes, there are 59",
    ]
    assert own_cloud.engine.store.get("streamer", "t--0000-0000-0000-2001--0007")["last_id"] == 4


def test_second_run_sends_nothing(upload, folder, own_cloud):
    """What the cloud has is recognised, and then all is well."""
    (folder / "c.bin").unlink()
    upload()
    own_cloud.log.clear()
    assert upload() == (0, ["a.bin: known, 0 of 2 new", "b.bin: known, 0 of 2 new"])
    posts = [entry.path for entry in own_cloud.log if entry.method == "POST"]
    assert [path for path in posts if "streamer" in path] == []


def test_a_table_without_pandas_tells_what_to_install(example, folder, monkeypatch):
    """The extra is named, not only the module that is missing."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'iotile_cloud\[frames\]'"):
        example.read_table(example.reports_in(folder))


def test_reports_become_a_table(example, folder):
    """The readings stand in one frame, with times by those of the files."""
    pytest.importorskip("pandas")
    table = example.read_table(example.reports_in(folder))
    assert list(table["reading_id"]) == [3, 4, 1, 2]
    assert table.index[0].isoformat() == "2025-05-31T23:58:23+00:00"
    assert set(table["device"]) == {"d--0000-0000-0000-2001"}


def test_what_cannot_be_read_is_left_out(example, folder):
    """A folder with the name of a report does not keep the others out of the frame."""
    pytest.importorskip("pandas")
    (folder / "old.bin").mkdir()
    assert len(example.read_table(example.reports_in(folder))) == 4


def test_table_is_written(upload, folder, tmp_path):
    """The table may be kept as CSV."""
    pytest.importorskip("pandas")
    (folder / "c.bin").unlink()
    status, lines = upload("--table", tmp_path / "table.csv")
    assert (status, lines[0]) == (0, f"4 readings are in {tmp_path / 'table.csv'}")
    lines = (tmp_path / "table.csv").read_text().splitlines()
    assert lines[0] == "timestamp,stream,reading_id,raw_time,value,device"
    assert len(lines) == 5
