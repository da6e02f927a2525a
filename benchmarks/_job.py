"""One measured job in a process of its own; prints what it took as one line of JSON.

Runs with the published package and with ours, in the environment that has it.  Knows how each is
told to do the job; does not know what it is compared with.

    python _job.py JOB URL ROWS WORKERS

Each job is a function that is given an `Api` and returns what it holds in the end and its number
of readings.  One that this package cannot do fails.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from _readings import FIRST, PROJECT, slug_of

# Which package they are of is known only to who started this.
connection: Any = import_module("iotile_cloud.api.connection")
downloads: Any = import_module("iotile_cloud.stream.data")
reports: Any = import_module("iotile_cloud.stream.report")


def data(api: Any, rows: int, workers: int) -> tuple[Any, int]:
    """Hold every reading as a dictionary."""
    readings = downloads.StreamData(slug_of(rows), api, **_options(workers))
    readings.initialize_from_server()
    return readings.data, len(readings.data)


def rows(api: Any, rows: int, workers: int) -> tuple[Any, int]:
    """Look at every reading and hold none."""
    readings = downloads.StreamData(slug_of(rows), api, **_options(workers))
    return None, sum(1 for _ in readings.rows(start=None))


def columns(api: Any, rows: int, workers: int) -> tuple[Any, int]:
    """Hold all columns of every reading."""
    readings = downloads.StreamData(slug_of(rows), api, **_options(workers))
    held = readings.columns(start=None)
    return held, len(held)


def table(api: Any, rows: int, workers: int) -> tuple[Any, int]:
    """Hold the output value of every reading, from the table that the cloud makes of them."""
    readings = downloads.StreamData(slug_of(rows), api, **_options(workers))
    held = readings.columns("output_value", start=None)
    if readings.receipt.how != "table":
        raise RuntimeError(f"the readings came in another way: {readings.receipt.how}")
    return held, len(held)


def sums(api: Any, rows: int, workers: int) -> tuple[Any, int]:
    """Add up all streams of a project."""
    generator = reports.AccumulationReportGenerator(api, **_options(workers))
    made = generator.compute_sum([PROJECT], start=FIRST)
    return made, rows * len(made["streams"])


def statistics(api: Any, rows: int, workers: int) -> tuple[Any, int]:
    """Make statistics of all streams of a project."""
    generator = reports.StatisticsReportGenerator(api, **_options(workers))
    made = generator.compute_sum([PROJECT], start=FIRST)
    return made, rows * len(made["streams"])


def _options(workers: int) -> dict[str, int]:
    return {"workers": workers} if workers else {}


def held_memory() -> int | None:
    """Return the bytes of this process that are in memory now, None where nobody tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def most_memory() -> int | None:
    """Return the most bytes that this process ever had in memory, None where nobody tells."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def login(url: str) -> Any:
    """Return an `Api` that has made a request, so that everything is connected."""
    api = connection.Api(url)
    api.login("benchmark", "a@example.com")
    api.stream(slug_of(1)).data.get()
    return api


def measure(job: str, url: str, rows: int, workers: int) -> dict[str, Any]:
    """Do the job once and return what it took."""
    api = login(url)
    gc.collect()
    before = held_memory()
    cpu, begin = time.process_time(), time.perf_counter()
    held, count = JOBS[job](api, rows, workers)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    after = held_memory()
    del held
    return {
        "seconds": seconds,
        "cpu": cpu,
        "readings": count,
        "peak": most_memory(),
        "held": None if after is None or before is None else after - before,
    }


JOBS = {job.__name__: job for job in (data, rows, columns, table, sums, statistics)}

if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
