"""The face of the client: settings, resources, life."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from typing import Any, Callable

import pytest
import requests
from requests.adapters import HTTPAdapter

from iotile_cloud.api import connection, exceptions
from iotile_cloud.api.connection import Api, RestResource

Client = Callable[..., Api]


# -- the surface -----------------------------------------------------------------------------


def test_the_published_constants_hold() -> None:
    """Scripts use them as default arguments."""
    assert connection.DOMAIN_NAME == "https://iotile.cloud"
    assert connection.API_PREFIX == "api/v1"
    assert connection.DEFAULT_TOKEN_TYPE == "jwt"
    assert connection.DEFAULT_HEADERS == {"Content-Type": "application/json"}


@pytest.mark.parametrize("name", exceptions.__all__)
def test_every_error_is_also_a_name_of_the_module(name: str) -> None:
    """`connection.HttpClientError` is the very same class."""
    assert getattr(connection, name) is getattr(exceptions, name)


def test_a_star_import_brings_the_published_names() -> None:
    """And it does not hide the built-in ConnectionError."""
    names: dict[str, Any] = {}
    exec("from iotile_cloud.api.connection import *", names)
    published = {"Api", "RestResource", "DOMAIN_NAME", "HttpClientError", "HttpNotFoundError"}
    assert published <= set(names)
    assert "ConnectionError" not in names


def test_the_published_arguments_hold() -> None:
    """Names and order of the five published ones, and their new defaults."""
    found = list(inspect.signature(Api).parameters.values())[:5]
    assert [(each.name, each.default) for each in found] == [
        ("domain", None),
        ("token_type", None),
        ("verify", True),
        ("timeout", (10, 60)),
        ("retries", 3),
    ]


def test_the_names_that_are_no_resources_are_few_and_listed() -> None:
    """Every public name of an `Api` stands in its docstring, and nothing else does."""
    listed = re.search(r"own names are `([^`]+)`", Api.__doc__ or "")
    assert listed is not None
    with Api() as api:
        assert {name for name in dir(api) if name[0] != "_"} == set(listed[1].split())


@pytest.mark.parametrize("domain", [None, ""])
def test_no_domain_is_the_hosted_service(domain: str | None) -> None:
    """A false domain is that of the class."""
    with Api(domain) as api:
        assert (api.domain, api.base_url) == ("https://iotile.cloud", "https://iotile.cloud/api/v1")


def test_a_slash_after_the_domain_is_dropped() -> None:
    """There is one slash between domain and prefix."""
    with Api("http://h/") as api:
        assert (api.domain, api.base_url) == ("http://h", "http://h/api/v1")


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ({"domain": "iotile.cloud"}, "must look like 'https://iotile.cloud', not 'iotile.cloud'"),
        ({"timeout": 0}, "timeout must be seconds"),
        ({"retries": -1}, "retries must be 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(setting: Any, text: str) -> None:
    """The error shows what was given and what would be right."""
    with pytest.raises(ValueError, match=text):
        Api(**setting)


def test_a_new_api_has_the_published_attributes() -> None:
    """Without a login there is no token and no user name."""
    with Api("http://h", "Api-Key", verify=False) as api:
        assert (api.token, api.username, api.expires_at) == (None, None, None)
        assert (api.token_type, api.use_token, api.resource_class) == (
            "Api-Key",
            True,
            RestResource,
        )
        assert isinstance(api.session, requests.Session)
        assert api.session.verify is False


@pytest.mark.parametrize("name", ["get", "data", "timeout", "id", "org", "raw", "each", "retries"])
def test_other_names_are_resources(name: str) -> None:
    """Also those that are methods of a resource."""
    with Api("http://h") as api:
        assert getattr(api, name).url() == f"http://h/api/v1/{name}/"
        assert isinstance(getattr(api, name), RestResource)


@pytest.mark.parametrize("name", ["login", "token", "any-name", "a/b"])
def test_brackets_reach_every_name(name: str) -> None:
    """`api['login']` is the resource of that name."""
    with Api("http://h") as api:
        assert api[name].url() == f"http://h/api/v1/{name.replace('/', '%2F')}/"


def test_probes_of_python_are_no_resources() -> None:
    """Names that begin with an underscore are plain missing attributes."""
    with Api() as api, pytest.raises(AttributeError, match="'Api' object has no attribute '_x'"):
        _ = api._x


def test_an_api_shows_its_url_and_not_its_token() -> None:
    """`repr` tells where it is."""
    with Api("http://h") as api:
        api.set_token("hush")
        assert repr(api) == "<Api http://h/api/v1>"


def test_another_service_is_a_subclass(scripted: Any, client: Client) -> None:
    """Class attributes say what is different there."""

    class Resource(RestResource):
        pass

    class Other(Api):
        prefix = "rest"
        token_type = "token"
        resource_class = Resource
        login_path = "/sign/in/"

    scripted.play(scripted.reply(200, {"token": "x"}), scripted.reply(200, {}))
    api = client(Other)
    assert api.login("secret", "me@h")
    api.thing.get()
    assert [request.path for request in scripted.requests] == ["/rest/sign/in/", "/rest/thing/"]
    assert scripted.tokens == [None, "token x"]
    assert isinstance(api.thing.part, Resource)


def test_a_service_without_tokens_gets_none(scripted: Any, client: Client) -> None:
    """`use_token = False` never sends one."""

    class Open(Api):
        use_token = False

    scripted.play(scripted.reply())
    api = client(Open)
    api.set_token("x")
    api.thing.get()
    assert scripted.tokens == [None]


def test_the_prefix_can_be_given(scripted: Any, client: Client) -> None:
    """An empty one puts resources right below the domain."""
    scripted.play(scripted.reply())
    client(prefix="").thing.get()
    assert scripted.requests[0].path == "/thing/"


def test_the_client_says_what_it_is(scripted: Any, client: Client) -> None:
    """By default its name and version, or what the caller says."""
    scripted.play(always=scripted.reply())
    client().thing.get()
    client(user_agent="mine/1").thing.get()
    first, second = (request.headers["User-Agent"] for request in scripted.requests)
    assert re.match(r"iotile-cloud/\d+\.\d+\.\d+ python-requests/", first)
    assert second == "mine/1"


def test_hooks_are_told_of_every_request(scripted: Any, client: Client) -> None:
    """Also of the login."""
    told: list[Any] = []
    scripted.play(scripted.reply(200, {}), scripted.reply(404, {}))
    api = client(
        on_request=lambda *request: told.append(request),
        on_response=lambda reply: told.append(reply.status_code),
    )
    api.login("secret", "me@h")
    api.org.raw.get()
    base = api.base_url
    assert told == [("POST", f"{base}/auth/login/"), 200, ("GET", f"{base}/org/"), 404]


# -- life ------------------------------------------------------------------------------------


def test_an_api_pickles(scripted: Any, client: Client) -> None:
    """The copy has its own token, lock and connections, and its resources ask it."""
    scripted.play(always=scripted.reply())
    api = client(strict_delete=True)
    api.session.mount("http://", HTTPAdapter())  # the recording sleep of the test does not pickle
    api.set_token("one")
    with pickle.loads(pickle.dumps(api)) as copied:
        org = copied.org
        copied.set_token("two")
        org.get()
        api.org.get()
        assert copied.base_url == api.base_url
    assert scripted.tokens == ["jwt two", "jwt one"]


def test_a_copy_has_its_own_token(scripted: Any, client: Client) -> None:
    """What is set in one does not show in the other, though they share connections."""
    scripted.play(always=scripted.reply())
    api = client()
    api.set_token("one")
    copied = copy.copy(api)
    copied.set_token("two")
    api.org.get()
    copied.org.get()
    assert scripted.tokens == ["jwt one", "jwt two"]


def test_an_api_can_be_closed_and_used_again(scripted: Any, client: Client) -> None:
    """It opens new connections."""
    scripted.play(always=scripted.reply())
    api = client()
    api.org.get()
    api.close()
    api.org.get()
    assert scripted.connections == 2


class Canned(requests.adapters.BaseAdapter):
    """An adapter as mocking libraries make them."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.sent.append(request)
        response = requests.Response()
        response.status_code, response._content = 200, b'{"slug": "x"}'
        response.headers["Content-Type"] = "application/json"
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        pass


