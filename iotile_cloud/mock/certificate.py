"""A certificate for 127.0.0.1, made on the spot, that no authority knows.

Knows nothing of servers.  Needs the package cryptography.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
import tempfile
from datetime import datetime, timedelta, timezone
from functools import cache

__all__ = ["server_context"]

_NEEDS = "https needs the package cryptography: pip install 'iotile_cloud[mock]'"


@cache
def server_context() -> ssl.SSLContext:
    """Return what a server speaks TLS with; the same one in the whole process.

    Raises:
        RuntimeError: the package cryptography is missing.
    """
    try:
        content = _key_and_certificate()
    except ImportError as error:
        raise RuntimeError(f"{_NEEDS} ({error})") from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cloud.pem")
        with open(path, "wb") as file:
            file.write(content)
        context.load_cert_chain(path)
    return context


def _key_and_certificate() -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    names = x509.SubjectAlternativeName([address, x509.DNSName("localhost")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return secret + certificate.public_bytes(serialization.Encoding.PEM)
