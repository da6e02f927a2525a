"""A small cloud of our own, and clients that ask it as one of its users."""

from __future__ import annotations

import json
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy

import pytest
import requests

from iotile_cloud.local import LocalCloud

NOW = 1600000000.0  # 2020-09-13T12:26:40Z
PROJECTS = {"acme": "00000000-0000-4000-8000-000000000001"}
PROJECTS["other"] = "00000000-0000-4000-8000-000000000002"

KELVIN = {"slug": "in--temp--millikelvin", "unit_full": "mK", "unit_short": "mK"}
KELVIN |= {"m": 1, "d": 1000, "o": 0.0}
CELSIUS = {"slug": "out--temp--celsius", "unit_full": "Celsius", "unit_short": "C"}
CELSIUS |= {"m": 1, "d": 1, "o": -273.15, "decimal_places": 1, "derived_units": {}}


def user(number, slug, **more):
    return {
        "id": number,
        "slug": slug,
        "username": slug,
        "email": f"{slug}@example.com",
        "password": f"{slug}-secret",
        **more,
    }


def member(slug, role):
    return {"user": slug, "role": role, "is_active": True, "is_org_admin": role in ("a0", "a1")}


def device(number, org, **more):
    return {
        "id": number,
        "slug": f"d--0000-0000-0000-{number:04x}",
        "label": f"Device {number}",
        "org": org,
        "project": PROJECTS.get(org),
        "claimed_by": "ann" if org else None,
        **more,
    }


def stream(project, middle, lid, **more):
    return {
        "slug": f"s--0000-{project:04x}--{middle}--{lid:04x}",
        "project": f"p--0000-{project:04x}",
        "device": None if middle == "0000-0000-0000-0000" else f"d--{middle}",
        "variable": f"v--0000-{project:04x}--{lid:04x}",
        "org": "acme" if project == 1 else "other",
        "mdo_type": "S",
        **more,
    }


def reading(number, minute, slug="s--0000-0001--0000-0000-0000-000a--5001"):
    """One reading of 273150 + minute millikelvin."""
    _, project, middle, lid = slug.split("--")
    return {
        "id": number,
        "stream": slug,
        "project": f"p--{project}",
        "device": f"d--{middle}",
        "variable": f"v--{project}--{lid}",
        "type": "ITR",
        "timestamp": f"2020-01-01T00:{minute:02d}:00Z",
        "int_value": 273150 + minute,
        "value": (273150 + minute) / 1000,
        "device_timestamp": 60 * minute,
        "streamer_local_id": number,
        "dirty_ts": False,
        "status": "cln",
    }


def event(number, **more):
    return {
        "id": number,
        "stream": "s--0000-0001--0000-0000-0000-000a--5002",
        "timestamp": f"2020-01-01T00:00:{number:02d}Z",
        "streamer_local_id": number,
        "uuid": f"00000000-0000-4000-8000-0000000000{number:02d}",
        "ext": "json",
        "status": "cln",
        "extra_data": {"n": number},
        **more,
    }


