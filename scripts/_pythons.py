"""Finds the other Pythons of this machine that the suite should run on.

Knows where Pythons are usually kept and which of them the project supports; runs no test.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

Version = tuple[int, int]

SUPPORTED: tuple[Version, ...] = tuple((3, minor) for minor in range(9, 15))
# ensurepip and venv: without them an interpreter cannot have an environment of its own.
QUESTION = "import ensurepip, sys, venv; print(sys.implementation.name, *sys.version_info[:2])"


def find() -> dict[Version, Path]:
    """Return one working CPython for each supported version found on this machine."""
    found: dict[Version, Path] = {}
    for candidate in candidates(os.environ.get("PATH", ""), Path(os.path.expanduser("~"))):
        version = probe(candidate)
        if version in SUPPORTED and version not in found:
            found[version] = candidate
    return found


def candidates(path: str, home: Path) -> list[Path]:
    """Return the files that may be Pythons: on the search path `path`, then below ~/.pyenv."""
    folders = [Path(folder) for folder in path.split(os.pathsep) if folder]
    named = [folder / f"python{major}.{minor}" for folder in folders for major, minor in SUPPORTED]
    pyenv = sorted(home.glob(".pyenv/versions/*/bin/python"))
    return [file for file in (*named, *pyenv) if os.access(file, os.X_OK) and file.is_file()]


def probe(python: Path) -> Version | None:
    """Return the version of a CPython that starts and can make environments, else None."""
    try:
        answer = subprocess.run(
            [str(python), "-c", QUESTION], capture_output=True, text=True, timeout=60, check=True
        ).stdout.split()
        name, major, minor = answer[0], int(answer[1]), int(answer[2])
    except (OSError, subprocess.SubprocessError, IndexError, ValueError):
        return None
    return (major, minor) if name == "cpython" else None


def choose(found: dict[Version, Path], running: Version) -> list[Version]:
    """Return the oldest and the newest version found, the running one left out."""
    others = sorted(set(found) - {running})
    return sorted({*others[:1], *others[-1:]})


def skipped(found: dict[Version, Path], running: Version) -> list[str]:
    """Return a line for each supported version that `choose` leaves out, with the reason."""
    lines = []
    for version in SUPPORTED:
        name = "Python {}.{} skipped: ".format(*version)
        if version == running:
            lines.append(name + "scripts/test runs on it")
        elif version not in found:
            lines.append(name + "no working CPython of it was found")
        elif version not in choose(found, running):
            lines.append(name + "between the oldest and the newest")
    return lines


def running_version() -> Version:
    """Return the version of the Python that runs this."""
    return sys.version_info[0], sys.version_info[1]
