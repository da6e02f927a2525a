"""The common resources: who sees what, what is filtered, what may be written, and how it fails."""

from __future__ import annotations

import pytest

ACME = "00000000-0000-4000-8000-000000000001"
OTHER = "00000000-0000-4000-8000-000000000002"
DEVICE = "d--0000-0000-0000-000a"
STREAM = "s--0000-0001--0000-0000-0000-000a--5001"
JSON = {"Content-Type": "application/json"}
VIRTUAL = "s--0000-0001--0000-0000-0000-0000--5001"


def slugs(reply):
    assert reply.status_code == 200, reply.text
    return [row["slug"] for row in reply.json()["results"]]


def short(reply):
    """The last group of every slug, which is enough to tell devices apart."""
    return [slug[-4:] for slug in slugs(reply)]


@pytest.mark.parametrize("kind", ["org", "project", "device", "variable", "stream", "streamer"])
def test_anonymous_is_401(anybody, kind):
    """Nothing is listed without credentials."""
    assert anybody.get(f"/{kind}/").status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/org/other/", 404),
        (f"/project/{OTHER}/", 404),
        ("/account/eve/", 404),
        ("/device/d--000c/", 403),
        ("/device/d--000d/", 403),
        ("/variable/v--0000-0002--5001/", 403),
        ("/stream/s--0000-0002--0000-0000-0000-000c--5001/", 403),
    ],
)
def test_foreign_record(ann, path, status):
    """Somebody else's record is 404 on some resources and 403 on others."""
    assert ann.get(path).status_code == status


@pytest.mark.parametrize("kind", ["org", "device", "variable", "stream", "streamer", "account"])
@pytest.mark.parametrize("key", ["nope", "d--ffff-ffff-ffff-ffff-ffff", "d--", "s----"])
def test_unknown_record_is_404(ann, kind, key):
    """A slug that names nothing is 404, whatever it looks like."""
    reply = ann.get(f"/{kind}/{key}/")
    assert (reply.status_code, reply.json()) == (404, {"detail": "Not found."})


def test_project_key_must_be_a_uuid(ann):
    """A project is asked by its UUID and not by its slug."""
    reply = ann.get("/project/p--0000-0001/")
    assert (reply.status_code, reply.json()) == (400, ["Project ID must be a UUID"])


def test_staff_flag_widens_lists_of_staff_only(client_of):
    """staff=1 shows everything to staff, and changes nothing for others."""
    assert slugs(client_of("root").get("/org/")) == []
    assert slugs(client_of("root").get("/org/?staff=1")) == ["acme", "other"]
    assert slugs(client_of("ann").get("/org/?staff=1")) == ["acme"]


def test_staff_may_read_a_foreign_device(client_of):
    """Staff pass the check of a device that they name."""
    assert client_of("root").get(f"/device/{DEVICE}/").status_code == 200


# --- account


def test_account_list_is_oneself(ann):
    """A user sees only his own account."""
    assert slugs(ann.get("/account/")) == ["ann"]


def test_account_patch(ann, cloud):
    """A user changes his own data; what is read-only is passed over."""
    reply = ann.patch("/account/ann/", json={"tagline": "T", "is_staff": True, "slug": "x"})
    assert reply.status_code == 200
    kept = cloud.engine.store.get("account", "ann")
    assert (kept["tagline"], kept["is_staff"], kept["slug"]) == ("T", False, "ann")
    assert reply.json()["updated_at"] == "2020-09-13T12:26:40Z"


def test_account_address_is_unique(ann):
    """Two accounts cannot have one address."""
    reply = ann.patch("/account/ann/", json={"email": "eve@example.com"})
    assert reply.json() == {"email": ["account with this email already exists."]}


# --- org and project


