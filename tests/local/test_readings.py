"""Reading and writing readings: `/data/` and `/stream/<slug>/data/`."""

from __future__ import annotations

import pytest

STREAM = "s--0000-0001--0000-0000-0000-000a--5001"
PLAIN = "s--0000-0001--0000-0000-0000-000b--5001"
MASKED = "s--0000-0001--0000-0000-0000-000e--5001"
VIRTUAL = "s--0000-0001--0000-0000-0000-0000--5001"
FOREIGN = "s--0000-0002--0000-0000-0000-000c--5001"
ORPHAN = "s--0000-0001--0000-0000-0000-000a--5fff"
NEW = {"stream": STREAM, "timestamp": "2020-02-01T00:00:00Z", "int_value": 273150}


def ids(reply):
    assert reply.status_code == 200, reply.text
    return [row["id"] for row in reply.json()["results"]]


def data(client, source=STREAM, **query):
    return client.get("/data/", params={"filter": source, **query})


def stream_data(client, slug=STREAM, **query):
    return client.get(f"/stream/{slug}/data/", params=query)


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
    """start is inclusive and end exclusive, on both routes."""
    assert minutes(data(ann, **query)) == found
    assert minutes(stream_data(ann, **query)) == found


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


def test_order_of_data(ann):
    """/data/ sorts by streamer_local_id, so that rows without one come first."""
    ann.post("/data/", json=NEW)
    assert ids(data(ann))[:2] == [41, 1]
    assert minutes(stream_data(ann))[-1] == 0


def test_device_rows_are_merged_by_streamer_id(ann):
    """The rows of several streams are merged by streamer_local_id, stream and time."""
    later = {**NEW, "stream": ORPHAN, "streamer_local_id": 2}
    assert ann.post("/data/", json=later).status_code == 201
    assert ids(data(ann, "d--0000-0000-0000-000a"))[:4] == [1, 2, 41, 3]


def test_mask_always_limits_stream_data(ann):
    """The mask of a device cuts its streams; /data/ only with mask=1."""
    assert minutes(stream_data(ann, MASKED)) == [2, 3, 4]
    assert minutes(stream_data(ann, MASKED, start="2020-01-01T00:04:00Z")) == [4]
    assert len(ids(data(ann, MASKED))) == 10
    assert minutes(data(ann, MASKED, mask=1)) == [2, 3, 4]


def test_stream_data_needs_a_record(ann):
    """A stream without a record has rows on /data/ only."""
    ann.post("/data/", json={**NEW, "stream": ORPHAN})
    assert stream_data(ann, ORPHAN).status_code == 404
    assert len(ids(data(ann, ORPHAN))) == 1


def test_single_reading_is_for_staff(ann, client_of):
    """One reading by its number: staff only."""
    assert ann.get("/data/1/").status_code == 403
    root = client_of("root")
    assert root.get("/data/1/").json()["stream"] == STREAM
    assert root.get("/data/999/").status_code == 404
    assert root.get("/data/abc/").status_code == 400


# --- writing


def test_post_one(ann):
    """A posted raw number comes back with its value, and is there."""
    content = ann.post("/data/", json={**NEW, "device_timestamp": 9, "status": "utc"}).json()
    assert (content["id"], content["type"], content["value"]) == (41, "ITR", 273.15)
    assert (content["device_timestamp"], content["status"]) == (9, "utc")
    assert data(ann, id_min=41).json()["results"] == [content]


def test_post_without_units(ann):
    """Without an input unit the type is Num."""
    content = ann.post("/data/", json={**NEW, "stream": PLAIN, "int_value": 7}).json()
    assert content["type"] == "ITR"  # the variable's unit counts where the stream has none
    orphan = ann.post("/data/", json={**NEW, "stream": ORPHAN, "int_value": 7}).json()
    assert (orphan["type"], orphan["value"]) == ("Num", 7.0)


def test_post_virtual(ann):
    """A virtual stream takes readings."""
    content = ann.post("/data/", json={**NEW, "stream": VIRTUAL}).json()
    assert content["device"] == "d--0000-0000-0000-0000"
    assert ids(data(ann, VIRTUAL)) == [content["id"]]


def test_post_value_without_record(ann):
    """A ready value is taken for a stream without a record."""
    body = {"stream": ORPHAN, "timestamp": "2020-02-01T00:00:00Z", "value": 5.5, "type": "ITR"}
    content = ann.post("/data/", json=body).json()
    assert (content["int_value"], content["value"]) == (None, 5.5)


