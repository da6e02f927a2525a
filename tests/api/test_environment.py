"""Tests for iotile_cloud.api._environment."""

from __future__ import annotations

import pytest
from requests.utils import get_environ_proxies

from iotile_cloud.api import _environment
from iotile_cloud.api._environment import environ_proxies
from iotile_cloud.api._session import CloudSession

URL = "http://cloud.example:8000/api/v1/stream/"


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "no_proxy"])
def test_a_change_of_the_environment_is_seen_at_once(monkeypatch, name):
    """A proxy that a script sets counts for its next request."""
    monkeypatch.setenv("https_proxy", "http://always:1")
    before = environ_proxies(URL)
    monkeypatch.setenv(name, "cloud.example")
    assert environ_proxies(URL) == get_environ_proxies(URL) != before


def test_each_place_has_its_own_proxies(monkeypatch):
    """An exception for one host and port is none for another."""
    monkeypatch.setenv("http_proxy", "http://proxy:1")
    monkeypatch.setenv("no_proxy", "cloud.example:8000")
    assert environ_proxies(URL) == {}
    assert environ_proxies("http://cloud.example:8001/")["http"] == "http://proxy:1"
    assert environ_proxies("http://cloud.example")["http"] == "http://proxy:1"


def test_what_other_places_say_is_looked_up_again(monkeypatch):
    """Settings of the system count after some seconds."""
    monkeypatch.setattr(_environment, "get_environ_proxies", lambda url: {"http": "http://old:1"})
    monkeypatch.setattr(_environment.time, "monotonic", lambda: 1e9)
    assert environ_proxies(URL) == {"http": "http://old:1"}
    monkeypatch.setattr(_environment, "get_environ_proxies", lambda url: {"http": "http://new:1"})
    assert environ_proxies(URL) == {"http": "http://old:1"}
    monkeypatch.setattr(_environment.time, "monotonic", lambda: 1e9 + _environment._SECONDS)
    assert environ_proxies(URL) == {"http": "http://new:1"}


def test_what_a_caller_does_to_them_stays_with_him(monkeypatch):
    """The proxies of one request are not those of the next."""
    monkeypatch.setenv("http_proxy", "http://proxy:1")
    environ_proxies(URL).clear()
    assert environ_proxies(URL)["http"] == "http://proxy:1"


@pytest.mark.parametrize(
    "settings", [{}, {"http": "http://mine:1"}, {"no_proxy": "cloud.example"}, {"http": None}]
)
@pytest.mark.parametrize("bundle", ["", "/bundle.pem"])
@pytest.mark.parametrize("verify", [None, True, False, "/mine.pem"])
def test_settings_are_merged_as_requests_does(monkeypatch, settings, bundle, verify):
    """The shorter way gives what requests gives."""
    monkeypatch.setenv("http_proxy", "http://proxy:1")
    monkeypatch.setenv("CURL_CA_BUNDLE", bundle)
    session = CloudSession()
    session.proxies = {"ftp": "http://files:1"}
    theirs = super(CloudSession, session).merge_environment_settings(
        URL, dict(settings), None, verify, None
    )
    assert session.merge_environment_settings(URL, dict(settings), None, verify, None) == theirs
