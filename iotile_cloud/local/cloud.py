"""`LocalCloud`: a whole cloud in this process, from its store to its port.

Knows how the pieces fit together.  Knows nothing of what they do.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType

from .access.tokens import Signer
from .engine import Engine
from .faults.faults import Faults
from .routes import ROUTES
from .seed import Description
from .seed import load as load_description
from .storage.store import Store
from .web.messages import LogEntry, Reply, Request
from .web.server import Delivery, HttpServer

__all__ = ["LocalCloud"]

_LOG_SIZE = 10_000  # requests; older ones are forgotten


class LocalCloud:
    """An IOTile Cloud on this machine, in memory or in a file, for offline work and tests.

    Args:
        database: the file that keeps everything, made when it is absent; None: memory.
        load: what a new cloud holds: the word "demo", paths of descriptions, or dicts.  A
            database that holds something already is left as it is.
        host: the address to listen on.
        port: the port to listen on; 0 picks a free one.
        token_lifetime: seconds for which a JWT counts.
        clock: returns the seconds since 1970; tests put their own here.

    Attributes:
        engine: what answers; `engine.store` holds the records.
        log: the latest requests, oldest first, as they arrived.
        loaded: whether `load` was read: not when the database held something already.
        faults: what goes wrong: rules are added with `faults.add`.

    Raises:
        ValueError: a description has the wrong form, or `database` is no database of a cloud.
        OSError: a description is not readable, or the database cannot be opened: it is in use,
            or other users of this machine may read it.

    >>> import urllib.request
    >>> with LocalCloud() as cloud:
    ...     reply = urllib.request.urlopen(cloud.url + "/api/v1/server/")
    ...     reply.status
    200
    """

    def __init__(
        self,
        database: str | os.PathLike[str] | None = None,
        load: Iterable[Description] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        token_lifetime: float = 7 * 86400,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if isinstance(load, str):
            load = [load]
        store = Store(database)
        self.loaded = _fill(store, load)
        signer = Signer(store.secret, token_lifetime, clock)
        self.engine = Engine(store, signer, clock, ROUTES)
        self.log: deque[LogEntry] = deque(maxlen=_LOG_SIZE)
        self.faults = Faults()
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
        """Listen, in threads of its own, and return the cloud; running already is fine.

        Raises:
            OSError: the port is taken.
            RuntimeError: the database file was closed.
        """
        if not self.engine.store.is_open:
            raise RuntimeError("the database of this cloud was closed; make a new LocalCloud")
        if self._server is None:
            self._server = HttpServer(self._address, self._answer)
            self._server.start()
        return self

    def stop(self) -> None:
        """Close every connection and end every thread; what the cloud holds stays.

        It may start again; a database file stays open until `close` or the end of `with`.
        """
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def close(self) -> None:
        """Stop, and let go of the database file, if there is one; what it holds stays there."""
        self.stop()
        self.engine.store.close()

    def _answer(self, request: Request) -> Reply | Delivery:
        headers = dict(request.headers)
        self.log.append(LogEntry(request.method, request.path, request.query, headers))
        effect = self.faults.strike(request)
        if effect is None:
            return self.engine.handle(request)
        return effect.befall(request, self.engine.handle, self.engine.signer.expire_all)

    def __enter__(self) -> LocalCloud:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _fill(store: Store, load: Iterable[Description]) -> bool:
    """Load the descriptions into a store that is empty, and tell whether it was."""
    if not store.is_empty:
        return False
    try:
        with store.transaction():  # a file that is half loaded would count as full
            for description in load:
                load_description(store, description)
    except BaseException:
        store.close()
        raise
    return True
