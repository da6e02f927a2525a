"""The tables of the download benchmark: what is measured, against what, and what is aimed at.

Pure.  How a job is done is in `_job.py`.
"""

from __future__ import annotations

from _figures import Figure, Group, Run, for_each_more, ratio_for_each

PUBLISHED, OURS, FAST = "published", "ours", "ours[fast]"
PROJECT_ROWS = 200  # readings of each stream of the project
NO_GROWTH = 1.03  # a process is never twice of exactly one size
LINEAR = 1.10


def groups(rows: int) -> dict[str, Group]:
    """Return all that is measured, by name; `rows` are the readings of the longest stream."""
    return {
        "rows": _many_rows(rows),
        "latency": _slow_network(100_000),
        "report": _many_streams(500),
    }


def _many_rows(rows: int) -> Group:
    published = Run(PUBLISHED, "data", rows)
    columns = Run(FAST, "columns", rows)
    return Group(
        f"{rows:,} readings",
        (
            Figure("`.data`", Run(OURS, "data", rows), published, 0.90),
            Figure("`.data`, `[fast]`", Run(FAST, "data", rows), published, 0.40),
            Figure("columns", Run(OURS, "columns", rows), published),
            Figure("columns, `[fast]`", columns, published, 0.40),
            Figure("columns over `/df/`, `[fast]`", Run(FAST, "table", rows), published, 0.25),
            Figure("`rows()`", Run(OURS, "rows", rows), published),
            Figure("`rows()`, `[fast]`", Run(FAST, "rows", rows), published),
            _held("columns", "columns", rows, 64),
            _held("`.data`", "data", rows, None),
            _memory("`rows()`", OURS, rows),
            _memory("`rows()`, `[fast]`", FAST, rows),
            _growth("`.data`", OURS, "data", rows),
            _growth("`.data`, `[fast]`", FAST, "data", rows),
            _growth("columns, `[fast]`", FAST, "columns", rows),
        ),
    )


def _memory(text: str, package: str, rows: int) -> Figure:
    most, few = Run(package, "rows", rows), Run(package, "rows", rows // 10)
    return Figure(f"{text}: memory, to that for {few.rows:,}", most, few, NO_GROWTH, "peak")


def _growth(text: str, package: str, job: str, rows: int) -> Figure:
    most, few = Run(package, job, rows), Run(package, job, rows // 100)
    text = f"{text}: time for a reading, to that of {few.rows:,}"
    return Figure(text, most, few, LINEAR, compare=ratio_for_each)


def _held(text: str, job: str, rows: int, aim: float | None) -> Figure:
    most, few = Run(FAST, job, rows), Run(FAST, job, rows // 10)
    text = f"{text}: bytes held for a reading"
    return Figure(text, most, few, aim, "held", for_each_more)


def _slow_network(rows: int) -> Group:
    published = Run(PUBLISHED, "data", rows)
    return Group(
        f"{rows:,} readings, 50 ms latency, 16 workers",
        (
            Figure("`.data`", Run(OURS, "data", rows, 16), published, 0.30),
            Figure("`.data`, `[fast]`", Run(FAST, "data", rows, 16), published, 0.20),
            Figure("columns, `[fast]`", Run(FAST, "columns", rows, 16), published),
        ),
        latency=0.05,
    )


def _many_streams(streams: int) -> Group:
    published = Run(PUBLISHED, "sums", PROJECT_ROWS)
    return Group(
        f"Report over {streams} streams of {PROJECT_ROWS} readings, 20 ms latency, 32 workers",
        (
            Figure("sums", Run(OURS, "sums", PROJECT_ROWS, 32), published, 0.07),
            Figure("sums, `[fast]`", Run(FAST, "sums", PROJECT_ROWS, 32), published, 0.07),
            Figure("statistics", Run(OURS, "statistics", PROJECT_ROWS, 32), published),
        ),
        streams=streams,
        latency=0.02,
    )
