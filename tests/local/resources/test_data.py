"""Readings of any source: windows, order, single ones (for staff), rows of the future."""

from __future__ import annotations

import pytest

STREAM = "s--0000-0001--0000-0000-0000-000a--5001"
ORPHAN = "s--0000-0001--0000-0000-0000-000a--5fff"
NEW = {"stream": STREAM, "timestamp": "2020-02-01T00:00:00Z", "int_value": 273150}
FUTURE = {"filter": "future", "staff": "1"}


@pytest.fixture
def root(client_of):
    """A client of a member of staff."""
    return client_of("root")


def ids(reply):
    assert reply.status_code == 200, reply.text
    return [row["id"] for row in reply.json()["results"]]


def data(client, source=STREAM, **query):
    return client.get("/data/", params={"filter": source, **query})


def minutes(reply):
    return [int(row["timestamp"][14:16]) for row in reply.json()["results"]]


def test_row_of_data(ann):
    """A row of /data/ has exactly the published fields."""
    assert data(ann, id_min=2, id_max=2).json()["results"] == [
        {
            "id": 2,
            "stream": STREAM,
            "project": "p--0000-0001",
            "device": "d--0000-0000-0000-000a",
            "variable": "v--0000-0001--5001",
            "type": "ITR",
            "device_timestamp": 60,
            "timestamp": "2020-01-01T00:01:00Z",
            "int_value": 273151,
            "value": 273.151,
            "streamer_local_id": 2,
            "dirty_ts": False,
            "status": "cln",
        }
    ]


@pytest.mark.parametrize(
    ("source", "count"),
    [
        (STREAM, 30),
        ("d--0000-0000-0000-000a", 30),
        ("v--0000-0001--5001", 40),
        ("d--000a", 0),
        ("s--0001--000a--5001", 0),
        ("p--0000-0001", 0),
        ("d--0000-0000-0000-000c", 0),
        ("zzz", 0),
        ("", 0),
        ("--", 0),
    ],
)
def test_sources(ann, source, count):
    """A full slug of a stream, device or variable gives its rows; anything else gives none."""
    assert data(ann, source).json()["count"] == count


@pytest.mark.parametrize("source", ["s--zzz", "^acme", "@ann"])
def test_refused_sources(ann, source):
    """A stream without three terms, an organisation and a user are refused."""
    assert data(ann, source).status_code == 400


def test_operator_reads_nothing(client_of):
    """An operator gets an empty list."""
    assert ids(data(client_of("olga"))) == []


def test_staff_read_everything(client_of):
    """Staff read any stream that they name."""
    assert len(ids(data(client_of("root")))) == 30


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
    """start is inclusive and end exclusive."""
    assert minutes(data(ann, **query)) == found


def test_exact_time_and_window_both_count(ann):
    """A row must be at the exact time asked for, and inside the window."""
    exact = {"timestamp": "2020-01-01T00:05:00Z"}
    assert minutes(data(ann, **exact, start="2020-01-01T00:05:00Z")) == [5]
    assert minutes(data(ann, **exact, start="2020-01-01T00:06:00Z")) == []
    assert minutes(data(ann, **exact, end="2020-01-01T00:05:00Z")) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"timestamp": "2020-01-01T00:05:00Z"}, [6]),
        ({"id_0": 3, "id_1": 4}, [3, 4]),
        ({"streamer_id_min": 29}, [29, 30]),
        ({"streamer_ts_max": 60}, [1, 2]),
        ({"id_min": 5, "streamer_id_max": 5}, [5]),
        ({"lastn": 2}, [29, 30]),
        ({"lastn": 1.5}, [29, 30]),
        ({"lastn": 1, "end": "2020-01-01T00:03:00Z"}, [3]),
        ({"start": "", "id_max": 1}, [1]),
        ({"ordering": "-timestamp", "id_max": 2}, [1, 2]),
    ],
)
def test_other_arguments(ann, query, found):
    """Ranges are inclusive, lastn comes last, and what is unknown is passed over."""
    assert ids(data(ann, **query)) == found


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"start": "yesterday"}, {"start": ["Enter a valid date/time."]}),
        ({"end": "2020-01-01"}, {"end": ["Enter a valid date/time."]}),
        ({"start": "2020-13-01T00:00:00Z"}, {"start": ["Enter a valid date/time."]}),
        ({"lastn": "x"}, {"lastn": ["Enter a number."]}),
        ({"id_min": "x"}, {"id": ["Enter a number."]}),
        ({"lastn": 0}, ["lastn must be greater than 0"]),
        ({"lastn": -1}, ["lastn must be greater than 0"]),
        ({"lastn": 100001}, ["lastn limit is 100000"]),
    ],
)
def test_bad_arguments(ann, query, answer):
    """/data/ refuses arguments that it cannot read."""
    reply = data(ann, **query)
    assert (reply.status_code, reply.json()) == (400, answer)


