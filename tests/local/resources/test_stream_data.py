"""The readings of one stream: by time, as a CSV file, and as pieces for tables in a page."""

from __future__ import annotations

import pytest

ONE = "s--0000-0001--0000-0000-0000-000a--5001"
MASKED = "s--0000-0001--0000-0000-0000-000e--5001"
ORPHAN = "s--0000-0001--0000-0000-0000-000a--5fff"
EVENTS = "s--0000-0001--0000-0000-0000-000a--5002"


def stream_data(client, slug=ONE, **query):
    return client.get(f"/stream/{slug}/data/", params=query)


def minutes(reply):
    return [int(row["timestamp"][14:16]) for row in reply.json()["results"]]


def test_row_of_stream_data(ann):
    """A row of a stream shows its value in the output unit too."""
    row = stream_data(ann, end="2020-01-01T00:01:00Z").json()["results"][0]
    assert row.pop("output_value") == pytest.approx(0.0)
    assert row == {
        "type": "ITR",
        "timestamp": "2020-01-01T00:00:00Z",
        "int_value": 273150,
        "value": 273.15,
        "display_value": "0.00",
        "streamer_local_id": 1,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"start": "2020-01-01T00:05:00Z", "end": "2020-01-01T00:08:00Z"}, [5, 6, 7]),
        ({"start": "2020-01-01T00:28:00"}, [28, 29]),
        ({"start": "2020-01-01T02:28:00+02:00"}, [28, 29]),
        ({"start": "2020-01-01T00:27:00.000001Z"}, [28, 29]),
        ({"end": "2020-01-01T00:00:00.5Z"}, [0]),
        ({"start": "2020-01-01T00:08:00Z", "end": "2020-01-01T00:05:00Z"}, []),
    ],
)
def test_time_window(ann, query, found):
    """start is inclusive and end exclusive, as on /data/."""
    assert minutes(stream_data(ann, **query)) == found


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"start": "2020-01-01"}, 30),
        ({"start": "2020-01-02"}, 0),
        ({"start": "yesterday"}, 30),
        ({"start": "2020-01-02T00:00:00 02:00"}, 30),
        ({"start": "2020-01-02later"}, 30),
        ({"lastn": "x"}, 30),
        ({"lastn": 0}, 1),
        ({"lastn": -5}, 1),
        ({"lastn": 3}, 3),
        ({"lastn": 10001}, 30),
    ],
)
def test_stream_data_is_lenient(ann, query, count):
    """A stream's data takes a bare date and passes over what it cannot read."""
    assert stream_data(ann, **query).json()["count"] == count


def test_impossible_date_is_400(ann):
    """A month 13 is refused (the real server breaks on it)."""
    assert stream_data(ann, start="2020-13-01T00:00:00Z").status_code == 400


def test_mask_always_limits_stream_data(ann):
    """The mask of a device cuts its streams; /data/ only with mask=1."""
    assert minutes(stream_data(ann, MASKED)) == [2, 3, 4]
    assert minutes(stream_data(ann, MASKED, start="2020-01-01T00:04:00Z")) == [4]
    raw = {"filter": MASKED}
    assert ann.get("/data/", params=raw).json()["count"] == 10
    assert minutes(ann.get("/data/", params={**raw, "mask": 1})) == [2, 3, 4]


def test_stream_data_needs_a_record(ann):
    """A stream without a record has rows on /data/ only."""
    new = {"stream": ORPHAN, "timestamp": "2020-02-01T00:00:00Z", "int_value": 273150}
    ann.post("/data/", json=new)
    assert stream_data(ann, ORPHAN).status_code == 404
    assert ann.get("/data/", params={"filter": ORPHAN}).json()["count"] == 1


def test_csv_is_a_file(ann):
    """The CSV is an attachment with the slug as its name, labelled as HTML."""
    reply = ann.get(f"/stream/{ONE}/csv/", params={"lastn": "1"})
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Content-Disposition"] == f'attachment; filename="{ONE}.csv"'


