"""`iotile-cloud download`: where readings go, what is told of them, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, Callable

import pytest

from iotile_cloud.cli import DONE, FAILED, INTERRUPTED, WRONG_USE, main
from iotile_cloud.cli._folder import together
from iotile_cloud.cli.download import account
from iotile_cloud.stream.receipt import Receipt

STREAM = "s--0000-0101--0000-0000-0000-2001--5001"
OTHER = "s--0000-0101--0000-0000-0000-2001--5002"
WINDOW = ("--start", "2024-03-05", "--end", "2024-03-05T00:20:00Z")
Output = pytest.CaptureFixture[str]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_readings_of_a_stream_go_to_stdout(demo: Any, capsys: Output) -> None:
    """Without more, the readings are CSV on stdout, and nothing else is there."""
    assert main(["download", "s--0101--2001--5001", *WINDOW]) == DONE
    rows = rows_of(capsys.readouterr().out)
    assert len(rows) == 20
    assert rows[1]["timestamp"] == "2024-03-05T00:01:00Z"
    assert rows[1]["output_value"] == "3.0"


def test_account_is_told_on_stderr(demo: Any, capsys: Output) -> None:
    """How many readings of which time there are is said beside them."""
    main(["download", STREAM, *WINDOW])
    told = "20 readings, 2024-03-05T00:00:00Z to 2024-03-05T00:19:00Z, complete"
    assert capsys.readouterr().err == f"iotile-cloud: {STREAM}: {told}\n"


def test_quiet_tells_nothing_of_a_success(demo: Any, capsys: Output) -> None:
    """With `-q` stderr stays empty."""
    assert main(["download", STREAM, "--last", "2", "-q"]) == DONE
    assert capsys.readouterr().err == ""


def test_readings_of_many_say_their_stream(demo: Any, capsys: Output) -> None:
    """A device, or two sources, have a column that says whose a reading is."""
    assert main(["download", "d--2001", STREAM, *WINDOW]) == DONE
    streams = [row["stream"] for row in rows_of(capsys.readouterr().out)]
    assert streams == [STREAM] * 20 + [OTHER] * 2


def test_last_counts_for_each_stream(demo: Any, capsys: Output) -> None:
    """`--last` takes the latest readings of every stream."""
    main(["download", "d--2001", "--last", "3"])
    streams = [row["stream"] for row in rows_of(capsys.readouterr().out)]
    assert streams == [STREAM] * 3 + [OTHER] * 3


@pytest.mark.parametrize("option", [("--json",), ("--format", "jsonl")])
def test_json_lines_are_as_the_server_sent_them(
    demo: Any, capsys: Output, option: tuple[str, ...]
) -> None:
    """JSON is a line for each reading, with all that the server said."""
    main(["download", STREAM, "--last", "2", *option])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["display_value"] for row in rows] == ["3.00", "2.00"]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_ending_of_a_file_says_the_format(
    demo: Any, capsys: Output, tmp_path: Path, ending: str
) -> None:
    """What the name of a file ends in is what it holds, and stdout stays empty."""
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"readings.{ending}"
    assert main(["download", "d--2001", *WINDOW, "--output", str(path)]) == DONE
    starts = {"csv": b"timestamp,", "jsonl": b'{"type"', "parquet": b"PAR1"}
    assert path.read_bytes().startswith(starts[ending])
    assert capsys.readouterr().out == ""


def test_format_goes_before_the_ending(demo: Any, tmp_path: Path) -> None:
    """Who names a format gets it, whatever the file is called."""
    path = tmp_path / "readings.txt"
    main(["download", STREAM, "--last", "1", "--format", "jsonl", "--output", str(path)])
    assert json.loads(path.read_text())["output_value"] == 2.0


def test_folder_gets_a_file_for_each_stream(demo: Any, capsys: Output, tmp_path: Path) -> None:
    """A name with a slash at its end is a folder, which is made; each stream has its file."""
    folder = tmp_path / "new" / "folder"
    assert main(["download", "d--2001", *WINDOW, "--output", f"{folder}{os.sep}"]) == DONE
    assert sorted(path.name for path in folder.glob("*.csv")) == [f"{STREAM}.csv", f"{OTHER}.csv"]
    assert len(rows_of((folder / f"{STREAM}.csv").read_text())) == 20
    assert "2 of 2 files: 22 readings" in capsys.readouterr().err


def test_folder_that_is_there_is_one(demo: Any, tmp_path: Path) -> None:
    """A folder needs no slash when it is there."""
    main(["download", STREAM, "--last", "1", "--format", "jsonl", "--output", str(tmp_path)])
    assert (tmp_path / f"{STREAM}.jsonl").exists()


def test_file_is_replaced_only_by_a_whole_one(
    own_demo: Any, capsys: Output, tmp_path: Path
) -> None:
    """A download that fails leaves the file of the last one, and no other."""
    path = tmp_path / "readings.csv"
    path.write_text("yesterday's")
    own_demo.faults.add(f"/stream/{OTHER}/data/", status=403)
    assert main(["download", "d--2001", "--output", str(path)]) == FAILED
    assert path.read_text() == "yesterday's"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == [path.name]
    assert OTHER in capsys.readouterr().err


def test_stream_that_fails_keeps_no_others_out_of_a_folder(
    own_demo: Any, capsys: Output, tmp_path: Path
) -> None:
    """In a folder all files but that of the failed stream are written; the status tells."""
    own_demo.faults.add(f"/stream/{STREAM}/data/", status=403)
    assert main(["download", "d--2001", "--output", f"{tmp_path / 'all'}/"]) == FAILED
    assert [path.name for path in (tmp_path / "all").glob("*.csv")] == [f"{OTHER}.csv"]
    error = capsys.readouterr().err
    assert f"{STREAM} is left out: Client Error 403" in error
    assert "1 of 2 files" in error
    assert "NOT COMPLETE" in error


def test_source_that_is_unknown_is_left_out(demo: Any, capsys: Output) -> None:
    """The other sources are read, and the status says that something is missing."""
    assert main(["download", "d--9999", STREAM, "--last", "1"]) == FAILED
    captured = capsys.readouterr()
    assert len(rows_of(captured.out)) == 1
    assert "d--0000-0000-0000-9999 is left out: Client Error 404" in captured.err


@pytest.mark.parametrize("source", ["d--9999", "p--9999", "s--0101--2001--5999"])
def test_nothing_found_is_nothing_written(
    demo: Any, capsys: Output, tmp_path: Path, source: str
) -> None:
    """Where there is no stream there is no file, and the source is named."""
    path = tmp_path / "readings.csv"
    assert main(["download", source, "--output", str(path)]) == FAILED
    assert not path.exists()
    assert source[-4:] in capsys.readouterr().err


def test_empty_window_is_a_header(demo: Any, capsys: Output) -> None:
    """No readings in a window is an answer."""
    assert main(["download", STREAM, "--start", "2030-01-01"]) == DONE
    captured = capsys.readouterr()
    assert captured.out == "timestamp,int_value,value,output_value,streamer_local_id\n"
    assert "no readings, complete" in captured.err


def test_error_before_the_first_row_leaves_stdout_empty(own_demo: Any, capsys: Output) -> None:
    """A reader of the pipe gets no header of readings that never come."""
    own_demo.faults.add("/stream/*/data/", status=403)
    assert main(["download", STREAM]) == FAILED
    assert capsys.readouterr().out == ""


def test_ended_token_is_one_line(demo: Any, capsys: Output) -> None:
    """A token that is refused is no matter of the sources, each of which would be named."""
    assert main(["download", "p--0101", "d--2001", "--token", "worn"]) == FAILED
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "Client Error 401" in error
    assert "worn" not in error


def test_server_that_fails_is_one_line(demo: Any, capsys: Output, scripted: Any) -> None:
    """What is no matter of the sources is said once."""
    arguments = ["download", "d--2001", "d--2002", "--domain", scripted.url, "--token", "any"]
    assert main(arguments) == FAILED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert scripted.url in captured.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x"], "not a slug: 'x'"),
        (["t--2001--0"], "has no streams"),
        ([STREAM, "--last", "0"], "from 1 to 100,000"),
        ([STREAM, "--last", "x"], "'x' is no number of readings"),
        ([STREAM, "--start", "soon"], "not a time: 'soon'"),
        ([STREAM, "--start", "2024-03-05", "--end", "2024-03-05"], "--end has to be later"),
        ([STREAM, "--format", "parquet"], "give --output FILE"),
        ([STREAM, "--output", "readings.xls"], "ends in none of .csv, .jsonl, .parquet"),
        ([STREAM, "--json", "--format", "csv"], "contradict"),
        ([], "SOURCE"),
    ],
)
def test_wrong_use_is_told_before_a_login(capsys: Output, arguments: list[str], words: str) -> None:
    """Input that makes no sense is refused with a reason; nobody is asked for anything."""
    assert main(["download", *arguments, "--token", "any"]) == WRONG_USE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err


@pytest.mark.parametrize("path", ["missing/readings.csv", "readings.csv/below/"])
def test_place_that_is_none_is_one_line(
    demo: Any, capsys: Output, tmp_path: Path, path: str
) -> None:
    """A folder that is not there, or a file in the place of one, is told in a line."""
    (tmp_path / "readings.csv").touch()
    assert main(["download", STREAM, "--last", "1", "--output", f"{tmp_path}/{path}"]) == FAILED
    assert capsys.readouterr().err.count("\n") == 1


def test_rehearsal_of_a_stream_shows_the_request_for_readings(capsys: Output) -> None:
    """`--dry-run` needs no login and shows what a download of one stream asks first."""
    assert main(["download", STREAM, *WINDOW, "--dry-run", "--json"]) == DONE
    [request] = json.loads(capsys.readouterr().out)
    assert request["method"] == "GET"
    assert f"/stream/{STREAM}/data/?" in request["url"]
    assert "start=2024-03-05T00%3A00%3A00Z" in request["url"]


def test_rehearsal_shows_a_request_for_each_source(capsys: Output) -> None:
    """The streams of every source would be looked up."""
    assert main(["download", "p--0101", "d--2001", "--dry-run"]) == DONE
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("GET ")]
    assert ["project=" in lines[0], "device=" in lines[1], len(lines)] == [True, True, 2]


def test_bar_stays_away_from_rows_on_the_same_terminal(
    demo: Any, capsys: Output, at_terminal: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the rows themselves can be seen, there is no bar between them."""
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    at_terminal("download", "p--0101", "--start", "2024-03-07T23:00:00Z")
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="no process sends itself Ctrl-C there")
@pytest.mark.parametrize(
    ("output", "number"),
    [("all.csv", signal.SIGINT), ("all/", signal.SIGINT), ("all/", signal.SIGTERM)],
)
def test_interrupt_leaves_no_half_a_file(
    own_demo: Any, tmp_path: Path, output: str, number: signal.Signals
) -> None:
    """Ctrl-C or a stop in the middle ends the command, and what was begun is gone."""
    arrived = threading.Event()

    def interrupt() -> None:
        while not any("/data/" in entry.path for entry in list(own_demo.log)):
            arrived.wait(0.01)
        os.kill(os.getpid(), number)

    own_demo.faults.add("/stream/*/data/", delay=0.3)
    thread = threading.Thread(target=interrupt)
    thread.start()
    status = main(["download", "p--0101", "--output", f"{tmp_path / 'out'}-{output}"])
    thread.join()
    readers = [one for one in threading.enumerate() if one.name.startswith("iotile-cloud-down")]
    for one in readers:  # they end with the request that they are at
        one.join(10)
    assert status == INTERRUPTED
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_account_tells_what_is_odd() -> None:
    """Readings without a time, new ones and missing ones are told."""
    odd = Receipt(expected=2, received=3, nulls=1, moved=True)
    said = "3 readings, 1 without a time, some of them new since it began, NOT COMPLETE"
    assert account(odd) == said


def test_accounts_of_two_are_one() -> None:
    """The time of both is from the earlier begin to the later end; one that lacks some tells."""
    one = Receipt(received=1, first="2024-01-02", last="2024-01-03", complete=True)
    other = Receipt(received=2, first="2024-01-01", last="2024-01-02", complete=False)
    both = together(one, other)
    assert (both.received, both.first, both.last) == (3, "2024-01-01", "2024-01-03")
    assert not both.complete
