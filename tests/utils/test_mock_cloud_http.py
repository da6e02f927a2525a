"""What the mock cloud answers, to our own client and to bare requests."""

from __future__ import annotations

import io
import json
import re
import struct

import pytest
import requests

pytest.importorskip("werkzeug")

from iotile_cloud import Api, StreamData, StreamRawData
from iotile_cloud.api.exceptions import HttpClientError, HttpNotFoundError
from iotile_cloud.streamer.signed_list import Reading, SignedListReport

STREAM = "s--0000-0001--0000-0000-0000-0001--5001"
OTHER = "s--0000-0001--0000-0000-0000-0001--5002"
DEVICE = "d--0000-0000-0000-0001"
TOKEN = {"Authorization": "jwt JWT_USER"}
WHEN = "2018-01-20T00:00:00Z"


@pytest.fixture
def served(mock_cloud_private_nossl):
    """The address and the cloud, with a user, a project and two devices."""
    _, cloud = mock_cloud_private_nossl
    cloud.quick_add_user()
    project, _ = cloud.quick_add_project()
    cloud.quick_add_device(project, 1, streamers=[10])
    cloud.quick_add_device(project, 2)
    return mock_cloud_private_nossl


@pytest.fixture
def cloud(served):
    return served[1]


@pytest.fixture
def url(served):
    return served[0] + "/api/v1/"


@pytest.fixture
def api(served):
    with Api(served[0]) as api:
        api.login("test", "test@arch-iot.com")
        yield api


@pytest.fixture
def folder(cloud, tmp_path):
    """A stream folder with one stream in JSON, one in CSV and an event."""
    points = [{"timestamp": f"2018-01-0{n}T00:00:00Z", "value": n, "x": "kept"} for n in (1, 2)]
    (tmp_path / f"{STREAM}.json").write_text(json.dumps(points))
    (tmp_path / f"{OTHER}.csv").write_text(f'"{WHEN}", 5\n"{WHEN}", -7\n')
    (tmp_path / "event_7.json").write_text('{"acc": [1, 2]}')
    (tmp_path / "variable_types").mkdir()
    (tmp_path / "variable_types" / "temp.json").write_text('{"slug": "temp"}')
    cloud.streams[STREAM] = {"slug": STREAM, "device": DEVICE, "project": "p--0000-0001"}
    cloud.stream_folder = str(tmp_path)
    return tmp_path


# Logins and the token


def test_login_answers_exactly_the_address_and_the_token(url):
    """The body has two fields."""
    body = {"email": "test@arch-iot.com", "password": "test"}
    reply = requests.post(url + "auth/login/", json=body, timeout=5)
    assert reply.status_code == 200
    assert reply.json() == {"username": "test@arch-iot.com", "jwt": "JWT_USER"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"email": "test@arch-iot.com", "password": "x"}', 401),
        ('{"email": "nobody", "password": "test"}', 401),
        ('{"email": "test@arch-iot.com"}', 400),
        ('{"email": 5, "password": []}', 400),
        ("[]", 400),
        ("{", 400),
        ("", 400),
    ],
)
def test_bad_login_is_refused(url, body, status):
    """Wrong credentials are a 401, a broken body is a 400 and no 500."""
    assert requests.post(url + "auth/login/", data=body, timeout=5).status_code == status


def test_client_logs_in_renews_its_token_and_logs_out(served):
    """The whole life of a session works."""
    with Api(served[0]) as api:
        assert not api.login("wrong", "test@arch-iot.com")
        assert api.login("test", "test@arch-iot.com")
        assert (api.username, api.token) == ("test@arch-iot.com", "JWT_USER")
        assert api.refresh_token()
        assert api.account.get()["results"][0]["email"] == "test@arch-iot.com"
        api.logout()
        assert api.token is None


def test_another_token_is_not_renewed(url):
    """Only the one token counts."""
    reply = requests.post(url + "auth/api-jwt-refresh/", json={"token": "x"}, timeout=5)
    assert reply.status_code == 400


