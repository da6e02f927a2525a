"""What the tests of `api/` share: clients of the scripted server that never really wait."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Callable

import pytest

from iotile_cloud.api._session import CloudAdapter
from iotile_cloud.api.connection import Api


class Waits(list[float]):
    """A sleep that only notes how long it would have been, and the clock that it moves."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)

    def clock(self) -> float:
        return sum(self)


@pytest.fixture
def waits() -> Waits:
    """Return the list of the waits that were asked for; calling it adds one."""
    return Waits()


@pytest.fixture
def client(scripted: Any, waits: Waits) -> Iterator[Callable[..., Api]]:
    """Return a function that makes an `Api` of the scripted server, with `waits` for its sleep."""
    with ExitStack() as stack:

        def make(kind: type[Api] = Api, **settings: Any) -> Api:
            made = stack.enter_context(kind(settings.pop("domain", scripted.url), **settings))
            own: Any = made.session.get_adapter(scripted.url)
            quiet = CloudAdapter(
                own.policy, own.timeout, own.on_retry, waits, waits.clock, chance=lambda: 1.0
            )
            made.session.mount(scripted.url.split("//")[0] + "//", quiet)
            return made

        yield make


@pytest.fixture(scope="session")
def jwt() -> Callable[..., str]:
    """Return a function that makes an unsigned JWT with an end in seconds since 1970."""

    def make(end: float, **claims: Any) -> str:
        parts = ({"alg": "HS256"}, {"exp": end, **claims})
        texts = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts]
        return ".".join(text.decode().rstrip("=") for text in [*texts, b"c2lnbmF0dXJl"])

    return make
