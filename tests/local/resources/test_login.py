"""The routes that log in and out: sessions, passwords, bodies that are always JSON."""

from __future__ import annotations

import pytest

PAIR = {"email": "ann@example.com", "password": "ann-secret"}


def test_login_reads_json_whatever_its_type(anybody):
    """JSON counts as JSON, also when its content type says something else."""
    headers = {"Content-Type": "text/plain"}
    body = '{"email": "ann@example.com", "password": "ann-secret"}'
    assert anybody.post("/auth/login/", data=body, headers=headers).status_code == 200


@pytest.mark.parametrize("body", [b"", b"email=a", b"\xff"])
def test_login_of_no_json_is_400(anybody, body):
    """Whatever is no JSON is refused as such."""
    reply = anybody.post("/auth/login/", data=body)
    assert reply.status_code == 400
    assert reply.json()["detail"].startswith("JSON parse error - ")


def test_login_does_not_take_a_user_name(anybody):
    """The form wants an address."""
    reply = anybody.post("/auth/login/", json={**PAIR, "email": "ann"})
    assert reply.json() == {"email": ["Enter a valid email address."]}


def test_cookies_of_a_login(anybody):
    """Both cookies are out of reach of scripts and last as long as the server says."""
    told = anybody.post("/auth/login/", json=PAIR).raw.headers.getlist("Set-Cookie")
    parts = [set(cookie.split("; ")) for cookie in told]
    assert [cookie.partition("=")[0] for cookie in told] == ["csrftoken", "sessionid"]
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=31449600"} <= parts[0]
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=1209600"} <= parts[1]


def test_failed_login_leaves_no_session(anybody, cloud):
    """A refusal sets no cookie and keeps nothing."""
    reply = anybody.post("/auth/login/", json={**PAIR, "password": "x"})
    assert "Set-Cookie" not in reply.headers
    assert list(cloud.engine.store.all("session")) == []


def test_logout_by_token_touches_no_cookie(ann):
    """Without a cookie there is none to take away."""
    assert "Set-Cookie" not in ann.post("/auth/logout/").headers


def test_logout_of_nobody_is_401(anybody):
    """Whoever is not logged in cannot log out."""
    assert anybody.post("/auth/logout/").status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        ({"email": "Ann@example.com"}, 200, {"detail": "Password reset e-mail has been sent."}),
        ({"email": "x@y.com"}, 400, {"detail": "No account associated to that email address"}),
        ({"email": "x"}, 400, {"email": ["Enter a valid email address."]}),
        ({}, 400, {"email": ["This field is required."]}),
    ],
)
def test_password_reset(anybody, body, status, answer):
    """A reset says whether there is such an account."""
    reply = anybody.post("/auth/password/reset/", json=body)
    assert (reply.status_code, reply.json()) == (status, answer)


@pytest.mark.parametrize("route", ["verify", "refresh"])
def test_device_token_is_no_login(ann, anybody, route):
    """A device's token names no user to log in."""
    path = "/device/d--0000-0000-0000-000a/key/?type=a-jwt"
    body = {"token": ann.get(path).json()["key"]}
    reply = anybody.post(f"/auth/api-jwt-{route}/", json=body)
    assert (reply.status_code, reply.json()) == (400, {"non_field_errors": ["Invalid payload."]})


@pytest.mark.parametrize(
    ("username", "text"), [("zed", "User doesn't exist."), ("off", "User account is disabled.")]
)
@pytest.mark.parametrize("route", ["verify", "refresh"])
def test_token_of_no_user_is_400(cloud, anybody, route, username, text):
    """A token counts as long as its user is there and active."""
    token = cloud.engine.signer.sign({"username": username, "orig_iat": 0})
    reply = anybody.post(f"/auth/api-jwt-{route}/", json={"token": token})
    assert (reply.status_code, reply.json()) == (400, {"non_field_errors": [text]})