@pytest.mark.parametrize("path", ["account/", f"device/{DEVICE}/", f"device/{DEVICE}/extra/"])
@pytest.mark.parametrize("header", [{}, {"Authorization": "jwt X"}, {"Authorization": "Api-Key X"}])
def test_single_objects_need_the_token(url, path, header):
    """So does the account."""
    assert requests.get(url + path, headers=header, timeout=5).status_code == 401
    assert requests.get(url + path, headers=TOKEN, timeout=5).status_code == 200


@pytest.mark.parametrize("path", ["device/", "data/", "df/", "streamer/report/", "server/"])
def test_listings_and_readings_need_no_token(url, path):
    """As the mock always was."""
    assert requests.get(url + path, timeout=5).status_code == 200


# Records


def test_what_is_served_is_what_the_dictionaries_hold(api, cloud):
    """A record is the very dictionary, and a listing is all of them."""
    fleet = cloud.quick_add_fleet([1], fleet_slug=4)
    assert api.fleet(fleet).get() == cloud.fleets[fleet]
    assert api.device(DEVICE).get() == cloud.devices[DEVICE]
    assert api.device.get()["results"] == list(cloud.devices.values())
    [project] = cloud.projects
    assert api.project(project).get() == cloud.projects[project]
    assert api.org("quick-test-org").get() == cloud.orgs["quick-test-org"]
    cloud.events[7] = {"id": 7}
    assert api.event(7).get() == {"id": 7}
    cloud.devices[DEVICE]["label"] = "Changed by the test"
    assert api.device(DEVICE).get()["label"] == "Changed by the test"


def test_every_dictionary_is_listed_and_read(api, cloud):
    """Each has its resource."""
    cloud.quick_add_sg()
    cloud.quick_add_dt()
    cloud.quick_add_ota_device_info(1)
    cloud.datablocks["b--0001-0000-0000-0001"] = {"slug": "b--0001-0000-0000-0001"}
    for resource, held in [
        (api.sg, cloud.sgs),
        (api.dt, cloud.dts),
        (api.datablock, cloud.datablocks),
        (api.streamer, cloud.streamers),
        (api.ota.device, cloud.ota_devices),
    ]:
        [(key, record)] = held.items()
        assert resource.get()["results"] == [record]
        assert resource(key).get() == record


def test_patch_changes_the_dictionary(api, cloud):
    """In place: who holds the record sees the change."""
    held = cloud.devices[DEVICE]
    assert api.device(DEVICE).patch({"label": "New"})["label"] == "New"
    assert held["label"] == "New"


@pytest.mark.parametrize("body", ['{"labell": "x"}', "[]", "5", "{", '{"label": NaN}'])
def test_patch_of_something_else_is_refused(url, cloud, body):
    """An unknown field, or no object at all, is a 400 and changes nothing."""
    before = dict(cloud.devices[DEVICE])
    headers = {**TOKEN, "Content-Type": "application/json"}
    reply = requests.patch(f"{url}device/{DEVICE}/", data=body, headers=headers, timeout=5)
    assert reply.status_code == 400
    assert cloud.devices[DEVICE] == before


def test_longer_path_is_answered_by_what_it_begins_with(api, cloud):
    """Tests of clients came to depend on it."""
    assert api.device(DEVICE).key.get(type="X") == cloud.devices[DEVICE]
    assert api.device(DEVICE).a.b.get() == cloud.devices[DEVICE]


@pytest.mark.parametrize(
    ("path", "field"),
    [("device", "count"), (f"device/{DEVICE}", "gid"), (f"device/{DEVICE}/extra", "stream_counts")],
)
def test_slash_at_the_end_may_be_missing(url, path, field):
    """The path means the same without, and is not taken for a longer one."""
    reply = requests.get(url + path, headers=TOKEN, timeout=5, allow_redirects=False)
    assert field in reply.json()


