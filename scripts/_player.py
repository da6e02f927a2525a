"""Sends recorded requests to a server, as one of the seed's users with credentials of its own.

Knows how a recorded request is written down, and how to log in.  Knows nothing of comparing.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from _compare import Answer
from _exchanges import HOST, STORAGE, Entry
from _tolerance import Memory, claims_of

API = "/api/v1"
TIMEOUT = 120  # seconds; a large page of a slow server takes its time
_NAMED = re.compile(r"<(?:jwt|drf token) of (\w+)>")
_JWT = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")
_TAMPERED = "abc"  # the end that the recorder gave to a token to break its signature
_A_FILE = ("file", "what was uploaded here is not in the records")

Sign = Callable[[Mapping[str, Any]], str]


class CannotPlayError(Exception):
    """The request cannot be sent to this server; the text says why."""


class Player:
    """Plays the requests of one run, in order.

    Args:
        url: the server, such as `http://127.0.0.1:8000`, in the seed state.
        seed: the description of that state, with its users and their passwords.
        memory: what of ours stands for what is recorded; grows while answers are compared.
        sign: makes a token of claims that counts on the server; None when it is not ours.
    """

    def __init__(
        self, url: str, seed: Mapping[str, Any], memory: Memory, sign: Sign | None = None
    ) -> None:
        self._url = url.rstrip("/")
        self._users = {user["slug"]: user for user in seed["users"]}
        self._memory = memory
        self._sign = sign
        self._plain = _session()
        self._plain.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._browser = _session()
        memory.learn(f"http://{HOST}", self._url)
        memory.learn(HOST, self._url.partition("://")[2])
        for key in seed.get("api_keys", ()):
            if not key["revoked"]:
                memory.learn(f"<org key of {key['org']}>", key["key"])

    def close(self) -> None:
        """Close the connections."""
        self._plain.close()
        self._browser.close()

    def log_in(self, entries: Iterable[Entry]) -> None:
        """Get the credentials that `entries` name, all at once as it was when recorded.

        Raises:
            requests.RequestException: the server cannot be reached, or knows no such user.
        """
        named = {
            name
            for entry in entries
            for name in _NAMED.findall(json.dumps([entry.headers, entry.body, entry.query]))
        }
        for name in sorted(named):
            user = self._users[name]
            who = {"username": user["username"], "password": user["password"]}
            jwt = self._asked("POST", "/auth/api-jwt-auth/", json=who)["token"]
            self._memory.learn(f"<jwt of {name}>", jwt)
            headers = {"Authorization": f"JWT {jwt}"}
            token = self._asked("GET", "/auth/token/", headers=headers)["token"]
            self._memory.learn(f"<drf token of {name}>", token)

    def _asked(self, method: str, path: str, **options: Any) -> Any:
        reply = self._plain.request(method, self._url + API + path, timeout=TIMEOUT, **options)
        reply.raise_for_status()
        return reply.json()

    def play(self, entry: Entry) -> Answer:
        """Send the request of `entry` and return what came back.

        Raises:
            CannotPlayError: the record or this server lacks what it takes.
            requests.RequestException: there was no whole answer.
        """
        if not entry.body_was_kept:
            raise CannotPlayError("its body was too large to keep")
        if entry.path.startswith(STORAGE) and not self._memory.knows(STORAGE):
            raise CannotPlayError("it goes to a file storage that no answer has named")
        session = self._session_of(entry)
        request = requests.Request(
            entry.method,
            self._address(entry.path),
            params={name: self._ours(str(value)) for name, value in entry.query.items()},
            headers={name: self._ours(value) for name, value in entry.headers.items()},
            **self._body(entry.body),
        )
        if request.files:  # then the type needs the boundary, which requests adds
            request.headers.pop("Content-Type", None)
        prepared = session.prepare_request(request)
        with session.send(prepared, allow_redirects=False, timeout=TIMEOUT) as reply:
            return Answer(reply.status_code, reply.headers, reply.content)

    def _session_of(self, entry: Entry) -> requests.Session:
        if not entry.uses_session:
            return self._plain
        if not self._browser.cookies and "/auth/login/" not in entry.path:
            self._open_browser()
        return self._browser

    def _open_browser(self) -> None:
        """Log in as the first user, for a record of a session that lacks its beginning."""
        first = next(user for user in self._users.values() if not user["is_staff"])
        who = {"email": first["email"], "password": first["password"]}
        auth = self._url + API + "/auth"
        self._browser.post(f"{auth}/login/", json=who, timeout=TIMEOUT).raise_for_status()
        # The first request of a session renews its cookie; what is recorded came later.
        self._browser.get(f"{auth}/user-info/", timeout=TIMEOUT).raise_for_status()

    def _address(self, path: str) -> str:
        ours = self._ours(path)
        return ours if path.startswith("http") else self._url + ours

    def _body(self, recorded: Any) -> dict[str, Any]:
        if isinstance(recorded, dict) and "form" in recorded:
            return {"data": self._fields(recorded["form"])}
        if isinstance(recorded, dict) and "multipart" in recorded:
            files = [
                (name, (part["filename"], base64.b64decode(part["base64"])))
                for name, part in recorded["multipart"].items()
            ]
            return {"files": self._parts(recorded["fields"]) + files}
        if isinstance(recorded, dict) and list(recorded) == ["fields"]:  # to the storage
            return {"files": [*self._parts(recorded["fields"]), ("file", _A_FILE)]}
        if isinstance(recorded, dict) and list(recorded) == ["base64"]:
            return {"data": base64.b64decode(recorded["base64"])}
        if recorded is None or isinstance(recorded, str):
            return {"data": None if recorded is None else self._ours(recorded).encode()}
        return {"data": self._ours(json.dumps(recorded))}

    def _parts(self, fields: Mapping[str, Any]) -> list[tuple[str, tuple[None, str]]]:
        return [(name, (None, value)) for name, value in self._fields(fields).items()]

    def _fields(self, fields: Mapping[str, Any]) -> dict[str, str]:
        return {name: self._ours(str(value)) for name, value in fields.items()}

    def _ours(self, text: str) -> str:
        for token in _JWT.findall(text):
            if not self._memory.knows(token) and not token.endswith(_TAMPERED):
                self._forge(token)
        return self._memory.ours(text)

    def _forge(self, token: str) -> None:
        """Make a token that no server gives out: expired, or of somebody who cannot log in."""
        if self._sign is None:
            raise CannotPlayError("it needs a token signed with the server's key")
        self._memory.learn(token, self._sign(claims_of(token)))


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxies, no .netrc: what is sent is what is recorded
    return session
