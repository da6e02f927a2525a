"""What the rule of a fault may say, and how a mistake in it is told."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iotile_cloud.local.faults.faults import Faults
from iotile_cloud.local.faults.options import FaultOptions
from iotile_cloud.local.web.messages import Request


def asked(path="/api/v1/org/", method="GET", query=""):
    return Request(method, path, query)


@pytest.mark.parametrize(
    ("options", "pieces"),
    [
        ({"stauts": 503}, ["'stauts'", "status"]),
        ({}, ["no effect", "delay", "expire_tokens"]),
        ({"times": 3, "reset": False}, ["no effect"]),
        ({"status": "503"}, ["status", "200 to 599", "'503'"]),
        ({"status": True}, ["status", "True"]),
        ({"status": 99}, ["200 to 599", "99"]),
        ({"status": 503, "method": "get"}, ["method", "GET", "'get'"]),
        ({"status": 503, "times": 0}, ["times", "from 1 on"]),
        ({"status": 503, "skip": -1}, ["skip", "from 0 on"]),
        ({"status": 503, "rate": 1.5}, ["rate", "0 to 1", "1.5"]),
        ({"status": 503, "rate": float("nan")}, ["rate", "nan"]),
        ({"status": 503, "rate": 0.5, "seed": "x"}, ["seed", "whole number"]),
        ({"status": 503, "seed": 1}, ["seed", "rate", "not given"]),
        ({"status": 503, "retry_after": -1}, ["retry_after", "-1"]),
        ({"status": 503, "retry_after": "soon"}, ["retry_after", "GMT", "'soon'"]),
        ({"cut": "reply", "retry_after": 1}, ["retry_after", "status"]),
        ({"delay": 0}, ["delay", "seconds"]),
        ({"delay": float("inf")}, ["delay", "inf"]),
        ({"cut": "middle"}, ["cut", "'before', 'reply', 'after'", "'middle'"]),
        ({"cut": 1.0}, ["cut", "share", "1.0"]),
        ({"cut": -1}, ["cut", "bytes", "-1"]),
        ({"delay": 1, "reset": True}, ["reset", "cut"]),
        ({"cut": 1, "reset": 1}, ["reset", "True or False"]),
        ({"truncate": "after"}, ["truncate", "'after'"]),
        ({"status": 503, "repeat_page": True}, ["status=503", "repeat_page=True"]),
        ({"status": 503, "expire_tokens": True}, ["status=503", "expire_tokens=True"]),
        ({"cut": 0.5, "truncate": 3}, ["cut=0.5", "truncate=3"]),
        ({"cut": "before", "status": 503}, ["cut='before'", "status=503"]),
        ({"cut": "reply", "expire_tokens": True}, ["cut='reply'", "expire_tokens=True"]),
        ({"route": "", "status": 503}, ["route", "''"]),
        ({"route": "/org/?page=2", "status": 503}, ["route", "without host and query"]),
        ({"route": 5, "status": 503}, ["route", "5"]),
    ],
)
def test_mistake_in_a_rule_is_told(options, pieces):
    """The error names what was wrong and what would be right, and nothing was added."""
    faults = Faults()
    with pytest.raises(ValueError, match=re.escape(pieces[0])) as caught:
        faults.add(**options)
    assert [piece for piece in pieces if piece not in str(caught.value)] == []
    assert faults.strike(asked()) is None


@pytest.mark.parametrize(
    "options",
    [
        {"status": 503, "delay": 0.5, "cut": 3, "reset": True},
        {"status": 200, "truncate": 0.5},
        {"repeat_page": True, "cut": "after"},
        {"expire_tokens": True, "delay": 1},
    ],
)
def test_effects_that_go_together(options):
    """A rule may delay, decide the reply, and spoil its delivery."""
    assert Faults().add(**options).struck == 0


def test_rule_shows_what_it_says():
    """The text of a rule is the call that made it."""
    shown = repr(Faults().add("/org/", method="GET", cut=0.5, reset=True))
    assert shown == "Fault('/org/', method='GET', cut=0.5, reset=True)"


NAMES = st.sampled_from(["route", *FaultOptions.__annotations__, "other"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text("aZ0*/?: \0\u20ac", max_size=8)
)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.sampled_from(["GET", "**", "before", 503])


@settings(deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_any_rule_is_taken_or_refused(rule):
    """Whatever a rule holds, it is either added or a ValueError that tells its number."""
    faults, problem = Faults(), "rule 1: "
    try:
        faults.load([rule])
        faults.strike(asked())
    except ValueError as error:
        problem = str(error)
    assert problem.startswith("rule 1: ")
