"""What the tests of the command line share: a clean environment, a login, a terminal."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest

from iotile_cloud.cli import main


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Forget the credentials of whoever runs the tests, and what `-v` did to the log."""
    for name in os.environ:
        if name.startswith("IOTILE_CLOUD_"):
            monkeypatch.delenv(name)
    for name in ("XDG_CONFIG_HOME", "APPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "100")
    yield
    logging.getLogger("iotile_cloud").setLevel(logging.NOTSET)


@pytest.fixture
def demo(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let commands talk to the embedded cloud as the demo user; return that cloud."""
    _log_in_at(cloud, monkeypatch)
    return cloud


@pytest.fixture
def own_demo(own_cloud: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Like `demo`, with a cloud that the test may change."""
    _log_in_at(own_cloud, monkeypatch)
    return own_cloud


def _log_in_at(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOTILE_CLOUD_DOMAIN", cloud.url)
    monkeypatch.setenv("IOTILE_CLOUD_EMAIL", "demo@example.com")
    monkeypatch.setenv("IOTILE_CLOUD_PASSWORD", "demo")


@pytest.fixture
def at_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return a function that runs a command as if stdout were a terminal of 100 places."""

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        return main(arguments)

    return run