def test_org_create(ann, cloud):
    """Whoever makes an organisation owns it."""
    reply = ann.post("/org/", json={"name": "New & Bright"})
    assert (reply.status_code, reply.json()["slug"]) == (201, "new-bright")
    members = cloud.engine.store.get("org", "new-bright")["members"]
    assert [(m["user"], m["role"]) for m in members] == [("ann", "a0")]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, {"name": ["This field is required."]}),
        ({"name": ""}, {"name": ["This field may not be blank."]}),
        ({"name": None}, {"name": ["This field may not be null."]}),
        ({"name": []}, {"name": ["Not a valid string."]}),
        ({"name": "\ud800"}, {"name": ["Not a valid string."]}),
        ({"name": "x" * 51}, {"name": ["Ensure this field has no more than 50 characters."]}),
        ({"name": "Acme"}, {"name": ["Organization with this Company Name already exists."]}),
        ({"name": "acme!"}, ["Organization with this Name produces duplicate slug."]),
        ([1], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)
def test_org_create_refused(ann, body, error):
    """What is wrong with a new organisation is said by field."""
    reply = ann.post("/org/", json=body)
    assert (reply.status_code, reply.json()) == (400, error)


def test_org_search(client_of):
    """search finds a part of the name in any case."""
    assert slugs(client_of("root").get("/org/?staff=1&search=OTH")) == ["other"]


@pytest.mark.parametrize("who", ["bob", "olga"])
def test_org_patch_needs_a_manager(client_of, who):
    """Members and operators do not change the organisation."""
    reply = client_of(who).patch("/org/acme/", json={"about": "x"})
    assert reply.status_code == 403
    assert reply.json() == {"detail": "Access Denied due to lack of sufficient permissions"}


def test_org_delete_is_for_staff(ann, client_of):
    """Only staff with staff=1 remove an organisation."""
    assert ann.delete("/org/acme/").json() == {"error": "Restricted Access. Contact Arch"}
    assert client_of("root").delete("/org/acme/?staff=1").status_code == 204
    assert ann.get("/org/acme/").status_code == 404


def test_org_projects(ann):
    """The projects of an organisation are listed below it."""
    assert slugs(ann.get("/org/acme/projects/")) == ["p--0000-0001"]


def test_put_needs_what_is_required(ann):
    """PUT wants the required fields, PATCH does not."""
    assert ann.put("/org/acme/", json={"about": "x"}).status_code == 400
    assert ann.patch("/org/acme/", json={"about": "x"}).json()["about"] == "x"


def test_project_create(ann):
    """A new project gets the next number."""
    content = ann.post("/project/", json={"name": "C", "org": "acme"}).json()
    assert (content["slug"], content["gid"]) == ("p--0000-0003", "0000-0003")
    assert content["created_by"] == "ann"


@pytest.mark.parametrize(
    ("org", "status", "answer"),
    [
        ("nope", 400, {"org": ["Object with slug=nope does not exist."]}),
        ("other", 403, {"detail": "Access Denied due to lack of sufficient permissions"}),
    ],
)
def test_project_create_refused(ann, org, status, answer):
    """A project needs an organisation that is there and that one manages."""
    reply = ann.post("/project/", json={"name": "C", "org": org})
    assert (reply.status_code, reply.json()) == (status, answer)


def test_project_does_not_move_to_a_foreign_org(ann):
    """A project moves only where its manager manages too."""
    assert ann.patch(f"/project/{ACME}/", json={"org": "other"}).status_code == 403


@pytest.mark.parametrize(
    ("query", "count"),
    [("org=acme", 1), ("org__slug=other", 0), ("slug=p--0000-0001", 1), ("name=B", 0)],
)
def test_project_filters(ann, query, count):
    """Projects are narrowed by organisation, slug and name; foreign ones stay hidden."""
    assert ann.get(f"/project/?{query}").json()["count"] == count


def test_unknown_org_in_a_filter_is_404(ann):
    """A filter that names no organisation is 404."""
    assert ann.get("/project/?org=nope").status_code == 404


def test_author_filter_takes_a_number(ann):
    """created_by is a user's number; a slug is refused."""
    assert ann.get("/org/?created_by=ann").status_code == 400
    assert ann.get("/org/?created_by=1").status_code == 200


