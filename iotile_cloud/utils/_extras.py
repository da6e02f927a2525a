"""Loads what only an extra of this package installs, when it is needed and not before.

Knows nothing of what the modules are for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["needed"]


def needed(module: str, extra: str) -> Any:
    """Return a module that comes with an extra.

    Raises:
        ImportError: it is not installed; the message tells how to install it.

    >>> needed("no_such_module.part", "frames")
    Traceback (most recent call last):
        ...
    ImportError: this needs no_such_module: pip install 'iotile_cloud[frames]'
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        text = f"this needs {package}: pip install 'iotile_cloud[{extra}]'"
        raise ImportError(text, name=module) from error
