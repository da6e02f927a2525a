"""Uploads on an embedded cloud: readings are stored once each, and the results tell the truth."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

pytest.importorskip("werkzeug")
pytest.importorskip("msgpack")

from iotile_cloud import Api
from iotile_cloud.api._session import CloudAdapter
from iotile_cloud.api.exceptions import (
    HttpAuthenticationError,
    HttpBadRequestError,
    HttpNotFoundError,
    HttpServerError,
    HttpTooManyRequestsError,
    HttpUnexpectedReplyError,
    TransportError,
)
from iotile_cloud.local import LocalCloud
from iotile_cloud.streamer import (
    BroadcastReport,
    FlexibleDictionaryReport,
    IndividualReadingReport,
    Reading,
    ReportError,
    SignedListReport,
)
from iotile_cloud.streamer.upload import file_time, upload_report, upload_reports

TIME = "2024-03-05T12:00:00Z"
SLUG = "t--0000-0000-0000-000a--0000"
REPORTS = "/streamer/report/"
OPEN = ("original_first_id", "original_last_id", "actual_first_id", "actual_last_id")
PROJECTS = {"acme": "00000000-0000-4000-8000-000000000001"}
PROJECTS["other"] = "00000000-0000-4000-8000-000000000002"


def _device(number, org, **more):
    slug = f"d--0000-0000-0000-{number:04x}"
    return {"id": number, "slug": slug, "org": org, "project": PROJECTS.get(org), **more}


def _org(name, user):
    member = {"user": user, "role": "a0", "is_active": True, "is_org_admin": True}
    return {"id": f"o-{name}", "name": name, "slug": name, "members": [member]}


def _user(number, slug):
    return {
        "id": number,
        "slug": slug,
        "username": slug,
        "email": f"{slug}@example.com",
        "password": "secret",
    }


DESCRIPTION = {
    "users": [_user(1, "ann"), _user(2, "eve")],
    "orgs": [_org("acme", "ann"), _org("other", "eve")],
    "projects": [
        {
            "id": PROJECTS[org],
            "gid": gid,
            "slug": f"p--0000-{gid:04x}",
            "name": org,
            "org": org,
        }
        for gid, org in ((1, "acme"), (2, "other"))
    ],
    "sensor_graphs": [{"slug": "old-v1", "report_processing_engine_ver": 0}],
    "devices": [
        _device(10, "acme"),
        _device(12, "other"),
        _device(13, None),
        _device(15, "acme", sg="old-v1"),
    ],
}


class Time:
    """A clock that a sleep moves on; `each` is called at every sleep."""

    def __init__(self):
        self.now, self.slept = 0.0, []
        self.each = lambda: None

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds
        self.each()

    def clock(self):
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def cloud():
    with LocalCloud(load=[DESCRIPTION]) as running:
        yield running


@pytest.fixture
def api_of(cloud):
    """Makes the `Api` of a user, which repeats its reads without waiting."""
    made = []

    def make(slug):
        api = Api(cloud.url)
        api.session.mount("http://", CloudAdapter(sleep=lambda seconds: None))
        store = cloud.engine.store
        api.set_token(cloud.engine.signer.issue(store.get("account", slug)))
        made.append(api)
        return api

    yield make
    for api in made:
        api.close()


@pytest.fixture
def api(api_of):
    return api_of("ann")


@pytest.fixture
def upload(api, time):
    """Uploads as Ann does, with waits that take no time."""

    def send(report, timestamp=TIME, by=api, **options):
        return upload_report(by, report, timestamp, sleep=time.sleep, clock=time.clock, **options)

    return send


def report(*ids, device=10, stream=0x5001, **more):
    """Return a report with a reading of each id."""
    options = {"report_id": max(ids, default=0) + 1, "sent_timestamp": 1000, "selector": 0xD7FF}
    readings = [Reading(stream, 100 + number, raw_time=number, reading_id=number) for number in ids]
    return SignedListReport.from_readings(device, readings, **{**options, **more})


def stored(cloud, stream="5001"):
    """Return the ids of the rows that the cloud holds, with how often it holds them."""
    slug = f"s--0000-0001--0000-0000-0000-000a--{stream}"
    with Api(cloud.url) as api:
        api.set_token(cloud.engine.signer.issue(cloud.engine.store.get("account", "ann")))
        return Counter(row["streamer_local_id"] for row in api.data.each(filter=slug))


def posts(cloud):
    """Return how many reports were sent to the cloud."""
    return sum(entry.method == "POST" for entry in cloud.log)


def once(*ids):
    return Counter(ids)


# -- a good day -----------------------------------------------------------------------------------


def test_report_is_stored(cloud, upload):
    """A report whose readings are all new is stored, and the result says so."""
    result = upload(report(1, 2, 3))
    assert (result.state, result.count, result.stored, result.sends) == ("stored", 3, 3, 1)
    assert (result.streamer, result.acknowledged, result.highest_id) == (SLUG, 3, 3)
    assert result.arrived
    assert stored(cloud) == once(1, 2, 3)


def test_result_names_the_record(api, upload):
    """The record of the upload can be looked up."""
    record = api.streamer.report(upload(report(1, 2)).record).get()
    assert (record["actual_first_id"], record["actual_last_id"]) == (1, 2)


def test_known_report_is_not_sent(cloud, upload):
    """When all of a report is acknowledged nothing is sent, and the result says so."""
    upload(report(1, 2))
    again = upload(report(1, 2))
    assert (again.state, again.stored, again.sends, again.acknowledged) == ("known", 0, 0, 2)
    assert again.arrived
    assert posts(cloud) == 1


def test_overlap_stores_what_is_new(cloud, upload):
    """Of a report that overlaps an earlier one the rest is stored, and counted."""
    upload(report(1, 2))
    result = upload(report(2, 3, 4))
    assert (result.state, result.count, result.stored) == ("partly stored", 3, 2)
    assert result.arrived
    assert stored(cloud) == once(1, 2, 3, 4)


def test_reboots_of_user_streams_are_not_counted(cloud, upload):
    """What the cloud drops on purpose is not said to be stored."""
    reboot = Reading(0x5C00, 0, raw_time=0, reading_id=1)
    other = Reading(0x5001, 1, raw_time=1, reading_id=2)
    mixed = SignedListReport.from_readings(10, [reboot, other], sent_timestamp=9, selector=0xD7FF)
    result = upload(mixed)
    assert (result.state, result.count, result.stored) == ("stored", 2, 1)
    assert stored(cloud, "5c00") == once()


def test_readings_without_an_id_are_not_called_stored(cloud, upload):
    """The cloud drops what has no id, and the result does not hide it."""
    result = upload(report(0, 1))
    assert (result.state, result.count, result.stored) == ("partly stored", 2, 1)
    assert stored(cloud) == once(1)


def test_empty_report_arrives(upload):
    """A report without readings is received."""
    result = upload(report())
    assert (result.state, result.count, result.stored, result.arrived) == ("stored", 0, 0, True)


def test_mock_cloud_is_followed_as_well(mock_cloud_private_nossl, upload):
    """A test suite that uploads to the mock cloud gets the same results."""
    url, cloud = mock_cloud_private_nossl
    cloud.quick_add_user()
    project, _ = cloud.quick_add_project()
    cloud.quick_add_device(project, 10, streamers=[2])
    with Api(url) as api:
        api.login(email="test@arch-iot.com", password="test")
        result = upload(report(2, 3), by=api)
        assert (result.state, result.stored, result.acknowledged) == ("partly stored", 1, 3)
        assert upload(report(2, 3), by=api).state == "known"


# -- what is sent ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report.bin", "report", "report.txt", "report.json"])
def test_name_of_the_file_does_not_matter(tmp_path, upload, name):
    """The content decides under which name, and so to which parser, a file goes."""
    path = tmp_path / name
    path.write_bytes(report(1).encode())
    assert upload(path).state == "stored"
    assert upload(str(path)).state == "known"


def test_bytes_and_open_files_are_uploaded(tmp_path, upload):
    """A report may also be given as bytes or as an open file."""
    (tmp_path / "r").write_bytes(report(2).encode())
    assert upload(report(1).encode()).state == "stored"
    with open(tmp_path / "r", "rb") as file:
        assert upload(file).state == "stored"


def flexible(**changes):
    """Return a flexible dictionary with one reading, as a program would write it."""
    reading = {"stream": "5001", "streamer_local_id": 1, "device_timestamp": 1, "value": 7}
    return {
        "format": "v100",
        "device": 10,
        "streamer_index": 1,
        "streamer_selector": 0xD7FF,
        "device_sent_timestamp": 1000,
        "incremental_id": 2,
        "lowest_id": 1,
        "highest_id": 1,
        "events": [],
        "data": [{**reading, "timestamp": None}],
        **changes,
    }


@pytest.mark.parametrize("form", ["json", "msgpack"])
def test_flexible_reports_go_to_their_parser(cloud, upload, form):
    """JSON and msgpack are told apart by their content."""
    pack = pytest.importorskip("msgpack").packb if form == "msgpack" else json.dumps
    content = pack(flexible())
    result = upload(content.encode() if isinstance(content, str) else content)
    assert (result.state, result.stored) == ("stored", 1)
    assert stored(cloud) == once(1)


def test_flexible_report_needs_no_extra(cloud, upload, monkeypatch):
    """A report that is an object goes as JSON, which every installation can write."""
    made = FlexibleDictionaryReport.from_readings(10, [Reading(0x5001, 7, reading_id=1)])
    monkeypatch.setitem(sys.modules, "msgpack", None)
    result = upload(made)
    assert (result.streamer, result.stored) == ("t--0000-0000-0000-000a--0100", 1)


def test_report_that_has_no_number(upload):
    """A flexible report may leave out which one it is, and its record is found all the same."""
    content = json.dumps(flexible(incremental_id=None)).encode()
    assert upload(content).state == "stored"


def test_old_engine_does_not_get_a_flexible_report(cloud, upload):
    """The server breaks on it, so it is not sent."""
    upload(report(1, device=15, streamer_index=1, selector=0x57FF))
    content = json.dumps(flexible(device=15, lowest_id=2, highest_id=2)).encode()
    content = content.replace(b'"streamer_local_id": 1', b'"streamer_local_id": 2')
    with pytest.raises(ReportError, match="engine 0"):
        upload(content)
    assert posts(cloud) == 1


@pytest.mark.parametrize("timestamp", ["2024-03-05T12:00:00.25", "2024-03-05T14:00:00.25+02:00"])
def test_time_of_arrival(api, upload, timestamp):
    """Text without a zone is UTC, with one it is converted; fractions stay."""
    result = upload(report(1), timestamp)
    assert (
        api.streamer.report(result.record).get()["sent_timestamp"] == "2024-03-05T12:00:00.250000Z"
    )


def test_time_of_arrival_may_be_a_datetime(api, upload):
    """A naive datetime is UTC."""
    result = upload(report(1), datetime(2024, 3, 5, 12))
    assert api.streamer.report(result.record).get()["sent_timestamp"] == TIME


def test_report_may_know_its_time_of_arrival(api, upload):
    """What the report says of its arrival holds when nothing else is said."""
    known = report(1, received=datetime(2024, 3, 5, 12))
    assert api.streamer.report(upload(known, None).record).get()["sent_timestamp"] == TIME


def test_time_of_arrival_is_now(api, upload):
    """A report of which nothing is known has just come in."""
    before = datetime.now(timezone.utc)
    text = api.streamer.report(upload(report(1), None).record).get()["sent_timestamp"]
    assert (
        before <= datetime.fromisoformat(text.replace("Z", "+00:00")) <= datetime.now(timezone.utc)
    )


def test_published_way_still_works(cloud, api, tmp_path):
    """`upload_file` sends a file as it always did."""
    path = tmp_path / "report.bin"
    path.write_bytes(report(1, 2).encode())
    assert api.streamer(action="report").upload_file(str(path), timestamp=TIME) == {"count": 2}
    assert stored(cloud) == once(1, 2)


# -- what is refused before anything is sent ------------------------------------------------------


def damaged():
    content = bytearray(report(1, 2).encode())
    content[30] ^= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (damaged(), "hash"),
        (report(1).encode()[:-1], "cut short"),
        (b"", "cut short|empty|no report|bytes"),
        (report(1).encode()[:16] + b"\x02" + report(1).encode()[17:], "device key"),
        (report(0, 0), "none of its 2 readings has an id"),
    ],
    ids=["damaged", "short", "empty", "signed", "no ids"],
)
def test_bad_report_is_not_sent(cloud, upload, source, words):
    """What the cloud could not take is refused here, with the reason."""
    with pytest.raises(ReportError, match=words):
        upload(source)
    assert not cloud.log


@pytest.mark.parametrize("kind", [BroadcastReport, IndividualReadingReport])
def test_report_of_another_kind(cloud, upload, kind):
    """Reports that are only for near-by use are not sent, with their kind as the reason."""
    with pytest.raises(ReportError, match=f"takes no {kind.__name__}"):
        upload(kind(10, [Reading(0x5001, 1)]))
    assert not cloud.log


def test_device_from_the_future(cloud, upload):
    """A device cannot have started in the future: the time of arrival is wrong."""
    late = datetime.now(timezone.utc) + timedelta(hours=2)
    with pytest.raises(ValueError, match="would have started in the future"):
        upload(report(1), late)
    assert not cloud.log


def test_time_that_is_none(cloud, upload):
    """A text that is no time is refused; the server would break on it."""
    with pytest.raises(ValueError, match="not a time: 'soon'"):
        upload(report(1), "soon")
    assert not cloud.log


def test_missing_file(upload, tmp_path):
    """A file that is not there is said not to be there."""
    with pytest.raises(FileNotFoundError):
        upload(tmp_path / "absent.bin")


# -- refusals of the cloud ------------------------------------------------------------------------


def test_unknown_device(upload):
    """The error names the device."""
    with pytest.raises(HttpNotFoundError, match="no device d--0000-0000-0000-0fff"):
        upload(report(1, device=0xFFF))


def test_unclaimed_device(upload):
    """The error has the server's words."""
    with pytest.raises(HttpBadRequestError, match="has not been claimed"):
        upload(report(1, device=13))


