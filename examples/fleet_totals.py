"""Add up what the streams of a project, a fleet or a few devices measured.

    python fleet_totals.py -u you@example.com p--0101 --start 2024-03-05 --end 2024-03-06

Sources are slugs of whatever has streams.  What cannot be read is told, and ends in status 1.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from math import fsum

from iotile_cloud import AccumulationReportGenerator, BaseMain


class FleetTotals(BaseMain):
    """Add up what the streams of a project, a fleet or a few devices measured."""

    def add_extra_args(self) -> None:
        self.parser.add_argument("sources", nargs="+", help="slugs of whatever has streams")
        self.parser.add_argument("--start", required=True, help="UTC, inclusive")
        self.parser.add_argument("--end", help="UTC, exclusive; now when left out")

    def after_login(self) -> None:
        generator = AccumulationReportGenerator(self.api)
        report = generator.compute_sum(self.args.sources, self.args.start, self.args.end)
        totals: dict[str, list[float]] = defaultdict(list)
        for slug, found in report.get("streams", {}).items():
            print(f"{slug} {found['sum']:14.2f} {found['units']}")
            totals[found["units"]].append(found["sum"])
        for unit, sums in totals.items():  # what has another unit is not added up
            print(f"total of {len(sums)} streams: {fsum(sums):.2f} {unit}")

        if not generator.receipt.complete:  # the log tells what and why
            sys.exit("not all of this could be read")


if __name__ == "__main__":
    FleetTotals().run()
