"""What the scripts decide before they do anything: stamps, states of .venv, which Pythons."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
posix_only = pytest.mark.skipif(os.name == "nt", reason="uses a shell script as an interpreter")


def load(name: str) -> ModuleType:
    """Import a module of the folder scripts, which is no package."""
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


venv = load("_venv")
pythons = load("_pythons")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with the files that decide what is to be installed."""
    for name in venv.DECIDING_FILES:
        (tmp_path / name).write_text(f"# {name}\n")
    return tmp_path


def executable(file: Path, script: str) -> Path:
    """Write an executable shell script and return its path."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def test_stamp_of_an_unchanged_project_is_the_same(project: Path) -> None:
    """Nothing is installed again when nothing changed."""
    assert venv.stamp("test", "3.11", project) == venv.stamp("test", "3.11", project)


@pytest.mark.parametrize("name", venv.DECIDING_FILES)
def test_stamp_changes_with_each_deciding_file(project: Path, name: str) -> None:
    """A change of what is to be installed is noticed."""
    before = venv.stamp("test", "3.11", project)
    (project / name).write_text("# changed\n")
    assert venv.stamp("test", "3.11", project) != before


def test_stamp_changes_with_the_extra(project: Path) -> None:
    """One extra that is installed does not stand for another."""
    assert venv.stamp("local", "3.11", project) != venv.stamp("test", "3.11", project)


def test_stamp_changes_with_the_python(project: Path) -> None:
    """An environment whose Python was replaced is installed into again."""
    assert venv.stamp("test", "3.11", project) != venv.stamp("test", "3.12", project)


def test_stamp_changes_with_the_place(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A project that was moved is installed again, since an editable install knows its folder."""
    moved = tmp_path_factory.mktemp("moved") / "project"
    before = venv.stamp("test", "3.11", project)
    project.rename(moved)
    assert venv.stamp("test", "3.11", moved) != before


def test_environment_with_its_marker_is_half_made(tmp_path: Path) -> None:
    """The marker that an interrupted run leaves behind is recognised."""
    (tmp_path / venv.UNFINISHED).touch()
    assert venv.is_half_made(tmp_path)


def test_environment_without_the_marker_is_not_half_made(tmp_path: Path) -> None:
    """An environment that somebody made by hand is used as it is."""
    assert not venv.is_half_made(tmp_path)


def test_python_that_is_not_there_has_no_version(tmp_path: Path) -> None:
    """A missing interpreter is no error but a reason to make the environment."""
    assert venv.version_of(venv.python_of(tmp_path)) is None


def test_version_is_that_of_the_interpreter_asked() -> None:
    """The full version text comes from the interpreter itself."""
    version = venv.version_of(Path(sys.executable))
    assert version is not None
    assert version.strip() == sys.version


def test_failed_making_names_the_missing_package() -> None:
    """A Python without venv gives one line that says what to install."""
    reason = venv.reason_without_venv("Error: /usr/bin/python3: No module named venv\n")
    assert "python3-venv" in reason
    assert "\n" not in reason


def test_other_failed_making_keeps_the_last_words() -> None:
    """A failure that we do not know is told in the words of the tool."""
    assert venv.reason_without_venv("Traceback ...\nOSError: disk full\n") == "OSError: disk full"


def test_unreachable_index_is_one_line(tmp_path: Path) -> None:
    """Without a network there is one line, and the file that holds pip's own words."""
    output = "WARNING: Retrying after connection broken by 'X'\nERROR: No matching distribution\n"
    reason = venv.reason_of_pip(output, tmp_path / "pip.log")
    assert "pip.log" in reason
    assert "\n" not in reason


def test_other_failure_of_pip_is_shown_whole(tmp_path: Path) -> None:
    """What pip printed is not hidden when it failed for a reason of its own."""
    assert "ERROR: no wheel\nand more" in venv.reason_of_pip(
        "ERROR: no wheel\nand more\n", tmp_path / "pip.log"
    )


def status_through_script(command: str) -> int:
    """Return the status of a script that runs Python with `command`."""
    code = (
        f"import sys; sys.path.insert(0, {str(SCRIPTS)!r}); import _venv\n"
        f"sys.exit(_venv.run(sys.executable, '-c', {command!r}))"
    )
    return subprocess.run([sys.executable, "-c", code], check=False).returncode


