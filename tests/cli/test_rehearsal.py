"""Tests for iotile_cloud.cli._rehearsal."""

from __future__ import annotations

import io
from typing import Any

import pytest

from iotile_cloud import Api
from iotile_cloud.cli._rehearsal import NothingSent, rehearse


def shown_of(upload: bytes | None) -> dict[str, Any]:
    """Return what is shown of a request, an upload if there is something to upload."""
    shown: list[Any] = []
    with Api("https://iotile.cloud") as api:
        api.set_token("a-secret")
        rehearse(api, shown.append)
        with pytest.raises(NothingSent):
            api.thing.upload_fp(io.BytesIO(upload)) if upload else api.thing.get(a=[1, 2])
    [only] = shown
    return dict(only)


def test_a_request_is_shown_as_the_session_made_it() -> None:
    """Method, whole URL and headers are there; the token is not."""
    shown = shown_of(None)
    assert shown["method"] == "GET"
    assert shown["url"] == "https://iotile.cloud/api/v1/thing/?a=1&a=2"
    assert shown["body"] is None
    assert "User-Agent" in shown["headers"]
    assert "secret" not in str(shown)


@pytest.mark.parametrize("size", [10, 5_000_000])
def test_of_an_upload_its_size_is_shown(size: int) -> None:
    """The content of a file is nothing for a terminal."""
    body = shown_of(b"x" * size)["body"]
    assert body.endswith(" bytes of multipart/form-data>")
    assert int(body[1:].partition(" ")[0].replace(",", "")) > size
