"""What all tests share: no way out of this machine, a hostile server, an embedded cloud.

Knows sockets and bytes of HTTP, so that the tests need not.  Does not know what is tested with it.
"""

from __future__ import annotations

import gc
import http.client
import importlib
import json
import os
import re
import signal
import socket
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

import hypothesis
import pytest

if TYPE_CHECKING:
    from iotile_cloud import Api

HERE = frozenset({"127.0.0.1", "localhost", "::1", "", None})
AMBIENT = re.compile(
    r"(http|https|all|no)_proxy|(requests|curl)_ca_bundle|ssl_cert_\w+|netrc|iotile_cloud_\w+",
    re.I,
)
_COUNTER = count()

# Few examples, the same in each run, on a machine however slow: what fails is what was changed.
# New ones are sought with `--hypothesis-profile=search`.
_ANY_SPEED = hypothesis.settings(
    deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("daily", _ANY_SPEED, max_examples=30, derandomize=True)
hypothesis.settings.register_profile("search", _ANY_SPEED, max_examples=1000)
hypothesis.settings.load_profile("daily")


def pytest_configure(config: pytest.Config) -> None:
    """Let Ctrl-C interrupt, and load our own plugin in a checkout that no installation announced.

    A shell lets what it starts in the background ignore Ctrl-C, and so do the children of that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not config.pluginmanager.has_plugin("mock_cloud"):
        plugin = importlib.import_module("iotile_cloud.utils.mock_cloud")
        config.pluginmanager.register(plugin, "mock_cloud")


def pytest_collection_finish() -> None:
    """Take what was imported and collected out of the garbage collector's rounds: it stays."""
    gc.collect()
    if hasattr(gc, "freeze"):  # not in PyPy
        gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _stay_here() -> Iterator[None]:
    """Refuse connections to other machines, and forget proxies, certificates and credentials."""
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(AMBIENT.fullmatch, list(os.environ)):
            patch.delenv(name)
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name), 1))
        patch.setattr(socket, "getaddrinfo", _guarded(socket.getaddrinfo, 0))
        yield


