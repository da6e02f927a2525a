"""HTTP itself: connections, bodies, paths and methods, over real sockets."""

from __future__ import annotations

import gc
import http.client
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time

import pytest
import requests

from iotile_cloud.local import LocalCloud
from iotile_cloud.local.storage.rows import Piece
from iotile_cloud.local.web import server as server_module


@pytest.fixture
def connection(cloud):
    host = cloud.url.removeprefix("http://")
    opened = http.client.HTTPConnection(host, timeout=5)
    yield opened
    opened.close()


def raw(cloud, data):
    """Send bytes and return all that comes back until the server closes."""
    host, port = cloud.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as plain:
        plain.sendall(data)
        parts = []
        while part := plain.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_connection_stays_open(connection):
    """Several requests go over one connection."""
    ports = set()
    for _ in range(3):
        connection.request("GET", "/api/v1/server/")
        ports.add(connection.sock.getsockname())
        reply = connection.getresponse()
        reply.read()
        assert not reply.will_close
    assert len(ports) == 1


def test_refused_body_does_not_poison_the_next_request(connection):
    """A body that nobody wanted is not read as the next request."""
    connection.request("POST", "/api/v1/org/", body=b"GET /nonsense HTTP/1.1\r\n\r\n")
    reply = connection.getresponse()
    reply.read()
    assert reply.status == 401
    connection.request("GET", "/api/v1/server/")
    assert connection.getresponse().status == 200


def test_body_of_a_get_is_passed_over(connection):
    """A GET with a body does not break what follows on the connection."""
    connection.request("GET", "/api/v1/server/", body=b"surplus")
    connection.getresponse().read()
    connection.request("GET", "/api/v1/server/")
    assert connection.getresponse().status == 200


def test_chunked_body(connection):
    """A body in chunks is read whole."""
    parts = iter([b'{"email": "ann@exam', b'ple.com", "password": "ann-secret"}'])
    connection.request("POST", "/api/v1/auth/login/", body=parts, encode_chunked=True)
    assert connection.getresponse().status == 200


@pytest.mark.parametrize("size", [b"zz", b"-5", b""])
def test_broken_chunk_is_400(cloud, size):
    """A chunk without a good size is refused."""
    head = b"POST /api/v1/auth/login/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert raw(cloud, head + size + b"\r\n").startswith(b"HTTP/1.1 400 ")


def test_body_too_large_is_413(cloud, monkeypatch):
    """A body over the bound is refused by its announced length, and the connection closes."""
    monkeypatch.setattr(server_module, "MOST_BODY", 10)
    head = b"POST /api/v1/auth/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n"
    reply = raw(cloud, head + b"x" * 11)
    assert reply.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nConnection: close\r\n" in reply


@pytest.mark.parametrize("length", [b"-1", b"abc", b"1 2"])
def test_bad_length_is_400(cloud, length):
    """A Content-Length that is no number is refused."""
    head = b"POST /api/v1/org/ HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n"
    assert raw(cloud, head).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "line",
    [b"nonsense", b"GET /api/v1/%ff/ HTTP/1.1", b"GET / HTTP/1.1\r\nHost: a b", b"GET / HTTP/9.x"],
)
def test_bad_request_line_or_host_is_400(cloud, line):
    """What is no request is refused with 400."""
    head = line if b"\r\n" in line else line + b"\r\nHost: x"
    assert b" 400 " in raw(cloud, head + b"\r\nConnection: close\r\n\r\n").split(b"\r\n")[0]


def test_missing_slash_redirects(ann):
    """A path without its slash is redirected, relative and with its query."""
    reply = ann.patch("/org/acme?a=1&b=2", json={})
    assert (reply.status_code, reply.headers["Location"]) == (301, "/api/v1/org/acme/?a=1&b=2")


@pytest.mark.parametrize("path", ["/nothing/", "//org/", "/org/acme/nothing/", "/nothing"])
def test_unknown_path_is_html_404(ann, path):
    """A path that no route matches is a 404 page."""
    reply = ann.get(path)
    assert reply.status_code == 404
    assert reply.headers["Content-Type"].startswith("text/html")


