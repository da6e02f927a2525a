"""How a program ends.  The command line has more of it in tests/cli/test_cli.py."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from iotile_cloud.utils._ending import FAILED, one_line, status_of


def test_who_asks_for_more_sees_where_it_happened(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one line stays one line on stderr; the traceback is in the log, at DEBUG."""

    def work() -> int:
        raise ValueError("no such stream")

    with caplog.at_level(logging.DEBUG):
        assert status_of(work, "script") == FAILED
    assert capsys.readouterr().err == "script: no such stream\n"
    assert "in work" in caplog.text


def test_a_closed_stderr_is_no_second_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nobody to tell, but the status is right."""

    def work() -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(sys, "stderr", None)
    assert status_of(work, "script") == FAILED


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="no device that is always full")
def test_a_full_disk_is_one_line() -> None:
    """What was not written was not done, and it is told once."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "iotile_cloud", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            check=False,
        )
    assert done.returncode == FAILED
    assert done.stderr.startswith("iotile-cloud: ")
    assert "No space left" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_error_without_words_is_named() -> None:
    """A line is never empty."""
    assert one_line(NotImplementedError()) == "NotImplementedError"
