"""The server's value rules, case by case and against recorded replies."""

from __future__ import annotations

import csv
import gzip
import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from iotile_cloud.local.readings.values import (
    display_value,
    output_value,
    record_time,
    row_time,
    stored_value,
)

EXCHANGES = Path(__file__).parents[4] / "shared" / "contract" / "exchanges"
GALLONS_IN = {"m": 378541, "d": 100000, "o": 0.0}
GALLONS_OUT = {"m": 100000, "d": 378541, "o": 0.0}
FAHRENHEIT = {"m": 9, "d": 5, "o": -459.67}


def stream(**fields):
    """Return a stream that changes nothing but by `fields`."""
    plain = {"raw_value_format": "<L", "mdo_type": "S", "input_unit": None, "output_unit": None}
    factors = {"multiplication_factor": 1, "division_factor": 1, "offset": 0.0}
    return {**plain, **factors, **fields}


# Stored


def test_no_stream_record():
    """Without a stream record the number is stored as it is."""
    assert stored_value(5_000_000_000, None, None) == ("Num", 5e9)


def test_no_input_unit():
    """Without an input unit the type is Num."""
    assert stored_value(7, stream(), None) == ("Num", 7.0)


def test_input_unit_of_the_stream():
    """The input unit of the stream makes the value, and the type ITR."""
    found = stored_value(37, stream(input_unit=GALLONS_IN), {"input_unit": FAHRENHEIT})
    assert found == ("ITR", 140.06017)


def test_input_unit_of_the_variable():
    """The input unit of the variable counts where the stream has none."""
    assert stored_value(37, stream(), {"input_unit": GALLONS_IN}) == ("ITR", 140.06017)


def test_factor_comes_before_the_input_unit():
    """The stream's own factor is applied first, offset last, then the input unit."""
    of = stream(multiplication_factor=3, division_factor=4, offset=0.5, input_unit=FAHRENHEIT)
    assert stored_value(10, of, None) == ("ITR", -459.67 + 8.0 * 9 / 5)


def test_factor_of_the_variable():
    """mdo_type V takes the factor from the variable instead of the stream."""
    variable = {"multiplication_factor": 5, "division_factor": 2, "offset": 10.0}
    of = stream(mdo_type="V", multiplication_factor=100)
    assert stored_value(19, of, variable) == ("Num", 57.5)


def test_null_factors():
    """A factor that is null counts as one, an offset that is null as none."""
    of = stream(multiplication_factor=None, division_factor=None, offset=None)
    assert stored_value(19, of, None) == ("Num", 19.0)


@pytest.mark.parametrize(
    ("code", "raw", "value"),
    [
        ("<l", 0xFFFFFFFF, -1.0),
        ("<L", 0xFFFFFFFF, 2147483647.0),
        ("auto", 4_000_000_000, 2147483647.0),
        ("<H", 0x12345678, float(0x5678)),
        ("<f", 0x3FC00000, 1.5),
        ("<l", -5, -5.0),
        ("<l", 0, 0.0),
        ("<l", 2**32, 2147483647.0),
        (None, 5, 5.0),
    ],
)
def test_raw_format(code, raw, value):
    """The four bytes of the raw number are read in the stream's format, where they are four."""
    assert stored_value(raw, stream(raw_value_format=code), None) == ("Num", value)


@pytest.mark.parametrize("code", ["<", "4x", "4s", "<q", "\u00e9"])
def test_raw_format_without_a_number(code):
    """A raw format that reads no number from four bytes is refused, and shown."""
    with pytest.raises(ValueError, match=re.escape(repr(code))):
        stored_value(1, stream(raw_value_format=code), None)


@pytest.mark.parametrize(("raw", "value"), [(2**31, 2147483647.0), (-(2**40), -2147483647.0)])
def test_limit(raw, value):
    """A number beyond 31 bits is stored as the limit."""
    assert stored_value(raw, stream(), None) == ("Num", value)


# Shown


def test_output_unit():
    """The output value is the stored value in the output unit of the stream."""
    assert output_value(292.15, stream(output_unit=FAHRENHEIT)) == 292.15 * 9 / 5 - 459.67


def test_no_output_unit():
    """Without an output unit, or without a stream, the output value is the stored value."""
    assert (output_value(1.5, stream()), output_value(1.5, None)) == (1.5, 1.5)


def test_output_of_nothing():
    """A missing value has no output value."""
    assert output_value(None, stream(output_unit=FAHRENHEIT)) is None


