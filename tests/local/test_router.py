"""Paths lead to routes: literal segments first, placeholders else."""

from __future__ import annotations

import pytest

from iotile_cloud.local.router import Router
from iotile_cloud.local.rules.fields import Route

PATHS = (
    "/",
    "/streamer/",
    "/streamer/<key>/",
    "/streamer/<key>/report/",
    "/streamer/report/",
    "/streamer/report/<key>/",
    "/auth/verify/<path:rest>",
    "/s3/<bucket>",
    "/s3/<bucket>/<path:key>",
)
ROUTER = Router(Route(path, {}) for path in PATHS)


@pytest.mark.parametrize(
    ("path", "route", "parts"),
    [
        ("/", "/", {}),
        ("/streamer/", "/streamer/", {}),
        ("/streamer/t/", "/streamer/<key>/", {"key": "t"}),
        ("/streamer/report/", "/streamer/report/", {}),
        ("/streamer/report/report/", "/streamer/report/<key>/", {"key": "report"}),
        ("/streamer/t/report/", "/streamer/<key>/report/", {"key": "t"}),
        ("/auth/verify/a/b/", "/auth/verify/<path:rest>", {"rest": "a/b/"}),
        ("/s3/b", "/s3/<bucket>", {"bucket": "b"}),
        ("/s3/b/c/d", "/s3/<bucket>/<path:key>", {"bucket": "b", "key": "c/d"}),
    ],
)
def test_path_has_a_route(path, route, parts):
    """A path leads to the route that says it most literally."""
    found = ROUTER.match("/api/v1" + path)
    assert found is not None
    assert (found[0].path, found[1]) == (route, parts)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/api/v1",
        "//api/v1/",
        "/api/v1/streamer",
        "/api/v1/streamer//",
        "/api/v1/streamer/t//",
        "/api/v1/streamer/t/other/",
        "/api/v1/</",
        "/api/v1/streamer/</report/x/",
        "/api/v1/auth/verify/",
        "/api/v1/auth/verify//a",
        "/api/v1/s3/",
        "/api/v1/<path:/",
    ],
)
def test_other_paths_have_none(path):
    """A path that misses a segment, or has an empty or an unknown one, leads nowhere."""
    assert ROUTER.match(path) is None
