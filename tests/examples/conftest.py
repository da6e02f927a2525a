"""What the tests of examples share: each runs as its own program would, on an embedded cloud."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from iotile_cloud.local.demo import demo_facts

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FACTS = demo_facts()


@pytest.fixture
def example(request):
    """The module of the example that a file of tests, `test_<name>.py`, is about."""
    name = request.path.stem[len("test_") :]
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def demo_user(monkeypatch):
    """Has the demo user's credentials in the environment, as a cron job would."""
    monkeypatch.setenv("IOTILE_CLOUD_EMAIL", FACTS.email)
    monkeypatch.setenv("IOTILE_CLOUD_PASSWORD", FACTS.password)


@pytest.fixture
def run(demo_user, capsys):
    """A function that runs a script, and returns its status, and what it wrote to stdout."""

    def start(script, *arguments):
        with pytest.raises(SystemExit) as ended:
            script([*map(str, arguments)]).run()
        return ended.value.code or 0, capsys.readouterr().out.splitlines()

    return start