def test_wrong_method_is_405_with_allow(ann):
    """A method that a route lacks is 405 and says which it has."""
    reply = ann.delete("/org/")
    assert reply.status_code == 405
    assert reply.json() == {"detail": 'Method "DELETE" not allowed.'}
    assert reply.headers["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_unsupported_media_type_is_415(ann):
    """A body of an unknown type is refused."""
    reply = ann.post("/org/", data="x", headers={"Content-Type": "text/plain"})
    assert reply.status_code == 415
    assert reply.json() == {"detail": 'Unsupported media type "text/plain" in request.'}


def test_broken_json_is_400(ann):
    """Broken JSON is refused with its place."""
    reply = ann.post("/org/", data='{"name": ', headers={"Content-Type": "application/json"})
    assert reply.status_code == 400
    assert reply.json()["detail"].startswith("JSON parse error - Expecting value: line 1")


@pytest.mark.parametrize("body", ['{"name": NaN}', "[" * 100_000, b'{"name": "\xff"}', "{'a': 1}"])
def test_unreadable_json_is_400(ann, body):
    """What is not JSON is 400, however it fails."""
    reply = ann.post("/org/", data=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400


def test_other_accept_is_406(ann):
    """A client that takes no JSON gets 406."""
    assert ann.get("/org/", headers={"Accept": "application/xml"}).status_code == 406


@pytest.mark.parametrize(
    ("path", "status"), [("/org/?format=json", 200), ("/org/?format=xml", 404)]
)
def test_format_argument(ann, path, status):
    """The format argument takes json and nothing else."""
    assert ann.get(path).status_code == status


def test_json_suffix(ann):
    """A path may end in .json."""
    assert ann.get("/org/acme.json").json()["slug"] == "acme"


def test_head_has_no_body(ann):
    """HEAD answers as GET does, without the body."""
    reply = ann.head("/org/")
    assert (reply.status_code, reply.content) == (200, b"")
    assert int(reply.headers["Content-Length"]) == len(ann.get("/org/").content)


def test_options(ann):
    """OPTIONS says which methods there are."""
    assert ann.options("/org/").headers["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_unexpected_exception_is_a_logged_500_page(cloud, ann, caplog):
    """A fault of the cloud's own is a page without a traceback, and is logged with one."""
    cloud.engine.store.get("org", "acme")["about"] = object()  # nothing can show this
    with caplog.at_level(logging.ERROR, "iotile_cloud.local"):
        reply = ann.get("/org/")
    assert reply.status_code == 500
    assert "Traceback" not in reply.text
    assert caplog.records[-1].exc_info


def test_log_keeps_what_arrived(cloud, anybody):
    """The log shows method, path, query and headers of each request."""
    anybody.get("/server/?a=1", headers={"X-Mark": "seen"})
    entry = cloud.log[-1]
    assert (entry.method, entry.path, entry.query) == ("GET", "/api/v1/server/", "a=1")
    assert entry.headers["X-Mark"] == "seen"


def test_root_lists_absolute_urls(cloud, anybody):
    """The root of the API is public and gives the resources' URLs."""
    assert anybody.get("/").json()["device"] == f"{cloud.url}/api/v1/device/"


def test_server_tells_the_time_of_its_clock(anybody):
    """`/server/` is public and says what time the cloud has."""
    assert anybody.get("/server/").json()["now"] == "2020-09-13T12:26:40Z"


def test_stop_ends_threads_and_closes_connections():
    """After stop no thread is left, and an open connection is at its end."""
    before = set(threading.enumerate())
    cloud = LocalCloud().start()
    opened = http.client.HTTPConnection(cloud.url.removeprefix("http://"), timeout=5)
    opened.request("GET", "/api/v1/server/")
    opened.getresponse().read()
    cloud.stop()
    assert opened.sock.recv(1) == b""
    opened.close()
    assert set(threading.enumerate()) <= before


def test_stopped_cloud_starts_again(describe):
    """What a cloud holds outlives a stop."""
    cloud = LocalCloud(load=[describe()])
    with cloud as running:
        assert running.url.startswith("http://127.0.0.1:")
    with pytest.raises(RuntimeError, match="not running"):
        _ = cloud.url
    with cloud:
        assert cloud.engine.store.get("account", "ann")


def test_empty_cloud_starts_at_once():
    """An empty cloud starts in well under a tenth of a second."""
    began = time.perf_counter()
    with LocalCloud():
        assert time.perf_counter() - began < 0.1


def test_parallel_writes_all_count(client_of, cloud):
    """Writes from many threads are all kept, with numbers of their own."""
    slug = "s--0000-0001--0000-0000-0000-000a--5001"
    body = {"stream": slug, "timestamp": "2020-02-01T00:00:00Z", "int_value": 1}

    def post():
        client = client_of("ann")
        for _ in range(10):
            assert client.post("/data/", json=body).status_code == 201

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = cloud.engine.store.readings.select([Piece("stream", slug)])
    assert len({row["id"] for row in rows}) == 30 + 40


def test_missing_werkzeug_is_explained():
    """Without werkzeug the import says what to install."""
    code = "import sys; sys.modules['werkzeug'] = None; import iotile_cloud.local"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ)
    )
    assert "pip install 'iotile_cloud[local]'" in done.stderr


def test_broken_form_is_400(ann):
    """A multipart body without its boundary is refused."""
    headers = {"Content-Type": "multipart/form-data"}
    reply = ann.post("/org/", data=b"x", headers=headers)
    assert reply.status_code == 400
    assert reply.json()["detail"].startswith("Form parse error")


def test_unknown_method_is_501(cloud):
    """A method that HTTP does not know is refused, and the connection closes."""
    reply = raw(cloud, b"BREW /api/v1/org/ HTTP/1.1\r\nHost: x\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 501 ")


def test_client_that_goes_away_is_no_fault(cloud, anybody, caplog):
    """A connection that breaks in the middle of a body is noted for debugging only."""
    host, port = cloud.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as plain:
        plain.sendall(b"POST /api/v1/org/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab")
    assert anybody.get("/server/").status_code == 200
    assert not [record for record in caplog.records if record.levelno > logging.DEBUG]


def test_small_reply_is_one_write(cloud):
    """Head and body of a reply arrive together."""
    host, port = cloud.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as plain:
        plain.sendall(b"GET /api/v1/server/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert plain.recv(65536).endswith(b"}")


def test_one_word_may_stand_for_a_list():
    """`load` takes a single word too."""
    assert LocalCloud(load="demo").engine.store.find("account", email="demo@example.com")


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_ipv6_address():
    """A cloud on an IPv6 address has its brackets in the URL."""
    try:
        cloud = LocalCloud(host="::1").start()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with cloud:
        assert cloud.url.startswith("http://[::1]:")


def test_media_type_is_refused_as_it_was_sent(ann):
    """The refusal of a media type repeats it with its parameters."""
    reply = ann.post("/org/", data="x", headers={"Content-Type": "text/plain; charset=x"})
    assert reply.json()["detail"] == 'Unsupported media type "text/plain; charset=x" in request.'


def test_media_type_in_any_case(ann):
    """A media type is known in upper case too."""
    reply = ann.post("/org/", data='{"name": ', headers={"Content-Type": "Application/JSON"})
    assert reply.json()["detail"].startswith("JSON parse error")


def test_form_that_ends_early_leaves_no_file_open(ann):
    """A large form that is cut short is refused, and no file of it stays open."""
    part = b'--B\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    reply = ann.post("/event/upload/", data=part + b"x" * 600_000, headers=headers)
    gc.collect()  # an open file would be a ResourceWarning, which is an error here
    assert reply.status_code == 400


def test_last_of_repeated_form_fields_counts(ann):
    """Of a form field that is sent twice the last one counts."""
    reply = ann.post("/org/", data=[("name", "First"), ("name", "Last")])
    assert reply.json()["name"] == "Last"


def test_refusal_of_endless_headers_arrives(cloud):
    """A client that sends far too long a header gets its refusal, not a broken connection."""
    head = b"GET /api/v1/server/ HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 500_000 + b"\r\n\r\n"
    assert raw(cloud, head).startswith(b"HTTP/1.1 431 ")


def test_stop_does_not_wait(anybody):
    """Starting and stopping takes a moment, not a turn of some clock."""
    cloud = LocalCloud()
    began = time.perf_counter()
    for _ in range(20):
        cloud.start()
        cloud.stop()
    assert time.perf_counter() - began < 0.2


def test_stop_keeps_every_acknowledged_write(describe):
    """What was answered with 201 is there after a stop in the middle of the writing."""
    slug = "s--0000-0001--0000-0000-0000-000a--5001"
    cloud = LocalCloud(load=[describe()]).start()
    token = cloud.engine.signer.issue(cloud.engine.store.get("account", "ann"))
    headers = {"Authorization": f"JWT {token}", "Content-Type": "application/json"}
    enough, acknowledged = threading.Event(), []

    def post(first):
        opened = http.client.HTTPConnection(host, timeout=5)
        for number in range(first, first + 10_000):
            body = {"stream": slug, "timestamp": "2020-02-01T00:00:00Z", "int_value": number}
            try:
                opened.request("POST", "/api/v1/data/", json.dumps(body), headers)
                reply = opened.getresponse()
                reply.read()
            except (OSError, http.client.HTTPException):
                break
            assert reply.status == 201
            acknowledged.append(number)
            if len(acknowledged) == 50:
                enough.set()
        opened.close()

    host = cloud.url.removeprefix("http://")
    threads = [threading.Thread(target=post, args=(n * 10_000,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    assert enough.wait(5)
    cloud.stop()
    for thread in threads:
        thread.join()
    rows = cloud.engine.store.readings.select([Piece("stream", slug)])
    assert set(acknowledged) <= {row["int_value"] for row in rows}


CHUNKED = b"POST /api/v1/auth/login/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"2\r\n{}GET /x\r\n0\r\n\r\n",
        b"2\r\n{}\n0\r\n\r\n",
        b"2\n{}\r\n0\r\n\r\n",
        b"2;" + b"x" * 2000 + b"\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nX: y\n\r\n",
        b"0\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
    ],
)
def test_chunks_that_may_be_read_otherwise_are_400(cloud, body):
    """Junk between chunks, line ends without a return and endless trailers end the connection."""
    reply = raw(cloud, CHUNKED + body)
    assert reply.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nConnection: close\r\n" in reply


def test_trailers_that_break_off_are_400(cloud):
    """A body that ends within its trailers did not arrive whole."""
    host, port = cloud.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as plain:
        plain.sendall(CHUNKED + b"2\r\n{}\r\n0\r\nX: y\r\n")
        plain.shutdown(socket.SHUT_WR)
        assert b"Connection: close" in plain.recv(65536)


def test_coding_with_a_control_character_ends_the_connection(cloud):
    """A coding that only some would read as chunked is not guessed at."""
    reply = raw(cloud, CHUNKED.replace(b" chunked", b"\x0bchunked") + b"0\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nConnection: close\r\n" in reply


def test_chunks_with_extensions_and_trailers_arrive(cloud, connection):
    """What the standard allows beside the chunks is passed over."""
    connection.putrequest("POST", "/api/v1/auth/login/")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    connection.send(b"2 ;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n")
    reply = connection.getresponse()
    assert (reply.status, "email" in json.loads(reply.read())) == (400, True)


def test_connection_that_gets_no_thread_does_not_hinder_the_end(monkeypatch):
    """When the machine has no thread left, the connection is closed, and the cloud still stops."""
    with LocalCloud() as cloud:
        host, port = cloud.url.removeprefix("http://").split(":")

        def fail(thread):
            raise RuntimeError("can't start new thread")

        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", fail)
            with socket.create_connection((host, int(port)), timeout=5) as plain:
                assert plain.recv(1) == b""
        assert requests.get(cloud.url + "/api/v1/server/", timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"name": NaN}', "Out of range float values are not JSON compliant: 'NaN'"),
        ('\ufeff{"name": "x"}', "Unexpected UTF-8 BOM"),
        ('{"name": "x"}'.encode("utf-16"), "'utf-8' codec can't decode byte 0xff"),
    ],
)
def test_json_is_utf_8_without_a_mark(ann, body, words):
    """JSON in another encoding, or with what is no JSON, is refused as the server does."""
    body = body.encode() if isinstance(body, str) else body
    reply = ann.post("/org/", data=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400
    assert reply.json()["detail"].startswith(f"JSON parse error - {words}")


@pytest.mark.skipif(os.name == "nt", reason="no such limit there")
def test_connections_beyond_the_limit_of_files_wait(cloud, anybody):
    """When no more connections can be opened, the next ones wait, and cost no time meanwhile."""
    import resource

    anybody.get("/server/")  # it listens by now
    host, port = cloud.url.removeprefix("http://").split(":")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket() as plain:
        plain.settimeout(5)
        resource.setrlimit(resource.RLIMIT_NOFILE, (plain.fileno(), before[1]))
        try:
            plain.connect((host, int(port)))
            plain.sendall(b"GET /api/v1/server/ HTTP/1.1\r\nHost: x\r\n\r\n")
            spent = time.process_time()
            time.sleep(0.3)
            spent = time.process_time() - spent
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        assert plain.recv(12) == b"HTTP/1.1 200"
    assert spent < 0.15