def test_foreign_device_is_not_shown(api_of, time, upload):
    """Anybody may upload, but is not shown what became of it."""
    result = upload(report(1), by=api_of("eve"))
    assert (result.state, result.stored, result.acknowledged) == ("unseen", None, None)
    assert (result.count, result.arrived) == (1, False)
    assert time.slept == []  # waiting would show no more


def test_token_that_ended(cloud, upload):
    """Nothing is sent with a token that has ended."""
    cloud.faults.add(expire_tokens=True, times=1)
    with pytest.raises(HttpAuthenticationError):
        upload(report(1))
    assert posts(cloud) == 0


def test_token_that_ends_before_the_report_is_sent(cloud, upload):
    """The refused report is not stored, and the error says why."""
    cloud.faults.add(REPORTS, method="POST", expire_tokens=True)
    with pytest.raises(HttpAuthenticationError):
        upload(report(1))
    assert stored(cloud) == once()


def test_token_that_ends_after_the_report_was_sent(cloud, upload):
    """The report was received, and more is not to be seen."""
    cloud.faults.add(REPORTS, method="GET", skip=1, expire_tokens=True)
    result = upload(report(1))
    assert (result.state, result.stored, result.arrived) == ("unseen", None, False)
    assert isinstance(result.problem, HttpAuthenticationError)
    assert stored(cloud) == once(1)


