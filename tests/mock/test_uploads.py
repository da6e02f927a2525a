"""Device reports that the mock cloud is sent."""

from __future__ import annotations

import io
import struct

import pytest
import requests

from iotile_cloud.api.exceptions import HttpClientError
from iotile_cloud.streamer.signed_list import Reading, SignedListReport

WHEN = "2018-01-20T00:00:00Z"


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
