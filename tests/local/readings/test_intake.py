"""Posting readings: one or many, their values, and what is refused."""

from __future__ import annotations

import pytest

STREAM = "s--0000-0001--0000-0000-0000-000a--5001"
PLAIN = "s--0000-0001--0000-0000-0000-000b--5001"
VIRTUAL = "s--0000-0001--0000-0000-0000-0000--5001"
FOREIGN = "s--0000-0002--0000-0000-0000-000c--5001"
ORPHAN = "s--0000-0001--0000-0000-0000-000a--5fff"
NEW = {"stream": STREAM, "timestamp": "2020-02-01T00:00:00Z", "int_value": 273150}


def ids(reply):
    assert reply.status_code == 200, reply.text
    return [row["id"] for row in reply.json()["results"]]


def data(client, source=STREAM, **query):
    return client.get("/data/", params={"filter": source, **query})


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


def test_post_needs_the_project_and_the_device(ann):
    """Neither somebody else's project nor somebody else's device takes readings."""
    for stream in (
        "s--0000-0002--0000-0000-0000-000a--5001",
        "s--0000-0001--0000-0000-0000-000c--5001",
    ):
        assert ann.post("/data/", json={**NEW, "stream": stream}).status_code == 403


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
