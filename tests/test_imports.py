"""The layout of the package, as docs/architecture.md draws it, holds in the code."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import iotile_cloud

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "iotile_cloud"
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [file.relative_to(PACKAGE).as_posix() for file in FILES]
LONGEST = 350  # lines
EVERYBODY_MAY = "iotile_cloud:__version__"


class Room(NamedTuple):
    """One row of the table: the name, the files (a folder ends in a slash), the rooms allowed."""

    name: str
    files: tuple[str, ...]
    allowed: tuple[str, ...]


@cache
def rooms() -> list[Room]:
    """Read the table of rooms out of the document."""
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("| floor | room |")[2].partition("\n\n")[0].splitlines()[2:]
    found = []
    for line in table:
        _, name, files, allowed = (cell.strip() for cell in line.strip("|").split("|"))
        names = () if allowed == "nothing" else tuple(allowed.split(", "))
        found.append(Room(name, tuple(re.findall(r"`([^`]+)`", files)), names))
    return found


def room_of(name: str) -> str:
    """Return the room of a file, given by its path in the package; empty when it has none."""
    fitting = [
        (len(place), room.name)
        for room in rooms()
        for place in room.files
        if name == place or (place.endswith("/") and name.startswith(place))
    ]
    return max(fitting, default=(0, ""))[1]


def module_name(file: Path) -> str:
    """Return the dotted name by which `file` is imported."""
    parts = file.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for file in FILES}


def imported(file: Path, source: str) -> Iterator[str]:
    """Yield what `source`, the text of `file`, imports at any depth: `module` or `module:name`."""
    module = module_name(file)
    package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *((node.module or "").split(".") if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in MODULES else f"{base}:{alias.name}"


@cache
def text_of(file: Path) -> str:
    """Return what a file of the package says."""
    return file.read_text(encoding="utf-8")


@cache
def tree_of(file: Path) -> ast.Module:
    """Return the syntax tree of a file of the package."""
    return ast.parse(text_of(file))


@cache
def imports_of(file: Path) -> set[str]:
    """Return everything that a file of the package imports."""
    return set(imported(file, text_of(file)))


def run_python(*arguments: str) -> str:
    """Run this Python with `arguments` in the project and return what it printed."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout


def test_table_is_read_from_the_document() -> None:
    """The document names every room that the rules below speak of."""
    wanted = {"scripts", "streams", "api", "embedded cloud", "device reports", "values"}
    assert wanted <= {room.name for room in rooms()}


def test_rooms_import_downwards_only() -> None:
    """A room of the table may only import rooms that stand in rows below it."""
    order = [room.name for room in rooms()]
    for row, room in enumerate(rooms()):
        assert set(room.allowed) <= set(order[row + 1 :]), room.name


def test_embedded_cloud_shares_nothing_with_the_client() -> None:
    """The table itself may not let the embedded cloud import the client."""
    cloud = next(room for room in rooms() if room.name == "embedded cloud")
    assert not {"api", "streams", "scripts"} & set(cloud.allowed)


def test_every_place_of_the_table_exists() -> None:
    """The document names no file or folder that is not there."""
    places = [place for room in rooms() for place in room.files]
    assert [place for place in places if not (PACKAGE / place).exists()] == []


def test_relative_and_nested_imports_are_seen() -> None:
    """The reader of imports finds those of functions and resolves the relative ones."""
    source = (
        "def f():\n    from ..utils import basic\n    from .. import x\n    import requests.auth\n"
    )
    found = set(imported(PACKAGE / "api" / "x.py", source))
    assert found == {"iotile_cloud.utils.basic", "iotile_cloud:x", "requests.auth"}


def test_every_file_lives_in_a_room() -> None:
    """The document gives each file a room."""
    assert [name for name in NAMES if not room_of(name)] == []


def test_files_import_what_their_rooms_may() -> None:
    """A file imports only from its own room and from the rooms below."""
    allowed = {room.name: {room.name, *room.allowed} for room in rooms()}
    found = {
        (name, other): home_of(other)
        for name, file in zip(NAMES, FILES)
        for other in imports_of(file) - {EVERYBODY_MAY}
        if other.split(".")[0].startswith("iotile_cloud")
    }
    wrong = {pair: home for pair, home in found.items() if home not in allowed[room_of(pair[0])]}
    assert wrong == {}


def home_of(name: str) -> str:
    """Return the room of an import as `imported` yields it."""
    return room_of(MODULES[name.partition(":")[0]].relative_to(PACKAGE).as_posix())


def test_requests_belongs_to_the_api_room() -> None:
    """Only files of the room api import requests, at whatever depth."""
    importing = {
        name
        for name, file in zip(NAMES, FILES)
        for other in imports_of(file)
        if other.partition(":")[0].partition(".")[0] == "requests"
    }
    assert importing
    assert {name for name in importing if not name.startswith("api/")} == set()


def test_every_file_says_what_it_is_for() -> None:
    """Each begins with a docstring."""
    silent = [name for name, file in zip(NAMES, FILES) if not ast.get_docstring(tree_of(file))]
    assert silent == []


def test_every_file_is_short() -> None:
    """Each can be read at once."""
    lengths = {name: len(text_of(file).splitlines()) for name, file in zip(NAMES, FILES)}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_annotations_are_never_evaluated() -> None:
    """Every file with code begins with the future import that Python 3.9 needs for our types."""
    wrong = []
    for name, file in zip(NAMES, FILES):
        first = next(iter(tree_of(file).body[1:]), None)
        if first and not (isinstance(first, ast.ImportFrom) and first.module == "__future__"):
            wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize(
    "module",
    ["iotile_cloud", "iotile_cloud.utils.gid", "iotile_cloud.streamer", "iotile_cloud.cli"],
)
def test_light_imports_do_not_load_requests(module: str) -> None:
    """Slugs, device reports and the command's front door cost no HTTP library."""
    code = f"import {module}, sys; print('requests' in sys.modules)"
    assert run_python("-c", code) == "False\n"


def test_version_option_loads_neither_requests_nor_argparse() -> None:
    """`--version` answers before anything heavy is imported."""
    code = (
        "import sys; from iotile_cloud.cli import main; main(['--version'])\n"
        "print({'requests', 'argparse'} & set(sys.modules))"
    )
    assert run_python("-c", code).splitlines()[1:] == ["set()"]


@pytest.mark.parametrize("name", iotile_cloud.__all__)
def test_every_name_of_the_face_resolves(name: str) -> None:
    """Each name that the package promises is there."""
    assert getattr(iotile_cloud, name) is not None


def test_face_is_sorted() -> None:
    """`__all__` is in order, so that a name is found and never listed twice."""
    assert iotile_cloud.__all__ == sorted(set(iotile_cloud.__all__))


def test_face_of_the_type_checker_is_the_face_at_run_time() -> None:
    """The names that a type checker sees are those that are handed out, from the same modules."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: f".{node.module}"
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
    }
    assert seen == importlib.import_module("iotile_cloud")._HOME


def test_version_is_unknown_without_an_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare folder on the path, of which no metadata tell, still works and says so."""

    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(vars(iotile_cloud), "__version__", raising=False)
    assert iotile_cloud.__version__ == "unknown"
    monkeypatch.undo()
    vars(iotile_cloud).pop("__version__", None)


def test_unknown_name_of_the_face_is_an_attribute_error() -> None:
    """A misspelt name fails as it does on every module."""
    with pytest.raises(AttributeError, match="Appi"):
        iotile_cloud.Appi  # noqa: B018