@pytest.mark.parametrize("status", [0, 7])
def test_status_of_a_command_is_handed_on(status: int) -> None:
    """The script ends as what it ran has ended."""
    assert status_through_script(f"raise SystemExit({status})") == status


@posix_only
def test_command_that_a_signal_ended_is_told_as_a_shell_does() -> None:
    """A negative status, which no process can end with, becomes 128 and the signal's number."""
    assert status_through_script("import os, signal; os.kill(os.getpid(), signal.SIGTERM)") == 143


def test_candidates_come_from_the_search_path_first(tmp_path: Path) -> None:
    """What the user calls by name goes before what lies below ~/.pyenv."""
    named = executable(tmp_path / "bin" / "python3.12", "")
    pyenv = executable(tmp_path / ".pyenv" / "versions" / "3.9.18" / "bin" / "python", "")
    assert pythons.candidates(str(tmp_path / "bin"), tmp_path) == [named, pyenv]


def test_unsupported_versions_are_no_candidates(tmp_path: Path) -> None:
    """A Python that is too old or not yet known is not even started."""
    executable(tmp_path / "python3.8", "")
    assert pythons.candidates(str(tmp_path), tmp_path) == []


@posix_only
@pytest.mark.parametrize(
    "script", ["echo 'pyenv: python3.9: command not found' >&2; exit 127", "echo Hello", "true"]
)
def test_candidate_that_is_no_python_is_ignored(tmp_path: Path, script: str) -> None:
    """A shim that fails, and a program that answers nonsense, count as not found."""
    assert pythons.probe(executable(tmp_path / "python3.9", script)) is None


@posix_only
def test_other_implementations_are_ignored(tmp_path: Path) -> None:
    """A PyPy that lies among the versions of pyenv does not stand for a CPython."""
    assert pythons.probe(executable(tmp_path / "python", "echo pypy 3 10")) is None


@posix_only
def test_working_candidate_tells_its_version(tmp_path: Path) -> None:
    """The version is what the interpreter answers, not what its name says."""
    assert pythons.probe(executable(tmp_path / "python3.9", "echo cpython 3 12")) == (3, 12)


@pytest.mark.parametrize(
    ("minors", "chosen"),
    [((), ()), ((11,), ()), ((11, 12), (12,)), ((9, 10, 11, 12, 13), (9, 13)), ((9, 11), (9,))],
)
def test_oldest_and_newest_other_pythons_are_chosen(
    minors: tuple[int, ...], chosen: tuple[int, ...]
) -> None:
    """Of all that were found, the ends are taken and the running one is left out."""
    found = {(3, minor): Path("python") for minor in minors}
    assert pythons.choose(found, (3, 11)) == [(3, minor) for minor in chosen]


def test_every_version_is_chosen_or_has_a_reason() -> None:
    """Nothing is left out in silence."""
    found = {(3, minor): Path("python") for minor in (9, 10, 11, 13)}
    reasons = pythons.skipped(found, (3, 11))
    assert [line.partition(" skipped: ")[::2] for line in reasons] == [
        ("Python 3.10", "between the oldest and the newest"),
        ("Python 3.11", "scripts/test runs on it"),
        ("Python 3.12", "no working CPython of it was found"),
        ("Python 3.14", "no working CPython of it was found"),
    ]


@pytest.mark.parametrize("name", ["demo", "test", "check", "_oldest.py"])
def test_any_python_can_read_the_front_of_a_script(name: str) -> None:
    """No syntax stops an old Python from telling, in one line, that it is too old."""
    source = (SCRIPTS / name).read_bytes().decode("ascii")
    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.arg)
    found = [
        node
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, new) and getattr(node, "annotation", True))
        or (isinstance(node, (ast.List, ast.Tuple)) and has_star(node))
        or (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    ]
    assert found == []


def has_star(display: ast.List | ast.Tuple) -> bool:
    """Tell whether a list or tuple is written with items unpacked into it."""
    return any(isinstance(item, ast.Starred) for item in display.elts)
