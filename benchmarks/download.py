#!/usr/bin/env python3
"""Measure downloads of readings against the published package, on a fast server of this machine.

Makes an environment for each package below `.venv-benchmarks` when there is none.  Each job runs
in a process of its own, all in turn, round after round; what is told are medians over the rounds
of the ratio within a round.  Knows nothing of how a job is done or what the figures mean.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _aims import groups
from _environments import python_for
from _figures import HEAD, Group, Round, Run, line, misses

HERE = Path(__file__).resolve().parent
FULL = 1_000_000


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return 1 when aims are to be checked and one is not met."""
    options = read(arguments)
    known = groups(options.rows)
    chosen = [known[name] for name in options.only or known]
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, ", end="")
    print(f"{options.rounds} rounds")
    if options.rows != FULL:
        print(f"The aims are for {FULL:,} readings.")
    missed = False
    for group in chosen:
        rounds = measure(group, options.rounds)
        print(f"\n### {group.title}\n\n{HEAD}")
        for figure in group.figures:
            print(line(figure, rounds), flush=True)
        missed = missed or any(misses(figure, rounds) for figure in group.figures)
    return int(options.check and missed)


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options, with what they leave open filled in."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, help="readings of the longest stream; 1,000,000")
    parser.add_argument("--rounds", type=int, help="how often each job is done; 5")
    parser.add_argument("--quick", action="store_true", help="100,000 readings, 3 rounds")
    parser.add_argument(
        "--check", action="store_true", help="end with status 1 if an aim is missed"
    )
    parser.add_argument("--only", action="append", choices=list(groups(1000)), help="one group")
    options = parser.parse_args(arguments)
    options.rows = options.rows or (100_000 if options.quick else FULL)
    options.rounds = options.rounds or (3 if options.quick else 5)
    if options.rows < 1000:
        parser.error("--rows must be at least 1000: a hundredth of them is measured too")
    return options


def measure(group: Group, count: int) -> list[Round]:
    """Do all jobs of `group` in turn, `count` times."""
    rounds: list[Round] = []
    pythons = {run.package: python_for(run.package) for run in group.runs}
    with server(group) as url:
        for number in range(count):
            print(f"{group.title}: round {number + 1} of {count}", file=sys.stderr, flush=True)
            rounds.append({run: done(run, pythons[run.package], url, group) for run in group.runs})
    return rounds


@contextmanager
def server(group: Group) -> Iterator[str]:
    """Yield the URL of a server that has what `group` needs, in a process of its own."""
    script = str(HERE / "_server.py")
    needs = (str(group.longest), str(group.streams), str(group.latency))
    command = [sys.executable, script, *needs]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            url = process.stdout.readline().decode("ascii").strip() if process.stdout else ""
            if not url:
                sys.exit("the server of the benchmark did not start")
            yield url
        finally:
            process.terminate()


def done(run: Run, python: str, url: str, group: Group) -> dict[str, Any] | None:
    """Do one job and return what it took, None when it failed."""
    job = (run.job, url, str(run.rows), str(run.workers))
    command = [python, str(HERE / "_job.py"), *job]
    # Nothing of this process may stand between the two packages, and no proxy before the server.
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    environment["NO_PROXY"] = "127.0.0.1"
    ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE)
    if ended.returncode:
        print(f"{run} failed", file=sys.stderr)  # its own words stand above
        return None
    told: dict[str, Any] = json.loads(ended.stdout)
    expected = run.rows * (group.streams or 1)
    if told["readings"] != expected:
        sys.exit(f"{run} brought {told['readings']} readings, not {expected}")
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
