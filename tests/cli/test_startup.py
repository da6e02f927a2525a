"""What the front door of the command must not import, since a start has to be quick.

Time itself is measured by `benchmarks/startup.py`; here it is the cause, which does not depend on
the machine.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import iotile_cloud

PROJECT = Path(iotile_cloud.__file__).parent.parent
HEAVY = (
    "argparse",
    "dataclasses",
    "datetime",
    "dateutil",
    "difflib",
    "email",
    "importlib.metadata",
    "inspect",
    "json",
    "logging",
    "requests",
    "typing",
    "urllib",
)


def loaded_by(*arguments: str, options: Sequence[str] = (), path: str = "") -> set[str]:
    """Return what the command with `arguments` imports beyond what Python itself has.

    Args:
        arguments: of the command, which has to end well.
        options: of Python.
        path: a folder to look in, too.
    """
    code = (
        f"import sys; sys.path[:0] = [{str(PROJECT)!r}, {path!r}]; before = set(sys.modules)\n"
        f"from iotile_cloud.cli import main; status = main({list(arguments)!r})\n"
        "print(*(set(sys.modules) - before), file=sys.stderr); sys.exit(status)"
    )
    command = [sys.executable, *options, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["-q", "--help"], ["get", "--version"]]
)
def test_front_door_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    """Help and version load our own few files and nothing that takes its time."""
    # Without `site`, whose hooks for editable installations import a good deal of their own.
    (tmp_path / "iotile_cloud-1.2.3.dist-info").mkdir()
    loaded = loaded_by(*arguments, options=["-S"], path=str(tmp_path))
    assert "iotile_cloud.cli" in loaded
    assert loaded & set(HEAVY) == set()


def test_slugs_need_no_http() -> None:
    """`slug` asks no server, so it loads nothing that could."""
    loaded = loaded_by("slug", "d--1", "--json")
    assert "iotile_cloud.cli.slug" in loaded
    assert "requests" not in loaded