def test_server_that_breaks(cloud, upload):
    """A 500 is final: it would come again."""
    cloud.faults.add(REPORTS, method="POST", status=500)
    with pytest.raises(HttpServerError):
        upload(report(1))
    assert posts(cloud) == 1


def test_page_of_somebody_else_is_no_receipt(cloud, upload):
    """A 2xx with a page, such as of a login portal, does not pass for a receipt."""
    cloud.faults.add(REPORTS, method="POST", status=200)
    with pytest.raises(HttpUnexpectedReplyError, match="a receipt was expected"):
        upload(report(1))


def test_page_of_somebody_else_is_no_streamer(cloud, upload):
    """Nothing is sent to a server that does not answer like the cloud."""
    cloud.faults.add("/streamer/*/", skip=1, status=200)
    with pytest.raises(HttpUnexpectedReplyError, match="a streamer was expected"):
        upload(report(1))
    assert posts(cloud) == 0


# -- replies that are lost ------------------------------------------------------------------------


def test_lost_reply(cloud, upload):
    """A report that arrived although its reply did not is not sent again."""
    cloud.faults.add(REPORTS, method="POST", cut="reply", times=1)
    result = upload(report(1, 2))
    assert (result.state, result.count, result.stored, result.sends) == ("stored", 2, 2, 1)
    assert posts(cloud) == 1
    assert stored(cloud) == once(1, 2)


