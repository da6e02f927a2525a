"""Tests for iotile_cloud.cli.demo."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iotile_cloud import Api
from iotile_cloud.cli import main
from iotile_cloud.cli.demo import Demo
from iotile_cloud.local.demo import demo_facts


def test_the_demo_ends_well_when_every_figure_is_right(capsys):
    """The demo runs the main job and finds what the data set says."""
    assert main(["demo"]) == 0
    printed = capsys.readouterr()
    assert "figures are as the data set says, 0 are not." in printed.out
    assert printed.err == ""


def test_the_demo_fails_when_a_figure_is_wrong(own_cloud, capsys):
    """Each figure that differs from the data set is named, and makes the status 1."""
    wrong = replace(demo_facts(), window_total=1.0, device_count=4, worst_event=1)
    with Api(own_cloud.url) as api:
        assert Demo(api, wrong).run() == 1
    printed = capsys.readouterr().out
    assert printed.count("WRONG: ") == 3
    assert "3 are not." in printed


def test_a_demo_that_cannot_log_in_is_told(monkeypatch, capsys):
    """A refused call ends in status 1 and a line, not in a traceback."""
    wrong = replace(demo_facts(), password="wrong")
    monkeypatch.setattr("iotile_cloud.local.demo.demo_facts", lambda: wrong)
    assert main(["demo"]) == 1
    assert "WRONG: login is False" in capsys.readouterr().out


@pytest.mark.parametrize("change", [{"water_project": "p--7777"}, {"worst_stream": "s--1--2--3"}])
def test_the_demo_tells_a_step_that_cannot_go_on(own_cloud, capsys, change):
    """Even what is far from the data set ends in status 1 and a line, not in a traceback."""
    with Api(own_cloud.url) as api:
        assert Demo(api, replace(demo_facts(), **change)).run() == 1
    assert "WRONG: " in capsys.readouterr().out


def test_the_demo_takes_no_arguments(capsys):
    """Wrong use of the demo is told, with status 2."""
    assert main(["demo", "--fast"]) == 2
    assert "unrecognized arguments: --fast" in capsys.readouterr().err