@pytest.fixture(autouse=True)
def _no_stored_tokens(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Give each test a configuration folder of its own, not made before it is needed."""
    folder = tmp_path_factory.getbasetemp() / f"configuration{next(_COUNTER)}"
    for name in ("XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(folder))


def _guarded(function: Callable[..., Any], position: int) -> Callable[..., Any]:
    def guarded(*args: Any, **named: Any) -> Any:
        address = args[position] if len(args) > position else named.get("host")
        host = address[0] if isinstance(address, tuple) else address
        if isinstance(address, tuple) or position == 0:  # a Unix socket has a path for address
            _check(host.decode() if isinstance(host, bytes) else host)
        return function(*args, **named)

    return guarded


def _check(host: Any) -> None:
    if host not in HERE:
        raise RuntimeError(f"a test wanted to reach {host!r}; tests stay on 127.0.0.1")


@pytest.fixture(scope="session")
def demo_store() -> Any:
    """Return what a cloud with the demo data holds, to be copied: filling one takes long."""
    pytest.importorskip("werkzeug")
    from iotile_cloud.local import LocalCloud

    return LocalCloud(load=["demo"]).engine.store


@pytest.fixture(scope="session")
def cloud(demo_store: Any) -> Iterator[Any]:
    """Serve the demo data from an embedded cloud, for tests that only read."""
    yield from _served(demo_store)


def _served(store: Any) -> Iterator[Any]:
    from iotile_cloud.local import LocalCloud

    with LocalCloud() as running:
        running.engine.store = store.copy()
        yield running


@pytest.fixture
def api(cloud: Any) -> Iterator[Api]:
    """Return an `Api` that the demo user has logged in with."""
    from iotile_cloud import Api

    with Api(cloud.url) as connected:
        assert connected.login(email="demo@example.com", password="demo")
        yield connected


@dataclass(frozen=True)
class Arrived:
    """A request as it came over the wire."""

    method: str
    path: str
    """With its query."""
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Cut:
    """Bytes after which the connection ends; none at all is a close before any answer."""

    content: bytes = b""


Answer = Union[bytes, Cut, None]
"""What to send; None leaves the client waiting until it gives up."""
Step = Union[Answer, Callable[[Arrived], Optional[Union[bytes, Cut]]]]


class Scripted:
    """A server on 127.0.0.1 that answers each request with the next step of a script.

    `scripted.play(scripted.reply(503), scripted.Cut(b"HTTP/1.1 200 OK"), None)` fails three times,
    each time in another way; `scripted.requests` holds what arrived.
    """

    Cut = Cut

    def __init__(self, wrap: Callable[[socket.socket], socket.socket] | None = None) -> None:
        self.requests: list[Arrived] = []
        self.connections = 0
        self._steps: deque[Step] = deque()
        self._always: Step = self.reply(501)
        self._wrap = wrap
        self._lock = threading.Lock()
        self._clients: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        scheme = "https" if wrap else "http"
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{scheme}://127.0.0.1:{self.port}"

    def play(self, *steps: Step, always: Step = b"") -> None:
        """Answer with `steps` in turn, and then each time with `always`: by default a 501."""
        self._steps, self._always = deque(steps), always or self.reply(501)

    @staticmethod
    def reply(status: int = 200, body: Any = b"", **headers: Any) -> bytes:
        """Return the bytes of an answer; what is not bytes is sent as JSON."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        fields.setdefault("Content-Length", len(body))
        content: bytes = body
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode("latin-1") + content

    @property
    def tokens(self) -> list[str | None]:
        """The Authorization headers that arrived."""
        return [request.headers["Authorization"] for request in self.requests]

    def close(self) -> None:
        """Stop listening, cut all connections and wait for the threads to end."""
        if self._listener.fileno() < 0:  # a test closed it
            return
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        with self._lock:
            for client in self._clients:
                _cut(client)
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(30)  # so that a mistake in a test ends it
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            with self._lock:
                self._clients.append(client)
                self.connections += 1
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        try:
            wrapped = self._wrap(client) if self._wrap else client
            with self._lock:
                self._clients.append(wrapped)
            with wrapped, wrapped.makefile("rb") as incoming:
                while self._exchange(wrapped, incoming):
                    pass
        except OSError:  # the client went away, or does not trust us
            _cut(client)

    def _exchange(self, client: socket.socket, incoming: Any) -> bool:
        line = incoming.readline().decode("latin-1").split()
        if not line:
            return False
        headers = http.client.parse_headers(incoming)
        body = _body(incoming, headers)
        arrived = Arrived(line[0], line[1], headers, body)
        with self._lock:
            self.requests.append(arrived)
            step = self._steps.popleft() if self._steps else self._always
        answer = step(arrived) if callable(step) else step
        if answer is None:
            incoming.read(1)  # returns when the client has given up
            return False
        client.sendall(answer.content if isinstance(answer, Cut) else answer)
        if isinstance(answer, Cut):
            client.shutdown(socket.SHUT_RDWR)
        return not isinstance(answer, Cut)


def _body(incoming: Any, headers: http.client.HTTPMessage) -> bytes:
    if headers["Transfer-Encoding"] != "chunked":
        return bytes(incoming.read(int(headers.get("Content-Length", 0))))
    chunks = []
    while size := int(incoming.readline(), 16):
        chunks.append(incoming.read(size + 2)[:-2])
    incoming.readline()
    return b"".join(chunks)


def _cut(client: socket.socket) -> None:
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it is closed already
    finally:
        client.close()


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """Return a server that says what the test tells it to say, well or badly; see `Scripted`."""
    server = Scripted()
    yield server
    server.close()


@pytest.fixture
def scripted_pair(scripted: Scripted) -> Iterator[tuple[Scripted, Scripted]]:
    """Return two such servers: two origins."""
    other = Scripted()
    yield scripted, other
    other.close()


@pytest.fixture
def own_cloud(demo_store: Any) -> Iterator[Any]:
    """Serve the demo data to one test, which may change them."""
    yield from _served(demo_store)
