"""Device reports as files: binary, and the same dictionary as JSON and as msgpack."""

from __future__ import annotations

import hashlib
import json
import struct

import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iotile_cloud.streamer.signed_list import Reading, SignedListReport

DEVICE = "0000-0000-0000-000a"
STREAM = f"s--0000-0001--{DEVICE}--5001"
EVENTS = f"s--0000-0001--{DEVICE}--5002"
STREAMER = f"t--{DEVICE}--0100"
TIME = "2020-03-01T00:00:00Z"
READING = {
    "stream": "5001",
    "device_timestamp": 5,
    "timestamp": "2020-03-02T00:00:00",
    "streamer_local_id": 2,
    "value": 273150,
}
EVENT = {
    "stream": 0x5002,
    "device_timestamp": None,
    "timestamp": "2020-03-02T00:00:01Z",
    "streamer_local_id": 1,
    "status": "cln",
    "extra_data": {"j": 1},
    "data": {"raw": [1]},
}
BINARY = SignedListReport.from_readings(
    10,
    [Reading(0x5001, 273150, raw_time=131, reading_id=31)],
    report_id=100,
    sent_timestamp=200,
    selector=0xD7FF,
).encode()
MISSING = ["This field is required."]


def flexible(*readings, events=(), **more):
    return {
        "format": "v100",
        "device": 10,
        "streamer_index": 0x100,
        "streamer_selector": 0x10000,
        "device_sent_timestamp": 100,
        "incremental_id": 7,
        "lowest_id": 1,
        "highest_id": 3,
        "data": list(readings),
        "events": list(events),
        **more,
    }


def upload(client, content, name="r.json"):
    if not isinstance(content, bytes):
        content = json.dumps(content).encode()
    query, file = {"timestamp": TIME}, {"file": (name, content)}
    return client.post("/streamer/report/", params=query, files=file)


def stored(client, resource="data", source=STREAM):
    query = {"filter": source, "streamer_id_min": 0, "start": "2020-02-01T00:00:00Z"}
    return client.get(f"/{resource}/", params=query).json()["results"]


def record(client, streamer=STREAMER):
    return client.get(f"/streamer/{streamer}/report/").json()[0]


def with_bytes(value):
    """Return `value` as old packers of Python 2 wrote it."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, dict):
        return {with_bytes(key): with_bytes(item) for key, item in value.items()}
    return [with_bytes(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ["r.bin", "report", "dir.v1/report.bin", "dir.v1/report"])
def test_name_tells_the_format(ann, name):
    """A name that ends in .bin, or has no extension, is a binary report."""
    assert upload(ann, BINARY, name).status_code == 201


def test_other_extension_is_refused(ann):
    """A file of another kind is refused, with the kinds that there are."""
    text = "Streamer Report file extension not supported. Expected: .bin, .json or .mp"
    reply = upload(ann, b"{}", "r.txt")
    assert (reply.status_code, reply.json()) == (400, [text])


def test_damaged_report(ann):
    """A wrong hash is refused in the server's words, and nothing is stored."""
    content = bytearray(BINARY)
    content[25] ^= 1
    reply = upload(ann, bytes(content), "r.bin")
    text = "Invalid Hash: d--0000-0000-0000-000a (idx=0, user=@ann)"
    assert (reply.status_code, reply.json()) == (400, [text])
    assert stored(ann) == []


def test_signed_report(ann):
    """A report signed with a key is refused in the server's words."""
    content = bytearray(BINARY)
    content[16] = 1
    reply = upload(ann, bytes(content), "r.bin")
    assert reply.json() == ["Unrecognized signature flags (user=@ann)"]


def test_ids_of_the_footer(ann):
    """Ids in the footer that are not those of the readings are taken as they stand."""
    signed = BINARY[:-24] + struct.pack("<LL", 3, 99)
    content = signed + hashlib.sha256(signed).digest()[:16]
    assert upload(ann, content, "r.bin").json() == {"count": 1}
    streamer = f"t--{DEVICE}--0000"
    said = record(ann, streamer)
    assert (said["original_first_id"], said["original_last_id"]) == (3, 99)
    assert ann.get(f"/streamer/{streamer}/").json()["last_id"] == 31