def test_shorter_paths_have_their_own_routes(api, cloud):
    """The longer path does not hide the routes that are there."""
    cloud.quick_add_fleet([(1, True, False)], fleet_slug=1)
    assert api.fleet(1).devices.get()["results"] == [
        {"device": DEVICE, "always_on": False, "is_access_point": True}
    ]
    assert api.org("quick-test-org").projects.get()["results"] == list(cloud.projects.values())


def test_listings_have_pages_with_links(api, cloud):
    """`next` and `previous` are set, and end."""
    cloud.quick_add_device(next(iter(cloud.projects)), 3)
    first = api.device.get(page_size=2)
    assert first["count"] == 3
    assert first["previous"] is None
    assert first["next"].endswith("/api/v1/device/?page=2&page_size=2")
    second = api.device.get(page_size=2, page=2)
    assert (len(second["results"]), second["next"]) == (1, None)
    assert [device["id"] for device in api.device.each(page_size=2)] == [1, 2, 3]


def test_page_has_a_hundred_rows(api, cloud):
    """As long as nothing else is asked."""
    cloud.sgs.update({str(n): {"slug": str(n)} for n in range(101)})
    assert len(api.sg.get()["results"]) == 100
    assert len(list(api.sg.each())) == 101


def test_listings_are_filtered(api, cloud):
    """Devices by project, fleets and streamers by device."""
    other, _ = cloud.quick_add_project()
    cloud.quick_add_device(other, 3)
    cloud.quick_add_fleet([1], fleet_slug=1)
    cloud.quick_add_fleet([2], fleet_slug=2)
    cloud.quick_add_streamer(2, 0, 5)
    assert [d["id"] for d in api.device.get(project=other)["results"]] == [3]
    assert [f["slug"] for f in api.fleet.get(device="d--0002")["results"]] == [2]
    assert [s["last_id"] for s in api.streamer.get(device=DEVICE)["results"]] == [10]
    assert api.streamer.get(device="nonsense")["results"] == []


def test_streams_are_listed_for_a_device_project_or_block_only(api, cloud):
    """Without one of them the listing is empty."""
    cloud.projects["u-u"] = {"id": "u-u", "slug": "p--0000-0001"}
    block = "s--0000-0000--0001-0000-0000-0001--5001"
    cloud.streams.update({slug: {"slug": slug} for slug in (STREAM, OTHER, block)})
    slugs = lambda **args: [s["slug"] for s in api.stream.get(**args)["results"]]  # noqa: E731
    assert slugs() == []
    assert slugs(device="d--0001") == slugs(project="p--0000-0001") == [STREAM, OTHER]
    assert slugs(project="u-u") == [STREAM, OTHER]
    assert slugs(block="b--0001-0000-0000-0001") == [block]


def test_events_and_properties_are_listed_for_their_source_only(api, cloud):
    """Events by stream or device, properties by target."""
    cloud.events.update({1: {"id": 1, "stream": STREAM}, 2: {"id": 2, "stream": OTHER}})
    cloud.properties["Region"] = {"name": "Region", "target": DEVICE}
    assert api.event.get()["results"] == api.property.get()["results"] == []
    assert [event["id"] for event in api.event.get(filter=OTHER)["results"]] == [2]
    assert [event["id"] for event in api.event.get(filter=DEVICE)["results"]] == [1, 2]
    assert api.property.get(target=DEVICE)["results"] == [cloud.properties["Region"]]
    assert api.property.get(target="d--2")["results"] == []


@pytest.mark.parametrize("key", ["d--0009", "1", "99999999999999999999", "é", "%00", "a/../b"])
def test_unknown_record_is_a_client_error(url, key):
    """Whatever the key looks like."""
    status = requests.get(f"{url}device/{key}/", headers=TOKEN, timeout=5).status_code
    assert status in (400, 404)


