"""The embedded cloud: the server's API from memory, for offline work, demos and tests.

Knows nothing of the client.  Needs the extra: pip install 'iotile_cloud[local]'.
"""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("werkzeug") is None:
    raise ImportError("The embedded cloud needs werkzeug: pip install 'iotile_cloud[local]'")

from .cloud import LocalCloud

__all__ = ["LocalCloud"]
