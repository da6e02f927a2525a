"""Every example of the user's own document works as it shows, its slips of punctuation mended.

Their ids are replaced by those of the demo data, where they stand for somebody's own.
"""

from __future__ import annotations

import datetime
import getpass
import json
import logging
import sys

import pytest

from iotile_cloud.api.connection import Api
from iotile_cloud.local.demo import demo_facts
from iotile_cloud.stream.data import StreamData, StreamRawData
from iotile_cloud.stream.report import AccumulationReportGenerator
from iotile_cloud.streamer.signed_list import Reading, SignedListReport
from iotile_cloud.utils.basic import datetime_to_str
from iotile_cloud.utils.gid import (
    IOTileDeviceSlug,
    IOTileProjectSlug,
    IOTileStreamSlug,
    IOTileVariableSlug,
)
from iotile_cloud.utils.main import BaseMain
from iotile_cloud.utils.mdo import MdoHelper

FACTS = demo_facts()
EMAIL, PASSWORD = FACTS.email, FACTS.password
STREAM = FACTS.upload.stream


@pytest.fixture
def c(own_cloud, monkeypatch):
    """The document's `Api()`, which means the hosted service, sent to a cloud of the test's own."""
    monkeypatch.setattr(Api, "domain", own_cloud.url)
    api = Api()
    assert api.login(email=EMAIL, password=PASSWORD)
    return api


def test_login_and_logout(own_cloud, monkeypatch):
    """A login says whether it worked, and a logout ends it."""
    monkeypatch.setattr(Api, "domain", own_cloud.url)
    c = Api()
    ok = c.login(email=EMAIL, password=PASSWORD)
    assert ok is True
    c.logout()
    assert c.token is None


def test_a_kept_token_replaces_the_login(c):
    """The token of a login works in another Api."""
    token = c.token
    other = Api()
    other.set_token(token)
    assert other.org.get()["count"] == 1


def test_the_generic_rest_api(c):
    """GET, POST, PUT, PATCH and DELETE work on a resource that the library does not know."""
    api = c
    api.org.get()
    new = api.org.post({"name": "My new Org"})
    api.org(new["slug"]).put({"name": "My new Org", "about": "About Org"})
    assert api.org(new["slug"]).get()["about"] == "About Org"
    api.org(new["slug"]).patch({"about": "About new Org"})
    assert api.org(new["slug"]).get()["about"] == "About new Org"
    assert api.org(new["slug"]).delete() is False  # users cannot delete all resources


def test_arguments_of_get_become_the_query(c):
    """Keywords filter a listing."""
    for org in c.org.get()["results"]:
        org_projects = c.project.get(org__slug="{0}".format(org["slug"]))
        assert org_projects["count"] == 2


def test_nested_resources_and_actions(c):
    """A resource below another is an attribute of it."""
    for org in c.org.get()["results"]:
        org_projects = c.org(org["slug"]).projects.get()
        assert org_projects["count"] == 2


def test_the_last_entries_of_a_stream(c):
    """`lastn` limits a download to the latest readings."""
    stream_data = StreamData(STREAM, c)
    stream_data.initialize_from_server(lastn=100)
    lines = ["{0}: {1}".format(item["timestamp"], item["value"]) for item in stream_data.data]
    assert len(lines) == 100
    assert lines[-1].startswith("2024-03-07T23:59:00Z: ")


def test_a_window_of_a_stream(c):
    """Times as text with milliseconds limit a download to a window."""
    stream_data = StreamData(STREAM, c)
    stream_data.initialize_from_server(
        start="2024-03-05T00:00:00.000Z", end="2024-03-05T23:00:00.000Z"
    )
    assert len(stream_data.data) == 23 * 60


def test_a_class_derived_from_stream_data(c, capsys):
    """A class of the user's own computes statistics over `data`."""
    np = pytest.importorskip("numpy")

    class MyStreamData(StreamData):
        def analyze(self):
            deltas = []
            for row in self.data:
                deltas.append(row["value"])
            print("==================================")
            print("Count = {0}".format(len(deltas)))
            print("Mean = {0}".format(np.mean(deltas)))
            print("Max = {0}".format(np.max(deltas)))
            print("Min = {0}".format(np.min(deltas)))
            print("==================================")

    stream_data = MyStreamData(stream_id=STREAM, api=c)
    stream_data.initialize_from_server(lastn=1000)
    stream_data.analyze()
    assert "Count = 1000" in capsys.readouterr().out


