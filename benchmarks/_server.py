"""A server of readings that costs next to nothing, so that what is measured is the client.

Knows HTTP and the pages of the cloud: its default sizes, its largest, its windows and `lastn`.
Replies are slices of bytes that were built before.  Serves until it is ended, and keeps a
connection open for as long as the client does.

    python benchmarks/_server.py ROWS STREAMS LATENCY

ROWS is the length of the longest stream, STREAMS the number in the project, LATENCY in seconds.
The base URL is printed once it listens.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Callable, Union
from urllib.parse import parse_qsl, urlencode

from _readings import Readings, record, rows_of, slug_of

DEFAULT_PAGE, LARGEST_PAGE = 5_000, 20_000
KNOWN_LAST, ALL_LAST = 10_000, 100_000  # of a larger `lastn` than the first it makes the second
PROJECT_STREAM_ROWS = 200

SMALL = 65_536  # bytes: of less, one copy is cheaper than several calls
JSON = "application/json"

Arguments = Mapping[str, str]
Body = Sequence[Union[bytes, memoryview]]
STREAM = re.compile(r"/api/v1/stream/(s--[-0-9a-f]+)/(data/)?")
NOT_FOUND = 404, [b'{"detail":"Not found."}'], JSON


class World:
    """What the server knows: the readings, and the records of the streams of the project."""

    def __init__(self, rows: int, streams: int) -> None:
        self._readings = Readings(rows)
        self._records = [record(slug_of(PROJECT_STREAM_ROWS, n)) for n in range(streams)]

    def answer(self, method: str, url: str, host: str) -> tuple[int, Body, str]:
        """Return status, pieces of the body and content type of the reply to a request.

        Args:
            host: what the request calls this server; the links of a page begin with it.
        """
        path, _, query = url.partition("?")
        arguments = dict(parse_qsl(query))
        stream = STREAM.fullmatch(path)
        base = f"http://{host}{path}"
        if method == "POST" and path == "/api/v1/auth/login/":
            return 200, [b'{"username":"benchmark","jwt":"benchmark"}'], JSON
        if stream and stream[2]:
            return self._data(stream[1], base, arguments)
        if stream:
            return 200, [record(stream[1])], JSON
        if path == "/api/v1/stream/":
            found = self._records if arguments.get("project") else []
            return _page(len(found), base, arguments, lambda a, b: [b",".join(found[a:b])])
        if path == "/api/v1/df/":
            return self._table(arguments)
        return NOT_FOUND

    def _span(self, slug: str, arguments: Arguments) -> tuple[int, int]:
        limits = (_time(arguments.get(name)) for name in ("start", "end"))
        return self._readings.span(rows_of(slug), *limits)

    def _data(self, slug: str, base: str, arguments: Arguments) -> tuple[int, Body, str]:
        begin, end = self._span(slug, arguments)
        last = int(arguments.get("lastn", 0))
        if last:
            begin = max(begin, end - (last if last <= KNOWN_LAST else ALL_LAST))
        part = self._readings.json.part
        count = max(0, end - begin)
        return _page(count, base, arguments, lambda a, b: [part(begin + a, begin + b)])

    def _table(self, arguments: Arguments) -> tuple[int, Body, str]:
        slug = arguments["filter"]
        begin, end = self._span(slug, arguments)
        ending = [b"\n"] if begin < end else []
        body = [b"row,value,stream_slug\n", self._readings.csv(slug, begin, end), *ending]
        return 200, body, "text/csv; charset=utf-8"


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _page(
    count: int, base: str, arguments: Arguments, rows: Callable[[int, int], Body]
) -> tuple[int, Body, str]:
    """Return the reply with the page that is asked for, of `count` rows."""
    size = min(int(arguments.get("page_size", DEFAULT_PAGE)), LARGEST_PAGE)
    pages = max(1, -(-count // size))
    asked = arguments.get("page", "1")
    number = pages if asked == "last" else int(asked)
    if not 1 <= number <= pages:
        return 404, [b'{"detail":"Invalid page."}'], JSON
    after = _link(base, arguments, number + 1) if number < pages else "null"
    before = _link(base, arguments, number - 1) if number > 1 else "null"
    head = f'{{"count":{count},"next":{after},"previous":{before},"results":['
    shown = rows((number - 1) * size, min(number * size, count))
    return 200, [head.encode("ascii"), *shown, b"]}"], JSON


def _link(base: str, arguments: Arguments, page: int) -> str:
    query = urlencode(sorted({**arguments, "page": page}.items()))
    return json.dumps(f"{base}?{query}")


class Handler(StreamRequestHandler):
    """One connection: answers request after request until the client closes it."""

    disable_nagle_algorithm = True
    rbufsize = 65_536
    server: Server

    def handle(self) -> None:
        """Serve the connection."""
        while self._answer_next():
            pass

    def _answer_next(self) -> bool:
        method, _, rest = self.rfile.readline().decode("ascii").partition(" ")
        if not rest:
            return False
        length, host = 0, ""
        while line := self.rfile.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif name.lower() == b"host":
                host = value.decode("ascii").strip()
        self.rfile.read(length)
        time.sleep(self.server.latency)
        self._send(*self.server.world.answer(method, rest.split(" ")[0], host))
        return True

    def _send(self, status: int, body: Body, kind: str) -> None:
        length = sum(map(len, body))
        head = f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        small = [head.encode("ascii"), *body]
        if length < SMALL:
            self.connection.sendall(b"".join(small))
        else:
            for piece in small:
                self.connection.sendall(piece)


class Server(ThreadingTCPServer):
    """Listens on a free port of this machine.

    Args:
        latency: seconds that every reply is held back.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world: World, latency: float) -> None:
        self.world = world
        self.latency = latency
        super().__init__(("127.0.0.1", 0), Handler)


if __name__ == "__main__":
    with Server(World(int(sys.argv[1]), int(sys.argv[2])), float(sys.argv[3])) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()
