"""The mock cloud whole: its routes, counters and faults, and what breaks none of it."""

from __future__ import annotations

import re

import pytest
import requests

from iotile_cloud import Api
from iotile_cloud.api.exceptions import HttpClientError, HttpNotFoundError

TOKEN = {"Authorization": "jwt JWT_USER"}
DEVICE = "d--0000-0000-0000-0001"
BODIES = [
    b"",
    b"{",
    b"[]",
    b"5",
    b'"x"',
    b"null",
    b'{"name": {}, "label": [], "device": {}}',
    b"\xff",
]
BODIES += [b"[" * 100_000, b'{"email": "\\ud800", "password": "", "token": 1e999}', b"\0"]
ODD = ["x", "\ud800", "1" * 400, "é", "d--", "s------", "{}"]


def test_requests_and_unknown_paths_are_counted(served, api):
    """An unknown path is a 404 and counts twice; an unknown record is no such error."""
    domain, cloud = served
    before = cloud.request_count
    with pytest.raises(HttpNotFoundError):
        api.nothing.get()
    with pytest.raises(HttpNotFoundError):
        api.device("d--0009").get()
    assert requests.get(domain + "/", timeout=5).status_code == 404
    assert cloud.request_count == before + 3
    assert cloud.error_count == 2


def test_a_test_may_add_a_route(api, cloud):
    """`apis` is what is looked at for each request."""
    from iotile_cloud.local.rules.fields import Route
    from iotile_cloud.local.web.messages import json_reply

    route = Route("/mine/<key>/", {"GET": lambda call: json_reply(call.path["key"])}, access="open")
    cloud.apis.append(route)
    try:
        assert api.mine("x").get() == "x"
    finally:
        cloud.apis.remove(route)
    with pytest.raises(HttpNotFoundError):
        api.mine("x").get()


def test_faults_strike_as_on_the_embedded_cloud(served, cloud):
    """Until the cloud is reset."""
    with Api(served[0], retries=0) as api:
        cloud.faults.add("/device/", status=503)
        with pytest.raises(Exception, match="503"):
            api.device.get()
        cloud.reset()
        assert api.device.get()["count"] == 0


def test_ended_token_comes_back_with_a_login(served, cloud):
    """A client can be tested on the end of its token."""
    with Api(served[0]) as api:
        api.login("test", "test@arch-iot.com")
        cloud.faults.add("/account/", expire_tokens=True, times=1)
        with pytest.raises(HttpClientError, match="401"):
            api.account.get()
        assert api.login("test", "test@arch-iot.com")
        assert api.account.get()["count"] == 1


def test_no_request_makes_it_fail(cloud, folder):
    """Whatever the route, the key, the body and the arguments: never a 500."""
    from iotile_cloud.local.web.messages import Request
    from iotile_cloud.mock.rows import with_loose_paths

    headers = {"Host": "localhost", **TOKEN}
    failed = []
    for route in with_loose_paths(cloud.apis):
        paths = {route.prefix + re.sub("<[a-z:]*>", key, route.path) for key in [*ODD, DEVICE]}
        for path in paths:
            for method in (*route.handlers, "DELETE", "HEAD", "OPTIONS"):
                bodies = BODIES if method in ("POST", "PATCH") else [b""]
                for body in bodies:
                    query = "filter=%ff&device=d--&project=%00&page_size=-1&format=&timestamp=9"
                    request = Request(method, path, query, headers, body)
                    if cloud.handle(request).status >= 500:
                        failed.append((method, path, body[:20]))
    assert failed == []
