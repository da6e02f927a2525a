"""Which values of an answer may differ from run to run, and what shape they must have then.

The tables below are all the tolerance there is: whatever they do not name must be equal.
Knows texts and the seed.  Knows nothing of requests, answers or HTTP.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, NamedTuple

from _exchanges import DAY, HOST, STORAGE


class Kind(NamedTuple):
    """One kind of volatile text.

    Attributes:
        recorded: pattern of it in a record.
        own: pattern of it in our answer.
        lasting: whether the same recorded text must be the same text of ours all through a run,
            and different ones different.
    """

    name: str
    recorded: str
    own: str
    lasting: bool


_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_JWT = r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+"
_SIGNED = r"AWSAccessKeyId=[^&]+&Signature=[^&]+&Expires=\d+"
_TIME = r"[T ]\d\d:\d\d:\d\d"

# Parts of texts.  A part that stands in the seed is not volatile: it must be equal.
KINDS = (
    # a credential that the record names; ours must be the very one that we sent
    Kind("credential", r"<[^<>]+ of [^<>]+>", r"\S+", True),
    # the address of the server; ours must be the one that we asked
    Kind("server", re.escape(f"http://{HOST}"), r"https?://[^/?]+", True),
    Kind("host", re.escape(HOST), r"[^/?]+", True),
    # same claims, but for the two times in it
    Kind("jwt", _JWT, _JWT, False),
    # an id that the server drew by chance
    Kind("uuid", _UUID, _UUID, True),
    # a moment during the recording: exact ones stay what they were, whole seconds may pass
    Kind("time", DAY + _TIME + r"\.\d+", r"\d{4}-\d\d-\d\d" + _TIME + r"(?:\.\d{1,6})?", True),
    Kind("second", DAY + _TIME, r"\d{4}-\d\d-\d\d" + _TIME + r"(?:\.\d{1,6})?", False),
    # the hour in the name of a stored file
    Kind("hour", DAY.replace("-", "/") + r"/\d\d", r"\d{4}/\d\d/\d\d/\d\d", False),
    # where the file storage stands, and what it signs
    Kind("storage", re.escape(STORAGE), r"https?://[^/?]+(?:/[^/?]+)*?", False),
    Kind("signed", _SIGNED, _SIGNED, False),
    # a key drawn by chance
    Kind("hex40", r"\b[0-9a-f]{40}\b", r"[0-9a-f]{40}", False),
)

# Whole values, by the key under which they stand: what they must be, whatever the text.
BY_KEY = {
    "policy": "base64",  # the storage's: holds the time
    "signature": "base64",
    "AWSAccessKeyId": "text",
    "stage": "text",  # how an installation calls itself
    "company": "text",
}
NAME_OF_SERVER = "IOTile Cloud by Arch"  # in `/server/`; another installation has another

_CLAIMS_WITH_TIME = ("exp", "orig_iat")
_VOLATILE = re.compile("|".join(f"(?P<{kind.name}>{kind.recorded})" for kind in KINDS))
_KIND = {kind.name: kind for kind in KINDS}


class Memory:
    """What of ours stands for which recorded text, in one run.

    Args:
        seed: the description of the seed state; a volatile-looking text in it is a stable one.
    """

    def __init__(self, seed: Any) -> None:
        self._stable = {match[0] for match in _VOLATILE.finditer(json.dumps(seed))}
        self._own: dict[str, str] = {}

    def learn(self, recorded: str, own: str) -> None:
        """Remember that `own` stands for `recorded`."""
        if recorded:
            self._own[recorded] = own

    def knows(self, recorded: str) -> bool:
        """Tell whether something of ours stands for `recorded`."""
        return recorded in self._own

    def ours(self, text: str) -> str:
        """Return recorded `text` with everything of ours in place of what it stands for."""
        for recorded in sorted(self._own, key=len, reverse=True):
            text = text.replace(recorded, self._own[recorded])
        return text

    def fits(self, recorded: str, own: str) -> bool:
        """Tell whether `own` is `recorded` but for volatile parts; remember what those are."""
        if recorded == own:
            return True
        parts = [m for m in _VOLATILE.finditer(recorded) if m[0] not in self._stable]
        if not parts:
            return False
        found = re.fullmatch(_pattern(recorded, parts), own)
        if found is None:
            return False
        pairs = [(_KIND[str(m.lastgroup)], m[0], o) for m, o in zip(parts, found.groups())]
        if not all(self._stands_for(*pair) for pair in pairs):
            return False
        for _, part, of_ours in pairs:
            self.learn(part, of_ours)
        return True

    def fits_by_key(self, key: str, recorded: str, own: str) -> bool:
        """Tell whether the key of a value says that it may differ, and ours has the right shape."""
        if recorded == NAME_OF_SERVER or BY_KEY.get(key) == "text":
            return True
        if BY_KEY.get(key) != "base64" or not (_is_base64(recorded) and _is_base64(own)):
            return False
        self.learn(recorded, own)
        return True

    def _stands_for(self, kind: Kind, recorded: str, own: str) -> bool:
        if kind.name == "jwt":
            return stable_claims(recorded) == stable_claims(own)
        if not kind.lasting:
            return True
        if kind.name == "uuid" and own in self._own.values():
            return self._own.get(recorded) == own
        return self._own.get(recorded, own) == own


def _pattern(recorded: str, parts: list[re.Match[str]]) -> str:
    pattern, end = "", 0
    for match in parts:
        pattern += re.escape(recorded[end : match.start()])
        pattern += f"({_KIND[str(match.lastgroup)].own})"
        end = match.end()
    return pattern + re.escape(recorded[end:])


def claims_of(jwt: str) -> dict[str, Any]:
    """Return what a JSON web token says, unchecked."""
    middle = jwt.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return claims


def stable_claims(jwt: str) -> dict[str, Any]:
    """Return the claims of a token; of those with a time in it only that they are there."""
    return {k: None if k in _CLAIMS_WITH_TIME else v for k, v in claims_of(jwt).items()}


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except binascii.Error:
        return False
