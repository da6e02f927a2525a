"""Keys from a password and from the environment."""

from __future__ import annotations

import hashlib

import pytest

from iotile_cloud.streamer import KeyMissingError, environment_keys, password_key
from iotile_cloud.streamer.keys import find_key


def test_password():
    """A password becomes a key in the way of the devices."""
    expected = hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 100000)
    assert password_key("secret") == expected


@pytest.mark.parametrize("password", [None, b"secret", "secret\ud800"])
def test_bad_password(password):
    """A password that cannot be written as UTF-8 is refused, and no error holds it."""
    with pytest.raises(ValueError, match="password is no text") as caught:
        password_key(password)
    assert caught.value.__context__ is None


def test_environment():
    """The name of the variable has the device in eight upper-case hex digits."""
    keys = environment_keys({"USER_KEY_0000ABCD": "0f" * 32})
    assert (keys(0xABCD, "user"), keys(0xABCE, "user")) == (b"\x0f" * 32, None)


def test_environment_is_for_user_keys():
    """A key of a device is never looked for in the environment."""
    assert environment_keys({"USER_KEY_00000001": "00" * 32})(1, "device") is None


def test_environment_of_the_process(monkeypatch):
    """Without an argument it is the environment of the process, as it is when a key is needed."""
    keys = environment_keys()
    monkeypatch.setenv("USER_KEY_00000001", "00" * 32)
    assert keys(1, "user") == bytes(32)


@pytest.mark.parametrize(
    ("text", "words"), [("geheim", "USER_KEY_00000001 is not 64"), ("00", "1 b")]
)
def test_bad_environment(text, words):
    """What is no key is refused, and not shown."""
    with pytest.raises(KeyMissingError, match=words) as caught:
        find_key(environment_keys({"USER_KEY_00000001": text}), 1, "user")
    assert "geheim" not in str(caught.value)
