"""The examples of README, docs/reports.md and docs/scripts.md run, against an embedded cloud."""

from __future__ import annotations

import getpass
import re
import sys
from pathlib import Path

import pytest

from iotile_cloud.api.connection import Api
from iotile_cloud.api.resource import RestResource
from iotile_cloud.local.demo import demo_facts
from iotile_cloud.streamer.signed_list import Reading, SignedListReport

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")
REPORTS = (PROJECT / "docs" / "reports.md").read_text(encoding="utf-8")
SCRIPTS = (PROJECT / "docs" / "scripts.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The files that the examples upload, in a folder of their own."""
    folder = tmp_path / "path" / "to"
    folder.mkdir(parents=True)
    upload = demo_facts().upload
    reading = Reading(upload.variable, 1, upload.raw_times[0], upload.first_id)
    report = SignedListReport.from_readings(upload.device, [reading], sent_timestamp=400_000)
    (folder / "report.bin").write_bytes(report.encode())
    (folder / "waveform.json").write_text('{"acc_x": [1, 2]}')
    monkeypatch.chdir(tmp_path)


def run_blocks(document, url):
    """Run the python blocks of a document one after the other, and return how many there were."""
    namespace = {"__name__": "__main__"}
    blocks = BLOCK.findall(document)
    for block in blocks:
        exec(compile(block.replace(ADDRESS, url), "document", "exec"), namespace)
    return len(blocks)


def test_every_python_example_runs(own_cloud, files, monkeypatch, capsys):
    """The python blocks of the README run, and print what it says."""
    monkeypatch.setattr(sys, "argv", ["my_script", "-u", "demo@example.com", "bar"])
    monkeypatch.setattr(getpass, "getpass", lambda: "demo")
    assert run_blocks(README, own_cloud.url) > 10
    printed = capsys.readouterr().out
    [shown] = re.findall(r"^prints\n\n```\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert shown in printed
    assert "bar 2" in printed  # the script at the end sees both organisations


def test_every_example_of_the_reports_runs(own_cloud, tmp_path, monkeypatch, capsys):
    """The python blocks of docs/reports.md run, and print what stands behind each print."""
    pytest.importorskip("cryptography")
    monkeypatch.chdir(tmp_path)
    assert run_blocks(REPORTS, own_cloud.url) > 4
    printed = capsys.readouterr().out.splitlines()
    said = re.findall(r"^ *print\(.*\)  # (.*)$", REPORTS, re.MULTILINE)
    assert said
    assert [line for line in said if line not in printed] == []


def test_every_example_of_the_scripts_runs(own_cloud, monkeypatch, capsys):
    """The script of docs/scripts.md ends with status 0, and what it says of the store works."""
    script, store = BLOCK.findall(SCRIPTS)
    monkeypatch.setattr(sys, "argv", ["count_devices"])
    monkeypatch.setenv("IOTILE_CLOUD_DOMAIN", own_cloud.url)
    monkeypatch.setenv("IOTILE_CLOUD_EMAIL", "demo@example.com")
    monkeypatch.setenv("IOTILE_CLOUD_PASSWORD", "demo")
    with pytest.raises(SystemExit) as end:
        exec(compile(script, "scripts.md", "exec"), {"__name__": "__main__"})
    assert end.value.code == 0
    assert capsys.readouterr().out == f"{demo_facts().device_count}\n"
    for _ in range(2):  # logs in the first time, and finds the token the second time
        found = {}
        exec(compile(store.replace(ADDRESS, own_cloud.url), "scripts.md", "exec"), found)
        assert found["api"].device.get()["count"] == demo_facts().device_count


@pytest.mark.parametrize(("kind", "title"), [(Api, "`Api`"), (RestResource, "resources")])
def test_the_names_that_are_no_resources_are_listed(kind, title):
    """The README lists exactly the public names of Api and of resources."""
    [row] = [line for line in README.splitlines() if line.startswith(f"| {title} |")]
    instance = Api("http://127.0.0.1:9") if kind is Api else RestResource("http://127.0.0.1:9")
    names = {*dir(kind), *vars(instance)}
    public = sorted(name for name in names if not name.startswith("_"))
    assert re.findall(r"`(\w+)`", row.split("|")[2]) == public
