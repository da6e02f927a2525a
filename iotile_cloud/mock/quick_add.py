"""Records made in one call, for tests that need some: users, organisations, projects, devices.

Knows what such records hold.  Knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Union
from uuid import uuid4

from ..utils.gid import IOTileDeviceSlug, IOTileProjectSlug, IOTileStreamerSlug
from .state import Record, State

__all__ = ["UNSPECIFIED", "QuickAdd", "is_system_selector"]

AnyDevice = Union[int, str, IOTileDeviceSlug]

UNSPECIFIED = 0xFFFF  # the selector of a streamer that picks everything
_USER, _SYSTEM = 0xD7FF, 0x5FFF
_SYSTEM_BIT = 1 << 11
_CREATOR = "quick-test-user"


def is_system_selector(selector: int) -> bool:
    """Tell whether a streamer with this selector counts as one of system streams.

    >>> is_system_selector(0x5FFF), is_system_selector(0xFFFF)
    (True, False)
    """
    return selector != UNSPECIFIED and bool(selector & _SYSTEM_BIT)


class QuickAdd(State):
    """A state to which the most common records are added quickly."""

    DEFAULT_ORG_NAME = "Quick Test Org"
    DEFAULT_ORG_SLUG = "quick-test-org"

    def quick_add_user(self, email: str = "test@arch-iot.com", password: str = "test") -> None:
        """Add a user who can log in.

        Raises:
            ValueError: there is one with this address.
        """
        _check_new(self.users, email, "user")
        self.users[email] = password

    def quick_add_org(self, name: str, slug: str | None = None) -> str:
        """Add an organisation and return its slug, made of the name unless given.

        Raises:
            ValueError: there is one with this slug.
        """
        slug = name.lower().replace(" ", "-") if slug is None else slug
        _check_new(self.orgs, slug, "org")
        self.orgs[slug] = {
            "id": str(uuid4()),
            "name": name,
            "slug": slug,
            "about": "",
            "created_on": self._fixed_utc_timestr(),
            "created_by": _CREATOR,
        }
        return slug

    def _org(self, slug: str | None) -> str:
        """Return the slug of a known organisation; None is the default one, made when needed."""
        if slug is not None:
            _check_known(self.orgs, slug, "org")
            return slug
        if self.DEFAULT_ORG_SLUG not in self.orgs:
            self.quick_add_org(self.DEFAULT_ORG_NAME, self.DEFAULT_ORG_SLUG)
        return self.DEFAULT_ORG_SLUG

    def quick_add_project(
        self, name: str | None = None, org_slug: str | None = None
    ) -> tuple[str, str]:
        """Add a project and return its UUID and slug; slugs count from `p--0000-0000`.

        Raises:
            ValueError: there is no such organisation.
        """
        org = self._org(org_slug)
        taken = {project.get("slug") for project in self.projects.values()}
        number = len(self.projects)
        while str(IOTileProjectSlug(number)) in taken:
            number += 1
        slug, uuid = IOTileProjectSlug(number), str(uuid4())
        self.projects[uuid] = {
            "id": uuid,
            "name": f"Project {number}" if name is None else name,
            "slug": str(slug),
            "gid": slug.formatted_id(),
            "org": org,
            "about": "",
            "project_template": "default-template-v1-0-0",
            "created_on": self._fixed_utc_timestr(),
            "created_by": _CREATOR,
        }
        return uuid, str(slug)

    def quick_add_device(
        self,
        project_id: str,
        device_id: AnyDevice | None = None,
        streamers: Iterable[int] | None = None,
    ) -> str:
        """Add a device to a project and return its slug.

        Args:
            project_id: the UUID or the slug of the project.
            device_id: number or slug; None: how many devices there are, or the next free number.
            streamers: the acknowledged ids of its streamers 0, 1, ...

        Raises:
            ValueError: there is no such project, or there is such a device.
        """
        uuid = self._project_uuid(project_id)
        slug = IOTileDeviceSlug(self._free_device() if device_id is None else device_id)
        _check_new(self.devices, str(slug), "device")
        self.devices[str(slug)] = {
            "id": slug.get_id(),
            "slug": str(slug),
            "gid": slug.formatted_id(),
            "label": f"Device {slug.get_id()}",
            "active": True,
            "external_id": "",
            "sg": "water-meter-v1-1-0",
            "template": "internaltestingtemplate-v0-1-0",
            "org": "arch-internal",
            "project": uuid,
            "lat": None,
            "lon": None,
            "created_on": self._fixed_utc_timestr(),
            "claimed_by": _CREATOR,
            "claimed_on": self._fixed_utc_timestr(),
        }
        for index, ack in enumerate(streamers or ()):
            self.quick_add_streamer(slug, index, ack)
        return str(slug)

    def _project_uuid(self, project: str) -> str:
        slugs = {record.get("slug"): uuid for uuid, record in self.projects.items()}
        uuid = slugs.get(str(project), str(project))
        _check_known(self.projects, uuid, "project")
        return uuid

    def _free_device(self) -> int:
        number = len(self.devices)
        while str(IOTileDeviceSlug(number)) in self.devices:
            number += 1
        return number

    def quick_add_streamer(
        self, device: AnyDevice, index: int, ack: int, selector: int | None = None
    ) -> str:
        """Add a streamer, in place of the one of that index, and return its slug.

        Args:
            device: number or slug.
            index: which streamer of the device.
            ack: the last id that the cloud has of it.
            selector: None: that of user streams for 0, of system streams for 1, else open.
        """
        if selector is None:
            selector = {0: _USER, 1: _SYSTEM}.get(index, UNSPECIFIED)
        slug = str(IOTileStreamerSlug(device, index))
        known: Record = self.streamers.get(slug, {})
        self.streamers[slug] = {
            "id": known.get("id", len(self.streamers) + 1),
            "slug": slug,
            "device": str(IOTileDeviceSlug(device)),
            "index": index,
            "last_id": ack,
            "last_reboot_ts": self._fixed_utc_timestr(),
            "is_system": is_system_selector(selector),
            "selector": selector,
        }
        return slug

    def quick_add_sg(self, slug: str = "water-meter-v1-1-0", app_tag: int = 1027) -> str:
        """Add a sensor graph and return its slug."""
        self.sgs[slug] = {"slug": slug, "app_tag": app_tag}
        return slug

    def quick_add_dt(self, slug: str = "internaltestingtemplate-v0-1-0", os_tag: int = 0) -> str:
        """Add a device template and return its slug."""
        self.dts[slug] = {"slug": slug, "os_tag": os_tag}
        return slug


def _check_new(held: dict[Any, Any], key: object, what: str) -> None:
    if key in held:
        raise ValueError(f"there is a {what} {key!r} already")


def _check_known(held: dict[Any, Any], key: object, what: str) -> None:
    if key not in held:
        raise ValueError(f"there is no {what} {key!r}; known are {sorted(map(str, held))}")
