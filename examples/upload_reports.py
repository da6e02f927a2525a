"""Read a folder of device reports into one table, and upload what the cloud lacks.

    python upload_reports.py -u you@example.com FOLDER [--table FILE.csv]

The time at which a report came in is taken to be that of its file, so the folder has to be where
the gateway wrote it, or a copy that kept the times (`cp -p`).
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

from iotile_cloud import BaseMain
from iotile_cloud.streamer import ReportError, parse_report
from iotile_cloud.streamer.upload import file_time, upload_reports

logger = logging.getLogger("upload_reports")


def reports_in(folder: Path) -> list[Path]:
    """Return the files of a folder that a gateway may have written, in order."""
    return sorted(path for path in folder.iterdir() if path.suffix in (".bin", ".mp", ".json"))


def read_table(paths: list[Path]) -> Any:
    """Return a pandas frame with the readings of all reports that can be read.

    Readings whose time cannot be known have NaT.
    """
    frames = []
    for path in paths:
        try:
            report = parse_report(path, received=file_time(path))
        except (OSError, ReportError) as error:
            logger.warning("%s is left out: %s", path.name, error)
            continue
        frames.append(report.frame().assign(device=str(report.device)))
    import pandas  # not before report.frame(), which says how to install it

    return pandas.concat(frames) if frames else pandas.DataFrame()


class UploadReports(BaseMain):
    """Read a folder of device reports into one table, and upload what the cloud lacks."""

    def add_extra_args(self) -> None:
        self.parser.add_argument("folder", type=Path)
        self.parser.add_argument("--table", metavar="FILE.csv", help="needs iotile_cloud[frames]")

    def after_login(self) -> None:
        paths = reports_in(self.args.folder)
        if self.args.table:
            table = read_table(paths)
            table.to_csv(self.args.table)
            print(f"{len(table)} readings are in {self.args.table}")
        uploads = upload_reports(self.api, paths, file_time, errors="collect")
        for path, result in uploads.results.items():
            new = "?" if result.stored is None else result.stored
            print(f"{Path(path).name}: {result.state}, {new} of {result.count} new")
        for path, error in uploads.errors.items():
            print(f"{Path(path).name}: not uploaded: {error}")
        if not uploads.arrived:
            sys.exit(1)


if __name__ == "__main__":
    UploadReports().run()
