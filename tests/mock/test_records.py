"""The dictionaries of the mock cloud as resources: lists, records, changes."""

from __future__ import annotations

import pytest
import requests

STREAM = "s--0000-0001--0000-0000-0000-0001--5001"
OTHER = "s--0000-0001--0000-0000-0000-0001--5002"
DEVICE = "d--0000-0000-0000-0001"
TOKEN = {"Authorization": "jwt JWT_USER"}


def test_what_is_served_is_what_the_dictionaries_hold(api, cloud):
    """A record is the very dictionary, and a listing is all of them."""
    fleet = cloud.quick_add_fleet([1], fleet_slug=4)
    assert api.fleet(fleet).get() == cloud.fleets[fleet]
    assert api.device(DEVICE).get() == cloud.devices[DEVICE]
    assert api.device.get()["results"] == list(cloud.devices.values())
    [project] = cloud.projects
    assert api.project(project).get() == cloud.projects[project]
    assert api.org("quick-test-org").get() == cloud.orgs["quick-test-org"]
    cloud.events[7] = {"id": 7}
    assert api.event(7).get() == {"id": 7}
    cloud.devices[DEVICE]["label"] = "Changed by the test"
    assert api.device(DEVICE).get()["label"] == "Changed by the test"


def test_every_dictionary_is_listed_and_read(api, cloud):
    """Each has its resource."""
    cloud.quick_add_sg()
    cloud.quick_add_dt()
    cloud.quick_add_ota_device_info(1)
    cloud.datablocks["b--0001-0000-0000-0001"] = {"slug": "b--0001-0000-0000-0001"}
    for resource, held in [
        (api.sg, cloud.sgs),
        (api.dt, cloud.dts),
        (api.datablock, cloud.datablocks),
        (api.streamer, cloud.streamers),
        (api.ota.device, cloud.ota_devices),
    ]:
        [(key, record)] = held.items()
        assert resource.get()["results"] == [record]
        assert resource(key).get() == record


def test_patch_changes_the_dictionary(api, cloud):
    """In place: who holds the record sees the change."""
    held = cloud.devices[DEVICE]
    assert api.device(DEVICE).patch({"label": "New"})["label"] == "New"
    assert held["label"] == "New"


@pytest.mark.parametrize("body", ['{"labell": "x"}', "[]", "5", "{", '{"label": NaN}'])
def test_patch_of_something_else_is_refused(url, cloud, body):
    """An unknown field, or no object at all, is a 400 and changes nothing."""
    before = dict(cloud.devices[DEVICE])
    headers = {**TOKEN, "Content-Type": "application/json"}
    reply = requests.patch(f"{url}device/{DEVICE}/", data=body, headers=headers, timeout=5)
    assert reply.status_code == 400
    assert cloud.devices[DEVICE] == before


def test_longer_path_is_answered_by_what_it_begins_with(api, cloud):
    """Tests of clients came to depend on it."""
    assert api.device(DEVICE).key.get(type="X") == cloud.devices[DEVICE]
    assert api.device(DEVICE).a.b.get() == cloud.devices[DEVICE]


@pytest.mark.parametrize(
    ("path", "field"),
    [("device", "count"), (f"device/{DEVICE}", "gid"), (f"device/{DEVICE}/extra", "stream_counts")],
)
def test_slash_at_the_end_may_be_missing(url, path, field):
    """The path means the same without, and is not taken for a longer one."""
    reply = requests.get(url + path, headers=TOKEN, timeout=5, allow_redirects=False)
    assert field in reply.json()


def test_shorter_paths_have_their_own_routes(api, cloud):
    """The longer path does not hide the routes that are there."""
    cloud.quick_add_fleet([(1, True, False)], fleet_slug=1)
    assert api.fleet(1).devices.get()["results"] == [
        {"device": DEVICE, "always_on": False, "is_access_point": True}
    ]
    assert api.org("quick-test-org").projects.get()["results"] == list(cloud.projects.values())


def test_listings_have_pages_with_links(api, cloud):
    """`next` and `previous` are set, and end."""
    cloud.quick_add_device(next(iter(cloud.projects)), 3)
    first = api.device.get(page_size=2)
    assert first["count"] == 3
    assert first["previous"] is None
    assert first["next"].endswith("/api/v1/device/?page=2&page_size=2")
    second = api.device.get(page_size=2, page=2)
    assert (len(second["results"]), second["next"]) == (1, None)
    assert [device["id"] for device in api.device.each(page_size=2)] == [1, 2, 3]


def test_page_has_a_hundred_rows(api, cloud):
    """As long as nothing else is asked."""
    cloud.sgs.update({str(n): {"slug": str(n)} for n in range(101)})
    assert len(api.sg.get()["results"]) == 100
    assert len(list(api.sg.each())) == 101


def test_listings_are_filtered(api, cloud):
    """Devices by project, fleets and streamers by device."""
    other, _ = cloud.quick_add_project()
    cloud.quick_add_device(other, 3)
    cloud.quick_add_fleet([1], fleet_slug=1)
    cloud.quick_add_fleet([2], fleet_slug=2)
    cloud.quick_add_streamer(2, 0, 5)
    assert [d["id"] for d in api.device.get(project=other)["results"]] == [3]
    assert [f["slug"] for f in api.fleet.get(device="d--0002")["results"]] == [2]
    assert [s["last_id"] for s in api.streamer.get(device=DEVICE)["results"]] == [10]
    assert api.streamer.get(device="nonsense")["results"] == []


def test_streams_are_listed_for_a_device_project_or_block_only(api, cloud):
    """Without one of them the listing is empty."""
    cloud.projects["u-u"] = {"id": "u-u", "slug": "p--0000-0001"}
    block = "s--0000-0000--0001-0000-0000-0001--5001"
    cloud.streams.update({slug: {"slug": slug} for slug in (STREAM, OTHER, block)})
    slugs = lambda **args: [s["slug"] for s in api.stream.get(**args)["results"]]  # noqa: E731
    assert slugs() == []
    assert slugs(device="d--0001") == slugs(project="p--0000-0001") == [STREAM, OTHER]
    assert slugs(project="u-u") == [STREAM, OTHER]
    assert slugs(block="b--0001-0000-0000-0001") == [block]


def test_events_and_properties_are_listed_for_their_source_only(api, cloud):
    """Events by stream or device, properties by target."""
    cloud.events.update({1: {"id": 1, "stream": STREAM}, 2: {"id": 2, "stream": OTHER}})
    cloud.properties["Region"] = {"name": "Region", "target": DEVICE}
    assert api.event.get()["results"] == api.property.get()["results"] == []
    assert [event["id"] for event in api.event.get(filter=OTHER)["results"]] == [2]
    assert [event["id"] for event in api.event.get(filter=DEVICE)["results"]] == [1, 2]
    assert api.property.get(target=DEVICE)["results"] == [cloud.properties["Region"]]
    assert api.property.get(target="d--2")["results"] == []


@pytest.mark.parametrize("key", ["d--0009", "1", "99999999999999999999", "é", "%00", "a/../b"])
def test_unknown_record_is_a_client_error(url, key):
    """Whatever the key looks like."""
    status = requests.get(f"{url}device/{key}/", headers=TOKEN, timeout=5).status_code
    assert status in (400, 404)
