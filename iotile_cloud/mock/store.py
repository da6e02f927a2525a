"""From a call of the engine to the mock cloud that it is for.

Knows how the two hang together.  Knows no resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..local.rules.fields import Call
from ..local.storage.store import Store
from ..local.web.errors import unauthorized

if TYPE_CHECKING:
    from .cloud import MockIOTileCloud

__all__ = ["TOKEN", "MockStore", "check_token", "cloud_of"]

TOKEN = "JWT_USER"


class MockStore(Store):
    """The engine's store, which holds uploaded files only: the rest is in the mock's dictionaries.

    Args:
        cloud: the mock cloud.
    """

    def __init__(self, cloud: MockIOTileCloud) -> None:
        super().__init__()
        self.cloud = cloud


def cloud_of(call: Call) -> MockIOTileCloud:
    """Return the mock cloud that is called."""
    if not isinstance(call.store, MockStore):
        raise TypeError(f"a route of the mock cloud is served by {call.store!r}")
    return call.store.cloud


def check_token(call: Call) -> MockIOTileCloud:
    """Return the mock cloud that is called, with its token.

    Raises:
        ApiError: 401, the token is missing, is another, or a fault has ended it.
    """
    cloud = cloud_of(call)
    if call.request.header("Authorization") != f"jwt {TOKEN}" or cloud.token_ended:
        raise unauthorized()
    return cloud