def test_reserved_field(ann):
    """What stands in the reserved field of a reading is passed over."""
    signed = BINARY[:22] + b"\1" + BINARY[23:-16]
    content = signed + hashlib.sha256(signed).digest()[:16]
    assert upload(ann, content, "r.bin").json() == {"count": 1}


@pytest.mark.parametrize("content", [b"", b"\x01", b"x" * 60, BINARY[:-1]])
def test_unreadable_report_is_400(ann, content):
    """What is no report is 400 (the real server breaks on it)."""
    reply = upload(ann, content, "r.bin")
    assert reply.status_code == 400
    assert reply.json()[0].startswith("Streamer report is not readable: ")


def test_missing_file(ann):
    """An upload needs its file."""
    reply = ann.post("/streamer/report/", params={"timestamp": TIME}, json={})
    assert reply.json() == {"error": "missing request.data['file']"}


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("r.json", lambda report: json.dumps(report).encode()),
        ("r.mp", msgpack.packb),
        ("r.mp", lambda report: msgpack.packb(with_bytes(report))),
        ("r.mp", lambda report: msgpack.packb(report, use_bin_type=False)),
    ],
    ids=["json", "msgpack", "bytes keys", "raw texts"],
)
def test_both_formats(ann, name, pack):
    """Readings and events are stored from JSON, msgpack, and what old packers wrote."""
    reply = upload(ann, pack(flexible(READING, events=[EVENT])), name)
    assert (reply.status_code, reply.json()) == (201, {"count": 2})
    (row,) = stored(ann)
    assert (row["timestamp"], row["int_value"], row["status"]) == (
        "2020-03-02T00:00:00Z",
        273150,
        "unk",
    )
    assert (row["value"], row["type"], row["device_timestamp"]) == (273.15, "ITR", 5)
    (event,) = stored(ann, "event", EVENTS)
    assert (event["extra_data"], event["status"], event["has_raw_data"]) == ({"j": 1}, "cln", True)
    assert ann.get(f"/event/{event['id']}/data/").json() == {"raw": [1]}


def test_streamer_and_record(ann):
    """The streamer rises to the highest id of both lists; the record tells what was said."""
    upload(ann, flexible(READING, events=[EVENT]))
    streamer = ann.get(f"/streamer/{STREAMER}/").json()
    assert (streamer["last_id"], streamer["selector"]) == (2, 0x10000)
    assert streamer["last_reboot_ts"] == "2020-02-29T23:58:20Z"
    content = record(ann)
    assert (content["original_first_id"], content["original_last_id"]) == (1, 3)
    assert (content["actual_first_id"], content["actual_last_id"]) == (1, 2)
    assert (content["incremental_id"], content["device_sent_timestamp"]) == (7, 100)


def test_no_marker(ann):
    """A flexible report leaves no marker row."""
    upload(ann, flexible(READING))
    assert stored(ann, source=f"s--0000-0001--{DEVICE}--5a05") == []


def test_repeated_report_is_stored_once(ann):
    """The same report again is acknowledged with the same count, and changes nothing."""
    content = flexible(READING, events=[EVENT])
    upload(ann, content)
    assert upload(ann, content).json() == {"count": 2}
    assert (len(stored(ann)), len(stored(ann, "event", EVENTS))) == (1, 1)


@pytest.mark.parametrize(
    ("raw", "time"),
    [(5, "2020-02-29T23:58:25Z"), ((1 << 31) | 634521600, "2020-02-09T00:00:00Z"), (None, None)],
)
def test_time_of_the_device(ann, raw, time):
    """Without a timestamp the device's own time counts, if it has one."""
    upload(ann, flexible({**READING, "timestamp": None, "device_timestamp": raw}))
    rows = ann.get("/data/", params={"filter": STREAM, "streamer_id_min": 2}).json()["results"]
    assert [r["timestamp"] for r in rows if r["int_value"] == 273150][-1] == time


@pytest.mark.parametrize(
    "name",
    [
        "format",
        "device",
        "streamer_index",
        "streamer_selector",
        "device_sent_timestamp",
        "incremental_id",
        "lowest_id",
        "highest_id",
    ],
)
def test_missing_field(ann, name):
    """What is missing is named (on the real server a missing incremental_id is 500)."""
    content = flexible(READING)
    del content[name]
    reply = upload(ann, content)
    assert (reply.status_code, reply.json()) == (400, {name: MISSING})


