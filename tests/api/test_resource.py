"""A place in the API: its path, its surface, its options."""

from __future__ import annotations

import inspect
import pickle
import re
from typing import Any, Callable
from urllib.parse import unquote
from uuid import UUID

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iotile_cloud.api import exceptions
from iotile_cloud.api.connection import Api, RestResource
from iotile_cloud.utils.gid import IOTileDeviceSlug

Client = Callable[..., Api]
BASE = "http://host/api/v1/"


def made(**settings: Any) -> RestResource:
    """Return a resource made directly, as published."""
    return RestResource(base_url=BASE, **settings)


# -- the surface -----------------------------------------------------------------------------


def test_the_names_that_are_no_resources_are_few_and_listed() -> None:
    """Every public name of the class stands in its docstring, and nothing else does."""
    listed = re.search(r"own names are `([^`]+)`", RestResource.__doc__ or "")
    assert listed is not None
    assert {name for name in dir(made()) if name[0] != "_"} == set(listed[1].split())
    assert [name for name in vars(made()) if name[0] != "_"] == []


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("__init__", "base_url, use_token=False, token_type=jwt, token=None, session=None"),
        ("__call__", "id=None, action=None"),
        ("get", "**params"),
        ("post", "data=None, **params"),
        ("put", "data=None, **params"),
        ("patch", "data=None, **params"),
        ("delete", "data=None, **params"),
        ("upload_file", "filename, data=None, mode=rb, **params"),
        ("upload_fp", "fp, data=None, **params"),
    ],
)
def test_the_published_signatures_hold(method: str, parameters: str) -> None:
    """Names, order and defaults of the arguments are as scripts use them."""
    found = []
    for parameter in list(inspect.signature(getattr(RestResource, method)).parameters.values())[1:]:
        stars = "**" if parameter.kind is parameter.VAR_KEYWORD else ""
        default = "" if parameter.default is parameter.empty else f"={parameter.default}"
        found.append(stars + parameter.name + default)
    assert ", ".join(found) == parameters


def test_the_published_store_holds_the_arguments() -> None:
    """`_store` and `_session` are read by scripts that go their own way from there."""
    with requests.Session() as session:
        resource = made(use_token=True, token_type="a-jwt", token="x", session=session)
        assert resource._store == {
            "base_url": BASE,
            "use_token": True,
            "token_type": "a-jwt",
            "token": "x",
            "session": session,
        }
        assert resource._session is session


def test_the_published_header_is_exact() -> None:
    """Content type and, with a token that is to be used, the token behind its type."""
    plain = {"Content-Type": "application/json"}
    assert made()._get_header() == plain
    assert made(token="x")._get_header() == plain
    assert made(use_token=True)._get_header() == plain
    with_token = made(use_token=True, token="x", token_type="Api-Key")._get_header()
    assert with_token == {**plain, "Authorization": "Api-Key x"}


def test_headers_of_two_resources_are_never_one_object() -> None:
    """What a caller does to one does not show in another."""
    made()._get_header()["Authorization"] = "hush"
    assert "Authorization" not in made()._get_header()


def test_a_resource_made_directly_sends_its_token(scripted: Any) -> None:
    """It needs no `Api`."""
    scripted.play(scripted.reply(200, [1]))
    with requests.Session() as session:
        resource = RestResource(
            base_url=scripted.url, use_token=True, token_type="jwt", token="x", session=session
        )
        assert resource.thing.get() == [1]
    request = scripted.requests[0]
    assert (request.path, request.headers["Authorization"]) == ("/thing/", "jwt x")


# -- the path --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (made(), ""),
        (made()(), ""),
        (made()(None), ""),
        (made().org, "org/"),
        (made().org("my-org").projects, "org/my-org/projects/"),
        (made().event(0), "event/0/"),
        (made().event("0"), "event/0/"),
        (made().event(id=7).data, "event/7/data/"),
        (made().device(IOTileDeviceSlug(1)), "device/d--0000-0000-0000-0001/"),
        (made().project(UUID(int=1)), "project/00000000-0000-0000-0000-000000000001/"),
        (made().streamer(action="report"), "streamer/report/"),
        (made().streamer("t--1", action="report"), "streamer/t--1/report/"),
        (made().streamer("t--1", "report"), "streamer/t--1/report/"),
        (made()["any-name"]("id"), "any-name/id/"),
        (made()["get"], "get/"),
        (made().org("a b/c?d#e"), "org/a%20b%2Fc%3Fd%23e/"),
        (made().org("x/"), "org/x%2F/"),
    ],
)
def test_the_path_grows_by_names_and_calls(resource: RestResource, path: str) -> None:
    """Attributes, calls and brackets each add segments, quoted once."""
    assert resource.url() == BASE + path


