"""Keeps one virtual environment for each package that is measured, in `.venv-benchmarks`.

Knows what each is called and what is installed in it.  How an environment is made, and how its
failures are told, is known to `scripts/_venv.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "scripts"))

import _venv  # noqa: E402  the scripts are no package

CACHE = PROJECT / ".venv-benchmarks"
REQUIREMENTS = {
    "published": ("iotile-cloud==0.9.14",),
    "ours": ("--editable", "."),
    "ours[fast]": ("--editable", ".[fast]"),
}


def python_for(package: str) -> str:
    """Return the Python of the environment that has `package`, made now if need be.

    Ends the script when it cannot be made.
    """
    folder = CACHE / package.replace("[", "-").rstrip("]")
    python = _venv.python_of(folder)
    mark = folder / "installed"
    if _venv.is_half_made(folder) or _venv.version_of(python) is None:
        CACHE.mkdir(exist_ok=True)
        _venv.make(folder, _venv.BASE_PYTHON)
    wanted = _venv.stamp(package, _venv.version_of(python) or "", PROJECT)
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
        _install(package, folder)
        mark.write_text(wanted, encoding="utf-8")
    return str(python)


def _install(package: str, folder: Path) -> None:
    _venv.say(f"Installing {package} into {CACHE.name}/{folder.name} ...")
    pip = ("-m", "pip", "install", "--quiet", "--upgrade", "--disable-pip-version-check")
    python = str(_venv.python_of(folder))
    status, output = _venv.quietly(python, *pip, *REQUIREMENTS[package])
    if status:
        log = folder / "pip.log"
        log.write_text(output, encoding="utf-8")
        sys.exit(f"Cannot install {package}: {_venv.reason_of_pip(output, log)}")
    (folder / _venv.UNFINISHED).unlink(missing_ok=True)
