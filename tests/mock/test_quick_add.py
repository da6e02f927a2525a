"""Records of the mock cloud that are made in one call."""

from __future__ import annotations

import uuid

import pytest

from iotile_cloud.utils.gid import IOTileDeviceSlug, IOTileFleetSlug
from iotile_cloud.utils.mock_cloud import MockIOTileCloud

FIXED = "2018-01-01T00:00:00Z"


@pytest.fixture
def cloud():
    return MockIOTileCloud()


@pytest.fixture
def project(cloud):
    return cloud.quick_add_project()[0]


def test_users_are_quickly_added_once(cloud):
    """There is a default user; the same address twice is an error."""
    cloud.quick_add_user()
    assert cloud.users == {"test@arch-iot.com": "test"}
    with pytest.raises(ValueError, match="there is a user"):
        cloud.quick_add_user("test@arch-iot.com", "other")


def test_slug_of_an_org_is_made_of_its_name(cloud):
    """Lower case, with dashes for spaces, unless it is given; twice is an error."""
    assert cloud.quick_add_org("My Big Org") == "my-big-org"
    assert cloud.quick_add_org("My Big Org", "other") == "other"
    assert cloud.orgs["other"]["name"] == "My Big Org"
    with pytest.raises(ValueError, match="there is a org 'my-big-org' already"):
        cloud.quick_add_org("my big org")


def test_project_belongs_to_the_default_org_unless_told(cloud):
    """The default organisation is made when it is needed; another must exist."""
    one, first = cloud.quick_add_project()
    two, second = cloud.quick_add_project("Two", cloud.quick_add_org("Acme"))
    assert (first, second) == ("p--0000-0000", "p--0000-0001")
    assert cloud.orgs[MockIOTileCloud.DEFAULT_ORG_SLUG]["name"] == MockIOTileCloud.DEFAULT_ORG_NAME
    assert (cloud.DEFAULT_ORG_SLUG, cloud.DEFAULT_ORG_NAME) == ("quick-test-org", "Quick Test Org")
    assert str(uuid.UUID(one)) == one
    assert cloud.projects[one]["org"] == "quick-test-org"
    assert cloud.projects[two] == {
        "id": two,
        "name": "Two",
        "slug": "p--0000-0001",
        "gid": "0000-0001",
        "org": "acme",
        "about": "",
        "project_template": "default-template-v1-0-0",
        "created_on": FIXED,
        "created_by": "quick-test-user",
    }
    with pytest.raises(ValueError, match="there is no org 'nobody'"):
        cloud.quick_add_project(org_slug="nobody")


def test_automatic_slugs_are_free_ones(cloud):
    """Also when records came from elsewhere, or went."""
    cloud.projects["x"] = {"id": "x", "slug": "p--0000-0001"}
    cloud.fleets["g--0000-0000-0002"] = {"slug": "g--0000-0000-0002"}
    assert cloud.quick_add_project()[1] == "p--0000-0002"
    assert cloud.quick_add_fleet([]) == "g--0000-0000-0003"


def test_devices_get_the_number_of_how_many_there_are_or_the_next_free_one(cloud, project):
    """After 1 to 5 comes 6."""
    assert cloud.quick_add_device(project) == "d--0000-0000-0000-0000"
    cloud.devices.clear()
    for number in range(1, 6):
        cloud.quick_add_device(project, number)
    assert cloud.quick_add_device(project) == "d--0000-0000-0000-0006"


def test_device_has_the_fields_of_the_server(cloud, project):
    """The id may be a number or a slug; a project may be named by its slug."""
    slug = cloud.quick_add_device("p--0000-0000", "d--00AB")
    record = dict(cloud.devices[slug])
    assert record.pop("label")
    assert record == {
        "id": 0xAB,
        "slug": "d--0000-0000-0000-00ab",
        "gid": "0000-0000-0000-00ab",
        "active": True,
        "external_id": "",
        "sg": "water-meter-v1-1-0",
        "template": "internaltestingtemplate-v0-1-0",
        "org": "arch-internal",
        "project": project,
        "lat": None,
        "lon": None,
        "created_on": FIXED,
        "claimed_by": "quick-test-user",
        "claimed_on": FIXED,
    }


def test_device_needs_a_project_and_a_free_id(cloud, project):
    """Both mistakes are ValueErrors."""
    cloud.quick_add_device(project, 1)
    with pytest.raises(ValueError, match="there is a device"):
        cloud.quick_add_device(project, "d--0001")
    with pytest.raises(ValueError, match="there is no project 'x'"):
        cloud.quick_add_device("x")


@pytest.mark.parametrize(
    ("index", "selector", "expected", "system"),
    [
        (0, None, 0xD7FF, False),
        (1, None, 0x5FFF, True),
        (2, None, 0xFFFF, False),
        (0, 0x0FFF, 0x0FFF, True),
    ],
)
def test_streamer_is_of_the_system_by_bit_11_of_its_selector(
    cloud, index, selector, expected, system
):
    """Default selectors hang on the index; 0xffff is not of the system."""
    slug = cloud.quick_add_streamer(5, index, 100, selector)
    assert slug == f"t--0000-0000-0000-0005--000{index}"
    assert cloud.streamers[slug] == {
        "id": 1,
        "slug": slug,
        "device": "d--0000-0000-0000-0005",
        "index": index,
        "last_id": 100,
        "last_reboot_ts": FIXED,
        "is_system": system,
        "selector": expected,
    }


