"""The replay command: in which order it plays, what it sends, and what it reports."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1] / "scripts"))
from _exchanges import Entry, read_group, runs
from _player import CannotPlayError, Player
from _replay import GroupResult, main, report
from _tolerance import Memory

SEED: dict[str, Any] = {
    "users": [
        {"slug": "root", "username": "root", "email": "r@x.y", "password": "r", "is_staff": True},
        {"slug": "ann", "username": "ann", "email": "a@x.y", "password": "pw", "is_staff": False},
    ],
    "api_keys": [{"org": "acme", "key": "KEY", "revoked": False}],
}
JWT = "eyJ0.eyJ1c2VyX2lkIjoyLCJleHAiOjl9.c2ln"  # {"user_id":2,"exp":9}


def entry(**more: Any) -> Entry:
    fixed: dict[str, Any] = {"group": "org", "order": 0, "name": "list", "method": "GET"}
    return Entry(**{**fixed, "path": "/api/v1/org/", **more})


def test_runs_hold_what_came_before() -> None:
    """A group of a shared run is played after the groups that made its state."""
    found = ["auth", "variable", "vartype", "no_aws", "streamer", "streamer_report"]
    assert runs(found) == [["auth"], ["streamer", "streamer_report"], ["variable", "vartype"]]
    assert runs(found, ["vartype", "no_aws"]) == [["no_aws"], ["variable", "vartype"]]
    assert runs(found, ["variable"]) == [["variable"]]


def test_entries_come_in_their_order(tmp_path: Path) -> None:
    """The order in the file does not matter; a body that was not kept is known."""
    common = {"name": "n", "method": "GET", "path": "/", "query": {}, "headers_sent": {}}
    common |= {"status": 200, "response_headers": {}, "response_body": ""}
    records = [
        {**common, "order": 7, "request_body": "not kept (5 bytes)"},
        {**common, "order": 3, "request_body": "x"},
    ]
    (tmp_path / "g.json").write_text(json.dumps(records), encoding="utf-8")
    read = list(read_group(tmp_path, "g"))
    assert [(e.order, e.body_was_kept) for e in read] == [(3, True), (7, False)]


@pytest.fixture
def player(scripted: Any) -> Any:
    """Return a player for the scripted server, whose key nobody has."""
    made = Player(scripted.url, SEED, Memory(SEED))
    yield made
    made.close()


def test_credentials_are_got_by_logging_in(scripted: Any, player: Player) -> None:
    """What a record names is what the server gave to that user; a key is the seed's."""
    scripted.play(
        scripted.reply(body={"token": "j1"}), scripted.reply(body={"token": "t1"}), scripted.reply()
    )
    asked = entry(
        headers={"Authorization": "Token <drf token of ann>"},
        body={"token": "<jwt of ann>"},
        query={"k": "<org key of acme>"},
    )
    player.log_in([asked])
    player.play(asked)
    login, _, last = scripted.requests
    assert json.loads(login.body) == {"username": "ann", "password": "pw"}
    assert scripted.tokens == [None, "JWT j1", "Token t1"]
    assert json.loads(last.body) == {"token": "j1"}
    assert last.path.endswith("?k=KEY")


def test_a_request_by_session_carries_the_cookies_of_a_login(scripted: Any, player: Player) -> None:
    """The first user who is no member of the staff logs in, when no record of a login is there."""
    login = scripted.reply(Set_Cookie="sessionid=s1; Path=/")
    scripted.play(login, scripted.reply(), scripted.reply(), scripted.reply())
    player.play(entry(name="org by session"))
    player.play(entry(name="org with jwt and no cookie"))
    assert json.loads(scripted.requests[0].body) == {"email": "a@x.y", "password": "pw"}
    cookies = [request.headers["Cookie"] for request in scripted.requests]
    assert cookies == [None, "sessionid=s1", "sessionid=s1", None]


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ({"form": {"a": "b c"}}, b"a=b+c"),
        ({"base64": "AAEC"}, b"\x00\x01\x02"),
        ("{bad", b"{bad"),
        ([1, 2], b"[1, 2]"),
        (None, b""),
    ],
)
def test_bodies_are_sent_as_recorded(scripted: Any, player: Player, body: Any, sent: bytes) -> None:
    """Each way of writing a body down becomes the bytes that were sent."""
    scripted.play(scripted.reply())
    player.play(entry(method="POST", body=body))
    assert scripted.requests[0].body == sent


def test_files_are_sent_with_a_boundary(scripted: Any, player: Player) -> None:
    """A form with files keeps no recorded type, which would lack the boundary."""
    scripted.play(scripted.reply())
    body = {"multipart": {"file": {"filename": "a.bin", "base64": "AAEC"}}, "fields": {"n": 5}}
    headers = {"Content-Type": "multipart/form-data"}
    player.play(entry(method="POST", body=body, headers=headers))
    (request,) = scripted.requests
    assert "boundary=" in request.headers["Content-Type"]
    assert b'filename="a.bin"' in request.body
    assert b"\x00\x01\x02" in request.body
    assert b'name="n"\r\n\r\n5\r\n' in request.body


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"body_was_kept": False}, "too large"),
        ({"path": "http://127.0.0.1:5566/bucket"}, "storage"),
        ({"body": {"token": JWT}}, "server's key"),
    ],
)
def test_what_cannot_be_sent_is_skipped(player: Player, more: Any, reason: str) -> None:
    """A reason is given instead of a difference."""
    with pytest.raises(CannotPlayError, match=reason):
        player.play(entry(**more))


def test_a_report_tells_share_differences_and_skips() -> None:
    """One line for a group; with more words one for each difference."""
    result = GroupResult("org", 3, [(entry(), ["body.a: 1 != 2"])], [(entry(order=9), "why")])
    short = list(report(result, verbose=False))
    assert short == ["org                3/4     75.0% of at least 97%, 1 skipped  NOT REACHED"]
    words = "\n".join(report(result, verbose=True))
    assert "org 0 'list': GET /api/v1/org/\n      body.a: 1 != 2" in words
    assert "org 9 'list' skipped: why" in words


def test_wrong_use_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without records, and a group that is not there, are told."""
    assert main([str(tmp_path)]) == 2
    (tmp_path / "seed.json").write_text("{}")
    (tmp_path / "org.json").write_text("[]")
    assert main([str(tmp_path), "orgs"]) == 2
    assert "found: org" in capsys.readouterr().err
