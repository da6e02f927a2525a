"""Organisations: who makes and changes them, their members, what they hold, and the search."""

from __future__ import annotations

import pytest

DENIED = {"detail": "Access Denied due to lack of sufficient permissions"}


def slugs(reply):
    return [row["slug"] for row in reply.json()["results"]]


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


def test_name_without_a_slug_is_400(ann):
    """An organisation's name must leave something for its slug."""
    reply = ann.post("/org/", json={"name": "\u6771\u4eac"})
    assert (reply.status_code, list(reply.json())) == (400, ["name"])


def test_org_search(client_of):
    """search finds a part of the name in any case."""
    assert slugs(client_of("root").get("/org/?staff=1&search=OTH")) == ["other"]


@pytest.mark.parametrize("who", ["bob", "olga"])
def test_org_patch_needs_a_manager(client_of, who):
    """Members and operators do not change the organisation."""
    reply = client_of(who).patch("/org/acme/", json={"about": "x"})
    assert reply.status_code == 403
    assert reply.json() == DENIED


def test_org_delete_is_for_staff(ann, client_of):
    """Only staff with staff=1 remove an organisation."""
    assert ann.delete("/org/acme/").json() == {"error": "Restricted Access. Contact Arch"}
    assert client_of("root").delete("/org/acme/?staff=1").status_code == 204
    assert ann.get("/org/acme/").status_code == 404


def test_org_projects(ann):
    """The projects of an organisation are listed below it."""
    assert slugs(ann.get("/org/acme/projects/")) == ["p--0000-0001"]


def test_members_are_listed_by_user(ann):
    """A manager sees the members in the order of their slugs, with details and permissions."""
    members = ann.get("/org/acme/members/").json()["results"]
    assert [member["user"] for member in members] == ["ann", "bob", "olga"]
    bob = members[1]
    assert bob["role_name"] == "m1 - Member"
    assert bob["user_details"]["email"] == "bob@example.com"
    assert set(bob["user_details"]["avatar"]) == {"tiny", "thumbnail"}
    assert bob["permissions"]["can_modify_device"] is True
    assert bob["permissions"]["can_manage_users"] is False


def test_inactive_members_need_all(ann):
    """A member who is not active is listed with `all=1` only."""
    ann.post("/org/acme/register/", json={"user": "eve", "is_active": False})
    counts = [ann.get(f"/org/acme/members/{query}").json()["count"] for query in ("", "?all=1")]
    assert counts == [3, 4]


def test_membership_is_ones_own(client_of):
    """Everybody sees his own membership."""
    assert client_of("olga").get("/org/acme/membership/").json()["role_name"] == "r1 - Operator"


def test_staff_without_membership_find_none(client_of):
    """Where the real server breaks, staff who do not belong get a 404."""
    assert client_of("root").get("/org/acme/membership/?staff=1").status_code == 404


def test_registered_user_belongs(ann, client_of):
    """A registered user is a member from then on, with the role that was given."""
    eve = client_of("eve")
    assert eve.get("/org/acme/").status_code == 404
    reply = ann.post("/org/acme/register/", json={"user": "eve", "role": "a1"})
    assert reply.status_code == 201
    assert (reply.json()["role"], reply.json()["is_org_admin"]) == ("a1", True)
    assert eve.patch("/org/acme/", json={"about": "hers too"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"user": "bob"}, {"error": "Member already exists"}),
        ({"user": "ghost"}, {"user": ["Object with slug=ghost does not exist."]}),
        ({"user": "eve", "role": "a0"}, {"role": ['"a0" is not a valid choice.']}),
        ({}, {"user": ["This field is required."]}),
    ],
)
def test_bad_registration_is_refused(ann, body, answer):
    """A member, an unknown user or role is 400."""
    reply = ann.post("/org/acme/register/", json=body)
    assert (reply.status_code, reply.json()) == (400, answer)


