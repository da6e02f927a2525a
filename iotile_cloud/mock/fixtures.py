"""The pytest fixtures: a mock cloud over http or https, and an embedded cloud.

Those of the mock yield its address, without a slash at the end, and the `MockIOTileCloud`.

Knows pytest, which is loaded already when this is.  Loads the clouds when a test asks for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest import fixture  # noqa: PT013  the one name, so that no fixture's module has more

if TYPE_CHECKING:
    from ..local import LocalCloud
    from .cloud import MockIOTileCloud

    Served = tuple[str, MockIOTileCloud]


def _served(tls: bool) -> Iterator[Served]:
    from .cloud import MockIOTileCloud

    cloud = MockIOTileCloud()
    with cloud.serving(tls) as domain:
        yield domain, cloud


def _private(served: Served) -> Iterator[Served]:
    _, cloud = served
    cloud.reset()
    yield served
    cloud.reset()


@fixture(scope="module")
def mock_cloud() -> Iterator[Served]:
    """Serve a mock cloud over https, with a certificate of its own, to the tests of a module."""
    yield from _served(tls=True)


@fixture(scope="module")
def mock_cloud_nossl() -> Iterator[Served]:
    """Serve a mock cloud over http to the tests of a module."""
    yield from _served(tls=False)


@fixture
def mock_cloud_private(mock_cloud: Served) -> Iterator[Served]:
    """Serve an empty mock cloud over https to one test."""
    yield from _private(mock_cloud)


@fixture
def mock_cloud_private_nossl(mock_cloud_nossl: Served) -> Iterator[Served]:
    """Serve an empty mock cloud over http to one test."""
    yield from _private(mock_cloud_nossl)


@fixture
def local_cloud() -> Iterator[LocalCloud]:
    """Serve an embedded cloud, empty and in memory, to one test."""
    from ..local import LocalCloud

    with LocalCloud() as cloud:
        yield cloud
