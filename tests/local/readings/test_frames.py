"""Tables as text: cells, JSON, pivot and sums."""

from __future__ import annotations

import csv
import io
import json
import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.local.readings.frames import csv_text, json_text, pivoted, summed_up

FINITE = st.floats(-1e9, 1e9)
TIMES = st.integers(0, 4_000_000_000_000_000)
ROWS = st.lists(st.tuples(TIMES, st.none() | FINITE), max_size=30)


def table(rows):
    return {"row": [time for time, _ in rows], "value": [value for _, value in rows]}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1.0, "1.0"),
        (31.999999999999943, "31.999999999999943"),
        (2147483647, "2147483647"),
        (1e16, "1e+16"),
        (None, ""),
        (math.nan, ""),
        (math.inf, "inf"),
    ],
)
def test_csv_cell(cell, text):
    """A number stands in CSV with all its digits, a missing one as nothing."""
    assert csv_text({"row": [0], "value": [cell]}).splitlines()[1].partition(",")[2] == text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1.0, "1.0"),
        (50.02392578125, "50.0239257812"),
        (0.1457737973711376, "0.1457737974"),
        (-2.5, "-2.5"),
        (7, "7"),
        (1e300, "1e+300"),
        (None, "null"),
        (math.nan, "null"),
        (-math.inf, "null"),
    ],
)
def test_json_cell(cell, text):
    """A float stands in JSON with at most ten places, what is no number as null."""
    assert json_text({"row": [0], "value": [cell]}).endswith(f'"value":{text}}}]')


@pytest.mark.parametrize(
    ("moment", "in_csv", "in_json"),
    [
        (0, "1970-01-01 00:00:00+00:00", "1970-01-01T00:00:00.000Z"),
        (1_500_000, "1970-01-01 00:00:01.500000+00:00", "1970-01-01T00:00:01.500Z"),
        (-1_000_000, "1969-12-31 23:59:59+00:00", "1969-12-31T23:59:59.000Z"),
        (None, "", None),
    ],
)
def test_times(moment, in_csv, in_json):
    """CSV writes microseconds only when there are any, JSON always milliseconds."""
    assert csv_text({"row": [moment]}) == f"row\n{in_csv}\n"
    assert json.loads(json_text({"row": [moment]})) == [{"row": in_json}]


def test_integers_with_a_hole_become_floats():
    """A column of integers in which one is missing is a column of floats."""
    assert csv_text({"row": [0, 0], "n": [5, None]}).split("\n")[1].endswith(",5.0")


def test_integers_without_a_hole_stay():
    """A column of integers in which none is missing stays one."""
    assert json.loads(json_text({"row": [0], "n": [5]}))[0]["n"] == 5


def test_no_rows():
    """A table without rows is its header in CSV, and an empty list in JSON."""
    assert csv_text({"row": [], "value": []}) == "row,value\n"
    assert json_text({"row": [], "value": []}) == "[]"


@given(ROWS)
def test_csv_reads_back(rows):
    """Every value of the CSV reads back as the same number."""
    cells = [line["value"] for line in csv.DictReader(io.StringIO(csv_text(table(rows))))]
    assert [float(cell) if cell else None for cell in cells] == [value for _, value in rows]


@given(ROWS)
def test_json_reads_back(rows):
    """Every value of the JSON reads back to ten places."""
    read = [line["value"] for line in json.loads(json_text(table(rows)))]
    for got, (_, value) in zip(read, rows):
        assert got == (None if value is None else pytest.approx(value, abs=1e-10))


@given(st.dictionaries(st.tuples(TIMES, st.sampled_from("abc")), FINITE, max_size=30))
def test_pivot_keeps_every_cell(cells):
    """A pivoted table has each value in the row of its time and the column of its stream."""
    flat = {"row": [t for t, _ in cells], "stream_slug": [s for _, s in cells]}
    wide = pivoted({**flat, "value": list(cells.values())}, "value")
    assert wide["row"] == sorted(set(flat["row"]))
    assert list(wide)[1:] == sorted(set(flat["stream_slug"]))
    found = {
        (time, slug): value
        for slug in list(wide)[1:]
        for time, value in zip(wide["row"], wide[slug])
        if value is not None
    }
    assert found == cells


def test_pivot_refuses_two_rows_of_one_time():
    """Two rows of one stream and one time have no place in a pivoted table."""
    with pytest.raises(ValueError, match="duplicate entries"):
        pivoted({"row": [0, 0], "stream_slug": ["a", "a"], "value": [1.0, 2.0]}, "value")


def test_pivot_puts_a_missing_time_first():
    """A row without a time comes before all others."""
    wide = pivoted({"row": [5, None], "stream_slug": ["a", "a"], "value": [1.0, 2.0]}, "value")
    assert wide == {"row": [None, 5], "a": [2.0, 1.0]}


@given(st.lists(FINITE, min_size=2, max_size=30))
def test_sums(numbers):
    """The sums are those of the statistics module."""
    rows = [0] * (len(numbers) + 1)
    count, total, mean, deviation, least, middle, most = summed_up(
        {"row": rows, "s": [*numbers, None]}
    )["s"]
    assert (count, least, most) == (len(numbers), min(numbers), max(numbers))
    assert total == math.fsum(numbers)
    assert mean == pytest.approx(statistics.fmean(numbers))
    assert middle == statistics.median(numbers)
    assert deviation == pytest.approx(statistics.stdev(numbers), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("numbers", "sums"),
    [
        ([], [0.0, 0.0, None, None, None, None, None]),
        ([3.0], [1.0, 3.0, 3.0, None, 3.0, 3.0, 3.0]),
    ],
)
def test_sums_of_few(numbers, sums):
    """One number has no deviation; none has only a count and a sum."""
    assert summed_up({"row": [0] * len(numbers), "s": numbers})["s"] == sums


@pytest.mark.parametrize("numbers", [[1e308, 1e308], [math.inf, -math.inf], [1e200, -1e200]])
def test_sums_of_great_numbers(numbers):
    """Numbers whose sum is too great are no error."""
    sums = summed_up({"row": [0, 0], "s": numbers})
    assert csv_text(sums).startswith("row,s\ncount,2.0\n")
    assert len(json.loads(json_text(sums))) == 7
