"""Logging in, tokens, and the Authorization header."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.local import LocalCloud
from iotile_cloud.local.access.tokens import Signer, TokenError, check_password, hash_password
from iotile_cloud.local.web.messages import Request

WEEK = 7 * 86400
CHALLENGE = 'JWT realm="api"'


def login(client, name="ann"):
    body = {"email": f"{name}@example.com", "password": f"{name}-secret"}
    return client.post("/auth/login/", json=body)


def test_login(anybody):
    """A login answers the account with a JWT and a lasting token."""
    content = login(anybody).json()
    assert content["slug"] == "ann"
    assert len(content["token"]) == 40
    assert content["jwt"].count(".") == 2
    assert "password" not in content


def test_login_sets_two_cookies(anybody):
    """A login sets the cookies that a client should not send back."""
    assert set(login(anybody).cookies.keys()) == {"sessionid", "csrftoken"}


def test_login_ignores_case_of_email(anybody):
    """E-mail addresses are compared in any case."""
    body = {"email": "ANN@example.com", "password": "ann-secret"}
    assert anybody.post("/auth/login/", json=body).status_code == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [("ann@example.com", "x"), ("zed@example.com", "x"), ("off@example.com", "off-secret")],
)
def test_bad_login_is_401_with_a_string(anybody, email, password):
    """A wrong password, an unknown and an inactive user look the same."""
    reply = anybody.post("/auth/login/", json={"email": email, "password": password})
    assert (reply.status_code, reply.json()) == (401, "Username/password combination invalid.")


def test_login_checks_its_fields(anybody):
    """A login without an address is 400 with the fields."""
    reply = anybody.post("/auth/login/", json={"email": "ann"})
    assert reply.json() == {
        "email": ["Enter a valid email address."],
        "password": ["This field is required."],
    }


def test_login_takes_json_only(anybody):
    """The body is read as JSON whatever it says it is."""
    reply = anybody.post("/auth/login/", data={"email": "a", "password": "b"})
    assert reply.status_code == 400
    assert reply.json()["detail"].startswith("JSON parse error")


def test_login_when_logged_in_is_403(ann):
    """Whoever already has a token is not logged in again."""
    reply = login(ann)
    assert (reply.status_code, reply.json()) == (403, "Already Logged-in")


def test_password_is_not_stored_plain(cloud):
    """What is kept of a password is a hash."""
    assert "ann-secret" not in str(cloud.engine.store.get("account", "ann"))


def test_logout_leaves_the_token_good(ann):
    """Logging out is 204 and revokes nothing."""
    assert ann.post("/auth/logout/").status_code == 204
    assert ann.get("/auth/user-info/").status_code == 200


@pytest.mark.parametrize("scheme", ["JWT", "jwt", "Jwt"])
def test_jwt_header(anybody, scheme):
    """A JWT counts under its scheme in any case."""
    token = login(anybody).json()["jwt"]
    reply = anybody.get("/org/", headers={"Authorization": f"{scheme} {token}"})
    assert reply.status_code == 200


def test_token_header(anybody):
    """The lasting token counts, and is the same at every login."""
    token = login(anybody).json()["token"]
    assert login(anybody).json()["token"] == token
    reply = anybody.get("/auth/token/", headers={"Authorization": f"Token {token}"})
    assert reply.json()["token"] == token


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (None, "Authentication credentials were not provided."),
        ("Bearer abc", "Authentication credentials were not provided."),
        ("JWT", "Invalid Authorization header. No credentials provided."),
        (
            "JWT a b",
            "Invalid Authorization header. Credentials string should not contain spaces.",
        ),
        ("JWT abc", "Error decoding signature."),
        ("JWT a.b.\xe9", "Error decoding signature."),
        ("Token", "Invalid token header. No credentials provided."),
        ("Token abc", "Invalid token."),
    ],
)
def test_bad_header_is_401(anybody, header, text):
    """Credentials that do not count are 401 with the reason and a challenge."""
    reply = anybody.get("/org/", headers={"Authorization": header and header.encode("latin-1")})
    assert (reply.status_code, reply.json()) == (401, {"detail": text})
    assert reply.headers["WWW-Authenticate"] == CHALLENGE


def test_inactive_user_is_401(cloud, client_of):
    """A token of a user who was switched off does not count."""
    client = client_of("off")
    assert client.get("/org/").json() == {"detail": "User account is disabled."}


def test_foreign_signature_is_401(cloud, anybody):
    """A token of another cloud does not count here."""
    other = Signer(b"other", 60, lambda: 0).issue({"id": 1, "username": "ann", "email": "x"})
    reply = anybody.get("/org/", headers={"Authorization": f"JWT {other}"})
    assert reply.json() == {"detail": "Error decoding signature."}


def test_jwt_expires(ann, clock):
    """A JWT ends after seven days, to the second."""
    clock[0] += WEEK - 1
    assert ann.get("/org/").status_code == 200
    clock[0] += 1
    assert ann.get("/org/").json() == {"detail": "Signature has expired."}


def test_user_info_of_nobody_is_403(anybody):
    """Without credentials user-info is a 403 with a string."""
    reply = anybody.get("/auth/user-info/")
    assert (reply.status_code, reply.json()) == (403, "User not recognized.")


def test_user_info_checks_a_given_token(anybody):
    """A bad token is 401 even where none is needed."""
    reply = anybody.get("/auth/user-info/", headers={"Authorization": "JWT x"})
    assert reply.status_code == 401


@pytest.mark.parametrize("name", ["ann", "ann@example.com"])
@pytest.mark.parametrize("form", ["json", "data"])
def test_jwt_login(anybody, name, form):
    """The JWT form takes a user name or an address, as JSON or as a form."""
    body = {"username": name, "password": "ann-secret"}
    assert "token" in anybody.post("/auth/api-jwt-auth/", **{form: body}).json()


def test_jwt_login_refused(anybody):
    """A wrong password is 400 on the JWT form."""
    reply = anybody.post("/auth/api-jwt-auth/", json={"username": "ann", "password": "x"})
    assert reply.status_code == 400
    text = "Unable to log in with provided credentials."
    assert reply.json() == {"non_field_errors": [text]}


def test_jwt_forms_ignore_header_and_tail(anybody):
    """The JWT forms look at no header, and at nothing behind their slash."""
    body = {"username": "ann", "password": "ann-secret"}
    headers = {"Authorization": "JWT bad"}
    reply = anybody.post("/auth/api-jwt-auth/tail", json=body, headers=headers)
    assert reply.status_code == 200


def test_verify(cloud, anybody):
    """Verifying answers the same token."""
    token = login(anybody).json()["jwt"]
    assert anybody.post("/auth/api-jwt-verify/", json={"token": token}).json() == {"token": token}


def test_refresh_keeps_the_first_login(cloud, anybody, clock):
    """A renewed token lasts a week from now and remembers the first login."""
    first = login(anybody).json()["jwt"]
    clock[0] += 1000
    renewed = anybody.post("/auth/api-jwt-refresh/", json={"token": first}).json()["token"]
    claims = cloud.engine.signer.read(renewed)
    assert (claims["orig_iat"], claims["exp"]) == (clock[0] - 1000, clock[0] + WEEK)


def test_refresh_of_an_expired_token_is_400(anybody, clock):
    """A token that has ended cannot be renewed."""
    token = login(anybody).json()["jwt"]
    clock[0] += WEEK
    reply = anybody.post("/auth/api-jwt-refresh/", json={"token": token})
    assert reply.json() == {"non_field_errors": ["Signature has expired."]}


def test_refresh_window_ends(cloud, anybody, clock):
    """Half a year after the first login nothing is renewed."""
    signer = cloud.engine.signer
    user = cloud.engine.store.get("account", "ann")
    token = signer.issue(user, int(clock[0]) - 181 * 86400)
    reply = anybody.post("/auth/api-jwt-refresh/", json={"token": token})
    assert reply.json() == {"non_field_errors": ["Refresh has expired."]}


@given(st.text())
def test_any_text_is_a_token_or_a_token_error(text):
    """Reading a token never fails in any other way."""
    with pytest.raises(TokenError):
        Signer(b"other", 60, lambda: 0).read(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_password_round_trip(password):
    """A password fits its own hash and no other."""
    stored = hash_password(password, durable=False)
    assert check_password(password, stored)
    assert not check_password(password + "x", stored)


DEVICE = "/device/d--0000-0000-0000-000a"


@pytest.mark.parametrize("scheme", ["a-jwt", "A-JWT"])
def test_device_token_acts_as_who_claimed_it(ann, anybody, scheme):
    """A device's token is good for everything that its user may do, and never ends."""
    token = ann.get(f"{DEVICE}/key/?type=a-jwt").json()["key"]
    reply = anybody.get("/auth/user-info/", headers={"Authorization": f"{scheme} {token}"})
    assert reply.json()["slug"] == "ann"


