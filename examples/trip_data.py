"""Show the trip of a shipping tracker: its streams, its shocks, and the waveform of the worst one.

    python trip_data.py -u you@example.com d--2102
    python trip_data.py -u you@example.com b--0001-0000-0000-2102 --waveform shock.csv

The trip is that of a device, or one that was archived.
"""

from __future__ import annotations

import csv
from typing import Any

from iotile_cloud import BaseMain, EventData, StreamData, parse_slug


class TripData(BaseMain):
    """Show the trip of a shipping tracker: its streams, and the waveform of its worst shock."""

    def add_extra_args(self) -> None:
        self.parser.add_argument("tracker", help="slug of a device or an archive")
        self.parser.add_argument("--waveform", metavar="FILE.csv", help="where to write it to")

    def after_login(self) -> None:
        trip = self.api.shipping.trip(parse_slug(self.args.tracker)).get()
        when = trip["trip_date_range"]
        print(f"{trip['label']} ({trip['slug']}), {when['start_data']} to {when['end_data']}")
        for one in trip["streams"]:
            if one["type"] == "data":
                self.show_readings(one["label"], one["stream"])
            elif one["label"] == "Shocks":
                self.show_shocks(one["stream"])

    def show_readings(self, label: str, slug: str) -> None:
        """Print how many readings a stream has and between which values, in its output unit."""
        readings = StreamData(slug, self.api)
        found = readings.columns("output_value").tolist("output_value")
        values = [value for value in found if value is not None]
        if not values:
            print(f"{label}: no readings")
            return
        unit = (self.api.stream(slug).get()["output_unit"] or {}).get("unit_short", "")
        span = f"{min(values):.2f} to {max(values):.2f} {unit}".rstrip()
        print(f"{label}: {len(values)} readings, {span}")

    def show_shocks(self, slug: str) -> None:
        """Print how many shocks there were and the worst one, whose raw data are fetched."""
        shocks = EventData(slug, self.api)
        shocks.initialize_from_server(mask=1)  # within the trip, as the readings are
        if not shocks.data:
            print("Shocks: none")
            return
        worst = max(shocks.data, key=peak)
        print(f"Shocks: {len(shocks.data)}, the worst {peak(worst)} G at {worst['timestamp']}")
        waveform = shocks.raw(worst)
        if waveform is None:
            print("Waveform: was not recorded")
            return
        axis = max(waveform, key=lambda name: max(map(abs, waveform[name])))
        samples = waveform[axis]
        at = max(range(len(samples)), key=lambda number: abs(samples[number]))
        print(f"Waveform: {samples[at]} G in {axis}, sample {at} of {len(samples)}")
        if self.args.waveform:
            with open(self.args.waveform, "w", newline="") as file:
                csv.writer(file).writerows([waveform, *zip(*waveform.values())])
            print(f"It is in {self.args.waveform}")


def peak(shock: dict[str, Any]) -> float:
    """Return the peak that the tracker noted, in G."""
    return float((shock["extra_data"] or {}).get("peak", 0))


if __name__ == "__main__":
    TripData().run()