def test_numpy_ids_are_formatted_as_text() -> None:
    """An id out of an array is an id."""
    numpy = pytest.importorskip("numpy")
    assert made().event(numpy.int64(7)).url() == BASE + "event/7/"


def test_a_base_url_without_slash_gets_one() -> None:
    """One slash stands at the end, whatever was given."""
    assert RestResource(base_url="http://h/x").url() == "http://h/x/"


def test_a_resource_is_never_changed_by_its_children() -> None:
    """What hangs off it is another object."""
    org = made().org
    assert org("x").projects is not org
    assert org.with_options(timeout=5) is not org
    assert org.url() == BASE + "org/"


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_segments_that_a_url_cannot_hold_are_refused(segment: str) -> None:
    """A mistaken id does not become the address of the listing."""
    with pytest.raises(ValueError, match="cannot be a part of a path"):
        made().org(segment)


@pytest.mark.parametrize("name", ["_repr_html_", "__len__", "_x", "__wrapped__"])
def test_probes_of_python_are_no_resources(name: str) -> None:
    """Names that begin with an underscore are plain missing attributes."""
    with pytest.raises(AttributeError, match=f"'RestResource' object has no attribute '{name}'"):
        getattr(made(), name)


def test_a_resource_shows_its_url_and_not_its_token() -> None:
    """`repr` tells where it is."""
    assert repr(made(token="hush", use_token=True).org) == f"<RestResource {BASE}org/>"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_id_arrives_as_it_was(scripted: Any, client: Client, text: str) -> None:
    """What the server unquotes is what the caller wrote."""
    if text in (".", ".."):
        return
    scripted.play(scripted.reply())
    client().thing(text).get()
    path = scripted.requests[-1].path
    assert path.count("/") == 5
    assert unquote(path) == f"/api/v1/thing/{text}/"


# -- options ---------------------------------------------------------------------------------


def test_raw_returns_the_reply_whatever_its_status(scripted: Any, client: Client) -> None:
    """No verb raises for a status, nor decodes."""
    scripted.play(always=scripted.reply(404, b"gone"))
    raw = client(strict_delete=True).org("x").raw
    for reply in (raw.get(), raw.post({}), raw.put({}), raw.patch({}), raw.delete()):
        assert isinstance(reply, requests.Response)
        assert (reply.status_code, reply.content) == (404, b"gone")


def test_options_hold_for_what_hangs_off_a_resource(scripted: Any, client: Client) -> None:
    """Headers, timeout and retries go along, and the original stays as it is."""
    scripted.play(always=scripted.reply(503))
    org = client().org
    quick = org.with_options(retries=0, headers={"X-Trace": "1"}).with_options(timeout=5)
    with pytest.raises(exceptions.HttpServerError):
        quick("x").get()
    assert [request.headers["X-Trace"] for request in scripted.requests] == ["1"]
    with pytest.raises(exceptions.HttpServerError):
        org("x").get()
    assert [request.headers["X-Trace"] for request in scripted.requests] == ["1"] + [None] * 4


def test_a_timeout_can_be_set_for_a_call(scripted: Any, client: Client) -> None:
    """It replaces that of the `Api`."""
    scripted.play(None)
    with pytest.raises(exceptions.ReadTimeout):
        client(timeout=None).org.with_options(timeout=(5, 0.05), retries=0).get()


@pytest.mark.parametrize("option", [{"timeout": 0}, {"retries": -1}])
def test_options_that_make_no_sense_are_refused(option: Any) -> None:
    """At once, not at the first call."""
    with pytest.raises(ValueError, match=f"{next(iter(option))} must be"):
        made().with_options(**option)


def test_a_resource_pickles(scripted: Any) -> None:
    """The copy has the same place and token, and opens its own connections."""
    scripted.play(scripted.reply(200, [1]))
    with requests.Session() as session:
        resource = RestResource(scripted.url, True, "jwt", "x", session).thing
        copied = pickle.loads(pickle.dumps(resource))
    assert copied.url() == resource.url()
    with copied._session:
        assert copied.get() == [1]
    assert scripted.requests[0].headers["Authorization"] == "jwt x"
