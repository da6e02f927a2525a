#!/usr/bin/env python3
"""Measure how fast the command line starts, against `python -c "import requests"`.

All commands run in turn, round after round, in an environment that `download.py` uses as well; what
is told are medians over the rounds of the ratio within a round, so it holds on any machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from _environments import python_for

AIM = 1 / 3
BASE = ("-c", "import requests")
HEAD = "| command | median | lowest to highest | aim | met |\n|---|---|---|---|---|"


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return 1 when aims are to be checked and one is not met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20, help="how often; %(default)s")
    parser.add_argument(
        "--check", action="store_true", help="end with status 1 if an aim is missed"
    )
    options = parser.parse_args(arguments)
    python = python_for("ours")
    script = str(Path(python).with_name("iotile-cloud"))
    commands = {
        "`iotile-cloud --version`": (script, "--version"),
        "`iotile-cloud --help`": (script, "--help"),
        "Python alone": (python, "-c", "pass"),
    }
    found = measure((python, *BASE), commands, options.rounds)
    print(HEAD)
    missed = False
    for name, ratios in found.items():
        aimed = "iotile-cloud" in name
        met = median(ratios) <= AIM
        missed = missed or (aimed and not met)
        verdict = f"{AIM:.2f} | {'yes' if met else 'no'}" if aimed else " | "
        span = f"{min(ratios):.2f} to {max(ratios):.2f}"
        print(f"| {name} | **{median(ratios):.2f}** | {span} | {verdict} |")
    return int(options.check and missed)


def measure(
    base: Sequence[str], commands: dict[str, tuple[str, ...]], rounds: int
) -> dict[str, list[float]]:
    """Return how long each command took, as a share of the time of `base`, once a round."""
    found: dict[str, list[float]] = {name: [] for name in commands}
    for command in (base, *commands.values()):
        seconds(command)  # so that all of it is compiled, and in the memory of the system
    for _ in range(rounds):
        whole = seconds(base)
        for name, command in commands.items():
            found[name].append(seconds(command) / whole)
    return found


def seconds(command: Sequence[str]) -> float:
    """Run `command` and return how long it took."""
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
