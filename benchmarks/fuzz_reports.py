"""Throw bytes at the reader of device reports, guided by the code that they reach.

Nothing but a `ReportError` may come of bytes, and what is read must be written again the same:

    python benchmarks/fuzz_reports.py [FOLDER] [-max_total_time=600]

Needs `pip install atheris`, and the extra `msgpack` to reach the msgpack reports.  FOLDER keeps
what was found, for the next run; other arguments go to libFuzzer.  It fails by itself on a crash,
on an input that takes over 5 seconds and when more than 1 GB is in use; the `peak_rss_mb` at its
end is the most memory that was in use.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

with atheris.instrument_imports(include=["iotile_cloud.streamer"]):
    from iotile_cloud import streamer

RECEIVED = datetime(2018, 1, 20)
KEYS = {"d--0201": bytes(range(32))}
LIMITS = (
    "-max_len=4096",
    "-timeout=5",
    "-rss_limit_mb=1024",
    "-max_total_time=600",
    "-print_final_stats=1",
)


def seeds() -> list[bytes]:
    """Return one report of each kind to begin with, also with old keys and with deep events."""
    readings = [
        streamer.Reading(0x5001, 42, 100, 7),
        streamer.Reading(streamer.REBOOT, 1, 0, 8),
        streamer.Reading(0x5002, 43, 0x80000001, 9),
        streamer.Reading(0x5002, 44, 0xFFFFFFFF, 0),
    ]
    event = streamer.Event(0x5003, {"peak": 3}, [1.5, None], 9, 10, RECEIVED)
    flexible = streamer.FlexibleDictionaryReport.from_readings(
        0x201, [streamer.Reading(0x5001, -1, 5, 6, RECEIVED), *readings], events=[event]
    )
    made = [
        streamer.SignedListReport.from_readings(0x201, readings, signature=kind, keys=KEYS)
        for kind in ("hash", "user", "device")
    ]
    others = [
        streamer.IndividualReadingReport(0x201, readings[3:]),  # type: ignore[arg-type]
        streamer.BroadcastReport(0x201, readings),  # type: ignore[arg-type]
    ]
    old = flexible.encode().replace(b"\xa6format", b"\xc4\x06format")
    deep = flexible.encode_json().replace(b"[1.5, null]", b"[" * 600 + b"]" * 600)
    binary = [one.encode() for one in (*made, *others)]
    return [flexible.encode_json(), flexible.encode(), old, deep, *binary]


def resealed(data: bytes) -> bytes:
    """Return a signed list with the length and the hash that it should have: few guess one."""
    if data[:1] != b"\1" or len(data) < 44:
        return data
    length = len(data).to_bytes(3, "little")
    signed = b"".join([data[:1], length, data[4:16], b"\0", data[17:-16]])
    return signed + hashlib.sha256(signed).digest()[:16]


def check(data: bytes) -> None:
    """Read bytes in every way, and write again what came of them."""
    for content in {data, resealed(data)}:
        for verify in (True, False):
            with contextlib.suppress(streamer.ReportError):
                used(streamer.parse_report(content, KEYS, RECEIVED, verify), content)


def used(report: Any, content: bytes) -> None:
    """Use all that a report offers; raise RuntimeError when it is not itself any more."""
    with contextlib.suppress(ValueError):  # a time before 1678, say
        report.columns()
    if len(list(report.rows())) != len(report.readings) or len(report.readings) > len(content):
        raise RuntimeError("there are more readings than bytes")
    if report.flaw:
        return
    if isinstance(report, streamer.FlexibleDictionaryReport):
        with contextlib.suppress(ValueError):  # a number of an event that JSON does not have
            if streamer.parse_report(report.encode_json()) != report:
                raise RuntimeError("JSON does not bring the same report back")
        with contextlib.suppress(ValueError):
            written = report.encode()  # compared as bytes: an event may hold NaN, unequal to itself
            if streamer.parse_report(written).encode() != written:
                raise RuntimeError("msgpack does not bring the same report back")
    elif report.encode() != content:
        raise RuntimeError("the report has other bytes when it is written again")


def main() -> None:
    folder = [one for one in sys.argv[1:] if not one.startswith("-")] or [tempfile.mkdtemp()]
    for number, seed in enumerate(seeds()):
        Path(folder[0], f"seed-{number}").write_bytes(seed)
    options = [one for one in sys.argv[1:] if one.startswith("-")]
    atheris.Setup([sys.argv[0], *LIMITS, *options, *folder], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
