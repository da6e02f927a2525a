"""`MockIOTileCloud`: the mock cloud whole, from its dictionaries to WSGI.

Knows how the pieces fit together.  Needs the extra only when one is made.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.client import responses
from typing import TYPE_CHECKING, Any

from .quick_fleets import QuickFleets
from .state import Path

if TYPE_CHECKING:
    from ..local.engine import Engine
    from ..local.rules.fields import Route
    from ..local.web.messages import Reply, Request
    from ..local.web.server import Delivery

__all__ = ["MockIOTileCloud"]

_NEEDS = "The mock cloud needs werkzeug and msgpack: pip install 'iotile_cloud[mock]'"


class MockIOTileCloud(QuickFleets):
    """A cloud made of dictionaries, for tests: they read and write what it serves.

    It is a WSGI application; the fixtures of `iotile_cloud.utils.mock_cloud` serve one over
    sockets.  Whoever logs in gets the same token, and listings, readings and uploads need none.

    Args:
        config_file: a data file, which `add_data` and every `reset` load.

    Attributes:
        apis: the routes that it answers; a test may add its own.
        faults: what goes wrong when it is served over a socket, see `LocalCloud.faults`.
        token_ended: whether a fault has ended the token; a login gives it back.

    Raises:
        RuntimeError: the packages of the extra `mock` are missing.
        ValueError: the data file has the wrong form.
        OSError: the data file cannot be read.

    >>> cloud = MockIOTileCloud()
    >>> project, slug = cloud.quick_add_project()
    >>> cloud.quick_add_device(project, 5), cloud.projects[project]["org"]
    ('d--0000-0000-0000-0005', 'quick-test-org')
    """

    def __init__(self, config_file: Path | None = None) -> None:
        try:
            from ..local.faults.faults import Faults
            from .routes import ROUTES
        except ImportError as error:
            raise RuntimeError(f"{_NEEDS} ({error})") from error
        self.apis: list[Route] = list(ROUTES)
        self.faults = Faults()
        self.token_ended = False
        self._engine: tuple[tuple[Route, ...], Engine] | None = None
        self._lock = threading.Lock()
        super().__init__(config_file)

    def reset(self) -> None:
        """Forget everything, faults included, and load the first data file again."""
        self.faults.clear()
        self.token_ended = False
        self._engine = None
        super().reset()

    def handle(self, request: Request) -> Reply:
        """Return the reply to a request, without faults, and count it."""
        with self._lock:
            engine = self._engine_of(tuple(self.apis))
            self.request_count += 1
        reply = engine.handle(request)
        # A page is what the engine answers where no route is; the routes' own 404 is JSON.
        if reply.status == 404 and reply.content_type.startswith("text/html"):
            with self._lock:
                self.error_count += 1
            self.logger.warning("nothing answers %s %s", request.method, request.path)
        return reply

    def _engine_of(self, routes: tuple[Route, ...]) -> Engine:
        from ..local.access.tokens import Signer
        from ..local.engine import Engine
        from .rows import with_loose_paths
        from .store import MockStore

        if self._engine is None or self._engine[0] != routes:
            store = MockStore(self)
            signer = Signer(store.secret, 86400.0, time.time)
            self._engine = routes, Engine(store, signer, time.time, with_loose_paths(routes))
        return self._engine[1]

    def answer(self, request: Request) -> Reply | Delivery:
        """Return the reply to a request, or what a fault makes of it."""
        effect = self.faults.strike(request)
        if effect is None:
            return self.handle(request)
        return effect.befall(request, self.handle, self._end_token)

    def _end_token(self) -> None:
        self.token_ended = True

    @contextmanager
    def serving(self, tls: bool = False) -> Iterator[str]:
        """Serve on a free port of 127.0.0.1 and give the address, without a slash at its end.

        Args:
            tls: https, with a certificate of its own that nobody knows.

        Raises:
            RuntimeError: https needs the package cryptography, and it is missing.
        """
        from ..local.web.server import HttpServer
        from .certificate import server_context

        server = HttpServer(("127.0.0.1", 0), self.answer, server_context() if tls else None)
        server.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        finally:
            server.stop()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one WSGI request."""
        from .wsgi import request_of

        reply = self.handle(request_of(environ))
        headers = [("Content-Type", reply.content_type)] if reply.content_type else []
        headers += [*reply.headers, ("Content-Length", str(len(reply.body)))]
        start_response(f"{reply.status} {responses.get(reply.status, '')}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]