# --- device


@pytest.mark.parametrize("key", [DEVICE, "d--000a", "d--0000-000a", "b--0001-0000-0000-000a"])
def test_device_by_any_slug(ann, key):
    """A device answers to short slugs, and to the slug of its data block."""
    assert ann.get(f"/device/{key}/").json()["slug"] == DEVICE


def test_device_slug_is_lower_case(ann):
    """Upper case names nothing."""
    assert ann.get("/device/D--000A/").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["000a", "000e", "000f"]),
        ("all=1", ["000a", "000b", "000e", "000f"]),
        ("project=p--0001", ["000a", "000e", "000f"]),
        (f"project={ACME}", ["000a", "000e", "000f"]),
        (f"project={OTHER}", []),
        ("project=zzz", []),
        ("external_id=EXT", ["000a"]),
        ("sg=old-v1", ["000f"]),
        ("org__slug=acme", ["000a", "000e", "000f"]),
        ("org=nope", ["000a", "000e", "000f"]),
        ("property=x", []),
    ],
)
def test_device_filters(ann, query, found):
    """Devices are listed and narrowed as the contract says."""
    assert short(ann.get(f"/device/?{query}")) == found


def test_device_patch(ann):
    """A device takes what may be written, in the server's form."""
    body = {"label": "L", "lat": "1.5", "lon": 2.25, "slug": "x", "state": "N0"}
    content = ann.patch("/device/d--000a/", json=body).json()
    assert (content["label"], content["slug"]) == ("L", DEVICE)
    assert (content["lat"], content["lon"]) == ("1.500000", "2.250000")
    assert content["active"] is False


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("lat", "1.2345678", "Ensure that there are no more than 6 decimal places."),
        ("lat", 1000, "Ensure that there are no more than 3 digits before the decimal point."),
        ("lat", "north", "A valid number is required."),
        ("lat", "NaN", "A valid number is required."),
        ("active", "maybe", "Must be a valid boolean."),
        ("state", "X", '"X" is not a valid choice.'),
        ("sg", "nope", "Object with slug=nope does not exist."),
        ("project", "p", "\u201cp\u201d is not a valid UUID."),
        ("external_id", "x" * 25, "Ensure this field has no more than 24 characters."),
    ],
)
def test_device_patch_refused(ann, field, value, text):
    """A value that does not fit its field is refused in the server's words."""
    reply = ann.patch("/device/d--000a/", json={field: value})
    assert (reply.status_code, reply.json()) == (400, {field: [text]})


def test_operator_does_not_change_devices(client_of):
    """An operator reads a device but may not change it."""
    olga = client_of("olga")
    assert olga.get("/device/d--000a/").status_code == 200
    assert olga.patch("/device/d--000a/", json={"label": "x"}).status_code == 403


def test_device_create_is_refused(ann):
    """Devices are made by the vendor."""
    assert ann.post("/device/", json={}).json() == {"error": "Restricted Access. Contact Arch"}


def test_device_extra_counts(ann):
    """extra/ tells how many readings and events each stream holds."""
    counts = ann.get("/device/d--000a/extra/").json()["stream_counts"]
    assert counts == {
        STREAM: {"data_cnt": 30, "has_streamid": True},
        "s--0000-0001--0000-0000-0000-000a--5002": {"event_cnt": 3, "has_streamid": True},
    }


# --- variable and stream


def test_variable_create(client_of):
    """Any user makes a variable in any project; units are written as slugs, read as objects."""
    body = {"name": "V", "lid": 0x5100, "project": OTHER, "output_unit": "out--temp--celsius"}
    reply = client_of("bob").post("/variable/", json=body)
    assert (reply.status_code, reply.json()["slug"]) == (201, "v--0000-0002--5100")
    assert reply.json()["output_unit"]["o"] == -273.15


