"""What the mock cloud holds: public dictionaries that tests read and change.

What is in them is what is served, the very objects.  Knows data files; knows nothing of HTTP.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from typing import Any, Union

__all__ = ["FIXED_TIME", "Path", "Record", "State"]

Record = dict[str, Any]
Path = Union[str, "os.PathLike[str]"]

FIXED_TIME = "2018-01-01T00:00:00Z"

# Part of a data file -> the field by which its records are kept, and what makes the key of it.
_LISTS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "devices": ("slug", str),
    "datablocks": ("slug", str),
    "streams": ("slug", str),
    "properties": ("name", str),
    "projects": ("id", str),
    "events": ("id", int),
}


class State:
    """The dictionaries of a mock cloud, by the key that its URLs use.

    Attributes:
        users: e-mail address -> password.
        projects: by UUID; `events` by number, `properties` by name, `fleets` by slug or number,
            `reports` by UUID, and the others by slug.
        fleet_members: fleet -> device -> (device, is access point, is always on).
        raw_report_files: UUID of a device report -> its bytes as uploaded.
        generated_reports_urls: UUID of a generated report -> the last answer of its `uploadurl`.
        deployments: id -> its requests, one for each device.
        deployment_count: how many of those requests were made.
        stream_folder: where the points of streams and events lie as files; None: nowhere.
        request_count: how many requests came; `error_count`: of these, how many to unknown URLs.
    """

    def __init__(self, config_file: Path | None = None) -> None:
        self.logger = logging.getLogger("iotile_cloud.mock")
        self._config_file = config_file
        self.users: dict[str, str] = {}
        self.devices: dict[str, Record] = {}
        self.datablocks: dict[str, Record] = {}
        self.streams: dict[str, Record] = {}
        self.properties: dict[str, Record] = {}
        self.projects: dict[str, Record] = {}
        self.orgs: dict[str, Record] = {}
        self.fleets: dict[Any, Record] = {}
        self.fleet_members: dict[Any, dict[str, tuple[str, bool, bool]]] = {}
        self.streamers: dict[str, Record] = {}
        self.sgs: dict[str, Record] = {}
        self.dts: dict[str, Record] = {}
        self.reports: dict[str, Record] = {}
        self.raw_report_files: dict[str, bytes] = {}
        self.generated_reports: dict[str, Record] = {}
        self.generated_reports_urls: dict[str, Record] = {}
        self.ota_devices: dict[str, Record] = {}
        self.ota_scripts: dict[str, Record] = {}
        self.deployments: dict[Any, list[Record]] = {}
        self.events: dict[int, Record] = {}
        self._emptied = tuple(name for name, held in vars(self).items() if isinstance(held, dict))
        self._to_start()

    def _to_start(self) -> None:
        self.deployment_count = 0
        self.request_count = 0
        self.error_count = 0
        self.stream_folder: Path | None = None
        if self._config_file is not None:
            self.add_data(self._config_file)

    def reset(self) -> None:
        """Empty every dictionary, set the counters to zero, and load the first data file again."""
        for name in self._emptied:
            getattr(self, name).clear()
        self._to_start()

    def add_data(self, path: Path) -> None:
        """Add the records of a JSON data file to those that are there.

        Args:
            path: the file: an object with any of `users` (an object of passwords), and the lists
                `devices`, `datablocks`, `streams`, `properties`, `projects`, `events`.

        Raises:
            ValueError: the file has another form; the message tells where.  Nothing is added.
            OSError: the file cannot be read.
        """
        with open(path, encoding="utf-8") as file:
            try:
                content = json.load(file)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{os.fspath(path)} is no data file: {error}") from error
        if not isinstance(content, dict) or not isinstance(content.get("users", {}), dict):
            raise ValueError(f"{os.fspath(path)} and its `users` must be JSON objects")
        keyed = {
            part: _keyed(f"{os.fspath(path)}: {part}", content.get(part, []), *rule)
            for part, rule in _LISTS.items()
        }
        self.users.update(content.get("users", {}))
        for part, records in keyed.items():
            getattr(self, part).update(records)
        if unknown := content.keys() - _LISTS.keys() - {"users"}:
            self.logger.warning("%s: ignored %s", os.fspath(path), ", ".join(sorted(unknown)))

    def _fixed_utc_timestr(self) -> str:
        """Return the time at which everything in the mock was made."""
        return FIXED_TIME


def _keyed(
    place: str, records: object, field: str, make: Callable[[Any], Any]
) -> dict[Any, Record]:
    if not isinstance(records, list):
        raise ValueError(f"{place} must be a list, not {type(records).__name__}")
    found = {}
    for number, record in enumerate(records, 1):
        try:
            found[make(record[field])] = record
        except (TypeError, KeyError, ValueError):
            text = f"{place}, record {number}: expected an object with `{field}`"
            raise ValueError(text) from None
    return found