def test_device_token_never_ends(ann, anybody, clock):
    """Years later a device's token still counts."""
    token = ann.get(f"{DEVICE}/key/?type=a-jwt").json()["key"]
    clock[0] += 500 * WEEK
    assert anybody.get("/org/", headers={"Authorization": f"a-jwt {token}"}).status_code == 200


@pytest.mark.parametrize(
    ("scheme", "claims", "text"),
    [
        ("a-jwt", {"username": "ann"}, "Invalid payload."),
        ("a-jwt", {"user": "zed", "device": "d"}, "Invalid signature."),
        ("a-jwt", {"user": "off", "device": "d"}, "User account is disabled."),
        ("JWT", {"user": "ann", "device": "d"}, "Invalid payload."),
        ("JWT", {"username": "zed"}, "Invalid signature."),
    ],
)
def test_token_of_the_wrong_kind_is_401(cloud, anybody, scheme, claims, text):
    """A good signature is not enough: the claims must be those of the scheme."""
    header = f"{scheme} {cloud.engine.signer.sign(claims)}"
    reply = anybody.get("/org/", headers={"Authorization": header})
    assert (reply.status_code, reply.json()) == (401, {"detail": text})


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("a-jwt", "Invalid Authorization header. No credentials provided."),
        ("a-jwt abc", "Error decoding signature."),
        ("Token a b", "Invalid token header. Token string should not contain spaces."),
        ("Token \xe9", "Invalid token header. Token string should not contain invalid characters."),
    ],
)
def test_bad_header_of_other_schemes(anybody, header, text):
    """Each scheme has its own words."""
    reply = anybody.get("/org/", headers={"Authorization": header.encode("latin-1")})
    assert (reply.status_code, reply.json()) == (401, {"detail": text})


