"""The mock cloud's logins, and which routes look at the token."""

from __future__ import annotations

import pytest
import requests

from iotile_cloud import Api

DEVICE = "d--0000-0000-0000-0001"
TOKEN = {"Authorization": "jwt JWT_USER"}


def test_login_answers_exactly_the_address_and_the_token(url):
    """The body has two fields."""
    body = {"email": "test@arch-iot.com", "password": "test"}
    reply = requests.post(url + "auth/login/", json=body, timeout=5)
    assert reply.status_code == 200
    assert reply.json() == {"username": "test@arch-iot.com", "jwt": "JWT_USER"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"email": "test@arch-iot.com", "password": "x"}', 401),
        ('{"email": "nobody", "password": "test"}', 401),
        ('{"email": "test@arch-iot.com"}', 400),
        ('{"email": 5, "password": []}', 400),
        ("[]", 400),
        ("{", 400),
        ("", 400),
    ],
)
def test_bad_login_is_refused(url, body, status):
    """Wrong credentials are a 401, a broken body is a 400 and no 500."""
    assert requests.post(url + "auth/login/", data=body, timeout=5).status_code == status


def test_client_logs_in_renews_its_token_and_logs_out(served):
    """The whole life of a session works."""
    with Api(served[0]) as api:
        assert not api.login("wrong", "test@arch-iot.com")
        assert api.login("test", "test@arch-iot.com")
        assert (api.username, api.token) == ("test@arch-iot.com", "JWT_USER")
        assert api.refresh_token()
        assert api.account.get()["results"][0]["email"] == "test@arch-iot.com"
        api.logout()
        assert api.token is None


def test_another_token_is_not_renewed(url):
    """Only the one token counts."""
    reply = requests.post(url + "auth/api-jwt-refresh/", json={"token": "x"}, timeout=5)
    assert reply.status_code == 400


@pytest.mark.parametrize("path", ["account/", f"device/{DEVICE}/", f"device/{DEVICE}/extra/"])
@pytest.mark.parametrize("header", [{}, {"Authorization": "jwt X"}, {"Authorization": "Api-Key X"}])
def test_single_objects_need_the_token(url, path, header):
    """So does the account."""
    assert requests.get(url + path, headers=header, timeout=5).status_code == 401
    assert requests.get(url + path, headers=TOKEN, timeout=5).status_code == 200


@pytest.mark.parametrize("path", ["device/", "data/", "df/", "streamer/report/", "server/"])
def test_listings_and_readings_need_no_token(url, path):
    """As the mock always was."""
    assert requests.get(url + path, timeout=5).status_code == 200
