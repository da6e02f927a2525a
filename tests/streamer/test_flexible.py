"""The flexible dictionary: msgpack and JSON, what old packers wrote, and what is refused."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.streamer import (
    Event,
    FieldError,
    FlexibleDictionaryReport,
    FormatError,
    IdsError,
    LengthError,
    Reading,
    ReportError,
    SignedListReport,
    TrailingBytesError,
    parse_report,
)

TIME = datetime(2018, 1, 1, tzinfo=timezone.utc)
READING = Reading(0x5001, -10, 100, 7, TIME)
EVENT = Event(0x5002, {"peak": 3}, {"raw": [1.5, None]}, 0xFFFFFFFF, 9, TIME)
REPORT = FlexibleDictionaryReport.from_readings(
    0x235, [READING, Reading(0x5001, 11)], events=[EVENT], report_id=11, sent_timestamp=200
)
# The same report, written out by hand from the table of its keys.
CONTENT = {
    "format": "v100",
    "device": 0x235,
    "streamer_index": 0x100,
    "streamer_selector": 0xFFFF,
    "incremental_id": 11,
    "lowest_id": 7,
    "highest_id": 9,
    "device_sent_timestamp": 200,
    "events": [
        {
            "stream": 0x5002,
            "device_timestamp": 0xFFFFFFFF,
            "streamer_local_id": 9,
            "timestamp": "2018-01-01T00:00:00Z",
            "extra_data": {"peak": 3},
            "data": {"raw": [1.5, None]},
        }
    ],
    "data": [
        {
            "stream": 0x5001,
            "device_timestamp": 100,
            "streamer_local_id": 7,
            "timestamp": "2018-01-01T00:00:00",
            "value": -10,
        },
        {
            "stream": 0x5001,
            "device_timestamp": 0,
            "streamer_local_id": 0,
            "timestamp": None,
            "value": 11,
        },
    ],
}


def changed(place="", at=0, **fields):
    """Return the report as JSON with other fields, at the top or in an item of a list."""
    content = json.loads(json.dumps(CONTENT))
    (content[place][at] if place else content).update(fields)
    return json.dumps(content).encode()


def without(name, place=""):
    content = json.loads(json.dumps(CONTENT))
    del (content[place][0] if place else content)[name]
    return json.dumps(content).encode()


def as_bytes(value):
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list):
        return [as_bytes(item) for item in value]
    if isinstance(value, dict):
        return {as_bytes(key): as_bytes(item) for key, item in value.items()}
    return value


@pytest.fixture
def msgpack():
    return pytest.importorskip("msgpack")


def test_json():
    """A report is written as JSON, key by key, and read back, space before it or not."""
    assert json.loads(REPORT.encode_json()) == CONTENT
    assert parse_report(b"\n  " + REPORT.encode_json()) == REPORT


def test_msgpack(msgpack):
    """A report is written as msgpack with its keys in their order, and read back."""
    assert REPORT.encode() == msgpack.packb(CONTENT)
    assert parse_report(REPORT.encode()) == REPORT


def test_bytes_for_text(msgpack):
    """Keys and texts may be bytes, as old packers wrote them."""
    assert parse_report(msgpack.packb(as_bytes(CONTENT))) == REPORT


def test_never_verified():
    """Nothing in the format shows damage, so it is not verified and has no flaw."""
    report = parse_report(REPORT.encode_json())
    assert (report.verified, report.flaw) == (False, "")


def test_events_have_a_hash():
    """A report with events is a value like others: equal ones have one hash."""
    assert hash(REPORT) == hash(FlexibleDictionaryReport.parse(REPORT.encode_json()))


def test_ids_are_over_both_lists():
    """Lowest and highest id are over readings and events with an id."""
    assert (REPORT.lowest_id, REPORT.highest_id, REPORT.count) == (7, 9, 3)


def test_hex_streams():
    """A stream may be hex text, as the cloud takes it."""
    assert parse_report(changed("data", stream="5001")) == REPORT


@pytest.mark.parametrize("name", ["data", "events"])
def test_lists_may_be_missing(name):
    """A list that is missing or null is empty."""
    content = changed(**{name: None, "lowest_id": 0, "highest_id": 0, "data": [], "events": []})
    assert parse_report(content).count == 0


def test_time_without_raw_time():
    """A raw time that is null is unknown."""
    report = parse_report(changed("data", device_timestamp=None))
    assert report.readings[0].raw_time == 0xFFFFFFFF


@pytest.mark.parametrize("text", ["2018-01-01T01:00:00+01:00", "2018-01-01T00:00:00.000Z"])
def test_forms_of_time(text):
    """A time may have a zone or fractions; without a zone it is UTC."""
    assert parse_report(changed("data", timestamp=text)) == REPORT


def test_said_time_wins():
    """The time that a reading says counts, and the rules give one to a reading that says none."""
    report = parse_report(REPORT.encode_json(), received=datetime(2020, 1, 1, 0, 3, 20))
    times = [reading.timestamp.isoformat() for reading in report.readings]
    assert times == ["2018-01-01T00:00:00+00:00", "2020-01-01T00:00:00+00:00"]


def test_times_go_along():
    """The times that another report knows are said by the one that is made of its readings."""
    signed = SignedListReport(1, [Reading(2, 3, 40)], sent_timestamp=40, received=TIME)
    report = FlexibleDictionaryReport.from_readings(1, signed.readings)
    assert json.loads(report.encode_json())["data"][0]["timestamp"] == "2018-01-01T00:00:00"


# What is refused


def test_successor():
    """The format of the successor is recognised and refused by its name."""
    with pytest.raises(FormatError, match=r"v200.*successor; v100 can be read"):
        parse_report(changed(format="v200"))


@pytest.mark.parametrize("tag", [None, 1, "v1"])
def test_other_tags(tag):
    """Another format is refused by its tag."""
    with pytest.raises(FormatError, match=r"expected 'v100'"):
        parse_report(changed(format=tag))


@pytest.mark.parametrize(
    "name", [name for name in CONTENT if name not in ("data", "events", "format")]
)
def test_missing_fields(name):
    """A field that is missing, negative or no number is refused by name."""
    for content in (without(name), changed(**{name: -1}), changed(**{name: "x"})):
        with pytest.raises(FieldError, match=name):
            parse_report(content)


@pytest.mark.parametrize("name", ["data", "events"])
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"stream": "zz"}, "stream is 'zz'"),
        ({"stream": 1 << 16}, "stream is 65536"),
        ({"streamer_local_id": None}, "streamer_local_id is None"),
        ({"device_timestamp": 1 << 32}, "device_timestamp is 4294967296"),
        ({"timestamp": "yesterday"}, "not a time: 'yesterday'"),
        ({"timestamp": 5}, "not a time: 5"),
    ],
    ids=str,
)
def test_bad_items(name, fields, words):
    """A wrong field of a reading or an event is refused with its place."""
    with pytest.raises(FieldError, match=rf"(reading|event) 0: .*{words}"):
        parse_report(changed(name, **fields))


@pytest.mark.parametrize("value", [None, 1.5, True, "7", 1 << 63])
def test_bad_values(value):
    """A value that is no int of 64 bits is refused with its place."""
    with pytest.raises(FieldError, match="reading 1: value is"):
        parse_report(changed("data", 1, value=value))


@pytest.mark.parametrize("name", ["stream", "value", "streamer_local_id"])
def test_missing_in_a_reading(name):
    """What a reading lacks is refused by name."""
    with pytest.raises(FieldError, match=f"reading 0: {name} is missing"):
        parse_report(without(name, "data"))


@pytest.mark.parametrize("bad", ["x", {}, 5])
def test_no_lists(bad):
    """What should be a list and is not is refused by its type."""
    with pytest.raises(FieldError, match="data is a .*; expected a list"):
        parse_report(changed(data=bad))


def test_bad_extra_data():
    """A summary that is no dictionary is refused with the place of its event."""
    with pytest.raises(FieldError, match="event 0: extra_data is 5"):
        parse_report(changed("events", extra_data=5))


def test_ids_that_disagree():
    """Ids that are not those of the items are refused with both, or marked on demand."""
    with pytest.raises(IdsError, match=r"\(7, 10\) as .* have \(7, 9\)"):
        parse_report(changed(highest_id=10))
    report = parse_report(changed(highest_id=10), verify=False)
    assert "7, 10" in report.flaw
    with pytest.raises(ValueError, match="failed its check"):
        report.encode_json()


@pytest.mark.parametrize("size", [1, 9, 100, -1])
def test_cut_msgpack(msgpack, size):
    """Msgpack that is cut short is refused as that."""
    with pytest.raises(LengthError, match="cut short"):
        parse_report(REPORT.encode()[:size])


def test_trailing_msgpack(msgpack):
    """Bytes after the map are refused with both sizes."""
    data = REPORT.encode()
    with pytest.raises(TrailingBytesError, match=f"{len(data)} bytes, there are {len(data) + 1}"):
        parse_report(data + b"\0")


@pytest.mark.parametrize("size", [1, 9, 100, -1])
def test_cut_json(size):
    """JSON that is cut short is refused as that."""
    with pytest.raises(LengthError, match="cut short"):
        parse_report(REPORT.encode_json()[:size])


def test_trailing_json():
    """Characters after the object are refused with the size that is right."""
    data = REPORT.encode_json()
    with pytest.raises(TrailingBytesError, match=f"{len(data)} characters, there are"):
        parse_report(data + b"x")


@pytest.mark.parametrize(
    "data", [b"{bad}", b'{"a": NaN}', b'{"a":' * 99999, b'{"\xff": 1}', b'{"a": 1,}'], ids=len
)
def test_bad_json(data):
    """JSON that is broken is refused."""
    with pytest.raises(FormatError, match="not readable"):
        parse_report(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x81\xa1a" + b"\x91" * 5000 + b"\1",  # deep
        b"\x81\xc1\xc1",  # no type
        b"\x81\x90\x90",  # a list as key
        b"\x81\xa1\xff\x01",  # no UTF-8
        b"\x81\xa6format\xd6\xff\0\0\0\0",  # a time of msgpack's own
        b"\x80",
    ],
    ids=len,
)
def test_bad_msgpack(msgpack, data):
    """Msgpack that is broken, or no report, is refused."""
    with pytest.raises(FormatError):
        parse_report(data)


def test_stated_size_takes_no_memory(msgpack):
    """A list that states more items than there are bytes is refused before it is made."""
    data = b"\x81\xa1a" + b"\xdd\x7f\xff\xff\xff" * 200
    with pytest.raises(LengthError):
        parse_report(data)


@pytest.mark.parametrize("time", [False, True])
def test_other_types_in_events(msgpack, time):
    """What JSON does not have is refused with the place of its event."""
    data, words = (msgpack.Timestamp(1), "type Timestamp") if time else ({1: 2}, "no text")
    content = {**CONTENT, "events": [{**CONTENT["events"][0], "data": data}]}
    with pytest.raises(FieldError, match=f"event 0: .*{words}"):
        parse_report(msgpack.packb(content))


@pytest.mark.parametrize("data", [object(), 1 << 70, "\ud800"])
def test_what_msgpack_cannot_say(msgpack, data):
    """An event with what msgpack does not have is not written."""
    report = FlexibleDictionaryReport.from_readings(1, [], events=[Event(1, data=data)])
    with pytest.raises(ValueError, match="msgpack has no room"):
        report.encode()


@pytest.mark.parametrize(("levels", "good"), [(90, True), (110, False), (700, False)])
def test_deep_events(levels, good):
    """Nesting that no writer can follow is refused with the place of its event."""
    text = changed("events", data="DEEP").replace(b'"DEEP"', b"[" * levels + b"]" * levels)
    if good:
        assert parse_report(parse_report(text).encode_json()) == parse_report(text)
        return
    with pytest.raises(FieldError, match="event 0: .*deeper than 100 levels"):
        parse_report(text)


def test_too_deep_for_json():
    """An event with deeper nesting than the writer of JSON follows is not written."""
    data: list = []
    for _ in range(50_000):
        data = [data]
    report = FlexibleDictionaryReport.from_readings(1, [], events=[Event(1, data=data)])
    with pytest.raises(ValueError, match="JSON has no room"):
        report.encode_json()


@pytest.mark.parametrize("data", [object(), float("nan")])
def test_what_json_cannot_say(data):
    """An event with what JSON does not have is not written."""
    report = FlexibleDictionaryReport.from_readings(1, [], events=[Event(1, data=data)])
    with pytest.raises(ValueError, match="JSON has no room for a value of an event"):
        report.encode_json()


def test_no_events():
    """What is no event cannot stand among the events."""
    with pytest.raises(ValueError, match="event 0 is 5; expected an Event"):
        FlexibleDictionaryReport.from_readings(1, [], events=[5])


# Properties

WORD = st.integers(0, 0xFFFFFFFF)
TIMES = st.none() | st.datetimes(timezones=st.just(timezone.utc))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1 << 63, (1 << 63) - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
STREAM = st.integers(0, 0xFFFF)
READINGS = st.builds(Reading, STREAM, st.integers(-1 << 63, (1 << 63) - 1), WORD, WORD, TIMES)
EVENTS = st.builds(
    Event, STREAM, st.none() | st.dictionaries(TEXT, JSON, max_size=2), JSON, WORD, WORD, TIMES
)
REPORTS = st.builds(
    FlexibleDictionaryReport.from_readings,
    st.integers(0, (1 << 48) - 1),
    st.lists(READINGS, max_size=4),
    events=st.lists(EVENTS, max_size=3),
    report_id=WORD,
    sent_timestamp=WORD,
    streamer_index=STREAM,
    selector=WORD,
)


@given(REPORTS)
def test_round_trip_by_json(report):
    """Whatever a report holds, its JSON is read back as the same report."""
    assert parse_report(report.encode_json()) == report


@given(REPORTS)
def test_round_trip_by_msgpack(report):
    """Whatever a report holds, its msgpack is read back as the same, and written the same."""
    pytest.importorskip("msgpack")
    data = report.encode()
    assert parse_report(data) == report
    assert parse_report(data).encode() == data


@given(st.data())
def test_junk_in_any_field(data):
    """Whatever stands in a field, it is a report or a ReportError, nothing else."""
    content = json.loads(json.dumps(CONTENT))
    place = data.draw(st.sampled_from([content, content["data"][0], content["events"][0]]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JSON)
    with contextlib.suppress(ReportError):
        assert parse_report(json.dumps(content).encode()).count <= 3
