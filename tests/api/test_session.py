"""The session: timeouts and repetition, for every use of it."""

from __future__ import annotations

import io
import os
import pickle
from typing import Any, Callable

import pytest
import requests
import requests.exceptions as rx
from urllib3.util.retry import Retry

from iotile_cloud.api._retry import RetryEvent, RetryPolicy
from iotile_cloud.api._session import (
    CloudAdapter,
    CloudSession,
    checked_timeout,
    observed_retries,
    one_call,
)
from iotile_cloud.api.connection import Api

Client = Callable[..., Api]


# -- time ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timeout", "pair"),
    [
        (5, (5, 5)),
        (0.5, (0.5, 0.5)),
        ((5, 10), (5, 10)),
        ((5, None), (5, None)),
        (None, (None,) * 2),
    ],
)
def test_a_timeout_is_a_number_or_a_pair(timeout: Any, pair: Any) -> None:
    """Seconds for both waits, or for each its own, None for no limit."""
    assert checked_timeout(timeout) == pair


@pytest.mark.parametrize(
    "timeout", [0, -1, True, "5", (1,), (1, 2, 3), (1, 0), [1, 2], float("nan"), float("inf")]
)
def test_a_timeout_that_makes_no_sense_is_refused(timeout: Any) -> None:
    """The error shows what was given and what would be right."""
    with pytest.raises(ValueError, match="timeout must be seconds, a pair") as caught:
        checked_timeout(timeout)
    assert repr(timeout) in str(caught.value)


def test_a_direct_call_has_the_timeout_of_the_session(scripted: Any, client: Client) -> None:
    """`api.session.get` gives up like a resource does."""
    scripted.play(None)
    with pytest.raises(rx.ReadTimeout):
        client(timeout=(5, 0.05), retries=0).session.get(scripted.url)


def test_a_timeout_of_a_direct_call_beats_the_session(scripted: Any, client: Client) -> None:
    """An argument of `api.session.get` is the more explicit one."""
    scripted.play(None)
    with pytest.raises(rx.ReadTimeout):
        client(timeout=None, retries=0).session.get(scripted.url, timeout=0.05)


class Limits(CloudAdapter):
    """Notes the limits of each attempt instead of making it."""

    def _attempt(self, request: Any, stream: bool, *settings: Any) -> Any:
        self.seen = settings[0]
        return rx.ReadTimeout()


@pytest.mark.parametrize(
    ("own", "given", "used"),
    [((10, 60), None, (10, 60)), (None, None, (None, None)), (5, (None, None), (None, None))],
)
def test_no_timeout_of_a_call_means_that_of_the_session(own: Any, given: Any, used: Any) -> None:
    """To wait for ever is said by a pair, since to requests None is "not given"."""
    adapter = Limits(RetryPolicy(retries=0), own)
    with pytest.raises(rx.ReadTimeout):
        adapter.send(requests.Request("GET", "http://h/").prepare(), timeout=given)
    assert adapter.seen == used


# -- repetition ------------------------------------------------------------------------------


def test_a_body_cut_short_is_read_again(scripted: Any, client: Client, waits: Any) -> None:
    """The reading of the body belongs to the attempt."""
    whole = scripted.reply(200, {"slug": "x"})
    scripted.play(scripted.Cut(whole[:-3]), whole)
    assert client().session.get(scripted.url).json() == {"slug": "x"}
    assert waits == [0.5]


@pytest.mark.parametrize("kept", [0, 10, 60])
def test_an_answer_that_stops_is_asked_for_again(scripted: Any, client: Client, kept: int) -> None:
    """Whether before the answer, in its first line or in its body."""
    whole = scripted.reply(200, b"x" * 100)
    scripted.play(scripted.Cut(whole[:kept]), whole)
    assert client().session.get(scripted.url).content == b"x" * 100


