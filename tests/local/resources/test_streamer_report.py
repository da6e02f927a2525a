"""Uploading device reports: what is acknowledged, what is stored, what is refused."""

from __future__ import annotations

import msgpack
import pytest

from iotile_cloud.streamer.signed_list import Reading, SignedListReport

STREAM = "s--0000-0001--0000-0000-0000-000a--5001"
STREAMER = "t--0000-0000-0000-000a--0000"
TIME = "2020-03-01T00:00:00Z"


def report(*readings, device=10, **more):
    options = {"report_id": 100, "sent_timestamp": 200, "selector": 0xD7FF, **more}
    return SignedListReport.from_readings(device, readings, **options).encode()


def readings(*ids):
    return [Reading(0x5001, 273150, raw_time=100 + number, reading_id=number) for number in ids]


def upload(client, content, name="r.bin", timestamp=TIME):
    query = {} if timestamp is None else {"timestamp": timestamp}
    return client.post("/streamer/report/", params=query, files={"file": (name, content)})


def stored(client, source=STREAM):
    query = {"filter": source, "start": "2020-02-01T00:00:00Z"}
    return client.get("/data/", params=query).json()["results"]


def last_id(client, slug=STREAMER):
    return client.get(f"/streamer/{slug}/").json()["last_id"]


def test_readings_are_stored(ann):
    """A report's readings are stored by the value rules, at the time they were taken."""
    reply = upload(ann, report(*readings(31, 32)))
    assert (reply.status_code, reply.json()) == (201, {"count": 2})
    first, second = stored(ann)
    assert (first["timestamp"], second["timestamp"]) == (
        "2020-02-29T23:58:51Z",
        "2020-02-29T23:58:52Z",
    )
    assert (first["value"], first["type"], first["status"]) == (273.15, "ITR", "cln")
    assert (first["device_timestamp"], first["streamer_local_id"]) == (131, 31)


def test_acknowledgement_rises(ann):
    """The streamer remembers the highest id and when the device started."""
    upload(ann, report(*readings(31, 40)))
    content = ann.get(f"/streamer/{STREAMER}/").json()
    assert content["last_id"] == 40
    assert content["last_reboot_ts"] == "2020-02-29T23:56:40Z"


def test_repeated_report_is_stored_once(ann):
    """The same report again is acknowledged with the same count, and changes nothing."""
    content = report(*readings(31, 32))
    upload(ann, content)
    assert upload(ann, content).json() == {"count": 2}
    assert len(stored(ann)) == 2


def test_overlapping_report_adds_what_is_new(ann):
    """Of a report that overlaps only the newer readings are stored."""
    upload(ann, report(*readings(31, 32)))
    upload(ann, report(*readings(32, 33)))
    assert [row["streamer_local_id"] for row in stored(ann)] == [31, 32, 33]


def test_record_of_a_report(ann):
    """Each upload leaves a record that says what was in it and what was new."""
    upload(ann, report(*readings(29, 31, 32)))
    record = ann.get(f"/streamer/{STREAMER}/report/").json()[0]
    assert (record["original_first_id"], record["original_last_id"]) == (29, 32)
    assert (record["actual_first_id"], record["actual_last_id"]) == (31, 32)
    assert (record["sent_timestamp"], record["device_sent_timestamp"]) == (TIME, 200)
    assert (record["incremental_id"], record["created_by"]) == (100, "ann")
    assert ann.get(f"/streamer/report/{record['id']}/").json() == record


def test_record_of_nothing_new(ann):
    """A report without anything new says so with zeros."""
    upload(ann, report(*readings(1, 2)))
    record = ann.get(f"/streamer/{STREAMER}/report/").json()[0]
    assert (record["actual_first_id"], record["actual_last_id"]) == (0, 0)


def test_records_are_listed_by_time(ann, client_of):
    """Reports are listed for their own people, and narrowed by the time they were sent."""
    upload(ann, report(*readings(31)))
    path = "/streamer/report/"
    assert ann.get(path, params={"start": TIME}).json()["count"] == 1
    assert ann.get(path, params={"end": TIME}).json()["count"] == 0
    assert ann.get(path, params={"start": "zzz"}).status_code == 400
    assert client_of("eve").get(path).json()["count"] == 0


def test_bad_report_key_is_400(ann):
    """A report's key is a UUID."""
    assert ann.get("/streamer/report/123/").status_code == 400


def test_new_streamer_is_made(ann):
    """A report of an unknown index makes its streamer."""
    upload(ann, report(*readings(1), streamer_index=3, selector=0x5FFF))
    content = ann.get("/streamer/t--0000-0000-0000-000a--0003/").json()
    assert (content["index"], content["selector"], content["last_id"]) == (3, 0x5FFF, 1)
    assert content["is_system"] is True


def test_reboots_of_user_streamers_are_dropped(ann):
    """A reboot row of a user streamer is not stored, but counts."""
    reboot = Reading(0x5C00, 0, raw_time=1, reading_id=31)
    assert upload(ann, report(reboot)).json() == {"count": 1}
    assert stored(ann, "s--0000-0001--0000-0000-0000-000a--5c00") == []
    assert last_id(ann) == 31


