"""`LocalCloud`: a whole cloud in this process, from its store to its port.

Knows how the pieces fit together.  Knows nothing of what they do.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType

from .engine import Engine
from .messages import LogEntry, Reply, Request
from .routes import ROUTES
from .seed import Description
from .seed import load as load_description
from .server import HttpServer
from .store import Store
from .tokens import Signer

__all__ = ["LocalCloud"]

_LOG_SIZE = 10_000  # requests; older ones are forgotten


class LocalCloud:
    """An IOTile Cloud on this machine, in memory, for offline work and tests.

    Args:
        database: must be None: the cloud keeps everything in memory.
        load: what it holds at the start: the word "demo", paths of descriptions, or dicts.
        host: the address to listen on.
        port: the port to listen on; 0 picks a free one.
        token_lifetime: seconds for which a JWT counts.
        clock: returns the seconds since 1970; tests put their own here.

    Attributes:
        engine: what answers; `engine.store` holds the records.
        log: the latest requests, oldest first, as they arrived.

    Raises:
        NotImplementedError: `database` is not None.
        ValueError: a description has the wrong form.
        OSError: a description is not readable, or the port is taken.

    >>> import urllib.request
    >>> with LocalCloud() as cloud:
    ...     reply = urllib.request.urlopen(cloud.url + "/api/v1/server/")
    ...     reply.status
    200
    """

    def __init__(
        self,
        database: object = None,
        load: Iterable[Description] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        token_lifetime: float = 7 * 86400,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if database is not None:
            raise NotImplementedError(f"database={database!r}: only None (in memory) is there yet")
        if isinstance(load, str):
            load = [load]
        store = Store()
        for description in load:
            load_description(store, description)
        self.engine = Engine(store, Signer(token_lifetime, clock), clock, ROUTES)
        self.log: deque[LogEntry] = deque(maxlen=_LOG_SIZE)
        self._address = (host, port)
        self._server: HttpServer | None = None

    @property
    def url(self) -> str:
        """The address of the running cloud, such as `http://127.0.0.1:8000`, without a slash."""
        if self._server is None:
            raise RuntimeError("the local cloud is not running; call start() or use `with`")
        host, port = self._server.server_address[:2]
        return f"http://[{host!s}]:{port}" if ":" in str(host) else f"http://{host!s}:{port}"

    def start(self) -> LocalCloud:
        """Listen, in threads of its own, and return the cloud; running already is fine."""
        if self._server is None:
            self._server = HttpServer(self._address, self._answer)
            self._server.start()
        return self

    def stop(self) -> None:
        """Close every connection and end every thread; what the cloud holds stays."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def _answer(self, request: Request) -> Reply:
        headers = dict(request.headers)
        self.log.append(LogEntry(request.method, request.path, request.query, headers))
        return self.engine.handle(request)

    def __enter__(self) -> LocalCloud:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
