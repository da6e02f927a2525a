"""The examples in docstrings run, against the demo data of an embedded cloud."""

from __future__ import annotations

import doctest
import getpass
import importlib
import pkgutil
import sys

import pytest

import iotile_cloud

MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(iotile_cloud.__path__, "iotile_cloud.")
    if not found.name.endswith("__main__")
)


EXTRAS = {
    "iotile_cloud.stream.events": ("pandas",),
    "iotile_cloud.stream.faces": ("pandas", "pyarrow", "matplotlib"),
    "iotile_cloud.streamer": ("pandas", "cryptography"),
    "iotile_cloud.streamer.report": ("pandas",),
}
"""What examples need that is not installed everywhere."""


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name, cloud, api, monkeypatch, tmp_path):
    """Each `>>>` example gives what its docstring says."""
    for extra in EXTRAS.get(name, ()):
        pytest.importorskip(extra)
    module = importlib.import_module(name)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setattr(sys, "argv", ["script", "-u", "demo@example.com", "Hello"])
    monkeypatch.setattr(getpass, "getpass", lambda: "demo")
    monkeypatch.setattr("iotile_cloud.utils.main.BaseMain.domain", cloud.url)
    results = doctest.testmod(module, extraglobs={"api": api, "folder": tmp_path})
    assert results.failed == 0