def test_csv_puts_the_raw_number_into_the_output_unit(ann):
    """As on the real server it is not the value that is converted."""
    text = ann.get(f"/stream/{ONE}/csv/", params={"lastn": "2"}).text
    lines = ["2020/01/01 00:28:00,272904.85", "2020/01/01 00:29:00,272905.85"]
    assert text == "\r\n".join(["Timestamp,Value", *lines, ""])


def test_csv_without_a_unit(ann):
    """Without an output unit the raw number stands as it is, within the mask of its device."""
    lines = ann.get(f"/stream/{MASKED}/csv/").text.splitlines()[1:]
    assert lines == [f"2020/01/01 00:0{n}:00,{273150 + n}" for n in (2, 3, 4)]


def test_csv_by_a_short_slug(ann):
    """A short slug is taken; the file has the full one."""
    reply = ann.get("/stream/s--0001--000a--5001/csv/", params={"lastn": "1"})
    assert ONE in reply.headers["Content-Disposition"]


def test_csv_in_the_zone_of_a_session(description, request):
    """With a session cookie the times are local ones, but for the first day there is."""
    description["users"][0]["time_zone"] = "America/New_York"
    description["data"][0]["timestamp"] = "0001-01-01T00:00:00Z"
    anybody = request.getfixturevalue("anybody")
    login = {"email": "ann@example.com", "password": "ann-secret"}
    session = anybody.post("/auth/login/", json=login).headers["Set-Cookie"]
    cookie = {"Cookie": "sessionid=" + session.partition("sessionid=")[2].partition(";")[0]}
    lines = anybody.get(f"/stream/{ONE}/csv/", headers=cookie).text.splitlines()
    assert [line.split(",")[0] for line in lines[1:3]] == [
        "0001/01/01 00:00:00",
        "2019/12/31 19:01:00",
    ]


@pytest.mark.parametrize(
    ("query", "minutes"),
    [
        ({"start": "2020-01-01T00:28:00Z"}, [28, 29]),
        ({"end": "2020-01-01T00:01:00Z"}, [0]),
        ({"start": "2021-01-01"}, []),
    ],
)
def test_csv_of_a_window(ann, query, minutes):
    """The arguments are those of data/."""
    lines = ann.get(f"/stream/{ONE}/csv/", params=query).text.splitlines()[1:]
    assert [int(line[14:16]) for line in lines] == minutes


@pytest.mark.parametrize("action", ["csv", "datatable", "eventtable"])
def test_only_readers(client_of, action):
    """Operators and other organisations are refused."""
    for who in ("olga", "eve"):
        assert client_of(who).get(f"/stream/{ONE}/{action}/").status_code == 403


@pytest.mark.parametrize(
    ("query", "minutes"),
    [
        ({}, range(10)),
        ({"start": "27", "length": "5"}, [27, 28, 29]),
        ({"start": "2", "length": "2", "order[0][dir]": "desc"}, [27, 26]),
        ({"start": "99"}, []),
        ({"start": "x", "length": "-1"}, range(10)),
        ({"length": "9" * 30}, range(10)),
    ],
)
def test_datatable(ann, query, minutes):
    """A table takes a number of rows from some row on, by time; nonsense is passed over."""
    table = ann.get(f"/stream/{ONE}/datatable/", params={"draw": "7", **query}).json()
    assert (table["draw"], table["recordsTotal"], table["recordsFiltered"]) == ("7", 30, 30)
    assert [int(row["timestamp"][14:16]) for row in table["data"]] == list(minutes)


def test_datatable_rows_are_those_of_data(ann):
    """A row of a table is a row of data/."""
    (row,) = ann.get(f"/stream/{ONE}/datatable/", params={"length": "1"}).json()["data"]
    assert row == ann.get(f"/stream/{ONE}/data/").json()["results"][0]


def test_eventtable(ann):
    """A table of events has the extra data as text, of failed events too."""
    table = ann.get(f"/stream/{EVENTS}/eventtable/").json()
    assert table["recordsTotal"] == 3
    assert [row["extra_data"] for row in table["data"]] == [
        "{'n': 1}",
        "{'n': 2}",
        "{'error': 'broken'}",
    ]