def test_requests_and_unknown_paths_are_counted(served, api):
    """An unknown path is a 404 and counts twice; an unknown record is no such error."""
    domain, cloud = served
    before = cloud.request_count
    with pytest.raises(HttpNotFoundError):
        api.nothing.get()
    with pytest.raises(HttpNotFoundError):
        api.device("d--0009").get()
    assert requests.get(domain + "/", timeout=5).status_code == 404
    assert cloud.request_count == before + 3
    assert cloud.error_count == 2


def test_a_test_may_add_a_route(api, cloud):
    """`apis` is what is looked at for each request."""
    from iotile_cloud.local.fields import Route
    from iotile_cloud.local.messages import json_reply

    route = Route("/mine/<key>/", {"GET": lambda call: json_reply(call.path["key"])}, access="open")
    cloud.apis.append(route)
    try:
        assert api.mine("x").get() == "x"
    finally:
        cloud.apis.remove(route)
    with pytest.raises(HttpNotFoundError):
        api.mine("x").get()


# Readings


def test_points_of_a_json_file_are_served_as_they_are(api, folder):
    """Whatever fields they have."""
    rows = json.loads((folder / f"{STREAM}.json").read_text())
    assert api.stream(STREAM).data.get()["results"] == rows
    download = StreamData(STREAM, api)
    download.initialize_from_server()
    assert download.data == rows


def test_points_of_a_csv_file_get_the_fields_of_the_server(api, cloud, folder):
    """A row is a time and a whole number."""
    cloud.streams[OTHER] = {"slug": OTHER}
    [first, second] = api.stream(OTHER).data.get()["results"]
    assert second["value"] == -7
    assert first == {
        "type": "ITR",
        "timestamp": WHEN,
        "int_value": 5,
        "value": 5,
        "output_value": 5,
        "display_value": "5",
        "streamer_local_id": None,
        "dirty_ts": False,
    }


def test_stream_without_a_record_has_no_data(api, folder):
    """Though there is a file; a record without a file has no points."""
    with pytest.raises(HttpNotFoundError):
        api.stream(OTHER).data.get()


def test_stream_without_a_file_is_empty(api, cloud):
    """With and without a folder."""
    cloud.streams[OTHER] = {"slug": OTHER}
    assert api.stream(OTHER).data.get()["count"] == 0


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        (f"{OTHER}.csv", f'"{WHEN}", 1.5\n', "line 1"),
        (f"{OTHER}.csv", "x\n", "line 1"),
        (f"{OTHER}.json", "{", "no JSON"),
        (f"{OTHER}.json", "[5]", "each an object"),
    ],
)
def test_bad_file_is_told_with_its_name(api, cloud, folder, name, text, reason):
    """A broken stream folder is a 400 that names the file."""
    cloud.streams[OTHER] = {"slug": OTHER}
    (folder / name).write_text(text)
    with pytest.raises(HttpClientError, match=reason) as caught:
        api.stream(OTHER).data.get()
    assert name in str(caught.value)


def test_bad_file_of_an_event_is_told_with_its_name(api, folder):
    """As one of a stream is."""
    (folder / "event_7.json").write_text("{")
    with pytest.raises(HttpClientError, match=r"event_7\.json is no JSON"):
        api.event(7).data.get()


def test_file_that_no_slug_names_is_told(api, folder):
    """A stream of no device would be left out of every sum."""
    (folder / "s--1--0000-0000-0000-0001--zz.json").write_text("[{}]")
    with pytest.raises(HttpClientError, match="not named by a slug"):
        api.data.get(filter="d--0001")


def test_data_adds_what_the_row_belongs_to(api, folder):
    """Of a stream, or of all streams of a device or project; of nothing without a filter."""
    [row, _] = api.data.get(filter=STREAM)["results"]
    assert row == {
        "timestamp": "2018-01-01T00:00:00Z",
        "value": 1,
        "x": "kept",
        "project": "p--0000-0001",
        "device": DEVICE,
        "stream": STREAM,
        "variable": "v--0000-0001--5001",
        "id": 1,
    }
    for slug in ("d--0001", "p--0000-0001"):
        rows = api.data.get(filter=slug)["results"]
        assert [(row["id"], row["stream"]) for row in rows] == [
            *((n, STREAM) for n in (1, 2)),
            *((n, OTHER) for n in (3, 4)),
        ]
    assert api.data.get()["count"] == api.data.get(filter="../x")["count"] == 0


