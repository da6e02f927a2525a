"""Plays command lines as somebody at a terminal would see them, on an embedded cloud.

The cloud has the demo data and a clock that stands still, and what differs from run to run (its
port, folders, versions of others) is written alike, so that a transcript is the same each time.
Knows the few words of a shell that transcripts need.  Does not know what they show.
"""

from __future__ import annotations

import contextlib
import getpass
import io
import json
import logging
import os
import re
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn
from unittest import mock

from iotile_cloud.cli import main
from iotile_cloud.cli.demo import report_of
from iotile_cloud.local import LocalCloud
from iotile_cloud.local.demo import demo_facts

URL = "http://127.0.0.1:8000"
EMAIL, PASSWORD = "demo@example.com", "demo"
WIDTH = 100  # columns of the terminal
NOW = 1709899200.0  # 2024-03-08 12:00 UTC, when the demo data have just ended
LIFETIME = 100 * 365 * 86400  # seconds: the tokens of that time are to be good today
END_OF_TOKEN, SHOWN_END = "2124-02-13", "2024-03-15"
ALIKE = (
    (re.compile(r"http://127\.0\.0\.1:\d+"), URL),
    (re.compile(r"\S*iotile_cloud[/\\]tokens\.json"), "/home/you/.config/iotile_cloud/tokens.json"),
    (re.compile(r"iotile-cloud/\S+ python-requests/[\w.]+"), "iotile-cloud/1 python-requests/2"),
    (re.compile(r"(Accept-Encoding: ).*"), r"\1gzip, deflate"),
    (re.compile(r"(logged in until )[\d-]+ [\d:]+"), rf"\g<1>{SHOWN_END} 12:00"),
    (re.compile(END_OF_TOKEN), SHOWN_END),
)


class Stage:
    """A folder, a terminal and a cloud, for the transcripts of one page.

    Args:
        url: of the cloud.
        logged_in: whether somebody has logged in before.
    """

    def __init__(self, url: str, logged_in: bool = True) -> None:
        self._url = url
        self._folder = Path(tempfile.mkdtemp())
        self._work = self._folder / "work"
        self._work.mkdir()
        _lay_out(self._work)
        if logged_in:
            status, said, _ = self._command(["login", "-u", EMAIL])
            if status:
                raise RuntimeError(f"nobody could log in for a transcript: {said}")

    def close(self) -> None:
        shutil.rmtree(self._folder)

    def play(self, line: str) -> str:
        """Return a line behind its prompt, and what it shows."""
        command, _, tail = line.partition(" | ")
        words = shlex.split(command)
        status, said, piped = self._run(words, bool(tail))
        if tail:
            status, said = 0, said + _head(tail, piped)
        shown = _alike(said)
        if status:
            shown += f"$ echo $?\n{status}\n"
        return f"$ {line}\n{shown}"

    def _run(self, words: list[str], piped: bool) -> tuple[int, str, str]:
        if words[0] == "iotile-cloud":
            return self._command([word.replace(URL, self._url) for word in words[1:]], piped)
        path = self._work / words[1]
        if words[0] == "cat":
            said = path.read_text(encoding="utf-8")
        elif words[0] == "ls":
            said = "".join(f"{one.name}\n" for one in sorted(path.iterdir()))
        else:
            raise ValueError(f"a transcript has no {words[0]!r}")
        return (0, "", said) if piped else (0, said, "")

    def _command(self, arguments: list[str], piped: bool = False) -> tuple[int, str, str]:
        """Run a command; return its status, what the terminal gets of it, and what a pipe does."""
        terminal = io.StringIO()
        pipe = io.StringIO()
        out = _Screen(pipe, False) if piped else _Screen(terminal, True)
        with _terminal(terminal, out), _surroundings(self._url, self._folder, self._work):
            status = main(arguments)
        return status, terminal.getvalue(), pipe.getvalue()


class _Screen:
    """Standard output or error, which leads to a terminal or a pipe."""

    encoding = "utf-8"

    def __init__(self, target: io.StringIO, is_terminal: bool) -> None:
        self._target, self._is_terminal = target, is_terminal
        self.write = target.write

    def isatty(self) -> bool:
        return self._is_terminal

    def flush(self) -> None:
        """Do nothing: all is there at once."""


@contextlib.contextmanager
def _terminal(terminal: io.StringIO, out: _Screen) -> Iterator[None]:
    def ask(prompt: str = "Password: ", stream: object = None) -> str:
        terminal.write(f"{prompt}\n")
        return PASSWORD

    def interrupt(seconds: float) -> NoReturn:
        terminal.write("^C\n")
        raise KeyboardInterrupt

    # A bar on standard error would depend on how fast this machine is.
    err = _Screen(terminal, False)
    patches: tuple[AbstractContextManager[object], ...] = (
        mock.patch.object(sys, "stdout", out),
        mock.patch.object(sys, "stderr", err),
        mock.patch.object(getpass, "getpass", ask),
        mock.patch("iotile_cloud.cli.serve.time", mock.Mock(time, sleep=interrupt)),
        _own_logging(),
    )
    with contextlib.ExitStack() as stack:
        for patch in patches:
            stack.enter_context(patch)
        yield


@contextlib.contextmanager
def _own_logging() -> Iterator[None]:
    """Let a command configure logging as in a process of its own."""
    root, ours = logging.getLogger(), logging.getLogger("iotile_cloud")
    before = root.handlers[:], root.level, ours.level
    root.handlers = []
    try:
        yield
    finally:
        root.handlers, level, our_level = before
        root.setLevel(level)
        ours.setLevel(our_level)


@contextlib.contextmanager
def _surroundings(url: str, folder: Path, work: Path) -> Iterator[None]:
    variables = {name: text for name, text in os.environ.items() if "IOTILE_CLOUD" not in name}
    variables.update(
        IOTILE_CLOUD_DOMAIN=url,
        XDG_CONFIG_HOME=str(folder),
        HOME=str(folder),
        APPDATA=str(folder),
        COLUMNS=str(WIDTH),
    )
    before = os.getcwd()
    os.chdir(work)
    try:
        with mock.patch.dict(os.environ, variables, clear=True):
            yield
    finally:
        os.chdir(before)


def cloud(empty: bool) -> LocalCloud:
    """Return the cloud of the transcripts, not yet started, with the demo data unless `empty`."""
    load = [] if empty else ["demo"]
    return LocalCloud(load=load, clock=lambda: NOW, token_lifetime=LIFETIME)


def _lay_out(folder: Path) -> None:
    """Put the files there that the transcripts upload."""
    report = report_of(demo_facts().upload).encode()
    contents = {
        "monday.bin": report,
        "broken.bin": report[:-8],
        "shock.json": json.dumps({"acc_z": [0.0, 1.5, -1.25]}).encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        os.utime(folder / name, (NOW, NOW))


def _head(tail: str, text: str) -> str:
    name, option = shlex.split(tail)
    if name != "head":
        raise ValueError(f"a transcript has no {name!r}")
    return "".join(text.splitlines(keepends=True)[: int(option.lstrip("-"))])


def _alike(text: str) -> str:
    for pattern, stand_in in ALIKE:
        text = pattern.sub(stand_in, text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())
