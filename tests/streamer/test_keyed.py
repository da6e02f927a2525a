"""Signed lists with a key: how they are signed and hidden, and what is refused."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import hmac
import pickle
import struct

import pytest

from iotile_cloud.streamer import (
    FlagsError,
    KeyMissingError,
    Reading,
    SignatureError,
    SignedListReport,
    parse_report,
)

ciphers = pytest.importorskip("cryptography.hazmat.primitives.ciphers")

ROOT = bytes(range(32))
KEYS = {"d--0235": ROOT}
READINGS = [Reading(0x5001, value, 100 + value, 50 + value) for value in range(3)]


def made(kind="user", **more):
    return SignedListReport.from_readings(
        0x235, READINGS, report_id=63, sent_timestamp=1000, signature=kind, keys=KEYS, **more
    )


def by_hand(flags):
    """Return the same report, made by the layout: a block of AES for each count from 1 on."""
    key = hmac.new(ROOT, struct.pack("<LLL", 2, 63, 1000), "sha256").digest()
    aes = ciphers.Cipher(ciphers.algorithms.AES(key[:16]), ciphers.modes.ECB()).encryptor()
    rows = [struct.pack("<HHLLL", r.stream, 0, r.reading_id, r.raw_time, r.value) for r in READINGS]
    hidden = [
        bytes(a ^ b for a, b in zip(row, aes.update(count.to_bytes(16, "big"))))
        for count, row in enumerate(rows, start=1)
    ]
    head = struct.pack("<BBHLLLBBH", 1, 92, 0, 0x235, 63, 1000, flags, 0, 0xFFFF)
    signed = head + b"".join(hidden) + struct.pack("<LL", 50, 52)
    digest = hashlib.sha256(signed).digest()
    return signed + hmac.new(key, digest, "sha256").digest()[:16]


@pytest.mark.parametrize(("kind", "flags"), [("user", 1), ("device", 2)])
def test_layout(kind, flags):
    """Both kinds are written byte for byte as the layout says."""
    assert made(kind).encode() == by_hand(flags)


@pytest.mark.parametrize(("kind", "flags"), [("user", 1), ("device", 2)])
def test_read(kind, flags):
    """Both kinds are read with the key, and written again the same."""
    report = parse_report(by_hand(flags), KEYS)
    assert report == made(kind)
    assert (report.verified, report.encode()) == (True, by_hand(flags))


@pytest.mark.parametrize("keys", [{0x235: ROOT}, {"235": ROOT}, {"d--0001": b"", "d--0235": ROOT}])
def test_names_of_devices(keys):
    """A key is found by number, text or slug of its device."""
    assert parse_report(by_hand(1), keys).verified


def test_function_of_keys():
    """A function gets the number of the device and the kind of key."""
    asked = []
    parse_report(by_hand(2), lambda *one: asked.append(one) or ROOT)
    assert asked == [(0x235, "device")]


@pytest.mark.parametrize("keys", [None, {}, {1: ROOT}, lambda device, kind: None])
@pytest.mark.parametrize("verify", [True, False])
def test_no_key(keys, verify):
    """Without its key a report is refused, since nothing in it can be read."""
    with pytest.raises(KeyMissingError, match="user key of d--0000-0000-0000-0235"):
        parse_report(by_hand(1), keys, verify=verify)


@pytest.mark.parametrize("key", [ROOT[:31], "k" * 32])
def test_key_of_another_size(key):
    """A key that has not 32 bytes is refused by its size or type."""
    with pytest.raises(KeyMissingError, match=r"(31 bytes|str); expected 32 bytes"):
        parse_report(by_hand(1), {0x235: key})


def test_wrong_key():
    """With another key a report is refused; what it then seems to say is marked."""
    with pytest.raises(SignatureError, match="user key is another"):
        parse_report(by_hand(1), {0x235: bytes(32)})
    report = parse_report(by_hand(1), {0x235: bytes(32)}, verify=False)
    assert (report.verified, report.readings == made().readings) == (False, False)


@pytest.mark.parametrize("at", [8, 20, 50, 70, 91])
def test_damage(at):
    """A changed byte anywhere is noticed."""
    data = bytearray(by_hand(1))
    data[at] ^= 1
    with pytest.raises(SignatureError):
        parse_report(data, KEYS)


def test_other_flags():
    """Another kind of signature is refused by its number, also unverified."""
    with pytest.raises(FlagsError, match="are 3; expected 0, 1 or 2"):
        parse_report(by_hand(3), KEYS, verify=False)


# Secrets


def test_key_is_not_shown():
    """No key is in the text of a report, nor in that of what it is taken apart into."""
    report = made()
    for text in (repr(report), str(report), repr(dataclasses.asdict(report))):
        assert not any(form in text for form in (repr(ROOT)[2:-1], ROOT.hex(), "key: b"))
    assert copy.deepcopy(report).encode() == report.encode()


def test_key_is_not_pickled():
    """A report with a key pickles without it, and cannot be encoded there."""
    content = pickle.dumps(made())
    assert ROOT not in content
    twin = pickle.loads(content)
    assert twin == made()
    with pytest.raises(KeyMissingError, match="which is not there"):
        twin.encode()
    plain = SignedListReport.from_readings(1, READINGS)
    assert pickle.loads(pickle.dumps(plain)) == plain


@pytest.mark.parametrize("keys", [{ROOT: 0x235}, {ROOT.hex(): "d--0235"}, ROOT])
def test_key_on_the_wrong_side(keys):
    """A key that stands where a device should is not in the refusal."""
    with pytest.raises(ValueError, match="keys") as caught:
        parse_report(by_hand(1), keys)
    text = repr((caught.value, caught.value.__context__))
    assert "\\x01\\x02" not in text
    assert ROOT.hex() not in text


def test_report_without_its_key():
    """A report that was put together without its key cannot be written."""
    report = SignedListReport(0x235, READINGS, signature="device")
    with pytest.raises(KeyMissingError, match="device key"):
        report.encode()


def test_unknown_kind():
    """Another kind of signature cannot be made."""
    with pytest.raises(ValueError, match="signature is 'none'; expected one of hash, user, device"):
        SignedListReport.from_readings(1, [], signature="none")
