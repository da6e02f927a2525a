"""Faults over real sockets, met by the real client."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from datetime import datetime, timedelta, timezone

import pytest

from iotile_cloud.api import exceptions
from iotile_cloud.api._session import CloudAdapter
from iotile_cloud.api.connection import Api
from iotile_cloud.local import LocalCloud
from iotile_cloud.stream.data import StreamData

STREAM = "s--0000-0001--0000-0000-0000-000a--5001"  # has 30 readings
LONG = 3600.0  # seconds; no test waits for them
DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


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
