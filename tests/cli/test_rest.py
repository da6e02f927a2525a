"""Tests for iotile_cloud.cli.rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable

import pytest

from iotile_cloud import Api
from iotile_cloud.cli import DONE, FAILED, WRONG_USE, main

Printed = pytest.CaptureFixture[str]
NOTE = {"target": "d--0000-0000-0000-2001", "note": "ok", "timestamp": "2024-03-05T00:00:00Z"}


# -- get ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("demo")
def test_a_pipe_gets_the_answer_as_json(capsys: Printed) -> None:
    """Without a terminal the answer is one JSON document, and stderr is empty."""
    assert main(["get", "device", "project=p--0000-0102"]) == DONE
    captured = capsys.readouterr()
    assert json.loads(captured.out)["count"] == 2
    assert captured.err == ""


@pytest.mark.usefixtures("demo")
def test_filters_and_options_stand_in_any_order(capsys: Printed) -> None:
    """An option between the filters does not end them."""
    assert main(["get", "device", "--all", "project=p--0000-0101", "--json", "page_size=1"]) == DONE
    assert len(json.loads(capsys.readouterr().out)) == 3


def test_a_repeated_key_is_a_repeated_argument(demo: Any, capsys: Printed) -> None:
    """Every value that is typed is sent, also those of the path, and also an empty one."""
    assert main(["get", "org?a=0", "a=1", "a=2=3", "b=", "--dry-run"]) == DONE
    assert capsys.readouterr().out.startswith(f"GET {demo.url}/api/v1/org/?a=0&a=1&a=2%3D3&b=\n")


@pytest.mark.parametrize("key", ["data", "self", "params"])
def test_a_key_may_have_any_name(key: str, demo: Any, capsys: Printed) -> None:
    """A filter that is called like an argument of Python is a filter all the same."""
    assert main(["post", "note", f"{key}=1", "--dry-run"]) == DONE
    assert capsys.readouterr().out.startswith(f"POST {demo.url}/api/v1/note/?{key}=1\n")


def test_bytes_are_written_as_they_come(
    scripted: Any, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A body that is no JSON goes to stdout untouched."""
    content = b"\x00\xff\r\nrow"
    scripted.play(scripted.reply(200, content))
    assert main(["get", "df", "--token", "t", "--domain", scripted.url]) == DONE
    assert capsysbinary.readouterr().out == content


@pytest.mark.usefixtures("demo")
def test_the_root_lists_the_resources(capsys: Printed) -> None:
    """`get /` shows what there is."""
    assert main(["get", "/"]) == DONE
    assert {"org", "device", "stream"} <= set(json.loads(capsys.readouterr().out))


@pytest.mark.usefixtures("demo")
def test_all_without_rows_is_an_empty_array(capsys: Printed) -> None:
    """A listing without rows is JSON, too."""
    assert main(["get", "event", "filter=s--0000-0101--0000-0000-0000-2001--5001", "--all"]) == DONE
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.usefixtures("demo")
def test_all_of_what_is_no_listing_is_told(capsys: Printed) -> None:
    """`--all` of a single object is an error, and nothing is on stdout."""
    assert main(["get", "org/demo-org", "--all"]) == FAILED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "a page of rows was expected" in captured.err


def test_all_reads_page_after_page(scripted: Any, capsys: Printed) -> None:
    """Rows are written page by page; an end that came too soon leaves them, and status 1."""
    pages = [
        {"count": 3, "next": "http://elsewhere/", "previous": None, "results": [{"id": 1}]},
        {"count": 3, "next": None, "previous": None, "results": [{"id": 2}]},
    ]
    scripted.play(*(scripted.reply(200, page) for page in pages))
    assert main(["get", "thing", "--all", "--token", "t", "--domain", scripted.url]) == FAILED
    captured = capsys.readouterr()
    assert captured.out == '[\n{"id": 1},\n{"id": 2}'
    assert "2 rows came although the first page announced 3" in captured.err


# -- what is told of a terminal -------------------------------------------------------------


@pytest.mark.usefixtures("demo")
def test_a_terminal_gets_a_table(at_terminal: Callable[..., int], capsys: Printed) -> None:
    """A listing is a table that fits; what it lacks is told on stderr."""
    assert at_terminal("get", "stream", "page_size=3") == DONE
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("slug ")
    assert max(map(len, lines)) <= 100
    assert "--json shows all" in captured.err
    assert "one page: 3 of 14 rows; --all reads them all" in captured.err


@pytest.mark.usefixtures("demo")
def test_quiet_leaves_out_what_is_told(at_terminal: Callable[..., int], capsys: Printed) -> None:
    """With `-q` stderr is empty when nothing goes wrong."""
    assert at_terminal("get", "stream", "page_size=3", "-q") == DONE
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("demo")
def test_json_may_be_asked_for_on_a_terminal(
    at_terminal: Callable[..., int], capsys: Printed
) -> None:
    """`--json` is for people who want to see everything."""
    assert at_terminal("--json", "get", "org") == DONE
    assert json.loads(capsys.readouterr().out)["count"] == 1


@pytest.mark.usefixtures("demo")
def test_all_on_a_terminal_is_one_table(at_terminal: Callable[..., int], capsys: Printed) -> None:
    """The pages of a listing share their titles."""
    assert at_terminal("get", "stream", "page_size=3", "--all") == DONE
    assert len(capsys.readouterr().out.splitlines()) == 15