def test_invitation_is_pending(ann):
    """An invitation is pending, once for each address."""
    for _ in range(2):
        reply = ann.post("/org/acme/invite/", json={"email": "guest@example.com", "role": "a1"})
        assert (reply.status_code, reply.json()) == (201, {"email": "guest@example.com"})
    (row,) = ann.get("/org/acme/pending/").json()["results"]
    assert row == {
        "email": "guest@example.com",
        "sent_on": "2020-09-13T12:26:40Z",
        "sent_by": "ann",
    }


def test_invitation_needs_an_address(ann):
    """What is no e-mail address is 400."""
    reply = ann.post("/org/acme/invite/", json={"email": "guest"})
    assert reply.json() == {"email": ["Enter a valid email address."]}


@pytest.mark.parametrize("user", ["bob", "olga"])
@pytest.mark.parametrize(
    ("method", "action"),
    [("GET", "members"), ("GET", "pending"), ("POST", "invite"), ("POST", "register")],
)
def test_users_are_managed_by_managers(client_of, user, method, action):
    """Members and operators get 403 where users are managed, whatever the body."""
    reply = client_of(user).request(method, f"/org/acme/{action}/")
    assert (reply.status_code, reply.json()) == (403, DENIED)


@pytest.mark.parametrize(
    "action", ["members", "membership", "pending", "extra", "projects", "devices", "archives"]
)
def test_stranger_finds_nothing(client_of, action):
    """Everything about somebody else's organisation is 404."""
    assert client_of("eve").get(f"/org/acme/{action}/").status_code == 404


def test_extra_counts_what_is_there(client_of):
    """`extra/` counts the organisation's belongings and shows the caller's membership."""
    extra = client_of("bob").get("/org/acme/extra/").json()
    assert extra["counts"] == {
        "projects": 1,
        "datablocks": 0,
        "members": 3,
        "devices": 3,
        "fleets": 0,
        "networks": 0,
        "reports": 0,
    }
    assert extra["current_member"]["user"] == "bob"
    assert extra["ot"] is None
    assert "domain_names" not in extra


def test_extra_of_staff_has_no_member(client_of):
    """Staff who do not belong are an empty member."""
    assert client_of("root").get("/org/acme/extra/?staff=1").json()["current_member"] == {}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["000a", "000b", "000e", "000f"]),
        ("?q=EXT", ["000a"]),
        ("?q=device 14", ["000e"]),
        ("?q=blue", ["000b"]),
        ("?Color=Blue", ["000b"]),
        ("?Color=bl", []),
        ("?q=blue&Color=red", []),
    ],
)
def test_devices_are_searched(ann, query, found):
    """The search looks for text in what a device says of itself, and for whole properties."""
    body = {"name": "Color", "str_value": "blue"}
    ann.post("/device/d--0000-0000-0000-000b/new_property/", json=body)
    reply = ann.get(f"/org/acme/devices/{query}")
    assert slugs(reply) == [f"d--0000-0000-0000-{end}" for end in found]
    assert reply.json()["count"] == len(found)


def test_search_pages_by_ten(ann, client_of, cloud):
    """The search has pages of ten, with the numbers of their neighbours."""
    store = cloud.engine.store
    device = store.get("device", "d--0000-0000-0000-000a")
    for number in range(0x100, 0x10A):
        store.put("device", {**device, "id": number, "slug": f"d--0000-0000-0000-{number:04x}"})
    first = ann.get("/org/acme/devices/").json()
    second = ann.get("/org/acme/devices/?page=2").json()
    assert (first["prev_page"], first["next_page"], len(first["results"])) == (None, 2, 10)
    assert (second["prev_page"], second["next_page"], len(second["results"])) == (1, None, 4)


@pytest.mark.parametrize("page", ["0", "2", "x", "9" * 30])
def test_search_has_no_such_page(ann, page):
    """A page that is not there is 404."""
    assert ann.get(f"/org/acme/archives/?page={page}").status_code == 404