@pytest.mark.parametrize("fault", [{"cut": "reply"}, {"delay": 30}], ids=["cut", "late"])
def test_last_failure_is_followed_by_a_look(cloud, api, upload, fault):
    """Also without time for another try the cloud is asked what arrived."""
    cloud.faults.add(REPORTS, method="POST", **fault)
    with Api(cloud.url, timeout=0.2) as hurried:
        hurried.set_token(api.token)
        result = upload(report(1, 2), by=hurried, wait=0)
    assert (result.state, result.stored, result.sends) == ("stored", 2, 1)


def test_lost_report_of_a_foreign_device(cloud, api_of, upload):
    """Where nothing can be seen a report whose reply is lost is sent again."""
    cloud.faults.add(REPORTS, method="POST", cut="before", times=1)
    result = upload(report(1, device=12), by=api_of("ann"))
    assert (result.state, result.sends) == ("unseen", 2)


def test_lost_report(cloud, upload):
    """A report that did not arrive is sent again."""
    cloud.faults.add(REPORTS, method="POST", cut="before", times=1)
    result = upload(report(1, 2))
    assert (result.state, result.stored, result.sends) == ("stored", 2, 2)
    assert stored(cloud) == once(1, 2)


def test_lost_reply_and_lost_look(cloud, upload):
    """When the cloud cannot be asked either the report is sent again, and stored once.

    Two records are there then, and which of them is ours it cannot know.
    """
    cloud.faults.add(REPORTS, method="POST", cut="reply", times=1)
    cloud.faults.add("/streamer/**", method="GET", skip=2, times=4, status=503)
    result = upload(report(1, 2))
    assert (result.state, result.stored, result.sends) == ("stored", None, 2)
    assert stored(cloud) == once(1, 2)


