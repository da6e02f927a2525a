"""The fixtures, the plugin that brings them, and the mock cloud by hand."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import io
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

pytest.importorskip("werkzeug")

from iotile_cloud import Api
from iotile_cloud.api.exceptions import HttpCouldNotVerifyServerError
from iotile_cloud.utils.mock_cloud import MockIOTileCloud

PROJECT = Path(__file__).resolve().parent.parent.parent
PLUGIN = "iotile_cloud.utils.mock_cloud"
HAS_TLS = importlib.util.find_spec("cryptography") is not None
needs_tls = pytest.mark.skipif(not HAS_TLS, reason="https needs the package cryptography")


# What the fixtures yield


def test_module_shares_a_cloud_first(mock_cloud_nossl):
    """The address has no slash at its end, and the cloud is empty."""
    domain, cloud = mock_cloud_nossl
    assert domain.startswith("http://127.0.0.1:")
    assert domain[-1] != "/"
    assert cloud.users == {}
    cloud.quick_add_user()


def test_module_shares_a_cloud_second(mock_cloud_nossl):
    """What one test adds, the next one in the module finds."""
    assert "test@arch-iot.com" in mock_cloud_nossl[1].users


def test_private_cloud_is_the_same_server_emptied(mock_cloud_nossl, mock_cloud_private_nossl):
    """It is reset before the test."""
    assert mock_cloud_private_nossl == mock_cloud_nossl
    assert mock_cloud_private_nossl[1].users == {}
    mock_cloud_private_nossl[1].quick_add_user()


def test_private_cloud_is_emptied_afterwards(mock_cloud_nossl):
    """It is reset after the test, too."""
    assert mock_cloud_nossl[1].users == {}


@needs_tls
def test_https_is_for_those_who_do_not_verify(mock_cloud):
    """The certificate is of nobody; pages link to https."""
    domain, cloud = mock_cloud
    assert domain.startswith("https://127.0.0.1:")
    cloud.quick_add_user()
    cloud.quick_add_org("One")
    cloud.quick_add_org("Two")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # urllib3 warns of what is asked for here
        with Api(domain, verify=False) as api:
            assert api.login("test", "test@arch-iot.com")
            assert api.org.get(page_size=1)["next"].startswith(domain)
    with Api(domain) as api, pytest.raises(HttpCouldNotVerifyServerError):
        api.login("test", "test@arch-iot.com")


@needs_tls
def test_private_https_cloud_is_emptied(mock_cloud, mock_cloud_private):
    """It is the module's https server."""
    assert mock_cloud_private == mock_cloud
    assert mock_cloud_private[1].orgs == {}


@needs_tls
def test_https_survives_clients_that_speak_http(mock_cloud):
    """A broken handshake ends one connection, and not the server."""
    import requests

    domain, _ = mock_cloud
    with pytest.raises(requests.RequestException):
        requests.get(domain.replace("https", "http"), timeout=5)
    with Api(domain) as api, pytest.raises(HttpCouldNotVerifyServerError):
        api.org.get()


@pytest.mark.parametrize("turn", [1, 2])
def test_local_cloud_is_a_new_one_for_each_test(local_cloud, turn):
    """What one test changes, the next one does not see."""
    assert local_cloud.engine.store.is_empty
    local_cloud.engine.store.put("note", {"id": turn})
    with Api(local_cloud.url) as api:
        assert api.server.get()["stage"] == "dev"


# The plugin