def test_variable_type(ann):
    """type/ gives the variable's type with its units."""
    content = ann.get("/variable/v--0001--5001/type/").json()
    assert content["available_output_units"][0]["slug"] == "out--temp--celsius"


@pytest.mark.parametrize("value", [-1, 65536, "x", 1.5, None, True, 10**40])
def test_variable_lid_has_16_bits(ann, value):
    """A variable's number fits 16 bits."""
    body = {"name": "V", "lid": value, "project": ACME}
    reply = ann.post("/variable/", json=body)
    assert reply.status_code == 400
    assert list(reply.json()) == ["lid"]


def test_stream_by_short_slug(ann):
    """A stream answers to a slug without its leading groups."""
    assert ann.get("/stream/s--0001--000a--5001/").json()["slug"] == STREAM


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["000a--5001", "000a--5002", "000e--5001"]),
        ("virtual=1", ["0000--5001"]),
        ("device=d--0000-0000-0000-000b", ["000b--5001"]),
        ("device__slug=d--0000-0000-0000-000b", []),
        ("device=d--0000-0000-0000-000c", []),
        ("variable=v--0000-0001--5002", ["000a--5002"]),
        ("enabled=false", []),
        ("all=1", ["0000--5001", "000a--5001", "000a--5002", "000b--5001", "000e--5001"]),
    ],
)
def test_stream_filters(ann, query, found):
    """Streams of inactive devices and virtual ones show only when they are asked for."""
    assert [slug[-10:] for slug in slugs(ann.get(f"/stream/?{query}"))] == found


@pytest.mark.parametrize(("device", "status"), [("d--000a", 400), ("zzz", 403)])
def test_stream_device_filter_wants_the_full_slug(ann, device, status):
    """A short device slug is refused here (the real server breaks on it)."""
    assert ann.get("/stream/", params={"device": device}).status_code == status


def test_operator_lists_streams_but_reads_none(client_of):
    """An operator sees the list of streams, but no stream."""
    olga = client_of("olga")
    assert STREAM in slugs(olga.get("/stream/"))
    assert olga.get(f"/stream/{STREAM}/").status_code == 403


def test_stream_create(ann):
    """A new stream takes units and factors from its variable."""
    body = {"variable": "v--0000-0001--5003", "device": DEVICE}
    reply = ann.post("/stream/", json=body)
    assert reply.status_code == 201
    assert reply.json()["slug"] == "s--0000-0001--0000-0000-0000-000a--5003"
    assert reply.json()["created_by"] == 1
    whole = ann.get(f"/stream/{reply.json()['slug']}/").json()
    assert whole["input_unit"]["slug"] == "in--temp--millikelvin"


def test_stream_create_virtual(ann):
    """A stream without a device belongs to the project."""
    slug = ann.post("/stream/", json={"variable": "v--0000-0001--5002"}).json()["slug"]
    assert slug == "s--0000-0001--0000-0000-0000-0000--5002"


@pytest.mark.parametrize(
    ("who", "variable", "device", "status"),
    [
        ("ann", "v--0000-0001--9999", DEVICE, 400),
        ("ann", "v--0000-0002--5001", DEVICE, 404),
        ("eve", "v--0000-0001--5003", DEVICE, 403),
    ],
)
def test_stream_create_refused(client_of, who, variable, device, status):
    """A stream needs a variable of the device's project, and is made by its own people."""
    reply = client_of(who).post("/stream/", json={"variable": variable, "device": device})
    assert reply.status_code == status


def test_stream_patch_unit(ann):
    """A stream takes any unit that exists."""
    path = f"/stream/{VIRTUAL}/"
    good = ann.patch(path, json={"output_unit": "out--temp--celsius", "enabled": False}).json()
    assert (good["output_unit"]["unit_short"], good["enabled"]) == ("C", False)
    bad = ann.patch(path, json={"output_unit": "zzz"})
    assert bad.json() == {"output_unit": ["Object with slug=zzz does not exist."]}