def small_description():
    units = {"input_unit": KELVIN, "output_unit": CELSIUS}
    masked = "s--0000-0001--0000-0000-0000-000e--5001"
    return {
        "users": [
            user(1, "ann"),
            user(2, "bob"),
            user(3, "olga"),
            user(4, "eve"),
            user(5, "root", is_staff=True),
            user(6, "off", is_active=False),
        ],
        "orgs": [
            {
                "id": "o1",
                "name": "Acme",
                "slug": "acme",
                "members": [member("ann", "a0"), member("bob", "m1"), member("olga", "r1")],
            },
            {"id": "o2", "name": "Other", "slug": "other", "members": [member("eve", "a0")]},
        ],
        "projects": [
            {"id": PROJECTS["acme"], "gid": 1, "slug": "p--0000-0001", "name": "A", "org": "acme"},
            {
                "id": PROJECTS["other"],
                "gid": 2,
                "slug": "p--0000-0002",
                "name": "B",
                "org": "other",
            },
        ],
        "sensor_graphs": [{"slug": "old-v1", "report_processing_engine_ver": 0}],
        "devices": [
            device(10, "acme", external_id="EXT"),
            device(11, "acme", active=False, state="N0"),
            device(12, "other"),
            device(13, None),
            device(14, "acme"),
            device(15, "acme", sg="old-v1"),
        ],
        "vartypes": [
            {
                "slug": "temp",
                "name": "Temp",
                "stream_data_type": "D0",
                "available_input_units": [KELVIN],
                "available_output_units": [CELSIUS],
            }
        ],
        "variables": [
            {
                "id": f"0000000{project}-0000-4000-8000-00000000{lid:04x}",
                "slug": f"v--0000-{project:04x}--{lid:04x}",
                "name": f"Variable {lid:x}",
                "lid": lid,
                "var_type": "temp",
                "project": PROJECTS[org],
                "org": org,
                "decimal_places": 2,
                **units,
            }
            for project, org in ((1, "acme"), (2, "other"))
            for lid in (0x5001, 0x5002, 0x5003)
        ],
        "streams": [
            stream(1, "0000-0000-0000-000a", 0x5001, **units),
            stream(1, "0000-0000-0000-000a", 0x5002, data_type="E0"),
            stream(1, "0000-0000-0000-000b", 0x5001),
            stream(1, "0000-0000-0000-000e", 0x5001),
            stream(1, "0000-0000-0000-0000", 0x5001),
            stream(2, "0000-0000-0000-000c", 0x5001),
        ],
        "data": [reading(n + 1, n) for n in range(30)]
        + [reading(n + 31, n, masked) for n in range(10)],
        "events": [
            event(1, s3key="dev/1.json", raw_data={"acc": [1, 2]}),
            event(2),
            event(3, extra_data={"error": "broken"}),
        ],
        "masks": [
            {
                "target": "d--0000-0000-0000-000e",
                "start": "2020-01-01T00:02:00Z",
                "end": "2020-01-01T00:05:00Z",
            }
        ],
        "streamers": [
            {
                "id": 1,
                "slug": "t--0000-0000-0000-000a--0000",
                "device": "d--0000-0000-0000-000a",
                "process_engine_ver": 2,
                "last_id": 30,
                "selector": 0xD7FF,
            }
        ],
        "streamer_reports": [],
    }


class Client(requests.Session):
    """A plain session that sends below `/api/v1`, follows no redirect and keeps no cookies."""

    def __init__(self, url, token=None):
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.trust_env = False
        self.url = url
        if token:
            self.headers["Authorization"] = f"jwt {token}"

    def request(self, method, path, **options):
        options.setdefault("allow_redirects", False)
        url = path if path.startswith("http") else f"{self.url}/api/v1{path}"
        return super().request(method, url, **options)


@pytest.fixture(scope="session")
def describe():
    """Makes a description of the small cloud, a new one at each call."""
    return small_description


@pytest.fixture
def description():
    return small_description()


@pytest.fixture
def clock():
    """The cloud's clock, as a list of one number that a test may change."""
    return [NOW]


@lru_cache(maxsize=8)
def store_of(text):
    """Return what a cloud holds that read the description of this JSON, to be copied.

    Reading takes longer than copying, and the tests of a file mostly share one description.
    """
    return LocalCloud(load=[json.loads(text)]).engine.store


@pytest.fixture
def cloud(description, clock):
    with LocalCloud(clock=lambda: clock[0]) as running:
        running.engine.store = store_of(json.dumps(description)).copy()
        yield running


@pytest.fixture
def client_of(cloud):
    """Returns what makes a client for a user's slug (None: for nobody)."""
    made = []

    def make(slug):
        engine = cloud.engine
        token = slug and engine.signer.issue(engine.store.get("account", slug))
        made.append(Client(cloud.url, token))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def ann(client_of):
    """A client of the organisation's owner."""
    return client_of("ann")


@pytest.fixture
def anybody(client_of):
    """A client without credentials."""
    return client_of(None)
