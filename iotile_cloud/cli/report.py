"""`iotile-cloud report`: sums or statistics of the streams of sources.

Knows in which form a report goes where.  What is in one is that of the report generators.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, Callable, ClassVar

from ..stream.files import replacing
from ..stream.report import (
    AccumulationReportGenerator,
    BaseReportGenerator,
    StatisticsReportGenerator,
)
from ..stream.report_html import report_html
from ..stream.report_text import report_csv, report_json, report_text
from ..utils._ending import FAILED
from ..utils._login import account_of
from ._show import is_terminal, json_text, note, write
from ._sources import SourcesCommand, counted

__all__ = ["main", "parser"]

_KINDS: dict[str, tuple[type[BaseReportGenerator], str]] = {
    "sum": (AccumulationReportGenerator, "Sums"),
    "stats": (StatisticsReportGenerator, "Statistics"),
}
_TEXTS: dict[str, Callable[..., str]] = {
    "table": report_text,
    "json": report_json,
    "csv": report_csv,
    "html": report_html,
}


class Report(SourcesCommand):
    """Report on the readings of streams, in their output units. `sum` adds up the values of
    each stream and of all; `stats` tells count, least, greatest, mean, first and last value.
    Without --format a report is a table on a terminal and JSON in a pipe; html is a page with
    a plot of each stream. The status is 1 when anything is missing.
    """

    name = "report"
    examples = (
        "iotile-cloud report sum p--0101 --start 2024-03-05 --end 2024-03-06",
        "iotile-cloud report stats d--2001 --start -1w --format csv",
        "iotile-cloud report sum p--0101 --start -1w --output week.html",
    )
    endings: ClassVar[Mapping[str, str]] = {
        ".txt": "table",
        ".json": "json",
        ".csv": "csv",
        ".html": "html",
    }
    format_help = "what to write; by default the end of the file's name says"
    output_help = "write to this file; it is replaced when all is there"

    def add_arguments(self) -> None:
        names = list(_KINDS)
        add = self.parser.add_argument
        add("kind", choices=names, metavar="|".join(names), help="what to report")
        super().add_arguments()

    def after_login(self) -> None:
        if self.args.dry_run:
            self.first_requests()
            return
        form = self.format or ("table" if is_terminal() else "json")
        kind, title = _KINDS[self.args.kind]
        generator = kind(self.api, progress=self.progress, plots=form == "html")
        account_of(self.api)  # a bad token is told of once, and not for every source
        report = generator.compute_sum(self.sources, **self.window)
        if not generator.receipt.complete:
            self.status = FAILED  # the log says what is missing
        if not generator.receipt.streams:
            note("no streams were found, so there is no report")
            self.status = FAILED
            return
        page = {"title": f"{title} of {', '.join(self.sources)}", **generator.about}
        self._put(_TEXTS[form](report, **page if form == "html" else {}), form, report)
        self._tell(generator)

    def _put(self, text: str, form: str, report: Any) -> None:
        if self.output is not None:
            with replacing(self.output) as (file,):
                file.write(text.encode())
        elif form == "json":
            write(json_text(report) + "\n")  # as stdout and a terminal can take it
        else:
            write(text)

    def _tell(self, generator: BaseReportGenerator) -> None:
        receipt = generator.receipt
        ones = receipt.streams.values()
        readings = counted(sum(one.received for one in ones), "reading")
        read = f"{readings} of {counted(len(ones), 'stream')}"
        where = "" if self.output is None else f"{self.output}: "
        end = "complete" if receipt.complete else "NOT COMPLETE"
        empty = f", {len(receipt.empty):,} of them without any" if receipt.empty else ""
        self.tell(f"{where}{read}{empty}, {end}")


def parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    return Report.build_parser()


def main(arguments: Sequence[str]) -> int:
    """Make the report that the arguments ask for, and return the exit status."""
    return Report(arguments).execute()
