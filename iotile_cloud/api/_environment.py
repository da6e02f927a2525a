"""The proxies that the environment names, looked up anew only when they can have changed.

requests looks them up for each request, which costs as much as to read a small reply.  Knows
nothing of sessions.
"""

from __future__ import annotations

import os
import time

from requests.utils import get_environ_proxies

__all__ = ["environ_proxies"]

_KINDS = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_NAMES = (*_KINDS, *(kind.upper() for kind in _KINDS), "REQUEST_METHOD")
_SECONDS = 5  # some systems keep proxies elsewhere, and do not tell of a change

_State = tuple[object, dict[str, dict[str, str]]]
_state: _State = (None, {})


def environ_proxies(url: str) -> dict[str, str]:
    """Return the proxies for `url`, as requests finds them; the caller may change them.

    >>> environ_proxies("http://127.0.0.1:1/") == get_environ_proxies("http://127.0.0.1:1/")
    True
    """
    global _state
    key = tuple(map(os.environ.get, _NAMES)), time.monotonic() // _SECONDS
    known, by_place = _state
    if known != key:
        by_place = {}
        _state = key, by_place
    place = url[: url.find("/", 8) + 1]  # scheme, host and port decide
    found = by_place.get(place)
    if found is None:
        found = by_place[place] = get_environ_proxies(url)
    return dict(found)