def test_an_adapter_of_the_user_can_be_mounted() -> None:
    """Tests of scripts answer for the server that way."""
    canned = Canned()
    with Api("http://h") as api:
        api.session.mount("http://h", canned)
        api.set_token("x")
        assert api.org("x").get(staff=1) == {"slug": "x"}
    assert canned.sent[0].url == "http://h/api/v1/org/x/?staff=1"
    assert canned.sent[0].headers["Authorization"] == "jwt x"


def test_the_request_of_sessions_can_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything goes through `requests.Session.request`."""
    seen: list[tuple[str, str]] = []

    def request(_: Any, method: str, url: str, **__: Any) -> requests.Response:
        seen.append((method, url))
        response = requests.Response()
        response.status_code, response._content = 200, b'{"jwt": "x"}'
        response.headers["Content-Type"] = "application/json"
        return response

    monkeypatch.setattr(requests.Session, "request", request)
    with Api("http://h") as api:
        assert api.login("secret", "me@h") is True
        assert api.org.get() == {"jwt": "x"}
    assert seen == [("POST", "http://h/api/v1/auth/login/"), ("GET", "http://h/api/v1/org/")]


def test_a_session_of_the_users_own_is_used(scripted: Any, client: Client) -> None:
    """Replacing `api.session` changes what later calls are sent with."""
    scripted.play(always=scripted.reply(200, {}))
    api = client()
    with requests.Session() as own:
        own.headers["X-Own"] = "yes"
        api.session = own
        api.org.get()
    assert scripted.requests[0].headers["X-Own"] == "yes"


def test_before_its_init_an_api_has_no_resources() -> None:
    """A subclass that asks too early gets an AttributeError, and not an endless recursion."""
    with pytest.raises(AttributeError, match="session"):
        _ = Api.__new__(Api).session