def test_fraction_of_a_second_is_cut(ann):
    """A time is kept whole and shown in whole seconds."""
    posted = ann.post("/data/", json={**NEW, "timestamp": "2020-02-01T00:00:00.999999Z"})
    assert posted.json()["timestamp"] == "2020-02-01T00:00:00Z"
    assert ids(data(ann, start="2020-02-01T00:00:00.5Z")) == [41]


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"timestamp": None}, {"timestamp": ["This field may not be null."]}),
        ({"status": "zzz"}, {"status": ['"zzz" is not a valid choice.']}),
        ({"type": "ITR"}, {"non_field_errors": ["type should be 'Num' if int_value is used"]}),
        ({"value": 1.0}, {"non_field_errors": ["Only int_value or value should be used"]}),
        (
            {"int_value": None, "value": 1.0},
            {"non_field_errors": ["type should be 'ITR' or None if value is used"]},
        ),
    ],
)
def test_post_refused(ann, change, answer):
    """A reading that does not fit is refused by field."""
    reply = ann.post("/data/", json={**NEW, **change})
    assert (reply.status_code, reply.json()) == (400, answer)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timestamp": "2020-02-30T00:00:00Z"}, "timestamp"),
        ({"timestamp": 5}, "timestamp"),
        ({"int_value": 2**63}, "int_value"),
        ({"int_value": "x"}, "int_value"),
        ({"streamer_local_id": -1}, "streamer_local_id"),
        ({"dirty_ts": 7}, "dirty_ts"),
        ({"stream": "zzz"}, "stream"),
        ({"stream": STREAM + "0"}, "stream"),
        ({"int_value": None}, "non_field_errors"),
        ({"int_value": None, "value": 1, "type": "ITR"}, "non_field_errors"),
    ],
)
def test_post_refused_by_field(ann, change, field):
    """The field at fault is named."""
    reply = ann.post("/data/", json={**NEW, **change})
    assert (reply.status_code, list(reply.json())) == (400, [field])


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0])
def test_extreme_numbers_are_kept(ann, number):
    """The whole 64-bit range comes back as it was sent."""
    ann.post("/data/", json={**NEW, "int_value": number})
    assert data(ann, id_min=41).json()["results"][0]["int_value"] == number


@pytest.mark.parametrize(
    ("stream", "status"),
    [
        (FOREIGN, 403),
        ("s--0000-0001--0000-0000-0000-0fff--5001", 404),
        ("s--0000-0009--0000-0000-0000-000a--5001", 404),
        ("s--0001--000a--5001", 404),
        ("s--0000-0000--0001-0000-0000-000a--5001", 404),
    ],
)
def test_post_to_others(ann, stream, status):
    """Foreign streams are 403; unknown, short and archived ones 404."""
    assert ann.post("/data/", json={**NEW, "stream": stream}).status_code == status


def test_operator_may_post(client_of):
    """An operator writes what he cannot read."""
    assert client_of("olga").post("/data/", json=NEW).status_code == 201


def test_post_list(ann):
    """A list is counted, and an empty one too."""
    assert ann.post("/data/", json=[NEW, NEW]).json() == {"count": 2}
    assert ann.post("/data/", json=[]).json() == {"count": 0}
    assert ids(data(ann, id_min=41)) == [41, 42]


@pytest.mark.parametrize(
    ("bad", "status"),
    [({"stream": STREAM}, 400), ({**NEW, "stream": FOREIGN}, 403), (5, 400)],
)
def test_post_list_is_all_or_nothing(ann, bad, status):
    """One bad item, and nothing of the list is stored."""
    assert ann.post("/data/", json=[NEW, bad]).status_code == status
    assert ids(data(ann, id_min=41)) == []


def test_post_list_names_the_bad_item(ann):
    """The errors of a list stand at the places of its items."""
    reply = ann.post("/data/", json=[NEW, {"stream": STREAM, "int_value": 1}])
    assert reply.json() == [{}, {"timestamp": ["This field is required."]}]


def test_raw_format_that_does_not_fit_is_refused_whole(ann):
    """A number that its stream cannot read is refused before anything is stored."""
    ann.patch(f"/stream/{STREAM}/", json={"raw_value_format": "<q"})
    good = {**NEW, "stream": PLAIN}
    assert ann.post("/data/", json=[good, NEW]).status_code == 400
    assert ids(data(ann, PLAIN)) == []


@pytest.mark.parametrize("code", ["<", "4x", "4s", "<c", "\u00e9"])
def test_raw_format_that_reads_no_number_is_400(ann, code):
    """A raw format that gives no number refuses the readings of its stream, by name."""
    ann.patch(f"/stream/{STREAM}/", json={"raw_value_format": code})
    reply = ann.post("/data/", json=NEW)
    assert (reply.status_code, list(reply.json())) == (400, ["int_value"])
    assert repr(code) in reply.json()["int_value"][0]


def test_exact_time_and_window_both_count(ann):
    """A row must be at the exact time asked for, and inside the window."""
    exact = {"timestamp": "2020-01-01T00:05:00Z"}
    assert minutes(data(ann, **exact, start="2020-01-01T00:05:00Z")) == [5]
    assert minutes(data(ann, **exact, start="2020-01-01T00:06:00Z")) == []
    assert minutes(data(ann, **exact, end="2020-01-01T00:05:00Z")) == []
