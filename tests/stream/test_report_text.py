"""Tests for iotile_cloud.stream.report_text."""

from __future__ import annotations

import csv
import json

import pytest

from iotile_cloud.stream.report import StatisticsReportGenerator
from iotile_cloud.stream.report_text import report_csv, report_json, report_text, write_report

SUMS = {"streams": {"s--1": {"sum": 0.1, "units": "G"}}, "total": 0.1}


@pytest.fixture
def statistics(api):
    generator = StatisticsReportGenerator(api)
    return generator.compute_sum(["d--2001"], start="2024-03-05", end="2024-03-06")


def test_json_gives_the_report_back(statistics):
    """A report read from its JSON is the report."""
    assert json.loads(report_json(statistics)) == statistics


def test_csv_has_a_line_for_each_stream(statistics):
    """Each value stands below its name, with all its digits."""
    rows = list(csv.DictReader(report_csv(statistics).splitlines()))
    assert {row["stream"]: float(row["mean"]) for row in rows} == {
        slug: one["mean"] for slug, one in statistics["streams"].items()
    }


def test_csv_of_a_stream_without_readings_is_empty_cells():
    """What a stream does not have is empty."""
    assert report_csv({"streams": {"s--1": {"min": None, "count": 0}}}) == (
        "stream,min,count\ns--1,,0\n"
    )


def test_a_table_has_a_total_below_sums():
    """The columns of a table line up, and a total is its last line."""
    assert report_text(SUMS).splitlines() == [
        "stream  sum  units",
        "s--1    0.1  G",
        "total   0.1",
    ]


def test_a_table_without_streams_is_its_head():
    """A report of which no stream could be read is still a table."""
    assert report_text({"streams": {}}) == "stream\n"


def test_sums_that_are_all_zero_still_have_columns_and_a_total():
    """The form of what is written does not hang on the readings."""
    nothing = {"streams": {}, "total": 0.0}
    assert report_csv(nothing) == "stream,sum,units\n"
    assert report_text(nothing).splitlines() == ["stream  sum  units", "total     0"]


@pytest.mark.parametrize("form", [report_csv, report_text])
@pytest.mark.parametrize("report", [["mine"], {"streams": [1]}, {"streams": {"s--1": 1}}, {}])
def test_a_report_of_another_form_is_no_table(form, report):
    """Only a report with values for each stream becomes a table, and the error says so."""
    with pytest.raises(ValueError, match="JSON takes any"):
        form(report)


def test_a_report_that_found_no_streams_says_so():
    """The words of the report are in the error."""
    with pytest.raises(ValueError, match="No streams were found"):
        report_csv({"error": "No streams were found for these GIDs"})


def test_the_ending_of_the_name_says_the_form(tmp_path):
    """A report is written as JSON, CSV or text."""
    for name, form in [("a.json", report_json), ("b.CSV", report_csv), ("c.txt", report_text)]:
        write_report(SUMS, tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8") == form(SUMS)


def test_another_ending_is_refused(tmp_path):
    """The error names the endings that there are."""
    with pytest.raises(ValueError, match=r"\.json, \.csv, \.txt"):
        write_report(SUMS, tmp_path / "report.xls")
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_cannot_be_written_leaves_the_file_that_was_there(tmp_path):
    """A report of another form does not replace a file."""
    (tmp_path / "a.csv").write_text("old")
    with pytest.raises(ValueError, match="JSON takes any"):
        write_report(["mine"], tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "old"
