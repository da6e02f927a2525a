"""Accounts: making, seeing, changing and removing one's own."""

from __future__ import annotations

import pytest

NEW = {"email": "new@example.com", "username": "New1"}
SECRET = {"password": "abcdefgh", "confirm_password": "abcdefgh"}


def log_in(client, email, password):
    return client.post("/auth/login/", json={"email": email, "password": password}).status_code


def test_account_address_is_unique(ann):
    """Two accounts cannot have one address."""
    reply = ann.patch("/account/ann/", json={"email": "eve@example.com"})
    assert reply.json() == {"email": ["account with this email already exists."]}


def test_anybody_makes_an_account(anybody):
    """The answer has id, slug, time and what was sent, and never the password."""
    reply = anybody.post("/account/", json={**NEW, **SECRET, "name": "New"})
    assert reply.status_code == 201
    created = {"id": 7, "slug": "new1", "created_at": "2020-09-13T12:26:40Z"}
    assert reply.json() == {**created, **NEW, "name": "New"}


@pytest.mark.parametrize(
    ("who", "verified", "status"),
    [(None, True, 401), ("ann", True, 401), ("root", False, 401), ("root", True, 200)],
)
def test_only_staff_make_active_accounts(client_of, who, verified, status):
    """A new account cannot log in, unless staff say that its address is verified."""
    body = {**NEW, **SECRET, "verified_email": verified}
    assert client_of(who).post("/account/", json=body).status_code == 201
    assert log_in(client_of(None), NEW["email"], SECRET["password"]) == status


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"username": "n"}, {"email": ["This field is required."]}),
        (
            {"email": "ANN@example.com", "username": "ann"},
            {
                "email": ["account with this email already exists."],
                "username": ["account with this username already exists."],
            },
        ),
        ({**NEW, "username": "a b"}, {"username": ["Username should not contain spaces."]}),
        (NEW, ["Passwords did not match"]),
        ({**NEW, "password": "abc"}, ["Passwords did not match"]),
        ({**NEW, **SECRET, "confirm_password": "x"}, ["Passwords did not match"]),
    ],
)
def test_bad_account_is_400(anybody, body, error):
    """Fields are checked first, then whether the passwords are the same."""
    reply = anybody.post("/account/", json=body)
    assert (reply.status_code, reply.json()) == (400, error)


def test_slug_is_new(anybody):
    """A user name that makes a taken slug gets a number."""
    anybody.post("/account/", json={**NEW, **SECRET})
    other = {"email": "b@example.com", "username": "new1!", **SECRET}
    assert anybody.post("/account/", json=other).json()["slug"] == "new1-2"


def test_others_are_404(ann):
    """Nobody sees somebody else's account."""
    replies = [ann.get("/account/bob/"), ann.delete("/account/bob/")]
    replies.append(ann.post("/account/bob/set_password/", json={"password": "x"}))
    assert [reply.status_code for reply in replies] == [404, 404, 404]


@pytest.mark.parametrize(("who", "count"), [("ann", 1), ("root", 6)])
def test_staff_list_all_with_any_staff_argument(client_of, who, count):
    """`staff=` widens the list for staff only, whatever it says."""
    assert client_of(who).get("/account/?staff=no").json()["count"] == count


@pytest.mark.parametrize("path", ["/account/", "/account/ann/"])
def test_nobody_sees_nothing(anybody, path):
    """Only making an account is public."""
    assert anybody.get(path).status_code == 401


def test_patch_passes_over_what_is_read_only(ann):
    """Slug, rights and times cannot be changed; the rest of the body counts."""
    body = {"tagline": "New", "is_staff": True, "slug": "zzz", "id": 99}
    content = ann.patch("/account/ann/", json=body).json()
    assert (content["tagline"], content["is_staff"], content["slug"]) == ("New", False, "ann")
    assert content["updated_at"] == "2020-09-13T12:26:40Z"


@pytest.mark.parametrize(
    ("password", "confirmed", "status"),
    [("new", "new", 200), ("new", "x", 400), ("new", None, 400)],
)
def test_patch_of_the_password(ann, anybody, password, confirmed, status):
    """A password is changed by a PATCH that says it twice."""
    body = {"password": password, "confirm_password": confirmed}
    body = {name: value for name, value in body.items() if value}
    reply = ann.patch("/account/ann/", json=body)
    assert reply.status_code == status
    assert "password" not in str(reply.json()) or status == 400
    assert log_in(anybody, "ann@example.com", "new") == (200 if status == 200 else 401)


def test_set_password(ann, anybody):
    """A new password counts at once; what is stored is its hash."""
    reply = ann.post("/account/ann/set_password/", json={"password": "new"})
    assert (reply.status_code, reply.json()) == (201, {"status": "password set"})
    assert log_in(anybody, "ann@example.com", "new") == 200


@pytest.mark.parametrize("body", [{}, {"password": ""}, {"password": "x" * 201}])
def test_set_password_checks_it(ann, body):
    """A password is there, and not endless."""
    reply = ann.post("/account/ann/set_password/", json=body)
    assert (reply.status_code, list(reply.json())) == (400, ["password"])


def test_delete_takes_the_memberships_along(ann, cloud):
    """Whoever leaves is in no organisation any more, and his tokens stand for nobody."""
    assert ann.delete("/account/ann/").status_code == 204
    members = cloud.engine.store.get("org", "acme")["members"]
    assert [member["user"] for member in members] == ["bob", "olga"]
    assert ann.get("/org/").json() == {"detail": "Invalid signature."}


def test_others_still_see_what_a_deleted_user_made(ann, client_of):
    """Records of a user who is gone can still be listed."""
    ann.delete("/account/ann/")
    bob = client_of("bob")
    for path in ("/org/", "/org/acme/", "/project/", "/device/", "/stream/"):
        assert bob.get(path).status_code == 200
