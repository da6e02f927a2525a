"""Faults, over real sockets and met by the real client, and the rules that choose who is struck."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iotile_cloud.api import exceptions
from iotile_cloud.api._session import CloudAdapter
from iotile_cloud.api.connection import Api
from iotile_cloud.local import LocalCloud
from iotile_cloud.local.fault_options import FaultOptions
from iotile_cloud.local.faults import Faults
from iotile_cloud.local.messages import Request
from iotile_cloud.stream.data import StreamData

STREAM = "s--0000-0001--0000-0000-0000-000a--5001"  # has 30 readings
LONG = 3600.0  # seconds; no test waits for them
DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


@pytest.fixture
def cloud(description):
    """The small cloud with the clock of this machine, which the client has too."""
    with LocalCloud(load=[description]) as running:
        yield running


@pytest.fixture
def waits():
    """The seconds that the client would have waited between repetitions."""
    return []


@pytest.fixture
def api(cloud, waits):
    """The client of the organisation's owner, which does not really wait."""
    with Api(cloud.url) as made:
        own = made.session.get_adapter(cloud.url)
        quick = CloudAdapter(
            own.policy, own.timeout, None, waits.append, lambda: 0.0, chance=lambda: 1.0
        )
        made.session.mount("http://", quick)
        assert made.login(email="ann@example.com", password="ann-secret")
        yield made


@pytest.fixture
def connection(cloud):
    opened = http.client.HTTPConnection(cloud.url.removeprefix("http://"), timeout=5)
    yield opened
    opened.close()


