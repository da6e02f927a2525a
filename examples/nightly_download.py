"""Download yesterday's readings of all streams of a project, a CSV file for each.

    5 2 * * *  python nightly_download.py --quiet p--0101 /var/readings

Credentials come from the environment, or from `iotile-cloud login` once.  Days are those of UTC.
A stream whose file is there is done, so a run that was interrupted, or met streams that could not
be read, is repeated with the same command (and `--day`): status 0 says that all files are there.
A file is whole or not there; beside it, `.meta.json` tells query and receipt.  What a device
uploads later than that is not in its file; delete the file to fetch it anew.
"""

from __future__ import annotations

import logging
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from iotile_cloud import BaseMain, StreamData
from iotile_cloud.api.exceptions import RestBaseException
from iotile_cloud.stream.fleet import FleetData

logger = logging.getLogger("nightly_download")


class NightlyDownload(BaseMain):
    """Download yesterday's readings of all streams of a project, a CSV file for each."""

    def add_extra_args(self) -> None:
        yesterday = datetime.now(timezone.utc).date() - timedelta(days=1)
        self.parser.add_argument("project")
        self.parser.add_argument("folder", type=Path, help="gets a folder for each day")
        self.parser.add_argument(
            "--day", type=date.fromisoformat, default=yesterday, metavar="YYYY-MM-DD"
        )

    def after_login(self) -> None:
        streams = FleetData(self.api, self.args.project).streams()
        if not streams:
            sys.exit(f"no streams were found for {self.args.project}")
        folder = self.args.folder / str(self.args.day)
        folder.mkdir(parents=True, exist_ok=True)
        window = {"start": self.args.day, "end": self.args.day + timedelta(days=1)}
        failed = 0
        for slug in streams:
            file = folder / f"{slug}.csv"
            if file.exists():
                continue
            readings = StreamData(slug, self.api)
            try:
                readings.to_csv(file, **window)
                logger.info("%s: %s readings", file.name, readings.receipt.received)
            except RestBaseException as error:
                logger.error("%s: %s", slug, error)
                failed += 1
        logger.info("%s of %s streams are in %s", len(streams) - failed, len(streams), folder)
        if failed:
            sys.exit(f"{failed} of {len(streams)} streams failed; run again to fetch them")


if __name__ == "__main__":
    NightlyDownload().run()
