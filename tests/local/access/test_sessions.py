"""Sessions of browsers: what the cookies of a login count for, and when no more."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy

import pytest

FORTNIGHT = 14 * 86400


def log_in(client, name="ann"):
    body = {"email": f"{name}@example.com", "password": f"{name}-secret"}
    return client.post("/auth/login/", json=body)


@pytest.fixture
def browser(client_of):
    """A client that keeps cookies, logged in as ann."""
    client = client_of(None)
    client.cookies.set_policy(DefaultCookiePolicy())
    assert log_in(client).status_code == 200
    return client


def csrf(client):
    return {"X-CSRFToken": client.cookies["csrftoken"]}


def test_session_is_a_credential(browser):
    """The cookie alone says who asks."""
    assert browser.get("/auth/user-info/").json()["slug"] == "ann"


def test_unknown_scheme_leaves_it_to_the_session(browser):
    """A header that no authenticator knows does not hide the session."""
    assert browser.get("/org/", headers={"Authorization": "Bearer x"}).status_code == 200


def test_bad_token_beats_the_session(browser):
    """A header that is recognised decides, also when it is bad."""
    assert browser.get("/org/", headers={"Authorization": "JWT x"}).status_code == 401


def test_session_is_of_its_user_and_the_token_of_its_own(browser, cloud):
    """With both, the token says who asks."""
    eve = cloud.engine.signer.issue(cloud.engine.store.get("account", "eve"))
    reply = browser.get("/auth/user-info/", headers={"Authorization": f"JWT {eve}"})
    assert reply.json()["slug"] == "eve"


@pytest.mark.parametrize(
    ("cookie", "header", "text"),
    [
        (False, False, "CSRF Failed: CSRF cookie not set."),
        (True, False, "CSRF Failed: CSRF token missing or incorrect."),
        (False, True, "CSRF Failed: CSRF cookie not set."),
    ],
)
def test_write_needs_the_csrf_token(browser, cookie, header, text):
    """A writing request of a session repeats its cookie in a header, or is 403."""
    headers = csrf(browser) if header else {}
    if not cookie:
        browser.cookies.clear(browser.cookies.list_domains()[0], "/", "csrftoken")
    reply = browser.post("/auth/logout/", headers=headers)
    assert (reply.status_code, reply.json()) == (403, {"detail": text})


def test_write_with_a_token_needs_no_csrf_token(browser, cloud):
    """Whoever has a token cannot be tricked by a page, and is not asked."""
    token = cloud.engine.signer.issue(cloud.engine.store.get("account", "ann"))
    reply = browser.post("/auth/logout/", headers={"Authorization": f"JWT {token}"})
    assert reply.status_code == 204


def test_login_with_only_a_session_is_a_csrf_failure(browser):
    """A second login from the same browser fails at the check for forgery."""
    assert log_in(browser).json()["detail"].startswith("CSRF Failed")


def test_jwt_forms_look_at_no_session(browser):
    """The JWT forms have no authenticators, so no check for forgery either."""
    body = {"username": "ann", "password": "ann-secret"}
    assert browser.post("/auth/api-jwt-auth/", json=body).status_code == 200


def test_logout_ends_the_session(browser):
    """After a logout the old cookie counts no more, and the browser is told to drop it."""
    cookie = {"Cookie": f"sessionid={browser.cookies['sessionid']}"}
    reply = browser.post("/auth/logout/", headers=csrf(browser))
    assert reply.status_code == 204
    assert "Max-Age=0" in reply.headers["Set-Cookie"]
    assert "sessionid" not in browser.cookies
    assert browser.get("/org/", headers=cookie).status_code == 401


def test_session_ends_after_a_fortnight(browser, clock):
    """A session ends by the clock of the cloud, and the next login forgets it."""
    clock[0] += FORTNIGHT - 1
    assert browser.get("/org/").status_code == 200
    clock[0] += 1
    assert browser.get("/org/").status_code == 401


def test_ended_sessions_are_forgotten(cloud, anybody, clock):
    """A login leaves no sessions behind that have ended."""
    log_in(anybody)
    clock[0] += FORTNIGHT
    log_in(anybody)
    assert len(list(cloud.engine.store.all("session"))) == 1


def test_session_of_a_user_switched_off_is_nobody(browser, cloud):
    """A session counts as long as its user is active."""
    user = cloud.engine.store.get("account", "ann")
    cloud.engine.store.put("account", {**user, "is_active": False})
    assert browser.get("/org/").status_code == 401


def test_cookie_is_sent_again_on_first_use(browser):
    """The server writes into a session when it is used first, and sends its cookie again."""
    told = [browser.get("/org/").headers.get("Set-Cookie", "") for _ in range(2)]
    assert told[0].startswith("sessionid=")
    assert told[1] == ""


@pytest.mark.parametrize("value", ["x", "", "a=b; c", '"', "\x80"])
def test_unknown_session_is_nobody(anybody, value):
    """A cookie that names no session is passed over."""
    headers = {"Cookie": f"sessionid={value}".encode("latin-1")}
    assert anybody.get("/org/", headers=headers).status_code == 401


def test_variable_types_may_be_kept_by_browsers(browser, ann):
    """Only the answer to a session says that it may be kept, for a quarter of an hour."""
    assert browser.get("/vartype/temp/").headers["Cache-Control"] == "max-age=900"
    assert "Cache-Control" not in browser.get("/vartype/nope/").headers
    assert "Cache-Control" not in ann.get("/vartype/temp/").headers
