"""The version of this package, as its installation tells it.

Looks where `importlib.metadata` looks, at the names of the folders only: to import that takes
longer than everything else that `iotile-cloud --version` does.
"""

from __future__ import annotations

import os
import sys

__all__ = ["installed_version"]

_BEGIN, _END = "iotile_cloud-", ".dist-info"


def installed_version() -> str:
    """Return the version; `unknown` in a bare folder on the path, or in a frozen program.

    >>> installed_version()[0].isdigit()
    True
    """
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:  # an archive, or nothing at all
            continue
        found = [name for name in names if name.startswith(_BEGIN) and name.endswith(_END)]
        if len(found) == 1:
            return found[0][len(_BEGIN) : -len(_END)]
    return _from_metadata()


def _from_metadata() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("iotile_cloud")
    except PackageNotFoundError:
        return "unknown"