def test_lost_reply_and_a_token_that_ended(cloud, upload):
    """When it cannot be seen whether a report arrived, the error says so, and nothing is lost."""
    cloud.faults.add(REPORTS, method="POST", cut="reply", times=1)
    cloud.faults.add(REPORTS, method="GET", skip=1, expire_tokens=True)
    with pytest.raises(HttpAuthenticationError) as caught:
        upload(report(1, 2))
    assert isinstance(caught.value.__context__, TransportError)
    assert stored(cloud) == once(1, 2)


def test_damaged_looks(cloud, upload):
    """What a look brings may be damaged: the next one shows more."""
    cloud.faults.add("/streamer/*/", method="GET", skip=1, times=2, truncate=0.5)
    assert upload(report(1)).state == "stored"


def test_damaged_receipt(cloud, upload):
    """A receipt that cannot be read is as good as lost."""
    cloud.faults.add(REPORTS, method="POST", truncate=0.5, times=1)
    result = upload(report(1, 2))
    assert (result.state, result.count, result.stored, result.sends) == ("stored", 2, 2, 1)


def test_record_is_no_proof(cloud, api, upload):
    """A record that stays of a failed upload is not taken for the report, which is sent again."""
    store, first = cloud.engine.store, upload(report(1))
    shape = store.get("streamer/report", first.record)
    cloud.faults.add(REPORTS, method="POST", cut="before", times=1)

    def leave(method, url):
        if method == "POST" and posts(cloud) == 1:
            empty = {**shape, **dict.fromkeys(OPEN), "incremental_id": 3}
            store.put("streamer/report", {**empty, "id": "00000000-0000-4000-8000-000000000009"})

    with Api(cloud.url, on_request=leave) as api_with_hook:
        api_with_hook.set_token(api.token)
        result = upload(report(1, 2), by=api_with_hook)
    assert (result.state, result.sends, result.arrived) == ("partly stored", 2, True)
    assert stored(cloud) == once(1, 2)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_busy_server_gets_it_again(cloud, upload, status):
    """After a status that stands for "not now" the report is sent again."""
    cloud.faults.add(REPORTS, method="POST", status=status, times=2)
    result = upload(report(1))
    assert (result.state, result.stored, result.sends) == ("stored", 1, 3)


def test_server_that_asks_for_a_pause_gets_it(cloud, time, upload):
    """Retry-After is kept."""
    cloud.faults.add(REPORTS, method="POST", status=503, retry_after=30, times=1)
    assert upload(report(1)).state == "stored"
    assert time.slept == [30]


