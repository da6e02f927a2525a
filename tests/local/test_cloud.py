"""A whole cloud in a file: what it holds outlives it, tokens and passwords too."""

from __future__ import annotations

import gc

import pytest
import requests

from iotile_cloud.local import LocalCloud
from iotile_cloud.local.engine import Engine
from iotile_cloud.local.rules.fields import Route
from iotile_cloud.local.storage.rows import EVERYTHING
from iotile_cloud.local.storage.store import Store
from iotile_cloud.local.web.errors import forbidden

NOW = 1600000000.0
READING = {
    "stream": "s--0000-0001--0000-0000-0000-000a--5001",
    "timestamp": "2020-02-01T00:00:00Z",
    "int_value": 1,
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cloud.db"


@pytest.fixture
def description(description):
    return {**description, "users": description["users"][:1]}  # a password costs time in a file


def token_of(cloud, slug="ann"):
    return cloud.engine.signer.issue(cloud.engine.store.get("account", slug))


def call(cloud, method, path, token, **options):
    headers = {"Authorization": f"JWT {token}"}
    with requests.Session() as session:
        session.trust_env = False
        url = f"{cloud.url}/api/v1{path}"
        return session.request(method, url, headers=headers, timeout=5, **options)


def test_file_outlives_the_cloud(path, description):
    """Records, readings and tokens count after a restart."""
    with LocalCloud(path, [description]) as cloud:
        token = token_of(cloud)
        number = call(cloud, "POST", "/data/", token, json=READING).json()["id"]
        call(cloud, "PATCH", "/device/d--000a/", token, json={"label": "new"})
    with LocalCloud(path) as cloud:
        assert call(cloud, "GET", "/device/d--000a/", token).json()["label"] == "new"
        rows = call(cloud, "GET", f"/data/?filter={READING['stream']}&lastn=1", token).json()
        assert [row["id"] for row in rows["results"]] == [number]


def test_description_is_loaded_once(path, description):
    """A database that holds something is not filled again, and the cloud tells."""
    for loaded in (True, False):
        with LocalCloud(path, [description]) as cloud:
            assert cloud.loaded is loaded
            store = cloud.engine.store
            store.put("org", {**store.get("org", "acme"), "name": "Changed"})
            store.put("org", {**store.get("org", "other"), "name": f"Loaded: {loaded}"})
    with LocalCloud(path) as cloud:
        names = [org["name"] for org in cloud.engine.store.all("org")]
        assert names == ["Changed", "Loaded: False"]


def test_bad_description_leaves_an_empty_database(path, description):
    """What was loaded before the mistake does not stay, so that the next try starts anew."""
    with pytest.raises(ValueError, match="streams"):
        LocalCloud(path, [{**description, "streams": [{}]}])
    with LocalCloud(path, [description]) as cloud:
        assert cloud.loaded


def test_failing_request_changes_nothing(cloud, client_of):
    """What a handler did before it refused, or broke, is taken back."""
    store = cloud.engine.store

    def fail(call):
        call.store.put("org", {**call.store.get("org", "acme"), "name": "Half"})
        call.store.readings.select([EVERYTHING]).delete()
        raise forbidden()

    routes = (Route("/half/", {"GET": fail}),)
    before = len(store.readings.select([EVERYTHING]))
    cloud.engine = Engine(store, cloud.engine.signer, lambda: NOW, routes)
    assert client_of("ann").get("/half/").status_code == 403
    assert store.get("org", "acme")["name"] == "Acme"
    assert len(store.readings.select([EVERYTHING])) == before > 0


def test_passwords_in_a_file_cost_time(path, description):
    """A stored password is hashed, with many more rounds in a file than in memory."""
    with LocalCloud(path, [description]) as cloud:
        durable = cloud.engine.store.get("account", "ann")["password"]
    memory = LocalCloud(load=[description]).engine.store.get("account", "ann")["password"]
    rounds = [int(stored.split("$")[0]) for stored in (durable, memory)]
    assert rounds[0] >= 100_000 > rounds[1]


def test_every_store_has_its_own_key(description):
    """A token of one cloud is of no use on another."""
    with LocalCloud(load=[description]) as one, LocalCloud(load=[description]) as other:
        assert call(other, "GET", "/device/", token_of(one)).status_code == 401


def test_stop_keeps_and_close_ends(path):
    """A stopped cloud can go on; a closed one has let go of its file."""
    cloud = LocalCloud(path)
    cloud.start()
    cloud.stop()
    with pytest.raises(OSError, match="in use"):
        LocalCloud(path)
    cloud.start()
    cloud.close()
    cloud.close()
    with pytest.raises(RuntimeError, match="was closed"):
        cloud.start()
    Store(path).close()


def test_forgotten_cloud_lets_go(path):
    """A cloud that nobody holds any more closes its file, without a warning."""
    cloud = LocalCloud(path)
    del cloud
    gc.collect()
    Store(path).close()
