"""The mock cloud and its pytest fixtures; installing the package makes pytest load this.

Loads nothing that a run without these fixtures does not need.  Knows nothing of what is served.

>>> from iotile_cloud.api.connection import Api
>>> from iotile_cloud.utils.mock_cloud import MockIOTileCloud
>>> cloud = MockIOTileCloud()
>>> cloud.quick_add_user("joe@example.com", "secret")
>>> with cloud.serving() as domain, Api(domain) as api:
...     api.login(email="joe@example.com", password="secret")
True
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

with suppress(ImportError):  # without pytest nobody asks for fixtures
    from ..mock.fixtures import local_cloud as local_cloud
    from ..mock.fixtures import mock_cloud as mock_cloud
    from ..mock.fixtures import mock_cloud_nossl as mock_cloud_nossl
    from ..mock.fixtures import mock_cloud_private as mock_cloud_private
    from ..mock.fixtures import mock_cloud_private_nossl as mock_cloud_private_nossl

if TYPE_CHECKING:
    from ..mock.cloud import MockIOTileCloud as MockIOTileCloud

__all__ = ["MockIOTileCloud"]


def __getattr__(name: str) -> Any:
    if name != "MockIOTileCloud":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ..mock.cloud import MockIOTileCloud

    return MockIOTileCloud