def test_server_that_asks_for_too_long_a_pause(cloud, time, upload):
    """A pause beyond the wait is not begun."""
    cloud.faults.add(REPORTS, method="POST", status=429, retry_after=3600)
    with pytest.raises(HttpTooManyRequestsError):
        upload(report(1))
    assert time.slept == []


def test_outage_that_does_not_end(cloud, upload):
    """After some tries the error is raised; another upload finds out what arrived."""
    fault = cloud.faults.add(REPORTS, method="POST", cut="before")
    with pytest.raises(TransportError):
        upload(report(1))
    assert fault.struck == 4
    cloud.faults.clear()
    assert upload(report(1)).state == "stored"


def test_without_a_wait_there_is_one_try(cloud, time, upload):
    """`wait=0` never waits."""
    cloud.faults.add(REPORTS, method="POST", status=503)
    with pytest.raises(HttpServerError):
        upload(report(1), wait=0)
    assert (posts(cloud), time.slept) == (1, [])


# -- a cloud that takes its time ------------------------------------------------------------------


@pytest.fixture
def slow(cloud, time, api_of):
    """Makes the cloud show what it stored only some sleeps after the receipt."""

    def show_later(sleeps):
        store = cloud.engine.store
        held = []

        def hold(response):
            if response.request.method == "POST":
                (record,) = store.all("streamer/report")
                held.extend(
                    [("streamer/report", record), ("streamer", store.get("streamer", SLUG))]
                )
                store.put("streamer/report", {**record, **dict.fromkeys(OPEN)})
                store.put("streamer", {**held[1][1], "last_id": 0})

        def release():
            if len(time.slept) == sleeps:
                for kind, record in held:
                    store.put(kind, record)

        time.each = release
        api = api_of("ann")
        with_hook = Api(cloud.url, on_response=hold)
        with_hook.set_token(api.token)
        return with_hook

    return show_later


def test_receipt_is_not_taken_for_storage(slow, time, upload):
    """The result waits until the cloud has stored the report."""
    with slow(3) as api:
        result = upload(report(1, 2), by=api)
    assert (result.state, result.stored) == ("stored", 2)
    assert time.slept == [0.25, 0.5, 1]


def test_wait_ends(slow, time, upload):
    """A report that is not stored by then is not said to be."""
    with slow(99) as api:
        result = upload(report(1, 2), by=api, wait=5)
    assert (result.state, result.stored, result.arrived) == ("timed out", None, False)
    assert sum(time.slept) == 5


def test_content_that_is_lost(upload, time):
    """What the server reads and then breaks on is acknowledged and lost, and the result says so."""
    result = upload(report(1, device=15))  # whose engine refuses this selector
    assert (result.state, result.count, result.arrived) == ("not stored", 1, False)
    assert sum(time.slept) == 60


def test_pause_asked_for_while_following(cloud, time, upload):
    """A server that asks not to be asked so soon gets its pause."""
    cloud.faults.add("/streamer/**", method="GET", skip=2, times=4, status=503, retry_after=30)
    assert upload(report(1)).state == "stored"
    assert time.slept == [30]


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[]", b'{"results": [1]}', b'{"results": [{}]}', b'{"last_id": "9"}', b"null"],
)
def test_looks_that_make_no_sense(cloud, api, time, upload, body):
    """What is no answer of the cloud ends with the wait, and as what it is."""

    def garble(response):
        if posts(cloud) and response.request.method == "GET":
            response._content = body

    with Api(cloud.url, on_response=garble) as other:
        other.set_token(api.token)
        result = upload(report(1), by=other)
    assert (result.state, result.stored, result.arrived) == ("unseen", None, False)
    assert isinstance(result.problem, HttpUnexpectedReplyError)
    assert sum(time.slept) == 60


def test_outage_while_following(cloud, upload):
    """A cloud that cannot be asked for a while is asked again."""
    cloud.faults.add("/streamer/**", method="GET", skip=2, times=6, status=503)
    assert upload(report(1)).state == "stored"


# -- several uploaders ----------------------------------------------------------------------------