def test_stream_delete(ann, client_of):
    """Only staff remove a stream."""
    assert ann.delete(f"/stream/{VIRTUAL}/").status_code == 400
    assert client_of("root").delete(f"/stream/{VIRTUAL}/").status_code == 204


# --- streamer


@pytest.mark.parametrize("device", ["d--000a", DEVICE])
def test_streamers_of_a_device(ann, device):
    """Streamers are found by their device, short or not."""
    assert slugs(ann.get("/streamer/", params={"device": device})) == [
        "t--0000-0000-0000-000a--0000"
    ]


@pytest.mark.parametrize(("device", "status"), [("zzz", 400), ("d--0fff", 404)])
def test_streamers_of_no_device(ann, device, status):
    """A device that is no slug is 400, an unknown one 404."""
    assert ann.get("/streamer/", params={"device": device}).status_code == status


def test_streamer_create_is_for_staff(ann, client_of):
    """Only staff make a streamer by hand."""
    body = {"device": DEVICE, "index": 2, "selector": 1}
    assert ann.post("/streamer/", json=body).status_code == 403
    reply = client_of("root").post("/streamer/", json=body)
    assert reply.json()["slug"] == "t--0000-0000-0000-000a--0002"


def test_streamer_is_read_only_for_users(ann):
    """A user does not change a streamer."""
    path = "/streamer/t--0000-0000-0000-000a--0000/"
    assert ann.patch(path, json={"last_id": 0}).status_code == 403
    assert ann.delete(path).status_code == 403


def test_project_filter_by_property(ann, cloud):
    """Projects are found by the name, and by the value, of a property."""
    region = {"id": 1, "target": "p--0000-0001", "name": "Region", "value": "EU"}
    cloud.engine.store.put("property", region)
    counts = [
        ann.get("/project/", params={"property": text}).json()["count"]
        for text in ("Region", "Region__EU", "Region__US", "Other")
    ]
    assert counts == [1, 1, 0, 0]


def test_device_does_not_move_to_a_foreign_project(ann):
    """A device moves only to a project that its owner may change."""
    assert ann.patch("/device/d--000a/", json={"project": OTHER}).status_code == 403


def test_device_follows_its_project(client_of):
    """The organisation of a device is that of its project."""
    content = client_of("root").patch("/device/d--000a/", json={"project": OTHER}).json()
    assert (content["project"], content["org"]) == (OTHER, "other")


def test_half_a_character_is_named_in_the_refusal(ann):
    """A refusal that repeats half a surrogate pair writes it as JSON does."""
    reply = ann.post("/project/", data=rb'{"name": "P", "org": "\ud800"}', headers=JSON)
    assert reply.status_code == 400
    assert reply.content == rb'{"org":["Object with slug=\ud800 does not exist."]}'


@pytest.mark.parametrize("number", ["\u00b2", "9" * 5000])
def test_author_that_is_no_number_is_400(ann, number):
    """An author given by odd digits, or too many of them, is unknown."""
    reply = ann.get("/org/", params={"created_by": number})
    assert (reply.status_code, list(reply.json())) == (400, ["created_by"])


@pytest.mark.parametrize("key", [ACME.replace("-", ""), f"urn:uuid:{ACME}", f"{{{ACME}}}"])
def test_other_forms_of_a_uuid(ann, key):
    """A UUID finds its project in each of its usual forms."""
    assert ann.get(f"/project/{key}/").json()["id"] == ACME
    assert ann.get("/device/", params={"project": key}).json()["count"] == 3


def test_name_without_a_slug_is_400(ann):
    """An organisation's name must leave something for its slug."""
    reply = ann.post("/org/", json={"name": "\u6771\u4eac"})
    assert (reply.status_code, list(reply.json())) == (400, ["name"])


def test_new_project_follows_the_highest_slug(ann):
    """The number of a new project comes from the slugs, whatever else a description says."""
    assert ann.post("/project/", json={"name": "C", "org": "acme"}).json()["gid"] == "0000-0003"
