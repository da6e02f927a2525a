"""Keeps a virtual environment with this project and one of its extras in it, for the scripts here.

Decides what there is to do, does it, and says so in one line on stderr.  `pip` is used as its
user has set it up (`PIP_*`, configuration files).  Knows nothing of what runs in the environment.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Callable, NoReturn

PROJECT = Path(__file__).resolve().parent.parent
DECIDING_FILES = ("setup.py", "version.py", "pyproject.toml")
# A whole suite on all processors; more than four workers would mostly wait for each other.
SHARED = ("-q", "-n", "auto", "--maxprocesses", "4")
UNFINISHED = "unfinished"  # lies in an environment until everything is in it
# Inside an environment that is about to be remade, its own Python is no tool to make it with.
BASE_PYTHON = getattr(sys, "_base_executable", None) or sys.executable
NO_VENV = ("No module named venv", "No module named ensurepip", "ensurepip is not available")
NO_NETWORK = ("connection broken by", "Max retries exceeded", "Could not fetch URL")


def ready(extra: str, folder: Path = PROJECT / ".venv", base: str = BASE_PYTHON) -> str:
    """Return the Python of the environment `folder`, which then holds the project with `extra`.

    Nothing is made or installed again when nothing changed.  Ends the script when it cannot be.
    """
    python = python_of(folder)
    if is_half_made(folder) or version_of(python) is None:
        make(folder, base)
    wanted = stamp(extra, version_of(python) or "", PROJECT)
    mark = folder / f"installed-{extra}"
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
        mark.unlink(missing_ok=True)
        install(extra, folder)
        mark.write_text(wanted, encoding="utf-8")
    return str(python)


def python_of(folder: Path) -> Path:
    """Return where the environment `folder` has its Python on this system."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_half_made(folder: Path) -> bool:
    """Tell whether a run that made `folder` was interrupted before it was done."""
    return (folder / UNFINISHED).exists()


def version_of(python: Path) -> str | None:
    """Return the full version text of an interpreter, or None when it does not start."""
    try:
        return subprocess.run(
            [str(python), "-c", "import sys; print(sys.version)"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def stamp(extra: str, version: str, project: Path) -> str:
    """Return a text that changes when `extra` has to be installed again.

    That is so when a file that says what to install changed, or the Python, or the place of the
    project, which an editable install remembers.
    """
    contents = [(project / name).read_bytes() for name in DECIDING_FILES]
    return hashlib.sha256(repr((str(project), extra, version, contents)).encode()).hexdigest()


def make(folder: Path, base: str) -> None:
    """Make the empty environment `folder` with the Python `base`; what was there is lost."""
    say(f"Making {folder.name} ...")
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.mkdir()
    (folder / UNFINISHED).touch()
    status, output = quietly(base, "-m", "venv", str(folder))
    if status:
        sys.exit(f"Cannot make {folder.name}: {reason_without_venv(output)}")


def install(extra: str, folder: Path) -> None:
    """Install the project, editable, with `extra`, and so finish the environment `folder`."""
    say(f"Installing iotile_cloud[{extra}] into {folder.name}, which may take a minute ...")
    command = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
    status, output = quietly(str(python_of(folder)), *command, "--editable", f".[{extra}]")
    if status:
        log = folder / "pip.log"
        log.write_text(output, encoding="utf-8")
        sys.exit(f"Cannot install iotile_cloud[{extra}]: {reason_of_pip(output, log)}")
    (folder / UNFINISHED).unlink(missing_ok=True)


def reason_without_venv(output: str) -> str:
    """Return in one line why `python -m venv` failed, from what it printed."""
    if any(sign in output for sign in NO_VENV):
        return "this Python lacks the venv module (Debian and Ubuntu: apt install python3-venv)"
    return output.strip().rpartition("\n")[2]


def reason_of_pip(output: str, log: Path) -> str:
    """Return why pip failed: one line when the network did, else what pip printed."""
    if any(sign in output for sign in NO_NETWORK):
        return f"pip cannot reach the package index; is there a network? Its words are in {log}"
    return f"pip failed.\n{output.strip()}"


def quietly(*command: str) -> tuple[int, str]:
    """Run `command` in the project folder; return its status and all that it printed."""
    done = subprocess.run(
        command,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout


def run(*command: str, cwd: Path | None = None) -> int:
    """Run `command` to its end and return its exit status, 128 + n when signal n ended it.

    Ctrl-C reaches the command by itself and SIGTERM is handed on, so it can end in its own way.
    """
    with subprocess.Popen(command, cwd=cwd) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        while True:
            try:
                status = process.wait()
            except KeyboardInterrupt:
                continue
            return status if status >= 0 else 128 - status


def say(text: str) -> None:
    """Tell the person at the terminal what is going on; stdout is for what is run."""
    print(text, file=sys.stderr, flush=True)


def run_script(body: Callable[[list[str]], int]) -> NoReturn:
    """Give `body` the arguments of the script and end with the status that it returns."""
    try:
        sys.exit(body(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(str(error))