def at_once(*calls):
    """Return what the calls return that threads make at the same time."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(at, call):
        barrier.wait()
        results[at] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_uploaders_at_once(cloud, api_of):
    """Each reading is stored once, and the shares of the two add up to all."""
    first, second = api_of("ann"), api_of("ann")
    both = report(*range(1, 41))
    results = at_once(
        lambda: upload_report(first, both, "2024-03-05T12:00:00Z"),
        lambda: upload_report(second, both, "2024-03-05T12:00:01Z"),
    )
    assert stored(cloud) == once(*range(1, 41))
    assert sorted(result.state for result in results) == ["known", "stored"]
    assert sum(result.stored for result in results) == 40
    assert all(result.arrived for result in results)


def test_the_same_upload_by_two_at_once(cloud, api_of):
    """Each reading is stored once, nobody claims what the other did, and both know that it came."""
    first, second = api_of("ann"), api_of("ann")
    both = report(*range(1, 41))
    results = at_once(
        lambda: upload_report(first, both, TIME), lambda: upload_report(second, both, TIME)
    )
    assert stored(cloud) == once(*range(1, 41))
    assert all(result.arrived for result in results)
    assert sum(result.stored or 0 for result in results) <= 40


def test_equal_upload_while_ours_is_lost(cloud, api_of, upload):
    """Who sent again does not claim what the equal upload of somebody else stored meanwhile."""
    other = api_of("ann")
    cloud.faults.add(REPORTS, method="POST", cut="before", times=1)

    def meanwhile(method, url):
        if method == "POST" and posts(cloud) == 1:
            upload(report(1, 2), by=other)

    with Api(cloud.url, on_request=meanwhile) as api:
        api.set_token(other.token)
        result = upload(report(1, 2), by=api)
    assert (result.state, result.stored, result.sends) == ("stored", None, 2)
    assert stored(cloud) == once(1, 2)


def test_equal_uploads_at_once(cloud, api_of, upload):
    """When two records of equal uploads cannot be told apart no share is claimed."""
    other = api_of("ann")

    def meanwhile(method, url):
        if method == "POST" and posts(cloud) == 0:
            upload(report(1, 2), by=other)

    with Api(cloud.url, on_request=meanwhile) as api:
        api.set_token(other.token)
        result = upload(report(1, 2), by=api)
    assert (result.state, result.stored, result.record) == ("stored", None, None)
    assert stored(cloud) == once(1, 2)


def test_other_uploader_is_first(cloud, api_of, upload):
    """Who comes second learns that nothing of his was new."""
    other = api_of("ann")

    def meanwhile(method, url):
        if method == "POST" and posts(cloud) == 0:
            upload(report(1, 2), "2024-03-05T11:00:00Z", by=other)

    with Api(cloud.url, on_request=meanwhile) as api:
        api.set_token(other.token)
        result = upload(report(1, 2, 3), by=api)
    assert (result.state, result.stored) == ("partly stored", 1)
    assert stored(cloud) == once(1, 2, 3)


# -- many files -----------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path):
    """Writes reports to files and returns the paths, in the order given."""

    def write(**contents):
        paths = []
        for name, content in contents.items():
            path = tmp_path / f"{name}.bin"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths.append(path)
        return paths

    return write


@pytest.fixture
def upload_all(api, time):
    def send(paths, timestamp=TIME, **options):
        return upload_reports(api, paths, timestamp, sleep=time.sleep, clock=time.clock, **options)

    return send


def named(found):
    """Return a dict by path with the bare names of the files."""
    return {path.rpartition("/")[2][:-4]: value for path, value in found.items()}


def states(uploads):
    return {name: result.state for name, result in named(uploads.results).items()}


def test_reports_go_by_their_ids(cloud, files, upload_all):
    """Whatever their order, no report makes the cloud drop another."""
    uploads = upload_all(files(late=report(5, 6), early=report(1, 2), middle=report(3, 4)))
    assert states(uploads) == dict.fromkeys(["late", "early", "middle"], "stored")
    assert list(named(uploads.results)) == ["late", "early", "middle"]
    assert uploads.arrived
    assert stored(cloud) == once(1, 2, 3, 4, 5, 6)


def test_nothing_is_sent_twice(cloud, files, upload_all):
    """A directory that was uploaded is recognised."""
    paths = files(a=report(1, 2), b=report(3))
    upload_all(paths)
    uploads = upload_all(paths)
    assert states(uploads) == {"a": "known", "b": "known"}
    assert posts(cloud) == 2


def test_damaged_file_ends_before_anything_is_sent(cloud, files, upload_all):
    """With `errors="raise"` all files are read before the first is sent."""
    paths = files(a=report(1), b=damaged())
    with pytest.raises(ReportError, match="hash") as caught:
        upload_all(paths)
    assert caught.value.uploads.results == {}
    assert not cloud.log


def test_errors_are_collected(cloud, files, upload_all, tmp_path):
    """With `errors="collect"` each path is either in the results or in the errors."""
    paths = files(a=report(1), b=damaged(), c=report(2, device=0xFFF), d=report(1, device=13))
    paths.append(tmp_path / "absent.bin")
    uploads = upload_all(paths, errors="collect")
    assert states(uploads) == {"a": "stored"}
    kinds = {name: type(error) for name, error in named(uploads.errors).items()}
    assert list(kinds) == ["b", "c", "d", "absent"]
    assert issubclass(kinds["b"], ReportError)
    assert kinds["c"] is HttpNotFoundError
    assert kinds["d"] is HttpBadRequestError
    assert kinds["absent"] is FileNotFoundError
    assert not uploads.arrived


def test_error_tells_of_those_before(cloud, files, upload_all):
    """The error that ends it brings the results so far."""
    with pytest.raises(HttpNotFoundError) as caught:
        upload_all(files(b=report(2, device=0xFFF), a=report(1)))
    assert states(caught.value.uploads) == {"a": "stored"}


def test_interruption_tells_of_those_before(slow, files, time):
    """After Ctrl-C it can still be told what arrived."""

    def interrupt():
        raise KeyboardInterrupt

    with slow(99) as api:
        time.each = interrupt
        paths = files(a=report(1), b=damaged())
        with pytest.raises(KeyboardInterrupt) as caught:
            upload_reports(api, paths, TIME, errors="collect", sleep=time.sleep, clock=time.clock)
    assert list(named(caught.value.uploads.errors)) == ["b"]


def test_later_reports_are_held_back(cloud, files, upload_all):
    """Behind a report that failed its streamer's later ones wait, or it could never be stored."""
    cloud.faults.add(REPORTS, method="POST", status=500, times=1)
    other = report(1, streamer_index=1)
    paths = files(a=report(1, 2), b=report(3, 4), other=other)
    uploads = upload_all(paths, errors="collect")
    assert states(uploads) == {"b": "held back", "other": "stored"}
    assert list(named(uploads.errors)) == ["a"]
    assert states(upload_all(paths)) == {"a": "stored", "b": "stored", "other": "known"}
    assert stored(cloud) == Counter({1: 2, 2: 1, 3: 1, 4: 1})  # id 1 is of two streamers