KEY = "REALCLOU.0123456789abcdef0123456789abcdef"


@pytest.fixture
def keyed_cloud(description, clock):
    """The small cloud with a good and a revoked key of an organisation."""
    keys = [{"org": "acme", "key": KEY}, {"org": "acme", "key": f"X{KEY}", "revoked": True}]
    with LocalCloud(load=[{**description, "api_keys": keys}], clock=lambda: clock[0]) as cloud:
        yield cloud


@pytest.mark.parametrize(
    ("method", "path", "header", "status"),
    [
        ("GET", "/vartype/", f"Api-Key {KEY}", 200),
        ("HEAD", "/vartype/", f"Api-Key {KEY}", 200),
        ("GET", "/dt/", f"Api-Key {KEY}", 200),
        ("GET", "/sg/", f"Api-Key {KEY}", 200),
        ("GET", "/production/device/", f"Api-Key {KEY}", 200),
        ("POST", "/production/device/", f"Api-Key {KEY}", 401),
        ("GET", "/org/", f"Api-Key {KEY}", 401),
        ("POST", "/vartype/", f"Api-Key {KEY}", 401),
        ("GET", "/vartype/", f"api-key {KEY}", 401),
        ("GET", "/vartype/", f"Api-Key X{KEY}", 401),
        ("GET", "/vartype/", "Api-Key zzz", 401),
        ("GET", "/vartype/", "Api-Key", 401),
    ],
)
def test_key_of_an_organisation(keyed_cloud, method, path, header, status):
    """A key counts for reading a few resources; elsewhere it is no credential."""
    headers = {"Host": "x", "Authorization": header}
    reply = keyed_cloud.engine.handle(Request(method, f"/api/v1{path}", headers=headers))
    assert reply.status == status


def test_key_is_not_stored_plain(keyed_cloud):
    """What is kept of a key is a hash."""
    assert KEY not in str(list(keyed_cloud.engine.store.all("api_key")))


def test_others_are_answered_while_a_password_is_checked(client_of, monkeypatch):
    """Hashing, which takes long where a file keeps the passwords, holds nobody up."""
    hashing, answered = threading.Event(), threading.Event()
    real = hashlib.pbkdf2_hmac

    def slow(*args):
        hashing.set()
        answered.wait(5)
        return real(*args)

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", slow)
    with ThreadPoolExecutor() as pool:
        told = pool.submit(login, client_of(None))
        hashing.wait(5)
        assert client_of(None).get("/server/", timeout=4).status_code == 200
        answered.set()
    assert told.result().status_code == 200


def test_password_that_changes_during_the_check_does_not_count(cloud, anybody, monkeypatch):
    """An account that is switched off while its password is checked is not logged in."""
    store = cloud.engine.store
    real = hashlib.pbkdf2_hmac

    def switch_off(*args):
        with store.transaction():
            store.put("account", {**store.get("account", "ann"), "is_active": False})
        return real(*args)

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", switch_off)
    assert login(anybody).status_code == 401
