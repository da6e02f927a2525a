"""Faults: which of the rules strikes a request, rules from a file, and the page about them."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from iotile_cloud.api._session import CloudAdapter
from iotile_cloud.local.faults.faults import Faults
from iotile_cloud.local.faults.options import FaultOptions
from iotile_cloud.local.web.messages import Request

PAGE = Path(__file__).parents[3] / "docs" / "faults.md"


def asked(path="/api/v1/org/", method="GET", query=""):
    return Request(method, path, query)


def hits(faults, requests):
    """Return the numbers of the requests that are struck."""
    return [n for n, request in enumerate(requests) if faults.strike(request)]


def test_cloud_without_rules_strikes_nobody():
    """Nothing befalls a request when there is no rule, or no longer."""
    faults = Faults()
    assert faults.strike(asked()) is None
    faults.add(status=503)
    faults.clear()
    assert faults.strike(asked()) is None


def test_skip_and_times_choose_a_range():
    """So many requests pass, so many are struck, and the rest passes."""
    faults = Faults()
    faults.add(status=503, skip=2, times=3)
    assert hits(faults, [asked()] * 9) == [2, 3, 4]


def test_rules_take_turns():
    """A request meets the first rule that strikes it; those after that do not count it."""
    faults = Faults()
    first, second = faults.add(status=503, times=1), faults.add(status=502, times=1)
    struck = [faults.strike(asked()) for _ in range(3)]
    assert struck == [first.effect, second.effect, None]


def test_method_chooses():
    """A rule with a method lets the others pass."""
    faults = Faults()
    faults.add(method="PATCH", status=503)
    assert hits(faults, [asked(), asked(method="PATCH"), asked(method="PUT")]) == [1]


@pytest.mark.parametrize(
    ("route", "path"),
    [
        ("**", "/"),
        ("**", "/api/v1/org/"),
        ("**", "/media/file.bin"),
        ("/org/", "/api/v1/org/"),
        ("org", "/api/v1/org"),
        ("/api/v1/org/", "/api/v1/org/"),
        ("/stream/*/data/", "/api/v1/stream/s--1/data/"),
        ("/stream/s--0000-0001--*/", "/api/v1/stream/s--0000-0001--x/"),
        ("/stream/**", "/api/v1/stream/"),
        ("/stream/**", "/api/v1/stream/s--1/data/"),
        ("**/data/", "/api/v1/stream/s--1/data/"),
        ("/**/data/", "/api/v1/data/"),
        ("/media/*", "/media/file.bin"),
    ],
)
def test_route_that_fits(route, path):
    """A pattern fits the path below the prefix or the whole one, whatever slashes end it."""
    faults = Faults()
    faults.add(route, status=503)
    assert faults.strike(asked(path))


@pytest.mark.parametrize(
    ("route", "path"),
    [
        ("/org/", "/api/v1/org/acme/"),
        ("/org/", "/api/v1/organisation/"),
        ("/org/", "/api/v2/org/"),
        ("/stream/*/", "/api/v1/stream/s--1/data/"),
        ("/stream/*/data/", "/api/v1/stream/a/b/data/"),
        ("/or.*/", "/api/v1/org/"),
        ("/org/**/x/", "/api/v1/org/"),
    ],
)
def test_route_that_does_not_fit(route, path):
    """One star stays within a segment, and nothing else is special."""
    faults = Faults()
    faults.add(route, status=503)
    assert faults.strike(asked(path)) is None


PAGES = [asked(query=f"page={number}") for number in range(400)]


def chosen(seed, requests=PAGES, rate=0.25):
    faults = Faults()
    faults.add(status=503, rate=rate, seed=seed)
    return {request.query for request in requests if faults.strike(request)}


def test_rate_strikes_that_share():
    """About so many requests are struck: none of them at 0, all at 1."""
    assert 60 < len(chosen(seed=7)) < 140
    assert (len(chosen(7, rate=0)), len(chosen(7, rate=1))) == (0, 400)


def test_seed_decides_who_is_struck():
    """One seed strikes the same requests each time, in any order; another strikes others."""
    assert chosen(seed=7) == chosen(7, reversed(PAGES)) != chosen(8)


def test_threads_meet_the_same_faults():
    """What befalls a request does not hang on which thread is first."""
    faults = Faults()
    faults.add(status=503, rate=0.25, seed=7)
    with ThreadPoolExecutor(4) as pool:
        struck = list(pool.map(faults.strike, PAGES))
    met = {request.query for request, effect in zip(PAGES, struck) if effect}
    assert met == chosen(seed=7)


def test_rules_of_one_seed_strike_apart():
    """Two rules with the same rate and seed do not strike the same requests."""
    struck = []
    for cut in ("before", "reply"):
        faults = Faults()
        faults.add(cut=cut, rate=0.25, seed=7)
        struck.append(hits(faults, PAGES))
    assert struck[0] != struck[1]


def test_repetition_has_another_luck():
    """A request that comes again is not struck for ever, and in the same order each time."""
    runs = []
    for _ in range(2):
        faults = Faults()
        faults.add(status=503, rate=0.5)
        runs.append(hits(faults, [asked()] * 40))
    assert runs[0] == runs[1]
    assert 5 < len(runs[0]) < 35


def test_threads_share_the_times():
    """Many threads together are struck exactly as often as the rule says."""
    faults = Faults()
    fault = faults.add(status=503, times=100)
    with ThreadPoolExecutor(8) as pool:
        struck = sum(effect is not None for effect in pool.map(faults.strike, [asked()] * 1000))
    assert struck == fault.struck == 100


def test_rules_come_from_a_file(tmp_path):
    """A JSON list of objects makes the same rules as `add`, in its order."""
    path = tmp_path / "faults.json"
    path.write_text('[{"route": "/device/", "status": 502}, {"status": 503, "times": 1}]')
    faults = Faults()
    faults.load(path)
    assert faults.strike(asked("/api/v1/device/")).status == 502
    assert faults.strike(asked()).status == 503


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ('[{"delay": 1}, {"rate": 2}]', "rule 2: rate must be"),
        ("[7]", "rule 1: it must be an object"),
        ('[{"route": null, "delay": 1}]', "rule 1: route must be a path"),
        ("{}", "must hold a list"),
        ("[{]", "line 1 column 3"),
        ('[{"delay": 1, "delay": 2}]', "stands twice"),
        ("[" * 100_000, "no rules of faults"),
        ("\x00", "no rules of faults"),
    ],
)
def test_mistake_in_a_file_is_told_with_its_place(tmp_path, text, piece):
    """The error names the file and the place in it, and no rule of the file is added."""
    path = tmp_path / "faults.json"
    path.write_text(text)
    faults = Faults()
    with pytest.raises(ValueError, match=re.escape(str(path))) as caught:
        faults.load(path)
    assert piece in str(caught.value)
    assert faults.strike(asked()) is None


def test_examples_of_the_page_run(monkeypatch):
    """The Python of docs/faults.md runs, and its file of rules loads."""
    text = PAGE.read_text(encoding="utf-8")
    [rules] = re.findall(r"^```json\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    Faults().load(json.loads(rules))
    monkeypatch.setattr(CloudAdapter, "_pause", lambda *told: None)  # its sleep is given at birth
    for block in re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        exec(compile(block, "faults.md", "exec"), {})


def test_table_of_the_page_names_every_option():
    """Each effect has an example in the table of docs/faults.md that makes a rule."""
    text = PAGE.read_text(encoding="utf-8")
    examples = re.findall(r"`(faults\.add\(.*?\))` *\|", text)
    for example in examples:
        assert eval(example, {"faults": Faults()}).struck == 0
    used = set(re.findall(r"(\w+)=", " ".join(examples)))
    assert used == set(FaultOptions.__annotations__)