def received(cloud):
    """Ask for `/server/` and return the head, the body, and how the connection ended."""
    host, port = cloud.url.removeprefix("http://").split(":")
    data = b""
    with socket.create_connection((host, int(port)), timeout=5) as plain:
        plain.sendall(b"GET /api/v1/server/ HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            while part := plain.recv(65536):
                data += part
            end = "closed"
        except ConnectionResetError:
            end = "reset"
    head, _, body = data.partition(b"\r\n\r\n")
    return head.decode(), body, end


def announced(head):
    """Return the length of the body that a head tells."""
    return int(re.search(r"Content-Length: (\d+)", head).group(1))


def orgs_named(cloud, name):
    """Count the organisations of this name that the cloud holds."""
    return sum(org["name"] == name for org in cloud.engine.store.all("org"))


# -- statuses


@pytest.mark.parametrize(("more", "waited"), [({"retry_after": 2}, [2.0]), ({}, [0.5])])
def test_outage_is_over_after_its_times(cloud, api, waits, more, waited):
    """A 503 strikes once: the client waits as long as it was told, and then has its answer."""
    outage = cloud.faults.add("/org/", status=503, times=1, **more)
    assert api.org.get()["count"] == 1
    assert (waits, outage.struck) == (waited, 1)


def test_chosen_status_stands_for_the_request(cloud, api):
    """A request that is answered with a status is not done, but is in the log."""
    cloud.faults.add(method="POST", status=500)
    with pytest.raises(exceptions.HttpServerError, match="500"):
        api.org.post({"name": "New"})
    assert orgs_named(cloud, "New") == 0
    assert (cloud.log[-1].method, cloud.log[-1].path) == ("POST", "/api/v1/org/")


@pytest.mark.parametrize(
    ("told", "header"),
    [
        (0, "0"),
        (7, "7"),
        (DATE, DATE),
        (datetime(2026, 10, 21, 7, 28), DATE),
        (datetime(2026, 10, 21, 9, 28, tzinfo=timezone(timedelta(hours=2))), DATE),
    ],
)
def test_retry_after_is_seconds_or_a_date(cloud, connection, told, header):
    """The header is a number of seconds, or a moment as HTTP writes it, in UTC."""
    cloud.faults.add(status=429, retry_after=told)
    connection.request("GET", "/api/v1/server/")
    reply = connection.getresponse()
    assert (reply.status, reply.headers["Retry-After"]) == (429, header)


@pytest.mark.parametrize("status", [200, 204, 302, 304, 418, 520, 599])
def test_connection_survives_every_status(cloud, connection, status):
    """The next request on the connection is answered as ever, also after a status of no name."""
    cloud.faults.add(status=status, times=1)
    for wanted in (status, 200):
        connection.request("GET", "/api/v1/server/")
        reply = connection.getresponse()
        reply.read()
        assert reply.status == wanted


# -- connections


def test_lost_reply_of_a_write(cloud, api):
    """The request is done once, the client learns nothing and says so."""
    lost = cloud.faults.add("/org/", method="POST", cut="reply")
    with pytest.raises(exceptions.TransportError):
        api.org.post({"name": "New"})
    assert (orgs_named(cloud, "New"), lost.struck) == (1, 1)


def test_connection_cut_before_the_request_is_done(cloud, api):
    """A write of which nothing came back was not done."""
    cloud.faults.add(method="POST", cut="before")
    with pytest.raises(exceptions.TransportError):
        api.org.post({"name": "New"})
    assert orgs_named(cloud, "New") == 0


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("cut", ["before", "reply", 0, 10, 0.5])
def test_reader_repeats_after_a_cut(cloud, api, cut, reset):
    """However a connection ends before the body does, the client reads again and has it all."""
    fault = cloud.faults.add("/stream/*/data/", cut=cut, reset=reset, times=2)
    readings = StreamData(STREAM, api)
    readings.initialize_from_server()
    assert (len(readings.data), fault.struck) == (30, 2)


@pytest.mark.parametrize("cut", ["before", "reply"])
def test_nothing_is_sent_without_an_answer(cloud, cut):
    """A connection that is cut before the answer carries no byte of it."""
    cloud.faults.add(cut=cut)
    assert received(cloud) == ("", b"", "closed")


@pytest.mark.parametrize(("cut", "share"), [(0, 0), (5, None), (0.5, 0.5), ("after", 1)])
def test_cut_body_is_shorter_than_was_told(cloud, cut, share):
    """The head tells the whole length and nothing of a close; the body ends where it is cut."""
    cloud.faults.add(cut=cut)
    head, body, end = received(cloud)
    assert len(body) == (5 if share is None else int(announced(head) * share))
    assert end == "closed"
    assert "Connection: close" not in head


@pytest.mark.parametrize("cut", ["before", "reply", 5, "after"])
def test_reset_is_no_orderly_end(cloud, cut):
    """With `reset` the client meets a reset instead of the end."""
    cloud.faults.add(cut=cut, reset=True)
    assert received(cloud)[2] == "reset"


def test_reply_before_a_late_cut_counts(cloud, api):
    """A connection that ends after the body costs the client nothing."""
    cloud.faults.add("/org/", cut="after")
    assert [api.org.get()["count"] for _ in range(3)] == [1, 1, 1]


# -- bodies


@pytest.mark.parametrize(("truncate", "length"), [(0, 0), (7, 7), (10**9, None), (0.5, -1)])
def test_truncated_body_tells_its_own_length(cloud, connection, truncate, length):
    """A truncated body agrees with its head, and the connection stays; too many bytes are all."""
    sizes = []
    for _ in range(2):
        connection.request("GET", "/api/v1/server/")
        reply = connection.getresponse()
        sizes.append(len(reply.read()))
        assert int(reply.headers["Content-Length"]) == sizes[-1]
        cloud.faults.add(truncate=truncate)
    whole = sizes[0]
    assert sizes[1] == {None: whole, -1: whole // 2}.get(length, length)


def test_truncated_body_is_an_error(cloud, api):
    """Half of a reply is no reply for the client, though its length is as told."""
    cloud.faults.add("/stream/*/data/", truncate=0.5)
    with pytest.raises(exceptions.HttpUnexpectedReplyError):
        StreamData(STREAM, api).initialize_from_server()


def test_repeated_page_has_the_rows_of_the_one_before(cloud, api):
    """Rows repeat, while the count and the links are those of the page that was asked for."""
    data = api.stream(STREAM).data
    pages = [data.get(page=number, page_size=12) for number in (1, 2, 3)]
    cloud.faults.add(repeat_page=True)
    repeated = [data.get(page=number, page_size=12) for number in (1, 2, 3)]
    assert repeated == [
        pages[0],
        {**pages[1], "results": pages[0]["results"]},
        {**pages[2], "results": pages[1]["results"]},
    ]


def test_first_page_and_what_is_no_listing_are_not_repeated(cloud, api):
    """A rule that repeats a page does not count the requests that have none before them."""
    fault = cloud.faults.add(repeat_page=True, times=1)
    api.stream(STREAM).data.get(page=1)
    api.org.get()
    assert fault.struck == 0


def test_page_that_is_not_there_stays_an_error(cloud, api):
    """A request that gets no page is answered as it would be."""
    cloud.faults.add(repeat_page=True)
    with pytest.raises(exceptions.HttpNotFoundError, match="Invalid page"):
        api.stream(STREAM).data.get(page=9)


# -- tokens


def test_expired_token_is_refused_with_the_challenge(cloud, ann):
    """The reply is that of a token which has ended."""
    cloud.faults.add(expire_tokens=True)
    reply = ann.get("/org/")
    assert (reply.status_code, reply.json()) == (401, {"detail": "Signature has expired."})
    assert reply.headers["WWW-Authenticate"] == 'JWT realm="api"'


def test_expired_tokens_stay_so_until_the_next_login(cloud, api, ann):
    """All tokens issued so far have ended; a new login brings another, which counts."""
    fault = cloud.faults.add("/org/", expire_tokens=True, times=1)
    before = api.token
    for _ in range(2):
        with pytest.raises(exceptions.HttpAuthenticationError, match="expired"):
            api.org.get()
    assert ann.get("/org/").status_code == 401
    assert api.login(email="ann@example.com", password="ann-secret")
    assert api.token != before
    assert (api.org.get()["count"], fault.struck) == (1, 1)


def test_tokens_can_expire_again_and_again(cloud, api):
    """Tokens of one and the same second are told apart."""
    cloud.faults.add("/org/", expire_tokens=True)
    seen = set()
    for _ in range(4):
        assert api.login(email="ann@example.com", password="ann-secret")
        seen.add(api.token)
        with pytest.raises(exceptions.HttpAuthenticationError, match="expired"):
            api.org.get()
    assert len(seen) == 4


def test_request_without_jwt_expires_nothing(cloud, anybody):
    """Only requests with a JWT are struck, so that a login does not use the rule up."""
    fault = cloud.faults.add(expire_tokens=True)
    anybody.get("/org/")
    anybody.get("/org/", headers={"Authorization": "token abc"})
    assert fault.struck == 0


# -- delays


def test_slow_reply_comes(cloud, api):
    """A delay ends, and the reply is the one that it would have been."""
    fault = cloud.faults.add("/org/", delay=0.01)
    assert (api.org.get()["count"], fault.struck) == (1, 1)


def test_slow_reply_meets_the_patience_of_the_client(cloud, api):
    """A client that gave up does not know that its request was done."""
    cloud.faults.add("/org/", method="POST", delay=LONG)
    with pytest.raises(exceptions.ReadTimeout):
        api.org.with_options(timeout=0.2).post({"name": "New"})
    assert orgs_named(cloud, "New") == 1


def test_stop_ends_a_delay(cloud, connection):
    """A cloud that is stopped waits for no delay; the client gets no answer."""
    fault = cloud.faults.add(delay=LONG)
    connection.request("GET", "/api/v1/server/")
    while not fault.struck:
        threading.Event().wait(0.001)
    cloud.stop()
    with pytest.raises((http.client.BadStatusLine, ConnectionError)):
        connection.getresponse()


def test_stopped_cloud_starts_again_with_its_faults(cloud):
    """Rules and counts outlive a restart, as all that the cloud holds."""
    fault = cloud.faults.add(status=503, cut="after")
    cloud.stop()
    cloud.start()
    assert received(cloud)[0].startswith("HTTP/1.1 503 ")
    assert fault.struck == 1


# -- which requests are struck


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


# -- what a rule may say


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


# -- rules from a file


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


# -- the page about faults


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
