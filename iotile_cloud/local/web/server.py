"""The HTTP/1.1 server: connections that stay open, a thread each, whole requests and replies.

Knows sockets and the shape of HTTP.  Knows nothing of what is asked.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import selectors
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from email.utils import formatdate
from http import HTTPStatus
from http.client import responses
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from .guard import decoded_path, has_clear_end
from .messages import Reply, Request, html

__all__ = ["Delivery", "HttpServer"]

log = logging.getLogger("iotile_cloud.local")

MOST_BODY = 64 << 20  # bytes of a request body
_IDLE = 120.0  # seconds after which a silent connection is closed
_LINGER = (0.2, 1 << 20)  # seconds and bytes of an unwanted body that are read before closing
_NO_FILES = 0.1  # seconds to wait when this process may open no more connections
_LINE_END = b"\r\n"
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")  # its size and extensions
_MOST_TRAILERS = 100
_RESET = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)  # linger, but for no time


class _BadBody(Exception):
    """The body cannot be read; the status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Delivery:
    """A reply that goes out late, or in part."""

    reply: Reply | None
    """None sends nothing and ends the connection."""
    delay: float = 0.0
    """Seconds before the first byte."""
    cut: int | None = None
    """Bytes of the body after which the connection ends, whatever the head told; None is all, and
    the connection stays."""
    reset: bool = False
    """End the connection with a reset; what the client has not received yet may be lost."""


class HttpServer(ThreadingMixIn, TCPServer):
    """Serves what `answer` answers.

    Args:
        address: host and port; port 0 picks a free one.
        answer: returns the reply to a request, or its delivery when that is out of the ordinary.
        tls: what it speaks https with; None is http.
    """

    allow_reuse_address = os.name == "posix"  # elsewhere two servers would share the port
    daemon_threads = True
    timeout = 0  # a connection that went away before it was accepted is not waited for
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        answer: Callable[[Request], Reply | Delivery],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answer = answer
        self.tls = tls
        self.stopping = threading.Event()
        self._open: dict[Any, threading.Thread] = {}
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)
        self._loop = threading.Thread(target=self._accept, name="iotile-cloud-local", daemon=True)
        self._ended, self._end = socket.socketpair()  # closing the one end wakes the loop

    def start(self) -> None:
        """Serve in a thread of its own until `stop`."""
        self._loop.start()

    def stop(self) -> None:
        """Close every socket and wait for every thread."""
        self.stopping.set()
        self._end.close()
        self._loop.join()
        self._ended.close()
        self.server_close()
        for connection, thread in list(self._open.items()):
            _shut(connection)
            thread.join()

    def _accept(self) -> None:
        """Take connections until `stop`; unlike `serve_forever` it need not look up to see it."""
        with selectors.DefaultSelector() as selector:
            selector.register(self, selectors.EVENT_READ)
            selector.register(self._ended, selectors.EVENT_READ)
            while all(key.fileobj is self for key, _ in selector.select()):
                self.handle_request()

    def get_request(self) -> tuple[Any, Any]:
        """Take a connection; its first read shakes hands, in its own thread."""
        try:
            connection, address = super().get_request()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self.stopping.wait(_NO_FILES)  # it still waits, and would be tried without end
            raise
        if self.tls is not None:
            connection = self.tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread that `stop` can find."""
        args = (request, client_address)
        thread = threading.Thread(target=self.process_request_thread, args=args, daemon=True)
        self._open[request] = thread
        try:
            thread.start()
        except RuntimeError:  # the machine has no more of them
            del self._open[request]
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection to its end."""
        super().process_request_thread(request, client_address)
        self._open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Note a connection that broke: the client went away."""
        log.debug("connection from %s broke", client_address, exc_info=True)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        log.debug("the connection was closed already")


# Only these: headers of a multipart body always count as broken, since they come without it.
_BROKEN = (FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "iotile-cloud-local"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = _IDLE
    server: HttpServer

    def _serve(self) -> None:
        """Answer one request; the body is read whole, so that the next one starts clean."""
        try:
            broken = any(isinstance(flaw, _BROKEN) for flaw in self.headers.defects)
            if broken or not has_clear_end(self.headers.items()):
                raise _BadBody(400)
            body = self._body()
        except _BadBody as error:
            self._refuse(error.status)
            return
        path, _, query = self.path.partition("?")
        try:
            path = decoded_path(path)
        except ValueError:
            self._write(html(400, "Bad Request"))
            return
        headers = dict(self.headers.items())
        if self.server.tls is not None:
            headers["X-Forwarded-Proto"] = "https"  # as a proxy would say, for the links
        request = Request(self.command, path, query, headers, body)
        answer = self.server.answer(request)
        if isinstance(answer, Delivery):
            self._deliver(answer)
        else:
            self._write(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        text = self.headers.get("Content-Length", "0").strip()
        if not (text.isascii() and text.isdigit()):
            raise _BadBody(400)
        length = int(text) if len(text) < 20 else MOST_BODY + 1
        if length > MOST_BODY:
            raise _BadBody(413)
        body = self.rfile.read(length)
        if len(body) < length:
            raise _BadBody(400)
        return body

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            # No looser than the standard: where a chunk ends must not be open to interpretation.
            start = _CHUNK.fullmatch(self.rfile.readline(1024))
            if start is None:
                raise _BadBody(400)
            size = int(start[1], 16)
            if size > MOST_BODY - len(body):
                raise _BadBody(413)
            body += self.rfile.read(size)
            if size == 0:
                self._skip_trailers()
                return bytes(body)
            if self.rfile.read(2) != _LINE_END:
                raise _BadBody(400)

    def _skip_trailers(self) -> None:
        for _ in range(_MOST_TRAILERS):
            line = self.rfile.readline(65536)
            if line == _LINE_END:
                return
            if not line.endswith(_LINE_END):
                break
        raise _BadBody(400)

    def _refuse(self, status: int) -> None:
        """Answer before all has been read, then close: what follows is not a request."""
        self.close_connection = True
        self._write(html(status, HTTPStatus(status).phrase))
        seconds, most = _LINGER
        self.connection.settimeout(seconds)
        try:
            self.connection.shutdown(socket.SHUT_WR)
            while most > 0 and (data := self.connection.recv(65536)):
                most -= len(data)
        except OSError:
            log.debug("the client did not wait for the end")

    def _deliver(self, delivery: Delivery) -> None:
        """Send a reply late or in part; a stop of the server ends the wait, and no reply goes."""
        if self.server.stopping.wait(delivery.delay):
            self.close_connection = True
            return
        if delivery.reply is not None:
            self._write(delivery.reply, delivery.cut)
        if delivery.reply is None or delivery.cut is not None:
            self.close_connection = True
            if delivery.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self.connection.close()  # before the server takes leave in good order

    def _write(self, reply: Reply, most: int | None = None) -> None:
        """Send the head and the body, or as much as `most` bytes of it, in one write."""
        phrase = responses.get(reply.status, "")
        body = b"" if self.command == "HEAD" or reply.status == 204 else reply.body
        headers = [
            ("Date", formatdate(usegmt=True)),
            ("Server", self.server_version),
            *([("Content-Type", reply.content_type)] if reply.content_type else []),
            *reply.headers,
        ]
        if reply.status != 204:
            headers.append(("Content-Length", str(len(reply.body))))
        if self.close_connection:
            headers.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{n}: {v}" for n, v in headers)]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        self.wfile.write(head + body[:most])

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is not HTTP, or no method, with a page, and close."""
        self.command = getattr(self, "command", None) or "GET"
        self._refuse(code)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: the engine writes its own log."""
