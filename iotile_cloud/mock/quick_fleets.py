"""Fleets and updates made in one call: members, what devices run, what is deployed to them.

Knows what such records hold.  Knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Union

from ..utils.gid import IOTileDeviceSlug, IOTileFleetSlug
from .quick_add import AnyDevice, QuickAdd
from .state import Record

__all__ = ["QuickFleets"]

Member = Union[AnyDevice, tuple[Any, ...]]

_SCRIPT = "z--0000-0002"
_RELEASED, _COMPLETED = "2018-10-16T00:00:00Z", "2018-10-15T00:00:00Z"


class QuickFleets(QuickAdd):
    """A state to which fleets and deployments are added quickly."""

    def quick_add_fleet(
        self,
        devices: Iterable[Member],
        is_network: bool = False,
        fleet_slug: Any = None,
        org_slug: str | None = None,
    ) -> Any:
        """Add a fleet and return its key in `fleets`.

        Args:
            devices: number or slug of each, or (device, is access point[, is always on]).
            fleet_slug: slug or number, kept as it is; None: the next free slug.

        Raises:
            ValueError: there is such a fleet, or no such device or organisation.
        """
        key = self._fleet_key(fleet_slug)
        rows = [item if isinstance(item, (tuple, list)) else (item,) for item in devices]
        members = dict(self._member(*row) for row in rows)
        self.fleets[key] = {
            "id": len(self.fleets) + 1,
            "name": f"Fleet {key}",
            "slug": key,
            "org": self._org(org_slug),
            "description": "",
            "created_on": self._fixed_utc_timestr(),
            "created_by": "quick-test-user",
            "is_network": is_network,
        }
        self.fleet_members[key] = members
        return key

    def _fleet_key(self, wanted: Any) -> Any:
        if wanted is None:
            number = len(self.fleets) + 1
            while str(IOTileFleetSlug(number)) in self.fleets:
                number += 1
            return str(IOTileFleetSlug(number))
        key = str(wanted) if isinstance(wanted, IOTileFleetSlug) else wanted
        if key in self.fleets:
            raise ValueError(f"there is a fleet {key!r} already")
        return key

    def _member(
        self, device: AnyDevice, access: bool = False, always_on: bool = True
    ) -> tuple[str, tuple[str, bool, bool]]:
        slug = str(IOTileDeviceSlug(device))
        self._check_device(slug)
        return slug, (slug, access, always_on)

    def _check_device(self, slug: str) -> None:
        if slug not in self.devices:
            raise ValueError(f"there is no device {slug!r}; known are {sorted(self.devices)}")

    def quick_add_ota_device_info(self, device: AnyDevice) -> str:
        """Add what `/ota/device/` tells of a device, and return the device's slug.

        Raises:
            ValueError: there is no such device.
        """
        slug = str(IOTileDeviceSlug(device))
        self._check_device(slug)
        if slug not in self.ota_devices:
            self.ota_devices[slug] = {
                "slug": slug,
                "template": self.devices[slug].get("template"),
                "sg": self.devices[slug].get("sg"),
                "deployments": [],
                "actions": [],
                "versions": [],
            }
        return slug

    def quick_add_deployment_to_fleet(
        self, fleet_id: Any, deployment_id: Any, criteria: Any, completed: bool = False
    ) -> None:
        """Ask the devices of a fleet, in the order of their slugs, for an update.

        Args:
            fleet_id: the fleet's key in `fleets`.
            deployment_id: the key in `deployments`.
            criteria: which devices take it, such as `["os_tag:eq:1024"]`.

        Raises:
            ValueError: there is no such fleet, or there is such a deployment.
        """
        if fleet_id not in self.fleets:
            raise ValueError(f"there is no fleet {fleet_id!r}; known are {list(self.fleets)}")
        if deployment_id in self.deployments:
            raise ValueError(f"there is a deployment {deployment_id!r} already")
        self._add_script()
        requests = self.deployments[deployment_id] = []
        for slug in sorted(self.fleet_members[fleet_id]):
            self.deployment_count += 1
            request: Record = {
                "id": self.deployment_count,
                "script": _SCRIPT,
                "selection_criteria": criteria,
                "org": self.fleets[fleet_id]["org"],
                "fleet": fleet_id,
                "released_on": _RELEASED,
                "completed_on": _COMPLETED if completed else None,
            }
            requests.append(request)
            self.quick_add_ota_device_info(slug)
            self.ota_devices[slug]["deployments"].append(request)

    def _add_script(self) -> None:
        script = {
            "slug": _SCRIPT,
            "gid": 2,
            "name": "Quick Test Script",
            "org": self.DEFAULT_ORG_SLUG,
            "version": "0.0.1",
            "created_on": self._fixed_utc_timestr(),
            "released": True,
            "released_on": _RELEASED[:10],
            "url": "bar.com/zipzap",
        }
        self.ota_scripts.setdefault(_SCRIPT, script)