def run(*arguments, folder=None, **environment):
    """Run this Python, without plugins but those that are named."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout


def run_pytest(folder, source, *arguments):
    """Run pytest with the plugin on a file with `source`."""
    (folder / "test_user.py").write_text(source)
    options = ("-p", PLUGIN, "-p", "no:cacheprovider", "-q", *arguments)
    return run("-m", "pytest", *options, folder=folder, PYTHONPATH=str(PROJECT))


def is_announced():
    """Tell whether an installation has told pytest of the plugin."""
    points = (p for found in importlib.metadata.distributions() for p in found.entry_points)
    return any(point.group == "pytest11" and point.value == PLUGIN for point in points)


@pytest.mark.skipif(not is_announced(), reason="the package is not installed")
def test_installing_the_package_announces_the_plugin(pytestconfig):
    """pytest has loaded it under the name of its entry point."""
    assert pytestconfig.pluginmanager.get_plugin("mock_cloud").__name__ == PLUGIN


def test_plugin_loads_nothing_of_others():
    """Not before a test asks for a fixture."""
    heavy = ["requests", "werkzeug", "msgpack", "sqlite3", "cryptography", "pytest_localserver"]
    code = (
        "import pytest, sys; before = set(sys.modules)\n"
        f"import {PLUGIN}\n"
        f"print({heavy!r} & (set(sys.modules) - before), sorted(set(sys.modules) - before))"
    ).replace(repr(heavy), repr(set(heavy)))
    status, text = run("-c", code)
    assert status == 0, text
    assert text.startswith("set()")
    loaded = text[6:]
    assert "iotile_cloud.mock.cloud" not in loaded
    assert all(name.startswith("'iotile_cloud") for name in loaded.strip(" []\n").split(", "))


@pytest.mark.parametrize("missing", ["pytest", "werkzeug", "msgpack", "cryptography"])
def test_plugin_loads_without_an_extra(missing):
    """Whatever is missing, the import works; what needs it says which extra brings it."""
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        f"from {PLUGIN} import MockIOTileCloud\n"
        "try:\n"
        "    with MockIOTileCloud().serving(tls=True): print('served')\n"
        "except RuntimeError as error: print(error)"
    )
    status, text = run("-W", "error", "-c", code)
    assert status == 0, text
    expected = "served" if missing == "pytest" and HAS_TLS else "iotile_cloud[mock]"
    assert expected in text


def test_unknown_name_is_an_attribute_error():
    """As of every module."""
    with pytest.raises(AttributeError, match="MockCloud"):
        importlib.import_module(PLUGIN).MockCloud  # noqa: B018


def test_plugin_is_clean_in_a_strict_suite(tmp_path):
    """Warnings as errors, unclosed sockets and databases included."""
    source = (
        "import gc\n"
        "def test(mock_cloud_private_nossl, local_cloud):\n"
        "    import requests\n"
        "    domain, cloud = mock_cloud_private_nossl\n"
        "    assert requests.get(domain + '/api/v1/device/').json()['count'] == 0\n"
        "def test_again(mock_cloud_nossl):\n"
        "    gc.collect()\n"
    )
    status, text = run_pytest(tmp_path, source, "-W", "error")
    assert status == 0, text


def test_plugin_stands_beside_pytest_localserver(tmp_path):
    """Its fixtures httpserver and httpsserver stay its own."""
    pytest.importorskip("pytest_localserver")
    source = (
        "def test(httpserver, mock_cloud_nossl):\n"
        "    assert type(httpserver).__module__.startswith('pytest_localserver')\n"
        "    assert mock_cloud_nossl[0] != httpserver.url\n"
    )
    status, text = run_pytest(tmp_path, source, "-p", "pytest_localserver.plugin")
    assert status == 0, text


def test_plugin_has_no_fixture_but_its_five(tmp_path):
    """So none of another plugin is hidden."""
    status, text = run_pytest(tmp_path, "", "--fixtures")
    assert status in (0, 5), text
    _, _, ours = text.partition("iotile_cloud.mock.fixtures")
    lines = [line.split()[0] for line in ours.splitlines() if " -- " in line]
    assert sorted(lines) == [
        "local_cloud",
        "mock_cloud",
        "mock_cloud_nossl",
        "mock_cloud_private",
        "mock_cloud_private_nossl",
    ]


def test_examples_of_the_documents_pass(tmp_path):
    """What the README and docs/testing.md show as tests are tests that pass."""
    texts = [
        (PROJECT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/testing.md")
    ]
    found = re.findall(r"^```python\n(.*?)^```", "".join(texts), re.DOTALL | re.MULTILINE)
    blocks = [block for block in found if "def test_" in block]
    assert len(blocks) > 3
    status, text = run_pytest(tmp_path, "\n".join(blocks), "-W", "error")
    assert status == 0, text


# By hand


def call(cloud, method, path, body=b"", query="", **more):
    """Call the cloud as a WSGI server does, under the eyes of the standard library's validator."""
    environ = {"REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, **more}
    environ |= {"QUERY_STRING": query, "CONTENT_LENGTH": str(len(body))}
    environ["wsgi.input"] = io.BytesIO(body)
    setup_testing_defaults(environ)
    told = []
    chunks = validator(cloud)(environ, lambda *head: told.append(head))
    content = b"".join(chunks)
    chunks.close()
    return told[0][0], dict(told[0][1]), content


def test_cloud_is_a_wsgi_application():
    """It needs no server, and has a subclass's methods."""

    class Mine(MockIOTileCloud):
        def add_mine(self):
            self.quick_add_org("Mine")
            self.quick_add_org("Yours")

    cloud = Mine()
    cloud.add_mine()
    status, headers, content = call(cloud, "GET", "/api/v1/org/", query="page_size=1")
    assert status == "200 OK"
    assert headers["Content-Type"] == "application/json"
    assert b'"next":"http://127.0.0.1/api/v1/org/?page=2&page_size=1"' in content
    assert cloud.request_count == 1


def test_wsgi_takes_bodies_and_headers():
    """A login by hand, and a record with the token."""
    cloud = MockIOTileCloud()
    cloud.quick_add_user()
    cloud.quick_add_org("Größe", "größe")
    body = b'{"email": "test@arch-iot.com", "password": "test"}'
    kind = {"CONTENT_TYPE": "application/json"}
    status, _, content = call(cloud, "POST", "/api/v1/auth/login/", body, **kind)
    assert (status, content) == ("200 OK", b'{"username":"test@arch-iot.com","jwt":"JWT_USER"}')
    path = "/api/v1/org/größe/".encode().decode("latin-1")
    token = {"HTTP_AUTHORIZATION": "jwt JWT_USER"}
    status, _, content = call(cloud, "GET", path, **token)
    assert status == "200 OK"
    assert "Größe".encode() in content
    assert call(cloud, "HEAD", path, **token)[2] == b""
    assert call(cloud, "GET", "/nothing/")[0] == "404 Not Found"


def test_configured_cloud_loads_its_file(tmp_path):
    """By position or by keyword."""
    (tmp_path / "data.json").write_text('{"users": {"a": "b"}}')
    assert MockIOTileCloud(tmp_path / "data.json").users == {"a": "b"}
    assert MockIOTileCloud(config_file=str(tmp_path / "data.json")).users == {"a": "b"}
