"""How a signed list is sealed: hash or keyed signature, and the encryption of what is keyed.

Knows bytes and keys, and no field of a report.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import cast

from ..utils._extras import needed

__all__ = ["crypt", "fits", "seal"]

SIZE = 16  # bytes kept of a signature
_AES128 = 16  # bytes of the key
_COUNTER = (1).to_bytes(16, "big")


def seal(signed: bytes | memoryview, key: bytes | None) -> bytes:
    """Return the signature of what stands before it: a hash, or with a report's key a keyed one.

    >>> seal(b"", None).hex()
    'e3b0c44298fc1c149afbf4c8996fb924'
    """
    digest = hashlib.sha256(signed).digest()
    return (digest if key is None else hmac.digest(key, digest, "sha256"))[:SIZE]


def fits(signed: bytes | memoryview, key: bytes | None, found: bytes) -> bool:
    """Tell whether a signature is the right one, in a time that does not tell where it differs."""
    return hmac.compare_digest(seal(signed, key), found)


def crypt(content: bytes | memoryview, key: bytes) -> bytes:
    """Encrypt readings with the key of their report, or decrypt them: it is the same.

    Raises:
        ImportError: the extra `crypto` is not installed.
    """
    ciphers = needed("cryptography.hazmat.primitives.ciphers", "crypto")
    mode = ciphers.modes.CTR(_COUNTER)
    encryptor = ciphers.Cipher(ciphers.algorithms.AES(key[:_AES128]), mode).encryptor()
    return cast(bytes, encryptor.update(content) + encryptor.finalize())
