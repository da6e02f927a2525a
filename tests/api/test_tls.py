"""Whom the client trusts: certificates, `verify=`, and what the environment says."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests.exceptions as rx

from iotile_cloud.api import exceptions
from iotile_cloud.api.connection import Api

pytest.importorskip("cryptography")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate for 127.0.0.1 and its key, and return their paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "cert.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, secret


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the paths of a certificate that no authority knows, and of its key."""
    return write_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(scripted: Any, certificate: tuple[Path, Path]) -> Iterator[Any]:
    """Return a scripted server that speaks TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = type(scripted)(lambda client: context.wrap_socket(client, server_side=True))
    server.play(always=server.reply(200, {"slug": "x"}))
    yield server
    server.close()


VERBS = {
    "get": lambda api: api.org.get(),
    "post": lambda api: api.org.post({}),
    "put": lambda api: api.org.put({}),
    "patch": lambda api: api.org.patch({}),
    "delete": lambda api: api.org.delete(),
    "login": lambda api: api.login("secret", "me@h"),
    "logout": lambda api: api.logout(),
    "refresh": lambda api: api.refresh_token(),
    "upload": lambda api: api.event.upload.upload_file(__file__),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_server_that_cannot_be_verified_is_an_error(secure: Any, verb: str) -> None:
    """In every call; nothing is sent, nothing repeated, and there is no reply to look at."""
    with Api(secure.url) as api:
        api.set_token("x")
        with pytest.raises(exceptions.HttpCouldNotVerifyServerError) as caught:
            VERBS[verb](api)
    assert (caught.value.response, caught.value.content, caught.value.status_code) == (None,) * 3
    assert isinstance(caught.value, rx.SSLError)
    assert isinstance(caught.value.args[1], rx.SSLError)
    assert "certificate" in str(caught.value).lower()
    assert secure.requests == []
    assert secure.connections == 1


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize("ambient", [None, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("trust", ["nothing asked", "this certificate"])
def test_what_is_said_beats_the_environment(
    secure: Any,
    certificate: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ambient: str | None,
    trust: str,
) -> None:
    """`verify=False` or a path holds for resources and for the session itself."""
    if ambient:
        monkeypatch.setenv(ambient, str(write_certificate(tmp_path)[0]))
    verify = str(certificate[0]) if trust == "this certificate" else False
    with Api(secure.url, verify=verify) as api:
        assert api.org("x").get() == {"slug": "x"}
        assert api.session.get(secure.url).json() == {"slug": "x"}


@pytest.mark.parametrize("verify", [True, None])
def test_the_environment_holds_when_nothing_is_said(
    secure: Any, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, verify: Any
) -> None:
    """A bundle named there is trusted by default."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    with Api(secure.url) as api:
        assert api.org("x").get() == {"slug": "x"}
        assert api.session.get(secure.url, verify=verify).json() == {"slug": "x"}


def test_the_session_does_not_trust_by_itself(secure: Any) -> None:
    """Used directly it refuses too, with the error of requests, and asks once."""
    with Api(secure.url) as api, pytest.raises(rx.SSLError):
        api.session.get(secure.url)
    assert secure.connections == 1


def test_a_bundle_that_is_not_there_is_an_os_error(secure: Any) -> None:
    """It names the path."""
    with (
        Api(secure.url, verify="no-such.pem") as api,
        pytest.raises(OSError, match=r"no-such\.pem"),
    ):
        api.org.get()