def test_reports_behind_a_lost_one_are_held_back(files, upload_all):
    """The same holds behind a report that was acknowledged and lost."""
    lost = report(1, device=15)
    good = report(2, device=15, selector=0x57FF)
    assert states(upload_all(files(a=lost, b=good))) == {"a": "not stored", "b": "held back"}


def test_reports_of_foreign_devices_go_on(api_of, files, time):
    """A gateway that is shown nothing hands over all its reports."""
    paths = files(a=report(1), b=report(2))
    uploads = upload_reports(api_of("eve"), paths, TIME, sleep=time.sleep, clock=time.clock)
    assert states(uploads) == {"a": "unseen", "b": "unseen"}


def test_time_of_each_file(api, files, upload_all):
    """A function tells when the report in a file came in."""
    paths = files(a=report(1), b=report(2))
    times = {"a": "2024-03-05T12:00:00Z", "b": "2024-03-06T12:00:00Z"}
    uploads = upload_all(paths, lambda path: times[path[-5]])
    found = {
        name: api.streamer.report(result.record).get()["sent_timestamp"]
        for name, result in named(uploads.results).items()
    }
    assert found == times


def test_file_time(files):
    """The time of a file is that of its last change, in UTC."""
    (path,) = files(a=report(1))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert file_time(path) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)


def test_one_path_needs_no_list(files, upload_all):
    """A single path is not taken for a list of letters."""
    (path,) = files(a=report(1))
    assert states(upload_all(str(path))) == {"a": "stored"}


def test_unknown_way_with_errors(upload_all):
    """The message names the two ways."""
    with pytest.raises(ValueError, match="'raise' or 'collect'"):
        upload_all([], errors="ignore")
