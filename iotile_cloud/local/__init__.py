"""The embedded cloud: the server's API from memory, for offline work, demos and tests.

Knows nothing of the client.  Needs the extra: pip install 'iotile_cloud[local]'.
"""

from __future__ import annotations

import importlib.util

if _missing := [name for name in ("werkzeug", "msgpack") if importlib.util.find_spec(name) is None]:
    _names = " and ".join(_missing)
    raise ImportError(f"The embedded cloud needs {_names}: pip install 'iotile_cloud[local]'")

from .cloud import LocalCloud

__all__ = ["LocalCloud"]
