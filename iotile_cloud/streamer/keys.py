"""The keys of devices: found for a report, kept out of sight, and made into the key of one report.

Knows no format.  No key is in a message, a repr or a pickle.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from ..utils.gid import IOTileDeviceSlug
from .errors import KeyMissingError

if TYPE_CHECKING:
    # A device as slug, text or number -> its root key; or a function of (device id, kind).
    Keys = Union[Mapping[Any, bytes], Callable[[int, str], Optional[bytes]]]

__all__ = ["Key", "environment_keys", "find_key", "password_key"]

_SIZE = 32
_PURPOSE = 2  # what the derived key is for: to sign reports
_SALT, _ROUNDS = b"salt", 100_000  # fixed by the devices


class Key:
    """The root key of a device, 32 bytes, of which nothing is shown; a pickle holds None for it."""

    __slots__ = ("_root",)

    def __init__(self, root: bytes) -> None:
        self._root = root

    def __repr__(self) -> str:
        return "<key>"

    def __deepcopy__(self, memo: Any) -> Key:
        return self

    def __reduce__(self) -> Any:
        return type(None), ()

    def of_report(self, report_id: int, sent: int) -> bytes:
        """Return the key that signs and encrypts one report, 32 bytes."""
        return hmac.digest(self._root, struct.pack("<LLL", _PURPOSE, report_id, sent), "sha256")


def find_key(keys: Keys | None, device: int, kind: str) -> Key:
    """Return the root key of a device.

    Args:
        keys: by slug, text or number of the device; or a function of (device id, kind).
        device: number of the device.
        kind: "user" or "device".

    Raises:
        KeyMissingError: there is none, or it has not 32 bytes.
        ValueError: `keys` is neither a mapping by device nor a function.
    """
    slug = IOTileDeviceSlug(device)
    root: Any
    if keys is None or isinstance(keys, Mapping):
        root = next((one for name, one in (keys or {}).items() if _is(name, slug)), None)
    elif callable(keys):
        root = keys(device, kind)
    else:
        raise ValueError(f"keys is a {type(keys).__name__}; expected a mapping or a function")
    if root is None:
        raise KeyMissingError(f"signed with the {kind} key of {slug}, which is not among the keys")
    if not isinstance(root, (bytes, bytearray)) or len(root) != _SIZE:
        what = f"{len(root)} bytes" if isinstance(root, (bytes, bytearray)) else type(root).__name__
        raise KeyMissingError(f"the {kind} key of {slug} is {what}; expected {_SIZE} bytes")
    return Key(bytes(root))


def _is(name: Any, slug: IOTileDeviceSlug) -> bool:
    try:
        return IOTileDeviceSlug(name) == slug
    except ValueError:
        pass  # its text has the name, and that may be a key which stands on the wrong side
    raise ValueError("a name in keys is no device; expected its slug or number")


def password_key(password: str) -> bytes:
    """Return the root key that a device makes of a user's password.

    Raises:
        ValueError: it is no text, or has characters that UTF-8 has not.

    >>> len(password_key("open sesame"))
    32
    """
    try:
        secret = password.encode()
    except (AttributeError, UnicodeError):
        secret = None  # raised outside: the error that is caught here holds the password
    if secret is None:
        raise ValueError("the password is no text that UTF-8 can write")
    return hashlib.pbkdf2_hmac("sha256", secret, _SALT, _ROUNDS)


def environment_keys(environ: Mapping[str, str] = os.environ) -> Callable[[int, str], bytes | None]:
    """Return `keys` for `parse_report` that look for user keys in the environment.

    The key of device 0x235 is in `USER_KEY_00000235`, as 64 hex digits.  Text that is not hex is a
    KeyMissingError of whoever asks for that key.

    >>> keys = environment_keys({"USER_KEY_00000235": "00" * 32})
    >>> keys(0x235, "user") == bytes(32), keys(0x235, "device")
    (True, None)
    """

    def find(device: int, kind: str) -> bytes | None:
        name = f"USER_KEY_{device:08X}"
        text = environ.get(name) if kind == "user" else None
        try:
            return None if text is None else bytes.fromhex(text)
        except ValueError:
            raise KeyMissingError(f"{name} is not {2 * _SIZE} hex digits") from None

    return find
