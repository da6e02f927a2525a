"""`iotile-cloud report`: in which form a report goes where, and what is said of what it lacks."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any, Callable

import pytest

from iotile_cloud.cli import DONE, FAILED, WRONG_USE, main

DAY = ("--start", "2024-03-05", "--end", "2024-03-06")
MAINS = "s--0000-0101--0000-0000-0000-2001--5001"
Output = pytest.CaptureFixture[str]


def test_sums_are_json_in_a_pipe(demo: Any, capsys: Output) -> None:
    """A program that reads the pipe gets the report as the library has it."""
    assert main(["report", "sum", "p--0101", *DAY]) == DONE
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert (len(report["streams"]), report["total"]) == (6, 38529.0)
    assert captured.err == "iotile-cloud: 4,752 readings of 6 streams, complete\n"


def test_sums_are_a_table_on_a_terminal(
    demo: Any, capsys: Output, at_terminal: Callable[..., int]
) -> None:
    """People get rows and columns, the total below."""
    assert at_terminal("report", "sum", "d--2001", *DAY) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["stream", "sum", "units"]
    assert lines[1].split() == [MAINS, "9000", "G"]
    assert lines[-1].split() == ["total", "9540"]


def test_json_can_be_had_on_a_terminal(
    demo: Any, capsys: Output, at_terminal: Callable[..., int]
) -> None:
    """`--json` goes before what a terminal would get."""
    at_terminal("report", "sum", "d--2001", *DAY, "--json")
    assert json.loads(capsys.readouterr().out)["total"] == 9540.0


def test_statistics_are_csv_where_asked_for(demo: Any, capsys: Output) -> None:
    """Each stream is a line with all that is known of it."""
    assert main(["report", "stats", "d--2001", *DAY, "--format", "csv"]) == DONE
    head, mains, _ = capsys.readouterr().out.splitlines()
    assert head.startswith("stream,count,min,max,mean,first,last")
    assert mains.startswith(f"{MAINS},1440,0.0,15.0,6.25,")


@pytest.mark.parametrize(
    ("name", "begin"),
    [("a.txt", "stream "), ("a.json", "{\n"), ("a.csv", "stream,"), ("a.html", "<!DOCTYPE html>")],
)
def test_ending_of_a_file_says_the_form(
    demo: Any, capsys: Output, tmp_path: Path, name: str, begin: str
) -> None:
    """What the name of a file ends in is what it holds; stdout stays empty."""
    path = tmp_path / name
    assert main(["report", "sum", "d--2001", *DAY, "--output", str(path)]) == DONE
    assert path.read_text(encoding="utf-8").startswith(begin)
    assert capsys.readouterr().out == ""


def test_page_has_a_plot_of_each_stream(demo: Any, capsys: Output) -> None:
    """HTML tells what was asked, of which streams, and draws them."""
    assert main(["report", "sum", "d--2001", *DAY, "--format", "html"]) == DONE
    page = capsys.readouterr().out
    assert "Sums of d--0000-0000-0000-2001" in page
    assert page.count("<figure") == 2


def test_source_that_is_unknown_is_left_out(
    demo: Any, capsys: Output, caplog: pytest.LogCaptureFixture
) -> None:
    """The report of the others is there, and log, last line and status tell that it is short."""
    with caplog.at_level(logging.WARNING):
        assert main(["report", "sum", "d--9999", "d--2001", *DAY]) == FAILED
    captured = capsys.readouterr()
    assert json.loads(captured.out)["total"] == 9540.0
    assert "NOT COMPLETE" in captured.err
    assert "d--0000-0000-0000-9999 is not in the report: Client Error 404" in caplog.text


def test_no_streams_is_no_report(demo: Any, capsys: Output, tmp_path: Path) -> None:
    """Where nothing was found nothing is written, neither to stdout nor to a file."""
    path = tmp_path / "sums.html"
    assert main(["report", "sum", "d--9999", "--output", str(path)]) == FAILED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no streams were found" in captured.err
    assert not path.exists()


def test_empty_window_is_told(demo: Any, capsys: Output) -> None:
    """Streams without readings are counted, and are no failure."""
    assert main(["report", "stats", "d--2001", "--start", "2030-01-01", "--end", "2031-01-01"]) == 0
    captured = capsys.readouterr()
    counts = [one["count"] for one in json.loads(captured.out)["streams"].values()]
    assert counts == [0, 0]
    assert "2 of them without any" in captured.err


def test_rehearsal_asks_nobody(capsys: Output) -> None:
    """`--dry-run` shows the request for the streams of a source, and needs no login."""
    assert main(["report", "sum", "p--0101", "--dry-run", "--json"]) == DONE
    [request] = json.loads(capsys.readouterr().out)
    assert (request["method"], "project=p--0000-0101" in request["url"]) == ("GET", True)


def test_bad_token_is_told_once(
    demo: Any, capsys: Output, caplog: pytest.LogCaptureFixture
) -> None:
    """It has nothing to do with any of the sources."""
    assert main(["report", "sum", "d--2001", "d--2002", *DAY, "--token", "bad"]) == FAILED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{captured.err}{caplog.text}".count("Error 401:") == 1


@pytest.mark.parametrize("status", [403, 404])
def test_a_token_of_nobody_makes_reports(own_demo: Any, capsys: Output, status: int) -> None:
    """A device's has no account that could be asked for, and may read all the same."""
    own_demo.faults.add("/account/", status=status)
    assert main(["report", "sum", "d--2001", *DAY]) == DONE
    assert json.loads(capsys.readouterr().out)["total"] == 9540.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sums", "d--2001"], "sums"),
        (["sum"], "SOURCE"),
        (["sum", "d--zz"], "not a device slug: 'd--zz'"),
        (["sum", "d--2001", "--output", "report.pdf"], "ends in none of .txt, .json, .csv, .html"),
        (["sum", "d--2001", "--format", "parquet"], "parquet"),
        (["sum", "d--2001", "--start", "today", "--end", "yesterday"], "--end has to be later"),
    ],
)
def test_wrong_use_is_told_before_a_login(capsys: Output, arguments: list[str], words: str) -> None:
    """Input that makes no sense is refused with a reason."""
    assert main(["report", *arguments, "--token", "any"]) == WRONG_USE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
