"""`iotile-cloud upload`: what is sent, and what is told of what became of it."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable
from urllib.parse import unquote

import pytest

from iotile_cloud import Api
from iotile_cloud.cli import DONE, FAILED, WRONG_USE, main
from iotile_cloud.streamer import Reading, SignedListReport
from iotile_cloud.utils.basic import parse_utc

EVENTS = "s--0000-0102--0000-0000-0000-2102--5020"
MORNING = 1709870400.0  # 2024-03-08 04:00 UTC
Output = pytest.CaptureFixture[str]


def report_file(path: Path, first: int = 7000, device: str = "d--2001") -> str:
    """Write a report of three readings and return its path."""
    readings = [Reading(0x5001, one, 60 * one, first + one) for one in range(3)]
    report = SignedListReport.from_readings(
        device, readings, report_id=first + 9, sent_timestamp=300, selector=0xD7FF
    )
    path.write_bytes(report.encode())
    os.utime(path, (MORNING, MORNING))
    return str(path)


@pytest.fixture
def shock(tmp_path: Path) -> str:
    """Return the path of a file with the data of an event."""
    path = tmp_path / "shock.json"
    path.write_text('{"acc_z": [0.0, 1.5]}')
    os.utime(path, (MORNING, MORNING))
    return str(path)


def test_report_is_followed_until_it_is_stored(
    own_demo: Any, capsys: Output, tmp_path: Path
) -> None:
    """A report that arrived is told with what the cloud acknowledges."""
    path = report_file(tmp_path / "one.bin")
    assert main(["upload", "report", path]) == DONE
    captured = capsys.readouterr()
    [row] = json.loads(captured.out)
    assert (row["file"], row["state"], row["stored"], row["acknowledged"]) == (
        path,
        "stored",
        3,
        7002,
    )
    assert captured.err == ""


@pytest.mark.parametrize(
    ("option", "last"),
    [((), "2024-03-08T03:57:00Z"), (("--received", "2024-03-08T01:00:00"), "2024-03-08T00:57:00Z")],
)
def test_readings_are_dated_by_when_the_report_came_in(
    own_demo: Any, tmp_path: Path, option: tuple[str, ...], last: str
) -> None:
    """That is when the file was written, unless `--received` says another time."""
    main(["upload", "report", report_file(tmp_path / "one.bin"), *option])
    with Api(own_demo.url) as api:
        api.login(email="demo@example.com", password="demo")
        stream = api.stream("s--0000-0101--0000-0000-0000-2001--5001")
        rows = stream.data.get(lastn=1)["results"]
    assert rows[0]["timestamp"] == last


def test_times_may_count_from_now(capsys: Output, tmp_path: Path) -> None:
    """A time that begins with a dash needs no `=`."""
    path = report_file(tmp_path / "one.bin")
    assert main(["upload", "report", path, "--received", "-2h", "--dry-run"]) == DONE
    sent = re.search(r"timestamp=([0-9T:-]+)", unquote(capsys.readouterr().out))
    assert sent is not None
    ago = datetime.now(timezone.utc) - parse_utc(sent[1])
    assert timedelta(hours=2) <= ago < timedelta(hours=2, minutes=5)


def test_report_that_is_known_is_not_sent_again(
    own_demo: Any, capsys: Output, tmp_path: Path
) -> None:
    """What the cloud has is no failure, and no request."""
    assert main(["upload", "report", report_file(tmp_path / "old.bin", first=1)]) == DONE
    assert json.loads(capsys.readouterr().out)[0]["state"] == "known"
    posts = [one for one in own_demo.log if one.method == "POST" and "report" in one.path]
    assert posts == []


def test_failure_keeps_no_others_away(own_demo: Any, capsys: Output, tmp_path: Path) -> None:
    """Files that cannot be read or are damaged are told, in the order given; the rest goes."""
    damaged = tmp_path / "damaged.bin"
    damaged.write_bytes(b"hello")
    good, missing = report_file(tmp_path / "good.bin"), str(tmp_path / "missing.bin")
    assert main(["upload", "report", missing, str(damaged), good]) == FAILED
    captured = capsys.readouterr()
    rows = json.loads(captured.out)
    assert [row["state"] for row in rows] == ["failed", "failed", "stored"]
    assert [row["arrived"] for row in rows] == [False, False, True]
    assert f"iotile-cloud: {missing}: No such file or directory\n" in captured.err
    assert f"{damaged}: no report" in captured.err


def test_report_behind_a_missing_one_is_held_back(
    own_demo: Any, capsys: Output, tmp_path: Path
) -> None:
    """The later report of a streamer waits for the earlier one, and is told to."""
    first, second = (report_file(tmp_path / f"{n}.bin", first=n) for n in (7000, 8000))
    own_demo.faults.add("/streamer/report/", method="POST", status=400)
    assert main(["upload", "report", second, first]) == FAILED
    captured = capsys.readouterr()
    assert [row["state"] for row in json.loads(captured.out)] == ["held back", "failed"]
    assert f"{second}: held back: an earlier report" in captured.err


def test_table_leaves_the_errors_to_stderr(
    own_demo: Any, capsys: Output, tmp_path: Path, at_terminal: Callable[..., int]
) -> None:
    """On a terminal each file is a row, and what went wrong stands below."""
    good = report_file(tmp_path / "good.bin")
    assert at_terminal("upload", "report", "missing.bin", good) == FAILED
    captured = capsys.readouterr()
    assert [line.split()[0] for line in captured.out.splitlines()] == [
        "file",
        "missing.bin",
        "good.bin",
    ]
    assert "error" not in captured.out
    assert "missing.bin: No such file" in captured.err


def test_rehearsal_shows_what_would_be_posted(capsys: Output, tmp_path: Path) -> None:
    """`--dry-run` checks a report and shows its upload, without a login."""
    path = report_file(tmp_path / "one.bin")
    assert main(["upload", "report", path, "--dry-run", "--json"]) == DONE
    [request] = json.loads(capsys.readouterr().out)
    assert request["method"] == "POST"
    assert request["headers"]["Content-Type"] == "multipart/form-data"
    assert request["url"].endswith("/streamer/report/?timestamp=2024-03-08T04%3A00%3A00Z")
    assert "multipart/form-data" in request["body"]


def test_rehearsal_tells_of_every_file(capsys: Output, tmp_path: Path) -> None:
    """`--dry-run` names the files that would not be sent, and shows the others."""
    path = report_file(tmp_path / "one.bin")
    (tmp_path / "two.bin").write_bytes(b"no report")
    names = [str(tmp_path / "missing.bin"), str(tmp_path / "two.bin")]
    assert main(["upload", "report", *names, path, "--dry-run"]) == FAILED
    captured = capsys.readouterr()
    assert captured.out.startswith("POST ")
    assert [name in line for name, line in zip(names, captured.err.splitlines())] == [True] * 2


def test_event_is_made_of_a_file(own_demo: Any, capsys: Output, shock: str) -> None:
    """The answer of the cloud is shown, and the data are there."""
    extra = '{"peak": 1.5}'
    arguments = ["--stream", "s--0102--2102--5020", "--timestamp", "2024-03-08", "--extra", extra]
    assert main(["upload", "event", shock, *arguments]) == DONE
    event = json.loads(capsys.readouterr().out)
    assert (event["stream"], event["timestamp"]) == (EVENTS, "2024-03-08T00:00:00Z")
    main(["get", f"event/{event['id']}/data"])
    assert json.loads(capsys.readouterr().out) == {"acc_z": [0.0, 1.5]}


def test_time_of_an_event_is_told_when_it_is_that_of_the_file(
    own_demo: Any, capsys: Output, shock: str
) -> None:
    """Who names no time is told which one it is."""
    assert main(["upload", "event", shock, "--stream", EVENTS]) == DONE
    captured = capsys.readouterr()
    assert json.loads(captured.out)["timestamp"] == "2024-03-08T04:00:00Z"
    assert "the event is of 2024-03-08T04:00:00Z" in captured.err


def test_unknown_stream_of_an_event_is_named(demo: Any, capsys: Output, shock: str) -> None:
    """The cloud says only that something was not found; the command says what."""
    stream = "s--0000-0102--0000-0000-0000-9999--5020"
    assert main(["upload", "event", shock, "--stream", stream]) == FAILED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"there is no stream {stream}" in captured.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report"], "FILE"),
        (["reports", "a.bin"], "reports"),
        (["report", "a.bin", "--stream", EVENTS], "--stream is not for upload report"),
        (["report", "a.bin", "--received", "soon"], "not a time: 'soon'"),
        (["event", "a.json"], "needs --stream"),
        (["event", "a.json", "--stream", "x"], "not a stream slug: 'x'"),
        (["event", "a.json", "b.json", "--stream", EVENTS], "one file"),
        (["event", "a.json", "--stream", EVENTS, "--received", "now"], "--received is not for"),
        (["event", "a.json", "--stream", EVENTS, "--extra", "{"], "is no JSON"),
        (["event", "a.json", "--stream", EVENTS, "--extra", "[1]"], "no JSON object"),
    ],
)
def test_wrong_use_is_told_before_a_login(capsys: Output, arguments: list[str], words: str) -> None:
    """Input that makes no sense is refused with a reason."""
    assert main(["upload", *arguments, "--token", "any"]) == WRONG_USE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err


def test_a_folder_is_told_how_to_be_named(capsys: Output, tmp_path: Path) -> None:
    """What is in it is for the shell to name; nothing is sent."""
    assert main(["upload", "report", str(tmp_path), "--token", "any"]) == WRONG_USE
    assert f"is a folder; name what is in it, such as {tmp_path}" in capsys.readouterr().err
