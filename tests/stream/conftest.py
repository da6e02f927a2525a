"""What the tests of streams share: a server whose pages the test writes."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from iotile_cloud.api._session import CloudAdapter
from iotile_cloud.api.connection import Api


@pytest.fixture
def pages(scripted):
    """A function that makes an `Api` whose requests are answered with given replies in turn.

    `pages.asked()` returns the arguments of each request.
    """

    def play(*replies, always=b""):
        def step(reply):
            return reply if isinstance(reply, bytes) else scripted.reply(200, reply)

        scripted.play(*map(step, replies), always=step(always))
        api = Api(scripted.url)
        api.session.mount("http://", CloudAdapter(sleep=lambda seconds: None))
        return api

    play.asked = lambda: [dict(parse_qsl(urlsplit(one.path).query)) for one in scripted.requests]
    play.paths = lambda: [urlsplit(one.path).path for one in scripted.requests]
    return play