def test_order_of_data(ann):
    """/data/ sorts by streamer_local_id, so that rows without one come first."""
    ann.post("/data/", json=NEW)
    assert ids(data(ann))[:2] == [41, 1]


def test_device_rows_are_merged_by_streamer_id(ann):
    """The rows of several streams are merged by streamer_local_id, stream and time."""
    later = {**NEW, "stream": ORPHAN, "streamer_local_id": 2}
    assert ann.post("/data/", json=later).status_code == 201
    assert ids(data(ann, "d--0000-0000-0000-000a"))[:4] == [1, 2, 41, 3]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_single_readings_are_for_staff(ann, method):
    """A user may neither read nor change a reading by its number."""
    assert ann.request(method, "/data/1/", json={}).status_code == 403


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(("key", "status"), [("abc", 400), ("999999", 404), ("9" * 19, 400)])
def test_numbers_that_name_no_reading(root, method, key, status):
    """A number that is not there is 404, and what is no number 400."""
    assert root.request(method, f"/data/{key}/", json={}).status_code == status


def test_a_changed_raw_number_leaves_the_value(root):
    """The value is not worked out again."""
    before = root.get("/data/1/").json()
    changed = root.patch("/data/1/", json={"int_value": 7, "status": "drt"}).json()
    assert changed == {**before, "int_value": 7, "status": "drt"}
    assert root.get("/data/1/").json() == changed


def test_a_reading_can_move(root):
    """A reading may get another time and another stream."""
    slug = "s--0000-0001--0000-0000-0000-000b--5002"
    body = {"stream": slug, "timestamp": "2021-02-03T04:05:06Z"}
    assert root.put("/data/1/", json=body).status_code == 200
    (row,) = root.get("/data/", params={"filter": slug}).json()["results"]
    assert (row["id"], row["device"], row["timestamp"]) == (
        1,
        "d--0000-0000-0000-000b",
        "2021-02-03T04:05:06Z",
    )


@pytest.mark.parametrize(
    ("method", "body", "field"),
    [
        ("PUT", {}, "timestamp"),
        ("PATCH", {"timestamp": "x"}, "timestamp"),
        ("PATCH", {"stream": "zzz"}, "stream"),
        ("PATCH", {"type": "zzz"}, "type"),
        ("PATCH", {"int_value": 1 << 63}, "int_value"),
        ("PATCH", [], "non_field_errors"),
    ],
)
def test_bad_changes(root, method, body, field):
    """What does not fit is refused by field."""
    reply = root.request(method, "/data/1/", json=body)
    assert reply.status_code == 400
    assert field in reply.json()


def test_a_removed_reading_is_gone(root):
    """A DELETE leaves nothing of the reading."""
    gone = root.delete("/data/1/")
    assert (gone.status_code, gone.headers.get("Content-Type")) == (204, None)
    assert root.get("/data/1/").status_code == 404


def test_rows_of_the_future(ann, root):
    """Staff may ask for all rows that are later than now."""
    body = {"stream": STREAM, "int_value": 1}
    for moment in ("2020-09-13T12:26:40Z", "2020-09-13T12:26:41Z"):
        assert ann.post("/data/", json={**body, "timestamp": moment}).status_code == 201
    (row,) = root.get("/data/", params=FUTURE).json()["results"]
    assert row["timestamp"] == "2020-09-13T12:26:41Z"
    assert ann.get("/data/", params=FUTURE).json()["count"] == 0
    assert root.get("/data/", params={"filter": "future"}).json()["count"] == 0