def test_streamers_of_a_device_are_numbered_from_zero(cloud, project):
    """`streamers=` lists what each has acknowledged; the same index again overwrites."""
    device = cloud.quick_add_device(project, 1, streamers=[10, 20])
    assert [s["last_id"] for s in cloud.streamers.values()] == [10, 20]
    cloud.quick_add_streamer(device, 1, 30)
    assert [s["last_id"] for s in cloud.streamers.values()] == [10, 30]


def test_sensor_graph_and_template_have_two_fields(cloud):
    """Each is its slug and its tag."""
    assert cloud.quick_add_sg() == "water-meter-v1-1-0"
    assert cloud.quick_add_dt("pod-v1", 1024) == "pod-v1"
    assert cloud.sgs == {"water-meter-v1-1-0": {"slug": "water-meter-v1-1-0", "app_tag": 1027}}
    assert cloud.dts == {"pod-v1": {"slug": "pod-v1", "os_tag": 1024}}


def test_fleet_takes_members_in_every_form(cloud, project):
    """Number, slug, slug object, or a tuple with access and always on."""
    for number in (1, 2, 3, 4):
        cloud.quick_add_device(project, number)
    members = [1, "d--0002", (IOTileDeviceSlug(3), True), (4, True, False)]
    fleet = cloud.quick_add_fleet(members, is_network=True)
    assert fleet == "g--0000-0000-0001"
    assert cloud.fleets[fleet]["is_network"] is True
    assert cloud.fleets[fleet]["org"] == "quick-test-org"
    assert list(cloud.fleet_members[fleet].values()) == [
        ("d--0000-0000-0000-0001", False, True),
        ("d--0000-0000-0000-0002", False, True),
        ("d--0000-0000-0000-0003", True, True),
        ("d--0000-0000-0000-0004", True, False),
    ]


def test_fleet_keeps_the_key_that_it_is_given(cloud):
    """A number stays a number, a slug object becomes text."""
    assert cloud.quick_add_fleet([], fleet_slug=1) == 1
    assert cloud.quick_add_fleet([], fleet_slug=IOTileFleetSlug(5)) == "g--0000-0000-0005"
    assert list(cloud.fleets) == [1, "g--0000-0000-0005"]


def test_fleet_needs_what_it_names(cloud):
    """Unknown devices and organisations, and a fleet that is there, are ValueErrors."""
    cloud.quick_add_fleet([], fleet_slug=1)
    with pytest.raises(ValueError, match="there is a fleet 1"):
        cloud.quick_add_fleet([], fleet_slug=1)
    with pytest.raises(ValueError, match="there is no device"):
        cloud.quick_add_fleet([9])
    with pytest.raises(ValueError, match="there is no org"):
        cloud.quick_add_fleet([], org_slug="x")
    assert list(cloud.fleets) == list(cloud.fleet_members) == [1]


def test_deployments_are_numbered_over_all_devices_in_the_order_of_slugs(cloud, project):
    """With two members, the first one has the odd requests."""
    cloud.quick_add_device(project, 1)
    cloud.quick_add_device(project, 2)
    for number in range(5):
        cloud.quick_add_fleet([2, 1], fleet_slug=number)
        cloud.quick_add_deployment_to_fleet(number, number, ["os_tag:eq:1"], completed=number == 4)
    first = cloud.ota_devices["d--0000-0000-0000-0001"]["deployments"]
    assert [request["id"] for request in first] == [1, 3, 5, 7, 9]
    assert first[0] == {
        "id": 1,
        "script": "z--0000-0002",
        "selection_criteria": ["os_tag:eq:1"],
        "org": "quick-test-org",
        "fleet": 0,
        "released_on": "2018-10-16T00:00:00Z",
        "completed_on": None,
    }
    assert first[4]["completed_on"] == "2018-10-15T00:00:00Z"
    assert cloud.deployment_count == 10
    assert cloud.ota_scripts["z--0000-0002"]["url"] == "bar.com/zipzap"


def test_deployment_needs_a_fleet_and_a_free_id(cloud):
    """Both mistakes are ValueErrors."""
    cloud.quick_add_fleet([], fleet_slug=1)
    cloud.quick_add_deployment_to_fleet(1, "a", [])
    with pytest.raises(ValueError, match="there is no fleet 2"):
        cloud.quick_add_deployment_to_fleet(2, "b", [])
    with pytest.raises(ValueError, match="there is a deployment 'a'"):
        cloud.quick_add_deployment_to_fleet(1, "a", [])


def test_update_information_of_a_device_is_added_once(cloud, project):
    """Adding it again keeps what is there; the device must be known."""
    cloud.quick_add_device(project, 1)
    assert cloud.quick_add_ota_device_info(1) == "d--0000-0000-0000-0001"
    cloud.ota_devices["d--0000-0000-0000-0001"]["actions"].append("x")
    cloud.quick_add_ota_device_info("d--0001")
    assert cloud.ota_devices["d--0000-0000-0000-0001"]["actions"] == ["x"]
    with pytest.raises(ValueError, match="there is no device"):
        cloud.quick_add_ota_device_info(2)