# -- the other verbs ------------------------------------------------------------------------


def test_what_is_made_can_be_changed_and_deleted(own_demo: Any, capsys: Printed) -> None:
    """post shows what was made, patch what was changed, delete nothing at all."""
    assert main(["post", "note", "--data", json.dumps(NOTE)]) == DONE
    made = json.loads(capsys.readouterr().out)
    assert made["note"] == "ok"
    assert main(["patch", "device/d--2001", "--data", '{"label": "New"}']) == DONE
    assert json.loads(capsys.readouterr().out)["label"] == "New"
    assert main(["delete", f"note/{made['id']}"]) == DONE
    assert capsys.readouterr() == ("", "")
    with Api(own_demo.url) as api:
        api.login(email="demo@example.com", password="demo")
        assert api.device("d--2001").get()["label"] == "New"
        assert api.note.get(target=NOTE["target"])["count"] == 0


@pytest.mark.usefixtures("demo")
def test_a_refused_delete_is_told_in_the_words_of_the_server(capsys: Printed) -> None:
    """What was not deleted is status 1 and one line."""
    assert main(["delete", "org/demo-org/"]) == FAILED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("iotile-cloud: Client Error 40")
    assert captured.err.count("\n") == 1


def test_data_is_sent_as_it_was_typed(scripted: Any) -> None:
    """No number loses a digit on its way."""
    scripted.play(scripted.reply(201, {}))
    typed = '{"x": 1.10000000000000000001, "y": 12345678901234567890}'
    assert main(["put", "a/b", "--data", typed, "--token", "t", "--domain", scripted.url]) == DONE
    [request] = scripted.requests
    assert (request.method, request.path, request.body) == ("PUT", "/api/v1/a/b/", typed.encode())


# -- wrong use ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["get"], "required: PATH"),
        (["get", "org", "x"], "'x' is no filter; expected key=value"),
        (["get", "org", "=x"], "'=x' is no filter"),
        (["get", "org", "--data", "{}"], "get sends no --data"),
        (["get", "org", "--all", "page=2"], "--all reads all pages"),
        (["get", "org", "--domain", "nonsense"], "the domain must look like"),
        (["get", "https://evil.example/api/v1/org"], "--domain chooses a server"),
        (["post", "note", "--data", "{"], "--data is no JSON"),
        (["delete", "note/1", "--all"], "unrecognized arguments: --all"),
    ],
)
def test_wrong_use_is_told_before_anything_is_sent(
    arguments: list[str],
    words: str,
    scripted: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Printed,
) -> None:
    """What was typed wrong is status 2, without a request, and stdout stays empty."""
    monkeypatch.setenv("IOTILE_CLOUD_DOMAIN", scripted.url)
    monkeypatch.setenv("IOTILE_CLOUD_TOKEN", "t")
    assert main(arguments) == WRONG_USE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert scripted.requests == []


@pytest.mark.usefixtures("demo")
def test_a_file_that_is_not_there_is_told(tmp_path: Path, capsys: Printed) -> None:
    """A missing file is a failure of the world, in one line."""
    assert main(["post", "note", "--data", f"@{tmp_path}/none"]) == FAILED
    assert capsys.readouterr().err == f"iotile-cloud: {tmp_path}/none: No such file or directory\n"


# -- errors and rehearsals ------------------------------------------------------------------


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("devise/d--2001", "; did you mean 'device'?"),
        ("Org", "; did you mean 'org'?"),
        ("org/none", "Not found.)"),
        ("zzzzzzz", ")"),
    ],
)
def test_a_mistyped_resource_brings_up_the_likely_one(path: str, end: str, capsys: Printed) -> None:
    """The root of the API is asked what there is, and the likely name is shown."""
    assert main(["get", path]) == FAILED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("iotile-cloud: Client Error 404: ")
    assert captured.err.endswith(f"{end}\n")
    assert captured.err.count("\n") == 1


def test_a_lost_root_does_not_hide_the_error(scripted: Any, capsys: Printed) -> None:
    """When even the root is not there, the 404 is told without a guess."""
    scripted.play(always=scripted.reply(404, {"detail": "Nothing here."}))
    assert main(["get", "orgs", "--token", "t", "--domain", scripted.url]) == FAILED
    assert capsys.readouterr().err.endswith("(GET: Nothing here.)\n")


def test_a_rehearsal_sends_nothing_and_needs_nobody(scripted: Any, capsys: Printed) -> None:
    """`--dry-run` shows method, URL, headers without a token, and body."""
    arguments = ["post", "note", "x=1", "--data", '{"a": 1}', "--dry-run"]
    assert main([*arguments, "--domain", scripted.url, "--token", "a-secret"]) == DONE
    captured = capsys.readouterr()
    assert scripted.requests == []
    assert captured.out.startswith(f"POST {scripted.url}/api/v1/note/?x=1\n")
    assert "\nContent-Type: application/json\n" in captured.out
    assert captured.out.endswith('\n\n{\n  "a": 1\n}\n')
    assert "secret" not in captured.out + captured.err
    assert main([*arguments, "--domain", scripted.url, "--json"]) == DONE
    assert [one["body"] for one in json.loads(capsys.readouterr().out)] == [{"a": 1}]


def test_without_credentials_there_is_one_line(cloud: Any, capsys: Printed) -> None:
    """A command that nobody can log in for says so instead of waiting."""
    assert main(["get", "org", "--domain", cloud.url]) == FAILED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
