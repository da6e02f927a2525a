"""What the replay command takes for the same answer, and what for another one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1] / "scripts"))
from _compare import Answer, differences
from _exchanges import Entry
from _tolerance import Memory

JSON = {"Content-Type": "application/json"}
SEED = {
    "made": "2026-11-22T07:25:06.000001Z",
    "id": "00000000-0000-4000-8000-000000000001",
}
DRAWN = "a047d742-811d-4cf8-9430-e4444442ff68"
OTHER = "9716da34-89e6-48e9-8450-585736c3276d"
OWN = "0b1c2d3e-0000-4000-8000-00000000000a"
SECOND = "2026-11-22T07:25:43Z"
MOMENT = "2026-11-22T07:26:46.135614Z"
# {"user_id":2,"exp":9}, {"user_id":2,"exp":1} and {"user_id":3,"exp":1}
JWT, SAME_JWT, OTHER_JWT = (
    f"eyJ0.{claims}.c2ln"
    for claims in (
        "eyJ1c2VyX2lkIjoyLCJleHAiOjl9",
        "eyJ1c2VyX2lkIjoyLCJleHAiOjF9",
        "eyJ1c2VyX2lkIjozLCJleHAiOjF9",
    )
)


def entry(answer: Any = "", answer_headers: Any = JSON, **more: Any) -> Entry:
    fixed: dict[str, Any] = {"group": "org", "order": 0, "name": "list", "method": "GET"}
    fixed |= {"path": "/api/v1/org/", "answer": answer, "answer_headers": answer_headers}
    return Entry(**{**fixed, **more})


def compared(recorded: Any, own: Any, memory: Memory | None = None, **more: Any) -> list[str]:
    """Return the lines for two JSON bodies."""
    answer = Answer(200, JSON, json.dumps(own).encode())
    return differences(entry(recorded, **more), answer, memory or Memory(SEED))


def compared_texts(recorded: str, own: str, note: str = "") -> list[str]:
    csv = {"Content-Type": "text/csv"}
    answer = Answer(200, csv, own.encode())
    return differences(entry(recorded, csv, note=note), answer, Memory(SEED))


@pytest.mark.parametrize(
    ("recorded", "own"),
    [
        ({"a": 1, "b": [None, "x"]}, {"b": [None, "x"], "a": 1}),
        ({"at": MOMENT}, {"at": "2030-01-01T00:00:00Z"}),
        ({"at": SECOND}, {"at": "2030-01-01T00:00:00Z"}),
        ({"id": DRAWN}, {"id": OWN}),
        ({"key": f"dev/{DRAWN}/a.png"}, {"key": f"dev/{OWN}/a.png"}),
        ({"token": JWT}, {"token": SAME_JWT}),
        ({"policy": "e30="}, {"policy": "eyJhIjoxfQ=="}),
        ({"s3key": "dev/2026/11/22/07/a.json"}, {"s3key": "dev/2030/01/01/00/a.json"}),
        (
            {"url": "http://127.0.0.1:5566/b/k?AWSAccessKeyId=a&Signature=b&Expires=1"},
            {"url": "http://127.0.0.1:99/s3/b/k?AWSAccessKeyId=c&Signature=d&Expires=2"},
        ),
    ],
)
def test_what_may_differ(recorded: Any, own: Any) -> None:
    """The order of keys and values drawn anew pass, as whole values and as parts of texts."""
    assert compared(recorded, own) == []


@pytest.mark.parametrize(
    ("recorded", "own"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {}),
        ({}, {"a": 1}),
        ([1, 1], [1, 2]),
        ([1], [1, 2]),
        ({"a": None}, {"a": ""}),
        ({"at": MOMENT}, {"at": None}),
        ({"at": MOMENT}, {"at": "yesterday"}),
        ({"at": MOMENT}, {"at": "2030-01-01T00:00:00-05:00"}),
        ({"at": "2020-01-01T00:00:00Z"}, {"at": "2020-01-01T00:00:01Z"}),
        ({"at": SEED["made"]}, {"at": "2026-11-22T07:25:07.000001Z"}),
        ({"id": SEED["id"]}, {"id": OWN}),
        ({"id": DRAWN}, {"id": 5}),
        ({"key": f"dev/{DRAWN}/a.png"}, {"key": f"dev/{OWN}/b.png"}),
        ({"token": JWT}, {"token": OTHER_JWT}),
        ({"policy": "e30="}, {"policy": "?"}),
        ({"name": "x"}, {"name": "y"}),
    ],
)
def test_what_may_not_differ(recorded: Any, own: Any) -> None:
    """A stable value, its type, a missing key and a wrong shape are each one line."""
    assert len(compared(recorded, own)) == 1


def test_a_line_names_the_place_and_both_values() -> None:
    """A reader of the report finds the value without looking at the bodies."""
    assert compared({"results": [{"a": 1}]}, {"results": [{"a": 2}]}) == [
        "body.results[0].a: 1 != 2"
    ]


def test_an_id_stays_what_it_was() -> None:
    """One drawn id stands for one recorded id all through a run."""
    memory = Memory(SEED)
    assert compared({"id": DRAWN}, {"id": OWN}, memory) == []
    assert compared({"id": DRAWN}, {"id": OTHER}, memory) != []
    assert compared({"id": OTHER}, {"id": OWN}, memory) != []
    assert memory.ours(f"/org/{DRAWN}/") == f"/org/{OWN}/"


def test_a_moment_stays_what_it_was() -> None:
    """What was made once is not made anew at each look."""
    memory = Memory(SEED)
    assert compared({"at": MOMENT}, {"at": "2030-01-01T00:00:00Z"}, memory) == []
    assert compared({"at": MOMENT}, {"at": "2030-01-01T00:00:01Z"}, memory) != []


def test_a_signature_is_sent_back_as_ours() -> None:
    """What our server signed goes with the upload that it was signed for."""
    memory = Memory(SEED)
    assert compared({"signature": "e30="}, {"signature": "eyJhIjoxfQ=="}, memory) == []
    assert memory.ours("e30=") == "eyJhIjoxfQ=="


def test_where_the_server_broke_a_refusal_is_right() -> None:
    """A recorded 500 asks for any 4xx, and for nothing else."""
    broken = entry("<html>", {"Content-Type": "text/html"}, status=500)
    assert differences(broken, Answer(400, JSON, b"{}"), Memory(SEED)) == []
    assert differences(broken, Answer(500, JSON, b"{}"), Memory(SEED)) != []
    assert differences(broken, Answer(200, JSON, b"{}"), Memory(SEED)) != []


@pytest.mark.parametrize(
    ("recorded", "own"),
    [
        ({"Allow": "GET, HEAD"}, {"Allow": "HEAD, GET"}),
        ({"Allow": "GET"}, {}),
        ({}, {"WWW-Authenticate": "JWT"}),
        ({"Content-Type": "text/csv"}, {"Content-Type": "text/plain"}),
        ({"Vary": "Origin"}, {"Vary": "Origin, Cookie"}),
        ({"Set-Cookie": "a=1; Path=/"}, {}),
        ({"Set-Cookie": "a=1; Path=/"}, {"Set-Cookie": "a=; Path=/"}),
        ({"Set-Cookie": "a=1; Path=/"}, {"Set-Cookie": "a=1; Path=/; HttpOnly"}),
        ({}, {"Set-Cookie": "a=1"}),
    ],
)
def test_headers_that_differ(recorded: dict[str, str], own: dict[str, str]) -> None:
    """A header that counts must be there in both, and be equal."""
    found = differences(entry("", recorded, method="HEAD"), Answer(200, own, b""), Memory(SEED))
    assert len(found) == 1


def test_cookies_are_compared_but_for_value_and_date() -> None:
    """A date with a comma in it does not split a cookie; the value is remembered."""
    memory = Memory(SEED)
    recorded = "s=abc; expires=Sun, 21 Nov 2027 07:25:43 GMT; Path=/, t=1; Path=/"
    own = "t=2; path=/, s=xyz; Path=/; Expires=Mon, 22 Nov 2027 07:25:43 GMT"
    answer = Answer(200, {"Set-Cookie": own}, b"")
    assert differences(entry("", {"Set-Cookie": recorded}), answer, memory) == []
    assert memory.ours("abc") == "xyz"


def test_texts_for_people_are_not_compared() -> None:
    """Pages and the answers to OPTIONS need not be copied."""
    page = {"Content-Type": "text/html; charset=utf-8"}
    own = Answer(200, page, b"<p>ours")
    assert differences(entry("\n<!doctype html>theirs", page), own, Memory(SEED)) == []
    assert compared({"name": "Org List"}, {"name": "x"}, method="OPTIONS") == []


def test_a_table_of_html_type_is_compared() -> None:
    """A CSV that is sent as a page is a text like any other."""
    page = {"Content-Type": "text/html"}
    assert differences(entry("a,b\r\n", page), Answer(200, page, b"a,c\r\n"), Memory(SEED)) != []


def test_a_cut_list_is_compared_at_its_ends() -> None:
    """Of a long list the recorder kept both ends, and told how long it was."""
    note = "results had 200 rows; only the first 5 and last 5 are kept"
    whole = list(range(200))
    recorded = {"results": whole[:5] + whole[-5:], "_recorder_note": note}
    assert compared(recorded, {"results": whole}) == []
    assert compared(recorded, {"results": whole[:-1]}) != []
    assert compared(recorded, {"results": [*whole[:-1], 7]}) == ["body.results[9]: 199 != 7"]


def test_a_cut_text_is_compared_by_its_start_and_length() -> None:
    """Of a long text the recorder kept the start, and told how long it was."""
    note = "text body truncated from 6 characters"
    assert compared_texts("abc", "abcdef", note) == []
    assert compared_texts("abc", "abcde", note) == ["length of body: 6 != 5"]
    assert len(compared_texts("abc", "abXdef", note)) == 1


def test_the_first_differing_line_of_a_text_is_told() -> None:
    """A long table shows where it starts to differ."""
    assert compared_texts("a\nb\nc\n", "a\nx\ny\n") == ['body line 2: "b" != "x"']


def test_a_body_that_is_no_json_is_told() -> None:
    """An answer that says JSON and is none does not end the replay."""
    found = differences(entry({"a": 1}), Answer(200, JSON, b"oops"), Memory(SEED))
    assert found == ['body: {"a": 1} != "oops"']


def test_a_frame_as_python_prints_it_is_read() -> None:
    """The recorder wrote some lists down in Python's way."""
    assert compared("[{'row': 1, 'x': None}]", [{"row": 1, "x": None}]) == []


def test_msgpack_is_compared_decoded() -> None:
    """A MessagePack body is what it means, not its bytes."""
    msgpack = pytest.importorskip("msgpack")
    recorded = {"base64": "gaFhAQ==", "decoded": {"a": 1}}
    packed = Answer(200, JSON, msgpack.packb({"a": 2}))
    assert differences(entry(recorded), packed, Memory(SEED)) == ["body.a: 1 != 2"]