def test_a_chunked_body_cut_short_is_read_again(scripted: Any, client: Client) -> None:
    """A body without announced length ends with an empty chunk, or it is not whole."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"
    scripted.play(scripted.Cut(head), head + b"0\r\n\r\n")
    assert client().session.get(scripted.url).content == b"ab"
    assert len(scripted.requests) == 2


def test_damaged_compression_is_read_again(scripted: Any, client: Client) -> None:
    """A body that cannot be unpacked was damaged on its way."""
    scripted.play(scripted.reply(200, b"no gzip", Content_Encoding="gzip"), scripted.reply())
    assert client().session.get(scripted.url).content == b""


def test_a_read_timeout_is_repeated(scripted: Any, client: Client) -> None:
    """A read that nobody answered is asked again."""
    scripted.play(None, scripted.reply(200, b"x"))
    assert client(timeout=(5, 0.05)).session.get(scripted.url).content == b"x"


def test_waits_grow_until_the_last_attempt(scripted: Any, client: Client, waits: Any) -> None:
    """After three repetitions the caller gets the last reply."""
    scripted.play(always=scripted.reply(503, b"busy"))
    assert client().session.get(scripted.url).content == b"busy"
    assert waits == [0.5, 1.0, 2.0]
    assert len(scripted.requests) == 4


def test_retries_can_be_turned_off(scripted: Any, client: Client) -> None:
    """`retries=0` asks once."""
    scripted.play(always=scripted.reply(503))
    assert client(retries=0).session.get(scripted.url).status_code == 503
    assert len(scripted.requests) == 1


def test_a_urllib3_retry_is_obeyed(scripted: Any, client: Client) -> None:
    """`retries=` takes what urllib3 has for it."""
    scripted.play(always=scripted.reply(418))
    client(retries=Retry(1, status_forcelist=[418])).session.get(scripted.url)
    assert len(scripted.requests) == 2


def test_retry_after_is_waited_for(scripted: Any, client: Client, waits: Any) -> None:
    """The server knows better how long."""
    scripted.play(scripted.reply(429, Retry_After="7"), scripted.reply())
    assert client().session.get(scripted.url).status_code == 200
    assert waits == [7.0]


def test_all_waits_of_a_call_share_one_budget(scripted: Any, client: Client, waits: Any) -> None:
    """Three waits of a minute would be too much patience."""
    scripted.play(always=scripted.reply(429, Retry_After="60"))
    assert client().session.get(scripted.url).status_code == 429
    assert waits == [60.0, 60.0]


@pytest.mark.parametrize("answer", ["503", "cut", "close"])
def test_a_write_that_may_have_arrived_is_not_repeated(
    scripted: Any, client: Client, answer: str
) -> None:
    """The server cannot tell a repetition from a second wish."""
    whole = scripted.reply(503)
    steps = {"503": whole, "cut": scripted.Cut(whole[:-3]), "close": scripted.Cut()}
    scripted.play(always=steps[answer])
    try:
        assert client().session.post(scripted.url, json={}).status_code == 503
    except rx.ConnectionError:
        assert answer != "503"
    assert len(scripted.requests) == 1


def test_a_write_without_connection_is_repeated(scripted: Any, waits: Any) -> None:
    """No byte can have reached a server that is not there yet."""
    adapter = CloudAdapter(sleep=waits, clock=waits.clock, chance=lambda: 1.0)
    scripted.close()
    with CloudSession(adapter) as session, pytest.raises(rx.ConnectionError):
        session.post(scripted.url, json={})
    assert waits == [0.5, 1.0, 2.0]


class Late(CloudAdapter):
    """Fails to connect once, after it has read a part of the body, and then connects."""

    failed = False

    def _attempt(self, request: Any, stream: bool, *settings: Any) -> Any:
        if self.failed:
            return super()._attempt(request, stream, *settings)
        self.failed = True
        request.body.read(2)
        return rx.ConnectTimeout()


def test_a_streamed_body_is_rewound_before_a_repetition(scripted: Any, waits: Any) -> None:
    """The second attempt sends all of it."""
    scripted.play(scripted.reply())
    with CloudSession(Late(sleep=waits)) as session:
        session.post(scripted.url, data=io.BytesIO(b"abcdef"))
    assert scripted.requests[0].body == b"abcdef"


def test_a_body_that_is_gone_is_not_sent_again(scripted: Any, client: Client) -> None:
    """Whatever the caller allows, half of a generator is not sent for the whole of it."""
    scripted.play(always=scripted.reply(503))
    api = client(retries=Retry(3, allowed_methods=None))
    reply = api.session.post(scripted.url, data=(part for part in [b"ab", b"cd"]))
    assert reply.status_code == 503
    assert [request.body for request in scripted.requests] == [b"abcd"]


def test_a_stream_is_left_to_its_reader(scripted: Any, client: Client) -> None:
    """`stream=True` hands out the reply before its body was read."""
    scripted.play(scripted.Cut(scripted.reply(200, b"x" * 100)[:-50]))
    response = client().session.get(scripted.url, stream=True)
    with response, pytest.raises((rx.ChunkedEncodingError, rx.ConnectionError)):
        _ = response.content
    assert len(scripted.requests) == 1


def test_a_hook_is_told_of_each_repetition(scripted: Any, client: Client) -> None:
    """`on_retry` learns what happened and how long the wait will be; the query stays private."""
    told: list[RetryEvent] = []
    scripted.play(scripted.reply(503), scripted.Cut(), scripted.reply())
    client(on_retry=told.append).session.get(scripted.url + "/x/?token=hush")
    url = scripted.url + "/x/"
    assert told == [
        RetryEvent("GET", url, 1, 0.5, "status 503"),
        RetryEvent("GET", url, 2, 1.0, "ConnectionError"),
    ]


def test_repetitions_can_be_collected(scripted: Any, client: Client) -> None:
    """Those of calls within the block, and no others."""
    scripted.play(scripted.reply(503), scripted.reply(), scripted.reply(503), scripted.reply())
    session = client().session
    with observed_retries() as seen:
        session.get(scripted.url)
    session.get(scripted.url)
    assert [event.reason for event in seen] == ["status 503"]


def test_a_policy_can_be_set_for_a_call(scripted: Any, client: Client) -> None:
    """Requests within have it, and None is the session's own."""
    scripted.play(always=scripted.reply(503))
    session = client().session
    with one_call(RetryPolicy(retries=1)):
        session.get(scripted.url)
    assert len(scripted.requests) == 2
    with one_call(None):
        session.get(scripted.url)
    assert len(scripted.requests) == 2 + 4