def test_raw_data_are_downloaded_over_pages(api, folder):
    """A page holds a thousand rows, unless another size is asked for."""
    (folder / f"{OTHER}.csv").write_text(f'"{WHEN}", 1\n' * 1001)
    assert len(api.data.get(filter=OTHER)["results"]) == 1000
    download = StreamRawData(OTHER, api)
    download.initialize_from_server()
    assert len(download.data) == 1001


@pytest.mark.parametrize("args", [{"format": "csv"}, {"format": "txt", "mask": 1}, {}])
def test_table_is_csv(api, folder, args):
    """Its columns are named as on the server."""
    text = api.df.get(filter=OTHER, **args).decode("utf-8")
    assert text == f"row,int_value,stream_slug\n{WHEN},5,{OTHER}\n{WHEN},-7,{OTHER}\n"


def test_table_is_csv_for_whoever_accepts_only_that(url, folder):
    """Without `format=`, which used to be a 500; another format is a 404."""
    accept = {"Accept": "text/csv"}
    reply = requests.get(f"{url}df/?filter={STREAM}", headers=accept, timeout=5)
    assert reply.headers["Content-Type"].startswith("text/csv")
    assert reply.text.splitlines()[1] == f"2018-01-01T00:00:00Z,1,{STREAM}"
    assert requests.get(f"{url}df/?format=xml", timeout=5).status_code == 404


def test_device_extra_counts_points(api, cloud, folder):
    """Streams without data are left out, data without a stream are in."""
    empty = "s--0000-0001--0000-0000-0000-0001--5003"
    cloud.streams[empty] = {"slug": empty}
    extra = api.device(DEVICE).extra.get()
    assert extra.pop("stream_counts") == {
        STREAM: {"data_cnt": 2, "has_streamid": True},
        OTHER: {"data_cnt": 2, "has_streamid": False},
    }
    assert extra == {name: cloud.devices[DEVICE][name] for name in extra}
    assert len(extra) == 8


def test_raw_events_and_variable_types_are_files(api, folder):
    """One that is not there is a 404."""
    assert api.event(7).data.get() == {"acc": [1, 2]}
    assert api.vartype("temp").get() == {"slug": "temp"}
    for resource in (api.event(8).data, api.vartype("x")):
        with pytest.raises(HttpNotFoundError):
            resource.get()


# Device reports


def report(last=20, device=1, selector=0xD7FF):
    readings = [Reading(0x5001, 7, 100, last - 1), Reading(0x5001, 8, 110, last)]
    made = SignedListReport.from_readings(device, readings, report_id=99, selector=selector)
    return made.encode()


def upload(api, content, name="report.bin"):
    return api.streamer.report.upload_fp((name, io.BytesIO(content)), timestamp=WHEN)


def test_report_is_counted_kept_and_acknowledged(api, cloud):
    """The answer is the number of readings; record and bytes stay."""
    assert upload(api, report(selector=0x57FF)) == {"count": 2}
    [(uuid, record)] = cloud.reports.items()
    assert cloud.raw_report_files == {uuid: report(selector=0x57FF)}
    assert record["streamer"] == "t--0000-0000-0000-0001--0000"
    assert (record["original_first_id"], record["original_last_id"]) == (19, 20)
    assert (record["actual_first_id"], record["actual_last_id"]) == (19, 20)
    assert (record["sent_timestamp"], record["incremental_id"]) == (WHEN, 99)
    streamer = cloud.streamers["t--0000-0000-0000-0001--0000"]
    assert (streamer["last_id"], streamer["selector"]) == (20, 0x57FF)
    assert api.streamer.report.get()["results"] == [record]
    assert api.streamer.report(uuid).get() == record


