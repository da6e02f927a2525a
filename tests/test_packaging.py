"""What a user installs: the wheel and the source distribution, built from a copy of the project."""

from __future__ import annotations

import email
import importlib.util
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
NOT_SOURCE = shutil.ignore_patterns(
    ".git", ".venv*", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis"
)
BUILDERS = ("setuptools.command.bdist_wheel", "wheel")  # either lets setuptools build a wheel


def can_build() -> bool:
    """Tell whether this environment holds what building a wheel takes."""
    if importlib.util.find_spec("setuptools") is None:
        return False
    return any(importlib.util.find_spec(name) is not None for name in BUILDERS)


pytestmark = pytest.mark.skipif(not can_build(), reason="setuptools cannot build a wheel here")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project that a build may litter."""
    folder = tmp_path_factory.mktemp("copy") / "project"
    shutil.copytree(PROJECT, folder, ignore=NOT_SOURCE)
    return folder


def build(what: str, project: Path) -> Path:
    """Call the hook of the build system that pip calls too, and return the file it made."""
    code = f"from setuptools.build_meta import {what}; {what}('dist')"
    subprocess.run([sys.executable, "-c", code], cwd=project, check=True, capture_output=True)
    (made,) = (project / "dist").glob({"build_wheel": "*.whl", "build_sdist": "*.tar.gz"}[what])
    return made


@pytest.fixture(scope="module")
def wheel(copy: Path) -> Path:
    """Return the wheel of the project."""
    return build("build_wheel", copy)


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """Return the names of all files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def text_in(wheel: Path, ending: str) -> str:
    """Return the text of the one file of the wheel whose name ends so."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(ending))
        return archive.read(name).decode("utf-8")


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    """Return the metadata of the wheel."""
    return email.message_from_string(text_in(wheel, ".dist-info/METADATA"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder outside the project that holds what the wheel installs."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_wheel_holds_every_file_of_the_package(names: set[str]) -> None:
    """No module is forgotten, nor the mark that tells type checkers about our types."""
    source = {path for path in (PROJECT / "iotile_cloud").rglob("*") if path.suffix == ".py"}
    wanted = {path.relative_to(PROJECT).as_posix() for path in source}
    assert wanted | {"iotile_cloud/py.typed"} <= names


def test_wheel_holds_nothing_else(names: set[str]) -> None:
    """Tests, scripts and the version file stay out of the user's site-packages."""
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"iotile_cloud"}


def test_plain_install_needs_two_packages(metadata: Message) -> None:
    """Without an extra, requests and python-dateutil are all that comes along."""
    plain = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert {re.split(r"[<>=!~ ;(]", line)[0] for line in plain} == {"requests", "python-dateutil"}


def test_version_is_written_in_one_place(metadata: Message) -> None:
    """The version of the wheel is that of version.py."""
    written = (PROJECT / "version.py").read_text(encoding="utf-8")
    assert f'\nversion = "{metadata["Version"]}"\n' in written


def test_version_is_above_the_published_one(metadata: Message) -> None:
    """Users pin `>=0.9.11`, so the version stays above 0.9.14."""
    assert tuple(map(int, metadata["Version"].split(".")[:3])) > (0, 9, 14)


def test_old_pythons_are_refused(metadata: Message) -> None:
    """pip on an older Python does not take this version, and so finds 0.9.14."""
    assert metadata["Requires-Python"] == ">=3.9"


def test_command_is_installed(wheel: Path) -> None:
    """Installing brings the command `iotile-cloud`."""
    lines = text_in(wheel, ".dist-info/entry_points.txt").split("\n")
    assert "iotile-cloud = iotile_cloud.cli:run" in lines


def test_fixtures_are_announced_to_pytest(wheel: Path) -> None:
    """Installing brings the pytest plugin."""
    lines = text_in(wheel, ".dist-info/entry_points.txt").split("\n")
    assert lines[lines.index("[pytest11]") + 1] == "mock_cloud = iotile_cloud.utils.mock_cloud"


def test_wheel_works_outside_the_project_without_any_package(unpacked: Path) -> None:
    """The package, its version and its slugs need nothing but the standard library."""
    code = (
        f"import sys; sys.path.insert(0, {str(unpacked)!r})\n"
        "import iotile_cloud\n"
        "print(iotile_cloud.__file__)\n"
        "print(iotile_cloud.__version__)\n"
        "print(iotile_cloud.IOTileDeviceSlug(10))\n"
    )
    command = [sys.executable, "-I", "-S", "-c", code]
    lines = subprocess.check_output(command, cwd=unpacked.parent, text=True).splitlines()
    assert Path(lines[0]).parent == unpacked / "iotile_cloud"
    assert lines[1] in (PROJECT / "version.py").read_text(encoding="utf-8")
    assert lines[2] == "d--0000-0000-0000-000a"


def run_unpacked(unpacked: Path, code: str) -> list[str]:
    """Run `code` with the unpacked wheel and the two required packages, but without extras."""
    start = f"import sys; sys.path.insert(0, {str(unpacked)!r}); sys.modules['werkzeug'] = None\n"
    command = [sys.executable, "-I", "-c", start + code]
    done = subprocess.run(command, cwd=unpacked.parent, text=True, capture_output=True, check=True)
    return [*done.stderr.splitlines(), *done.stdout.splitlines()]


def test_wheel_has_a_client_without_any_extra(unpacked: Path) -> None:
    """The client of the wheel works with the required packages alone."""
    code = "import iotile_cloud; print(iotile_cloud.__file__); print(iotile_cloud.Api().org)"
    lines = run_unpacked(unpacked, code)
    assert Path(lines[0]).parent == unpacked / "iotile_cloud"
    assert lines[1] == "<RestResource https://iotile.cloud/api/v1/org/>"


def test_wheel_says_which_extra_the_demo_needs(unpacked: Path) -> None:
    """A command that needs an extra names it in one line."""
    code = "from iotile_cloud.cli import main; print(main(['demo']))"
    line, status = run_unpacked(unpacked, code)
    assert "iotile_cloud[local]" in line
    assert status == "1"


def test_source_distribution_is_the_whole_project(copy: Path) -> None:
    """From the source distribution the tests can be run, the docs read and a wheel built."""
    with tarfile.open(build("build_sdist", copy)) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml", "setup.py", "version.py"}
    assert (
        wanted
        | {
            "docs/architecture.md",
            "scripts/_venv.py",
            "scripts/test",
            "tests/test_packaging.py",
            "iotile_cloud/py.typed",
        }
        <= held
    )
