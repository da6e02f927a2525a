"""Tables of readings: sources, columns, forms and errors."""

from __future__ import annotations

import pytest

ONE = "s--0000-0001--0000-0000-0000-000a--5001"
MASKED = "s--0000-0001--0000-0000-0000-000e--5001"
BARE = "s--0000-0001--0000-0000-0000-000a--5fff"
DEVICE = "d--0000-0000-0000-000a"
FIRST = {"filter": ONE, "end": "2020-01-01T00:01:00Z"}


def rows(reply):
    assert reply.status_code == 200
    return reply.text.splitlines()


@pytest.fixture
def bare(ann):
    """The slug of a stream without a record, which has one reading."""
    body = {"stream": BARE, "int_value": 7, "timestamp": "2020-01-01T00:00:00.5Z"}
    assert ann.post("/data/", json=body).status_code == 201
    return BARE


def test_a_stream_as_csv(ann):
    """CSV is the usual form: a time, a value and the stream."""
    reply = ann.get("/df/", params=FIRST)
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.text == f"row,value,stream_slug\n2020-01-01 00:00:00+00:00,273.15,{ONE}\n"


def test_a_stream_as_text(ann):
    """The text is the CSV under another label."""
    reply = ann.get("/df/", params={**FIRST, "format": "txt"})
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert reply.text == ann.get("/df/", params=FIRST).text


@pytest.mark.parametrize(
    ("query", "headers"), [({"format": "json"}, {}), ({}, {"Accept": "application/json"})]
)
def test_a_stream_as_json(ann, query, headers):
    """JSON is a list of objects, asked for by format or Accept."""
    reply = ann.get("/df/", params={**FIRST, **query}, headers=headers)
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    assert reply.json() == [
        {"row": "2020-01-01T00:00:00.000Z", "value": 273.15, "stream_slug": ONE}
    ]


def test_a_stream_without_a_record(ann, bare):
    """Without a record the raw number stands there; fractions of a second are kept."""
    found = rows(ann.get("/df/", params={"filter": bare, "apply_mdo": "1"}))
    assert found == ["row,int_value,stream_slug", f"2020-01-01 00:00:00.500000+00:00,7,{bare}"]


def test_extended(ann):
    """`extended=1` adds the device's time and number."""
    found = rows(ann.get("/df/", params={**FIRST, "extended": "1"}))
    assert found[0].endswith("stream_slug,device_timestamp,streamer_local_id")
    assert found[1].endswith(",0,1")


def test_output_unit_of_the_stream(ann):
    """`apply_mdo=1` shows values in the output unit of the stream."""
    (row,) = ann.get("/df/", params={**FIRST, "apply_mdo": "1", "format": "json"}).json()
    assert row["value"] == 0.0


def test_output_unit_of_the_variable(ann):
    """A stream without an output unit takes that of its variable."""
    query = {"filter": MASKED, "apply_mdo": "1", "end": "2020-01-01T00:01:00Z"}
    (row,) = ann.get("/df/", params={**query, "format": "json"}).json()
    assert row["value"] == 0.0


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"filter": DEVICE}, 30),
        ({"filter": ONE, "lastn": "3", "page_size": "2"}, 30),
        ({"filter": ONE, "start": "2020-01-01T00:28:00Z"}, 2),
        ({"filter": ONE, "start": "2020-01-02"}, 0),
        ({"filter": ONE, "start": "zzz"}, 30),
        ({"filter": MASKED}, 10),
        ({"filter": MASKED, "mask": "1"}, 3),
        ({"filter": "d--0000-0000-0000-000e", "mask": "1"}, 3),
        ({"filter": "v--0000-0001--5001"}, 0),
        ({"filter": "p--0000-0001"}, 0),
        ({"filter": "d--0000-0000-0000-000c"}, 0),
        ({"filter": "zzz"}, 0),
        ({}, 0),
    ],
)
def test_sources_and_windows(ann, query, count):
    """Streams, devices and blocks give rows; lastn and paging are passed over."""
    assert len(rows(ann.get("/df/", params=query))) == 1 + count


@pytest.mark.parametrize(
    ("slug", "column"),
    [
        ("", "int_value"),
        ("zzz", "int_value"),
        (BARE, "int_value"),
        (ONE, "value"),
        (DEVICE, "value"),
        ("v--0000-0001--5001", "value"),
        ("p--0000-0001", "value"),
    ],
)
def test_column_of_the_numbers(ann, slug, column):
    """Where no record can tell the unit, the column is that of raw numbers."""
    query = {"filter": slug, "start": "2030-01-01"}
    assert rows(ann.get("/df/", params=query)) == [f"row,{column},stream_slug"]


def test_pivot(ann, bare):
    """`pivot=1` gives each stream a column; where it has no row the cell is empty."""
    found = rows(ann.get("/df/", params={"filter": DEVICE, "pivot": "1"}))
    assert found[0] == f"row,{ONE},{bare}"
    assert found[1:3] == [
        "2020-01-01 00:00:00+00:00,273.15,",
        "2020-01-01 00:00:00.500000+00:00,,7.0",
    ]


def test_pivot_of_nothing(ann):
    """Without rows there is no column but the first."""
    query = {"filter": DEVICE, "pivot": "1", "start": "2030-01-01"}
    assert rows(ann.get("/df/", params=query)) == ["row"]


def test_stats(ann):
    """`stats=1` sums up what is pivoted and in output units."""
    query = {"filter": MASKED, "pivot": "1", "apply_mdo": "1", "stats": "1", "format": "json"}
    found = {row["row"]: row[MASKED] for row in ann.get("/df/", params=query).json()}
    assert list(found) == ["count", "sum", "mean", "std", "min", "median", "max"]
    assert (found["count"], found["min"], found["max"]) == (10.0, 0.0, 0.009)


@pytest.mark.parametrize("missing", ["pivot", "apply_mdo"])
def test_stats_alone(ann, missing):
    """`stats=1` does nothing without both of the others."""
    query = {"filter": MASKED, "pivot": "1", "apply_mdo": "1", "stats": "1"}
    found = rows(ann.get("/df/", params={**query, missing: "0"}))
    assert len(found) == 11


def test_pivot_refuses_two_readings_of_one_time(ann):
    """Two readings of a stream at one time cannot be pivoted."""
    body = {"stream": ONE, "int_value": 1, "timestamp": "2020-01-01T00:00:00Z"}
    ann.post("/data/", json=body)
    reply = ann.get("/df/", params={"filter": ONE, "pivot": "1"})
    assert (reply.status_code, reply.text) == (
        400,
        "Error: Index contains duplicate entries, cannot reshape",
    )


@pytest.mark.parametrize(
    ("query", "status", "start", "kind"),
    [
        ({"filter": "s--zzz", "format": "json"}, 400, "Error: Illegal filter", "application/json"),
        ({"filter": ONE, "format": "xlsx"}, 404, "Error: Not found.", "text/csv"),
        ({"filter": ONE, "start": "2018-13-01T00:00:00Z"}, 400, "Error: ", "text/csv"),
    ],
)
def test_errors_are_text(ann, query, status, start, kind):
    """An error is one line of text, under the label of the form."""
    reply = ann.get("/df/", params=query)
    assert reply.status_code == status
    assert reply.text.startswith(start)
    assert reply.headers["Content-Type"] == f"{kind}; charset=utf-8"


@pytest.mark.parametrize("who", ["olga", "eve"])
def test_only_readers(client_of, who):
    """Whoever may not read gets an empty table."""
    assert len(rows(client_of(who).get("/df/", params={"filter": ONE}))) == 1