def test_acknowledgement_is_never_lowered(api, cloud):
    """An old report is counted and kept, and brings nothing new."""
    assert upload(api, report(last=5)) == {"count": 2}
    assert cloud.streamers["t--0000-0000-0000-0001--0000"]["last_id"] == 10
    [record] = cloud.reports.values()
    assert (record["actual_first_id"], record["actual_last_id"]) == (0, 0)


def test_first_report_makes_its_streamer(api, cloud):
    """Also of a device that the cloud does not know."""
    upload(api, report(device=0x235))
    assert cloud.streamers["t--0000-0000-0000-0235--0000"]["last_id"] == 20


def test_signature_is_not_checked(api):
    """A mock takes what no server could check; only the length counts."""
    content = bytearray(report())
    content[-1] ^= 1
    content[16] = 2  # a device key
    assert upload(api, bytes(content)) == {"count": 2}


def packed(**more):
    msgpack = pytest.importorskip("msgpack")
    fields = {"format": "v100", "device": 1, "streamer_index": 0x100, "streamer_selector": 0xFFFF}
    fields |= {"incremental_id": 3, "device_sent_timestamp": 5, "lowest_id": 1, "highest_id": 2}
    return msgpack.packb({**fields, "data": [{}], "events": [{}], **more})


def test_msgpack_report_counts_readings_and_events(api, cloud):
    """It is told by its name."""
    assert upload(api, packed(), "report.mp") == {"count": 2}
    assert cloud.streamers["t--0000-0000-0000-0001--0100"]["last_id"] == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.bin", b""),
        ("x.bin", b"\x01" * 43),
        ("x.bin", report()[:-16]),
        ("x.bin", report() + b"\0" * 16),
        ("x.bin", b"\x00" + report()[1:]),
        ("x.bin", struct.pack("<L", 50 << 8 | 1) + bytes(46)),
        ("x.bin", packed()),
        ("x.mp", b""),
        ("x.mp", report()),
        ("x.mp", b"\xa1x"),
        ("x.mp", packed(format="v200")),
        ("x.mp", packed(device="x")),
        ("x.mp", packed(device=-1)),
        ("x.mp", packed(streamer_index=1 << 16)),
        ("x.mp", packed(data={"a": 1})),
    ],
)
def test_report_that_cannot_be_read_is_refused(api, cloud, name, content):
    """With a 400, and nothing is kept."""
    with pytest.raises(HttpClientError, match="400"):
        upload(api, content, name)
    assert not cloud.reports
    assert cloud.streamers["t--0000-0000-0000-0001--0000"]["last_id"] == 10


@pytest.mark.parametrize("query", ["", "?timestamp=", "?timestamp=yesterday"])
def test_report_needs_a_time(url, query):
    """The time when it was received, in the query."""
    files = {"file": ("report.bin", report())}
    reply = requests.post(f"{url}streamer/report/{query}", files=files, timeout=5)
    assert reply.status_code == 400
    if not query or query.endswith("="):
        assert reply.json() == {"error": "missing timestamp argument"}


@pytest.mark.parametrize("count", [0, 2])
def test_report_is_one_file(url, count):
    """Neither none nor two."""
    files = {f"file{n}": ("report.bin", report()) for n in range(count)}
    reply = requests.post(f"{url}streamer/report/?timestamp={WHEN}", files=files, timeout=5)
    assert reply.status_code == 400


# Generated reports and updates