def test_redirects_share_the_budget_of_their_call(
    scripted: Any, client: Client, waits: Any
) -> None:
    """A chain of busy servers does not add up to a wait of many budgets."""
    busy = scripted.reply(503, Retry_After="60")
    onward = scripted.reply(302, Location="/next")
    scripted.play(busy, onward, busy, onward, busy, onward, always=busy)
    assert client().org.raw.get().status_code == 503
    assert sum(waits) <= 120


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_opens_connections_of_its_own(scripted: Any, client: Client) -> None:
    """Two processes on one connection would read each other's answers."""
    scripted.play(always=scripted.reply(200, {}))
    session = client().session
    session.get(scripted.url)
    adapter: Any = session.get_adapter(scripted.url)
    before = adapter.poolmanager
    adapter._process -= 1  # as it looks to a process that was forked from this one
    session.get(scripted.url)
    assert adapter.poolmanager is not before
    assert scripted.connections == 2


# -- other ways to use it --------------------------------------------------------------------


def test_a_session_pickles_with_its_policy(scripted: Any, waits: Any) -> None:
    """The copy has the same timeouts and repetitions, and still no cookies."""
    adapter = CloudAdapter(RetryPolicy(retries=1, backoff=1e-9), timeout=7)
    scripted.play(scripted.reply(503, Set_Cookie="a=b"), scripted.reply(200, Set_Cookie="a=b"))
    with CloudSession(adapter, "mine/1") as session:
        copied = pickle.loads(pickle.dumps(session))
    with copied:
        assert copied.get(scripted.url).status_code == 200
        assert copied.get_adapter(scripted.url).timeout == (7, 7)
        assert list(copied.cookies) == []
    assert scripted.requests[1].headers["User-Agent"] == "mine/1"


def test_a_closed_session_can_be_used_again(scripted: Any, client: Client) -> None:
    """It opens new connections."""
    scripted.play(always=scripted.reply())
    session = client().session
    session.get(scripted.url)
    session.close()
    assert session.get(scripted.url).status_code == 200


def test_a_connection_is_kept_for_the_next_request(scripted: Any, client: Client) -> None:
    """All the bytes of a reply are read, so the connection is free again."""
    scripted.play(always=scripted.reply(200, b"x"))
    session = client().session
    for _ in range(3):
        session.get(scripted.url)
    assert scripted.connections == 1


@pytest.mark.skipif(os.name == "nt", reason="the name of the variable has one case there")
def test_the_guard_of_the_tests_holds() -> None:
    """A test that wants to leave this machine fails."""
    with CloudSession() as session, pytest.raises(RuntimeError, match=r"wanted to reach 'iotile"):
        session.get("http://iotile.invalid/")


def test_copies_in_other_processes_do_not_wait_alike() -> None:
    """A pickled adapter does not take the state of the random numbers along."""
    adapter = pickle.loads(pickle.dumps(CloudAdapter()))
    other = pickle.loads(pickle.dumps(CloudAdapter()))
    assert adapter._chance() != other._chance()