@pytest.mark.parametrize(("places", "text"), [(0, "32"), (1, "32.2"), (3, "32.200")])
def test_decimal_places(places, text):
    """The display value has the decimal places of the variable."""
    assert display_value(32.2, 1, stream(), {"decimal_places": places}) == text


def test_decimal_places_without_a_variable():
    """The display value has two decimal places without a variable."""
    assert display_value(2.5, 1, stream(), None) == "2.50"


def test_display_in_the_output_unit():
    """The display value is in the output unit."""
    assert display_value(140.06017, 37, stream(output_unit=GALLONS_OUT), None) == "37.00"


@pytest.mark.parametrize("value", [None, 0.0])
def test_display_recomputed(value):
    """A value of nothing or zero is displayed from the raw number, input unit before factor."""
    of = stream(input_unit={"m": 1, "d": 1, "o": 1.0}, multiplication_factor=10)
    assert display_value(value, 4, of, None) == "50.00"


def test_display_of_nothing():
    """Without a value and a raw number there is nothing to display."""
    assert display_value(None, None, stream(), None) is None


# Times

MOMENT = datetime(2022, 3, 1, 1, 0, 0, 999999, tzinfo=timezone(timedelta(hours=1)))


def test_row_time():
    """The time of a row is in UTC and has its fraction cut."""
    assert row_time(MOMENT) == "2022-03-01T00:00:00Z"


def test_record_time():
    """The time of a record is in UTC with microseconds, if there are any."""
    assert record_time(MOMENT) == "2022-03-01T00:00:00.999999Z"
    assert record_time(MOMENT.replace(microsecond=0)) == "2022-03-01T00:00:00Z"


@pytest.mark.parametrize("write", [row_time, record_time])
def test_no_time(write):
    """No time stays none."""
    assert write(None) is None


# Recorded


def recorded(name: str):
    path = EXCHANGES / name
    if not path.exists():
        pytest.skip("the recorded exchanges are not here")
    return gzip.open(path, "rt") if name.endswith(".gz") else path.open()


@pytest.fixture(scope="module")
def records():
    """The streams and the variables from which the recording started, by slug."""
    with recorded("seed.json") as file:
        seed = json.load(file)
    return [{item["slug"]: item for item in seed[kind]} for kind in ("streams", "variables")]


def recorded_rows(group: str, streams: dict) -> list[dict]:
    """Return the rows in the replies of a group that are of a stream known from the start."""
    with recorded(f"{group}.json") as file:
        replies = json.load(file)
    rows = []
    for reply in replies:
        body = reply["response_body"]
        found = body.get("results", [body]) if isinstance(body, dict) else []
        named = {"stream": reply["path"].rstrip("/").split("/")[-2]}
        rows += [{**named, **row} for row in found if isinstance(row, dict) and "int_value" in row]
    # One row was put into the database by hand, without a time and with another type.
    return [row for row in rows if row["stream"] in streams and row["timestamp"]]


@pytest.mark.parametrize("group", ["stream", "data", "streamer_report"])
def test_recorded_values(group, records):
    """Every recorded row has the type and the value that the rules give its raw number."""
    streams, variables = records
    rows = [row for row in recorded_rows(group, streams) if None not in map(row.get, NUMBERS)]
    assert rows
    for row in rows:
        of = streams[row["stream"]]
        found = stored_value(row["int_value"], of, variables.get(of["variable"]))
        assert found == (row["type"], row["value"])


NUMBERS = ("int_value", "value")


def test_recorded_output(records):
    """Every recorded row shows the output and display value that the rules give."""
    streams, variables = records
    rows = [row for row in recorded_rows("stream", streams) if "output_value" in row]
    assert rows
    for row in rows:
        of = streams[row["stream"]]
        shown = display_value(row["value"], row["int_value"], of, variables.get(of["variable"]))
        assert (output_value(row["value"], of), shown) == (
            row["output_value"],
            row["display_value"],
        )


def test_recorded_seed(records):
    """Every reading that the recording started from has the value that the rules give."""
    streams, variables = records
    with recorded("seed_data.csv.gz") as file:
        for row in csv.DictReader(file):
            if row["int_value"] and row["value"] and row["timestamp"]:
                of = streams.get(row["stream"])
                variable = variables.get(of["variable"]) if of else None
                found = stored_value(int(row["int_value"]), of, variable)
                assert found == (row["type"], float(row["value"]))