def test_generated_report_is_made_and_its_file_uploaded(api, cloud):
    """The form of `uploadurl` is taken by the mock itself."""
    made = api.report.generated.post({"label": "Week", "org": "quick-test-org"})
    assert cloud.generated_reports == {made["id"]: made}
    resource = api.report.generated(made["id"])
    form = resource.uploadurl.post({"name": "a.html", "content_type": "text/html"})
    assert cloud.generated_reports_urls == {made["id"]: form}
    page = b"<p>The week in numbers</p>"
    sent = requests.post(form["url"], data=form["fields"], files={"file": page}, timeout=5)
    assert sent.status_code == 204
    file = resource.uploadsuccess.post({"name": "a.html"})
    assert requests.get(file["url"], timeout=5).content == page
    assert resource.get()["index_file"] == file
    assert resource.get()["status"] == "G1"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "a", "content_type": "x/y"}, "content_type"),
        ({"name": "a", "acl": "x"}, "acl"),
        ({"name": "a", "acl": {}}, "acl"),
    ],
)
def test_upload_form_needs_a_name_and_known_choices(api, body, field):
    """The error names the field."""
    made = api.report.generated.post({"label": "Week", "org": "quick-test-org"})
    with pytest.raises(HttpClientError) as caught:
        api.report.generated(made["id"]).uploadurl.post(body)
    assert list(json.loads(caught.value.content)) == [field]


def test_client_finds_and_reports_its_updates(api, cloud):
    """From the device over the script to the action."""
    cloud.quick_add_fleet([1], fleet_slug=1)
    cloud.quick_add_deployment_to_fleet(1, 1, [])
    info = api.ota.device(DEVICE).get()
    [request] = info["deployments"]
    assert api.ota.script(request["script"]).file.get()["url"] == "bar.com/zipzap"
    body = {"deployment": request["id"], "device": DEVICE, "attempt_successful": True}
    action = api.ota.action.post(body)
    assert action["id"] == 1
    assert cloud.ota_devices[DEVICE]["actions"] == [action]
    with pytest.raises(HttpClientError, match="d--0009"):
        api.ota.action.post({"deployment": 1, "device": "d--0009"})


# Bad requests

BODIES = [
    b"",
    b"{",
    b"[]",
    b"5",
    b'"x"',
    b"null",
    b'{"name": {}, "label": [], "device": {}}',
    b"\xff",
]
BODIES += [b"[" * 100_000, b'{"email": "\\ud800", "password": "", "token": 1e999}', b"\0"]
ODD = ["x", "\ud800", "1" * 400, "é", "d--", "s------", "{}"]


def test_no_request_makes_it_fail(cloud, folder):
    """Whatever the route, the key, the body and the arguments: never a 500."""
    from iotile_cloud.local.messages import Request
    from iotile_cloud.mock.rows import with_loose_paths

    headers = {"Host": "localhost", **TOKEN}
    failed = []
    for route in with_loose_paths(cloud.apis):
        paths = {route.prefix + re.sub("<[a-z:]*>", key, route.path) for key in [*ODD, DEVICE]}
        for path in paths:
            for method in (*route.handlers, "DELETE", "HEAD", "OPTIONS"):
                bodies = BODIES if method in ("POST", "PATCH") else [b""]
                for body in bodies:
                    query = "filter=%ff&device=d--&project=%00&page_size=-1&format=&timestamp=9"
                    request = Request(method, path, query, headers, body)
                    if cloud.handle(request).status >= 500:
                        failed.append((method, path, body[:20]))
    assert failed == []


# Faults


def test_faults_strike_as_on_the_embedded_cloud(served, cloud):
    """Until the cloud is reset."""
    with Api(served[0], retries=0) as api:
        cloud.faults.add("/device/", status=503)
        with pytest.raises(Exception, match="503"):
            api.device.get()
        cloud.reset()
        assert api.device.get()["count"] == 0


def test_ended_token_comes_back_with_a_login(served, cloud):
    """A client can be tested on the end of its token."""
    with Api(served[0]) as api:
        api.login("test", "test@arch-iot.com")
        cloud.faults.add("/account/", expire_tokens=True, times=1)
        with pytest.raises(HttpClientError, match="401"):
            api.account.get()
        assert api.login("test", "test@arch-iot.com")
        assert api.account.get()["count"] == 1
