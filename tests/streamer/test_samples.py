"""Reports that another implementation made: each is read as it was meant, and written the same."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from iotile_cloud.streamer import HashError, LengthError, ReportError, parse_report
from iotile_cloud.utils.gid import IOTileDeviceSlug

SAMPLES = Path(__file__).parents[3] / "shared" / "contract" / "samples"
TRUTHS = sorted(SAMPLES.glob("*.json"))
REASONS = {"bad_signature": HashError, "bad_truncated": LengthError}
NAMES = {
    "report_id": "report_id",
    "sent_timestamp": "sent_timestamp",
    "origin_streamer": "streamer_index",
    "streamer_selector": "selector",
    "lowest_id": "lowest_id",
    "highest_id": "highest_id",
    "verified_by_coretools": "verified",
}

for extra in ("msgpack", "cryptography"):
    pytest.importorskip(extra)


def truths(*, good):
    found = [(path, json.loads(path.read_text())) for path in TRUTHS]
    chosen = [pytest.param(*one, id=one[0].stem) for one in found if good != ("invalid" in one[1])]
    return chosen or [pytest.param(None, None, marks=pytest.mark.skip("the samples are not here"))]


def read(path, truth, **more):
    keys = None
    if "root_key_hex" in truth:
        keys = {truth["device"]: bytes.fromhex(truth["root_key_hex"])}
    received = datetime.fromisoformat(truth["received_time"]) if "received_time" in truth else None
    return parse_report(path.with_name(truth["file"]), keys, received, **more)


@pytest.mark.parametrize(("path", "truth"), truths(good=True))
def test_readings(path, truth):
    """The readings are those that were meant, with their times."""
    rows = [dict(row) for row in read(path, truth).rows()]
    for row in rows:
        row["reading_time"] = row.pop("timestamp").replace(tzinfo=None).isoformat()
    assert rows == truth["visible_readings"]


@pytest.mark.parametrize(("path", "truth"), truths(good=True))
def test_fields(path, truth):
    """Device, ids, streamer and selector are those that were meant."""
    report = read(path, truth)
    told = {name: truth[name] for name in NAMES if name in truth}
    assert {name: getattr(report, NAMES[name]) for name in told} == told
    assert report.device == IOTileDeviceSlug(truth["device"])


@pytest.mark.parametrize(("path", "truth"), truths(good=True))
def test_written_the_same(path, truth):
    """What was read is written again byte for byte."""
    assert read(path, truth).encode() == path.with_name(truth["file"]).read_bytes()


@pytest.mark.parametrize(("path", "truth"), truths(good=False))
def test_damaged(path, truth):
    """A damaged report is refused with the right reason, and read as unverified on demand."""
    with pytest.raises(REASONS.get(path.stem, ReportError)):
        read(path, truth)
    assert not read(path, truth, verify=False).verified