def test_whole_report_leaves_a_marker(ann):
    """After a report that brought something new there is a marker row."""
    upload(ann, report(*readings(31)))
    assert len(stored(ann, "s--0000-0001--0000-0000-0000-000a--5a05")) == 1


def test_absolute_time(ann):
    """A raw time with bit 31 counts from 2000."""
    upload(ann, report(Reading(0x5001, 1, raw_time=(1 << 31) | 634521600, reading_id=31)))
    assert stored(ann)[0]["timestamp"] == "2020-02-09T00:00:00Z"


def test_old_engine_refuses_the_user_selector(ann):
    """A device with the oldest engine acknowledges the user selector, and stores nothing."""
    content = report(*readings(1), device=15)
    assert upload(ann, content).json() == {"count": 1}
    assert last_id(ann, "t--0000-0000-0000-000f--0000") == 0


def test_empty_report(ann):
    """A report without readings is acknowledged."""
    assert upload(ann, report()).json() == {"count": 0}


def test_foreign_device_is_accepted(client_of):
    """Anybody uploads for any claimed device: the server does not check."""
    assert upload(client_of("eve"), report(*readings(31))).status_code == 201


@pytest.mark.parametrize(("device", "status"), [(0xFFF, 404), (13, 400)])
def test_unknown_or_unclaimed_device(ann, device, status):
    """The device must be there, and claimed."""
    assert upload(ann, report(*readings(1), device=device)).status_code == status


def test_missing_timestamp(ann):
    """The time of arrival must be said."""
    reply = upload(ann, report(), timestamp=None)
    assert (reply.status_code, reply.json()) == (400, {"error": "missing timestamp argument"})


@pytest.mark.parametrize("timestamp", ["zzz", "0001-01-01T00:00:00Z", "2020-09-13T14:00:00Z"])
def test_bad_timestamp_is_400(ann, timestamp):
    """A time that is none, too early, or in the future is refused."""
    content = report(*readings(31), sent_timestamp=0 if timestamp.startswith("2020") else 200)
    reply = upload(ann, content, timestamp=timestamp)
    assert reply.status_code == 400
    assert isinstance(reply.json(), list)


@pytest.mark.parametrize(
    "timestamp", ["2020-03-01T00:00:00", "2020-03-01T02:00:00+02:00", "2020-03-01T00:00:00.9Z"]
)
def test_forms_of_the_timestamp(ann, timestamp):
    """The time of arrival may be naive (UTC), have an offset, or a fraction."""
    assert upload(ann, report(*readings(31)), timestamp=timestamp).status_code == 201
    assert stored(ann)[0]["timestamp"] == "2020-02-29T23:58:51Z"


def test_report_on_which_the_server_breaks(ann):
    """Readings that their stream cannot take are acknowledged and lost, the whole report."""
    ann.patch(f"/stream/{STREAM}/", json={"raw_value_format": "<q"})
    other = Reading(0x500F, 1, raw_time=1, reading_id=2)
    assert upload(ann, report(*readings(1), other, streamer_index=3)).json() == {"count": 2}
    streamer = "t--0000-0000-0000-000a--0003"
    record = ann.get(f"/streamer/{streamer}/report/").json()[0]
    assert (record["original_last_id"], record["actual_last_id"]) == (2, None)
    assert last_id(ann, streamer) == 0
    assert stored(ann, "s--0000-0001--0000-0000-0000-000a--500f") == []


def test_chopped_report_has_another_marker(ann):
    """A report of the size at which a phone cuts is marked as chopped."""
    assert upload(ann, report(*readings(*range(31, 31 + 12285)))).status_code == 201
    assert len(stored(ann, "s--0000-0001--0000-0000-0000-000a--5a06")) == 1
    assert stored(ann, "s--0000-0001--0000-0000-0000-000a--5a05") == []


def test_nothing_new_leaves_no_marker(ann):
    """A report that brought nothing new has no marker."""
    upload(ann, report(*readings(1, 2)))
    assert stored(ann, "s--0000-0001--0000-0000-0000-000a--5a05") == []


def test_report_from_a_future_boot_is_400(ann):
    """A device may have started an hour ahead of the cloud's clock at most."""
    content = report(*readings(31), sent_timestamp=0)
    assert upload(ann, content, timestamp="2020-09-13T13:26:40Z").status_code == 201
    assert upload(ann, content, timestamp="2020-09-13T13:26:41Z").status_code == 400


def test_answer_in_msgpack(ann):
    """The resource answers msgpack to who asks for it."""
    reply = ann.get("/streamer/report/", headers={"Accept": "application/msgpack"})
    assert msgpack.unpackb(reply.content)["count"] == 0


def test_file_without_a_name_counts_as_not_sent(ann):
    """A file without a name, as a browser sends it when none was chosen, is a missing file."""
    reply = upload(ann, report(*readings(31)), name="")
    assert (reply.status_code, reply.json()) == (400, {"error": "missing request.data['file']"})
