"""The example that brings a folder of reports to the cloud, on an embedded cloud."""

from __future__ import annotations

import getpass
import importlib.util
import os
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from iotile_cloud.streamer import Reading, SignedListReport

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "upload_reports.py"
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
def example():
    spec = importlib.util.spec_from_file_location("upload_reports", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(example, own_cloud, monkeypatch, folder):
    """Runs the example as the demo user, with more arguments."""

    def start(*arguments):
        command = ["upload_reports.py", "-u", "demo@example.com", str(folder), *arguments]
        monkeypatch.setattr(sys, "argv", [*command, "--server", own_cloud.url])
        monkeypatch.setattr(getpass, "getpass", lambda: "demo")
        example.UploadReports().main()

    return start


def test_folder_is_uploaded(run, own_cloud, capsys):
    """Good reports are stored in the order of their ids; a damaged one is named, and the status."""
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        "a.bin: stored, 2 of 2 new",
        "b.bin: stored, 2 of 2 new",
        "c.bin: not uploaded: cut short: the header says 60 bytes, there are 59",
    ]
    assert own_cloud.engine.store.get("streamer", "t--0000-0000-0000-2001--0007")["last_id"] == 4


def test_second_run_sends_nothing(run, folder, own_cloud, capsys):
    """What the cloud has is recognised, and then all is well."""
    (folder / "c.bin").unlink()
    run()
    capsys.readouterr()
    own_cloud.log.clear()
    run()
    assert capsys.readouterr().out.splitlines() == [
        "a.bin: known, 0 of 2 new",
        "b.bin: known, 0 of 2 new",
    ]
    posts = [entry.path for entry in own_cloud.log if entry.method == "POST"]
    assert [path for path in posts if "streamer" in path] == []


def test_reports_become_a_table(example, folder):
    """The readings stand in one frame, with times by those of the files."""
    pytest.importorskip("pandas")
    table = example.read_table(example.reports_in(folder))
    assert list(table["reading_id"]) == [3, 4, 1, 2]
    assert table.index[0].isoformat() == "2025-05-31T23:58:23+00:00"
    assert set(table["device"]) == {"d--0000-0000-0000-2001"}


def test_table_is_written(run, folder, tmp_path, capsys):
    """The table may be kept as CSV."""
    pytest.importorskip("pandas")
    (folder / "c.bin").unlink()
    run("--table", str(tmp_path / "table.csv"))
    assert capsys.readouterr().out.startswith("4 readings are in ")
    lines = (tmp_path / "table.csv").read_text().splitlines()
    assert lines[0] == "timestamp,stream,reading_id,raw_time,value,device"
    assert len(lines) == 5
