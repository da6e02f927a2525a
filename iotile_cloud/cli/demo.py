"""`iotile-cloud demo`: the main job, start to end, on an embedded cloud with demo data.

Uses the public API as any script would, shows what comes, and compares every figure with what
the data set says it must be.  Knows no server and no route.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..api.connection import Api
from ..stream.data import StreamData, StreamRawData
from ..stream.plot_text import text_plot
from ..stream.report import AccumulationReportGenerator
from ..stream.report_text import report_text, text_table
from ..streamer import Reading, SignedListReport
from ..utils.mdo import MdoHelper
from ._parser import CommandParser, take_common_options

if TYPE_CHECKING:
    from ..local.demo import DemoFacts, DemoUpload


def main(arguments: Sequence[str]) -> int:
    """Run the demo and return 0, or 1 when a figure is not what the data set says."""
    parser().parse_args(arguments)
    from ..local import LocalCloud
    from ..local.demo import demo_facts

    with LocalCloud(load=["demo"]) as cloud, Api(cloud.url) as api:
        print(f"An embedded cloud runs at {cloud.url}")
        return Demo(api, demo_facts()).run()


def parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    made = CommandParser(
        prog="iotile-cloud demo",
        description="Show the main job, start to end, on an embedded cloud that is started for it.",
    )
    take_common_options(made)
    return made


class Demo:
    """The steps of the demo, and the account of the figures that they compared."""

    def __init__(self, api: Api, facts: DemoFacts) -> None:
        self._api, self._facts = api, facts
        self._right = self._wrong = 0

    def run(self) -> int:
        steps = (
            ("Log in", self._login),
            ("Organisations, projects, devices", self._walk),
            ("Readings of a stream", self._readings),
            ("Units", self._units),
            ("Accumulation report", self._report),
            ("Upload a device report", self._upload_report),
            ("Events, and the upload of one", self._events),
            ("Log out", self._logout),
        )
        for number, (title, step) in enumerate(steps, start=1):
            print(f"\n{number}. {title}\n")
            try:
                step()
            except (LookupError, TypeError, ValueError) as error:
                # What it found is so far from the data set that it could not go on.
                self._wrong += 1
                print(f"   WRONG: the step ended with {error!r}")
        print(f"\n{self._right} figures are as the data set says, {self._wrong} are not.")
        return 1 if self._wrong else 0

    def _check(self, what: str, found: Any, truth: Any) -> None:
        floats = isinstance(found, float) and isinstance(truth, (int, float))
        if found == truth or (floats and math.isclose(found, truth, rel_tol=1e-9, abs_tol=1e-9)):
            self._right += 1
        else:
            self._wrong += 1
            print(f"   WRONG: {what} is {found!r} and must be {truth!r}")

    # -- the steps --------------------------------------------------------------------------

    def _login(self) -> None:
        ok = self._api.login(email=self._facts.email, password=self._facts.password)
        self._check("login", ok, True)
        _show(f"{self._api.username} is logged in until {self._api.expires_at:%Y-%m-%d %H:%M} UTC")

    def _walk(self) -> None:
        rows: list[list[Any]] = []
        for org in self._api.org.each():
            for project in self._api.org(org["slug"]).projects.each():
                for device in self._api.device.each(project=project["id"]):
                    streams = len(self._api.stream.each(device=device["slug"]))
                    names = [org["name"], project["name"], device["slug"], device["label"]]
                    rows.append([*names, streams])
        _show(text_table([["organisation", "project", "device", "label", "streams"], *rows]))
        self._check("devices", len(rows), self._facts.device_count)
        self._check("streams", sum(row[-1] for row in rows), self._facts.stream_count)

    def _readings(self) -> None:
        slug, truth = next(iter(self._facts.temperatures.items()))
        readings = StreamData(slug, self._api)
        readings.initialize_from_server()
        values = [row["output_value"] for row in readings.data]
        receipt = readings.receipt
        _show(f"{slug}, {truth.unit}, {receipt.first} to {receipt.last}")
        _show(text_plot(readings.columns("output_value"), unit=truth.unit))
        last = [[row["timestamp"], row["output_value"]] for row in readings.data[-3:]]
        _show(text_table([["timestamp", truth.unit], *last]))
        _show(f"{receipt.received} readings, requests: {receipt.requests}")
        _show(f"complete: {receipt.complete}")
        self._check("readings", receipt.received, self._facts.counts[slug])
        for what, found, true in (
            ("lowest", min(values), truth.lowest),
            ("highest", max(values), truth.highest),
            ("last", values[-1], truth.last),
        ):
            self._check(f"{what} temperature", found, true)

    def _units(self) -> None:
        rows: list[list[Any]] = [["stream", "stored", "conversion", "shown", "unit"]]
        for slug, truth in self._facts.temperatures.items():
            stream = self._api.stream(slug).get()
            unit = stream["output_unit"]
            mdo = MdoHelper(m=unit["m"], d=unit["d"], o=unit["o"])
            stored = StreamRawData(slug, self._api)
            stored.initialize_from_server(lastn=1)
            value = stored.data[0]["value"]
            rows.append([slug, value, str(mdo), mdo.compute_value(value), unit["unit_short"]])
            self._check(f"last value of {slug}", mdo.compute_value(value), truth.last)
            self._check(f"unit of {slug}", unit["unit_short"], truth.unit)
        _show(text_table(rows))

    def _report(self) -> None:
        facts = self._facts
        generator = AccumulationReportGenerator(self._api)
        report = generator.compute_sum([facts.water_project], start=facts.start, end=facts.end)
        streams = report["streams"]
        _show(f"{facts.water_project}, from {facts.start} to before {facts.end}")
        _show(report_text(report))
        _show(f"complete: {generator.receipt.complete}")
        self._check("streams of the report", sorted(streams), sorted(facts.window_sums))
        for slug, one in streams.items():
            self._check(f"sum of {slug}", one["sum"], facts.window_sums.get(slug))
        self._check("total", report["total"], facts.window_total)

    def _upload_report(self) -> None:
        upload = self._facts.upload
        last = upload.first_id + len(upload.values) - 1
        answer = self._upload(
            self._api.streamer(action="report"),
            "report.bin",
            report_of(upload).encode(),
            timestamp=upload.received,
        )
        [streamer] = self._api.streamer.each(device=upload.device)
        arrived = StreamData(upload.stream, self._api)
        arrived.initialize_from_server(start=upload.times[0])
        total = sum(row["output_value"] for row in arrived.data)
        _show(f"report.bin: {answer['count']} readings received")
        _show(f"{streamer['slug']} acknowledges up to reading {streamer['last_id']}")
        _show(f"{len(arrived.data)} readings arrived, together {total:,.2f}")
        self._check("count of the report", answer["count"], len(upload.values))
        self._check("acknowledged reading", streamer["last_id"], last)
        self._check(
            "arrived readings", [row["int_value"] for row in arrived.data], [*upload.values]
        )
        self._check("sum of what arrived", total, upload.output_sum)

    def _upload(self, resource: Any, name: str, content: bytes, **upload: Any) -> Any:
        """Write a file as a gateway would leave it, upload it and remove it again."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(content)
            return resource.upload_file(path, **upload)

    def _events(self) -> None:
        facts = self._facts
        events = list(self._api.event.each(filter=facts.worst_stream))
        worst = max(events, key=lambda event: float(event["extra_data"]["peak"]))
        waveform = self._api.event(worst["id"]).data.get()
        _show(f"worst shock of {facts.worst_stream}: event {worst['id']}, {worst['extra_data']}")
        self._check("worst event", worst["id"], facts.worst_event)
        sent = {"acc_z": [0.0, 1.5, -1.25]}
        made = self._upload(
            self._api.event.upload,
            "shock.json",
            json.dumps(sent).encode("ascii"),
            data={
                "stream": facts.worst_stream,
                "timestamp": facts.upload.received,
                "encoded_extra_data": json.dumps({"peak": 1.5}),
            },
        )
        back = self._api.event(made["id"]).data.get()
        _show(f"shock.json became event {made['id']}; its data came back as sent: {back == sent}")
        self._check(
            "samples of the worst shock", max(map(abs, waveform["acc_z"])), facts.worst_peak
        )
        self._check("data of the uploaded event", back, sent)

    def _logout(self) -> None:
        self._api.logout()
        _show(f"token: {self._api.token}")
        self._check("token after logout", self._api.token, None)


def report_of(upload: DemoUpload) -> SignedListReport:
    """Return the device report that would be uploaded next."""
    ids = range(upload.first_id, upload.first_id + len(upload.values))
    return SignedListReport.from_readings(
        upload.device,
        [
            Reading(upload.variable, value, raw_time, reading_id)
            for reading_id, value, raw_time in zip(ids, upload.values, upload.raw_times)
        ],
        report_id=ids[-1] + 1,
        sent_timestamp=upload.sent_timestamp,
        streamer_index=upload.streamer_index,
        selector=0xD7FF,
    )


def _show(text: str) -> None:
    print("\n".join(f"   {line}" for line in text.splitlines()))
