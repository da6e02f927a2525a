"""Tests for iotile_cloud.utils._version."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest

from iotile_cloud.utils._version import installed_version


def test_the_folder_of_the_installation_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first folder on the path that has an installation of this package has its version."""
    (tmp_path / "iotile_cloud_tools-7.dist-info").mkdir()
    (tmp_path / "iotile_cloud-1.2.3rc1.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", ["no such folder", str(tmp_path), *sys.path])
    assert installed_version() == "1.2.3rc1"


def test_what_two_folders_tell_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a broken installation left behind is read as `importlib.metadata` reads it."""
    for number in "12":
        folder = tmp_path / f"iotile_cloud-{number}.dist-info"
        folder.mkdir()
        text = f"Metadata-Version: 2.1\nName: iotile_cloud\nVersion: {number}.0\n"
        (folder / "METADATA").write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert installed_version() == importlib.metadata.version("iotile_cloud")