@pytest.mark.parametrize("name", ["data", "events"])
def test_lists_may_be_left_out(ann, name):
    """A report may have readings only, or events only."""
    content = flexible(READING, events=[EVENT])
    del content[name]
    assert upload(ann, content).json() == {"count": 1}


@pytest.mark.parametrize(
    "more",
    [
        {"data": {}},
        {"events": "x"},
        {"device": -1},
        {"streamer_index": 1 << 16},
        {"streamer_selector": True},
        {"device_sent_timestamp": 1 << 62},
    ],
)
def test_bad_field(ann, more):
    """A field of the wrong form is refused, and leaves nothing."""
    assert upload(ann, {**flexible(), **more}).status_code == 400
    assert ann.get("/streamer/report/").json()["count"] == 0


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        (
            "r.json",
            b"{bad",
            "JSON parsing error: JSON parse error - Expecting property name enclosed in double "
            "quotes: line 1 column 2 (char 1)",
        ),
        ("r.mp", b"\xc1\xc1", "JSON parsing error: MessagePack parse error - "),
    ],
)
def test_unreadable_file(ann, name, content, text):
    """A file that is no JSON or msgpack is refused in the server's words."""
    reply = upload(ann, content, name)
    assert (reply.status_code, reply.json()) == (400, [text])


def test_no_dictionary_is_400(ann):
    """A list is no report."""
    reply = upload(ann, b"[]")
    text = "Invalid data. Expected a dictionary, but got list."
    assert (reply.status_code, reply.json()) == (400, {"non_field_errors": [text]})


@pytest.mark.parametrize(("device", "status"), [(0xFFF, 404), (1 << 62, 404), (13, 400), (15, 400)])
def test_bad_device(ann, device, status):
    """The device must be known, claimed, and its engine new enough."""
    assert upload(ann, flexible(READING, device=device)).status_code == status


@pytest.mark.parametrize(
    "change",
    [
        {"stream": "zz"},
        {"stream": 1 << 16},
        {"stream": None},
        {"value": "x"},
        {"timestamp": "yesterday"},
        {"streamer_local_id": None},
        {"status": "new"},
        {"device_timestamp": 1 << 60, "timestamp": None},
    ],
    ids=str,
)
def test_bad_reading_loses_the_report(ann, change):
    """A reading that cannot be stored: the report is acknowledged, and lost as a whole."""
    good = {**READING, "streamer_local_id": 3}
    assert upload(ann, flexible(good, {**READING, **change})).json() == {"count": 2}
    assert stored(ann) == []
    content = record(ann)
    assert (content["original_last_id"], content["actual_last_id"]) == (3, None)
    streamer = ann.get(f"/streamer/{STREAMER}/").json()
    assert (streamer["last_id"], streamer["last_reboot_ts"]) == (0, None)


class TestFilters:
    """Data for a stream with a filter: acknowledged and lost, as on the real server."""

    @pytest.fixture
    def description(self, describe):
        def row(middle, lid, **more):
            slug = f"f--0000-0001--{middle}--{lid}"
            known = {"id": int(lid, 16), "slug": slug, "project": "p--0000-0001"}
            return {**known, "variable": f"v--0000-0001--{lid}", "states": [], **more}

        filters = [row(DEVICE, "5001"), row("", "5002"), row(DEVICE, "5003", active=False)]
        return describe() | {"filters": filters}

    @pytest.mark.parametrize(("stream", "count"), [("5001", 0), ("5002", 0), ("5003", 1)])
    def test_filtered_stream(self, ann, stream, count):
        """A filter of the device or of the whole project counts, unless it is not active."""
        assert upload(ann, flexible({**READING, "stream": stream})).json() == {"count": 1}
        source = f"s--0000-0001--{DEVICE}--{stream}"
        assert len(stored(ann, source=source)) == count


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_breaks_it(ann, data):
    """Whatever stands in a report: it is acknowledged or refused, and never breaks the cloud."""
    content = flexible(dict(READING), events=[dict(EVENT)])
    place = data.draw(st.sampled_from([content, content["data"][0], content["events"][0]]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(junk)
    assert upload(ann, content).status_code in (201, 400, 404)
