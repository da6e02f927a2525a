"""iotile_cloud: a Python client for the IOTile Cloud REST API.

This file only hands out the everyday names, each loaded when it is first used, so that
`import iotile_cloud` and the slugs cost nothing.  It knows where a name lives and no more.
"""

from __future__ import annotations

TYPE_CHECKING = False  # what the type checker reads as true; typing itself takes its time
if TYPE_CHECKING:
    from typing import Any

    from .api.connection import Api as Api
    from .api.connection import RestResource as RestResource
    from .stream.data import RawData as RawData
    from .stream.data import StreamData as StreamData
    from .stream.data import StreamRawData as StreamRawData
    from .stream.events import EventData as EventData
    from .stream.report import AccumulationReportGenerator as AccumulationReportGenerator
    from .stream.report import BaseReportGenerator as BaseReportGenerator
    from .utils.gid import IOTileBlockSlug as IOTileBlockSlug
    from .utils.gid import IOTileDeviceSlug as IOTileDeviceSlug
    from .utils.gid import IOTileFleetSlug as IOTileFleetSlug
    from .utils.gid import IOTileProjectSlug as IOTileProjectSlug
    from .utils.gid import IOTileStreamerSlug as IOTileStreamerSlug
    from .utils.gid import IOTileStreamSlug as IOTileStreamSlug
    from .utils.gid import IOTileVariableSlug as IOTileVariableSlug
    from .utils.gid import parse_slug as parse_slug
    from .utils.main import BaseMain as BaseMain
    from .utils.mdo import MdoHelper as MdoHelper

    __version__: str

_HOME = {
    "AccumulationReportGenerator": ".stream.report",
    "Api": ".api.connection",
    "BaseMain": ".utils.main",
    "BaseReportGenerator": ".stream.report",
    "EventData": ".stream.events",
    "IOTileBlockSlug": ".utils.gid",
    "IOTileDeviceSlug": ".utils.gid",
    "IOTileFleetSlug": ".utils.gid",
    "IOTileProjectSlug": ".utils.gid",
    "IOTileStreamSlug": ".utils.gid",
    "IOTileStreamerSlug": ".utils.gid",
    "IOTileVariableSlug": ".utils.gid",
    "MdoHelper": ".utils.mdo",
    "RawData": ".stream.data",
    "RestResource": ".api.connection",
    "StreamData": ".stream.data",
    "StreamRawData": ".stream.data",
    "parse_slug": ".utils.gid",
}

__all__ = sorted(["__version__", *_HOME])


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from .utils._version import installed_version

        value: Any = installed_version()
    elif name in _HOME:
        from importlib import import_module

        value = getattr(import_module(_HOME[name], __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