def test_an_accumulation_report(c):
    """A report over a project, a device and a stream has a sum and a unit for each stream."""
    sources = [FACTS.water_project, "d--2001", STREAM]
    gen = AccumulationReportGenerator(c)
    stats = gen.compute_sum(sources=sources, start=FACTS.start, end=FACTS.end)
    assert set(stats) == {"streams", "total"}
    assert stats["streams"][STREAM] == {
        "sum": pytest.approx(FACTS.window_sums[STREAM]),
        "units": "G",
    }
    assert stats["total"] == pytest.approx(FACTS.window_total)


def test_uploading_a_streamer_report(c, tmp_path):
    """A report is uploaded with `streamer(action='report')`, as the document writes it."""
    upload = FACTS.upload
    path = tmp_path / "file"
    reading = Reading(upload.variable, 5, upload.raw_times[0], upload.first_id)
    path.write_bytes(SignedListReport.from_readings(upload.device, [reading]).encode())

    ts = "{}".format(datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None).isoformat())
    resp = c.streamer(action="report").upload_file(filename=str(path), timestamp=ts)
    assert resp == {"count": 1}


def test_uploading_an_event_with_data(c, tmp_path):
    """An event and its file are uploaded in one form."""
    path = tmp_path / "file.json"
    path.write_text('{"acc_x": [1, 2, 3]}')
    data = {
        "stream": FACTS.worst_stream,
        "timestamp": datetime_to_str(datetime.datetime.now(datetime.timezone.utc)),
        "encoded_extra_data": json.dumps({"foo": "bar"}),
    }
    resp = c.event.upload.upload_file(filename=str(path), data=data)
    assert c.event(resp["id"]).get()["extra_data"] == {"foo": "bar"}
    assert c.event(resp["id"]).data.get() == {"acc_x": [1, 2, 3]}


def test_slugs():
    """Slugs are made from numbers, text and parts, and taken apart again."""
    project = IOTileProjectSlug(5)
    assert str(project) == "p--0000-0005"

    device = IOTileDeviceSlug(10)
    assert str(device) == "d--0000-0000-0000-000a"

    variable = IOTileVariableSlug("5001", project)
    assert str(variable) == "v--0000-0005--5001"

    id = IOTileStreamSlug()
    id.from_parts(project=project, device=device, variable=variable)
    assert str(id) == "s--0000-0005--0000-0000-0000-000a--5001"

    parts = id.get_parts()
    assert str(parts["project"]) == str(project)
    assert str(parts["device"]) == str(device)
    assert str(parts["variable"]) == str(variable)


@pytest.mark.parametrize("form", ["000a", "d--000a", 0xA])
def test_other_forms_of_a_device_slug(form):
    """Short text, short slugs and numbers name the same device."""
    assert str(IOTileDeviceSlug(form)) == "d--0000-0000-0000-000a"


def test_a_script_over_base_main(own_cloud, monkeypatch, caplog):
    """A script greets, works and says goodbye in the order of the document."""
    logger = logging.getLogger("my_script")
    done = []

    class MyScript(BaseMain):
        domain = own_cloud.url

        def add_extra_args(self):
            self.parser.add_argument("foo", metavar="foo", type=str, help="RTFM")

        def before_login(self):
            logger.info("-----------")

        def after_login(self):
            done.append((self.api.org.get()["count"], self.args.foo))

        def login(self):
            ok = super(MyScript, self).login()
            if ok:
                logger.info("Welcome {0}".format(self.args.email))
            return ok

        def logout(self):
            super(MyScript, self).logout()
            logger.info("Goodbye!")

    caplog.set_level(logging.INFO)
    monkeypatch.setattr(sys, "argv", ["my_script", "-u", EMAIL, "bar"])
    monkeypatch.setattr(getpass, "getpass", lambda: PASSWORD)
    work = MyScript()
    work.main()
    assert done == [(1, "bar")]
    assert [record.message for record in caplog.records if record.name == "my_script"] == [
        "-----------",
        f"Welcome {EMAIL}",
        "Goodbye!",
    ]


def test_units_of_raw_data(c):
    """MdoHelper turns stored values into what the server shows."""
    api = c
    stream = api.stream(STREAM).get()
    units = stream["output_unit"]
    mdo = MdoHelper(m=units.get("m", 1), d=units.get("d", 1), o=units.get("o", 0.0))

    stream_data = StreamRawData(stream["slug"], api)
    stream_data.initialize_from_server(lastn=100)
    shown = StreamData(stream["slug"], api)
    shown.initialize_from_server(lastn=100)
    assert [mdo.compute_value(item["value"]) for item in stream_data.data] == pytest.approx(
        [item["output_value"] for item in shown.data]
    )
