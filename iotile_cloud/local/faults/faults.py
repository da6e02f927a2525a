"""Faults of the embedded cloud: rules, and which of them strikes a request.

Knows paths, counts and chance.  Knows nothing of sockets, nor of what a fault does.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Union

from ..web.messages import Request
from .effects import Effect
from .options import FaultOptions, check_options, check_route

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Fault", "Faults"]

Rules = Union[str, "os.PathLike[str]", Iterable[Mapping[str, Any]]]
_SELECTION = frozenset({"method", "times", "skip", "rate", "seed"})


class Fault:
    """One rule, made by `Faults.add`.

    Attributes:
        struck: how many requests it has struck so far.
    """

    def __init__(self, route: str, options: Mapping[str, Any]) -> None:
        given = check_options(options)
        self.struck = 0
        self.effect = Effect(**{name: given[name] for name in given if name not in _SELECTION})
        self._said = ", ".join(
            [repr(check_route(route)), *(f"{n}={v!r}" for n, v in given.items())]
        )
        self._pattern = _compiled(route)
        self._method = given.get("method")
        self._times = given.get("times")
        self._skip = given.get("skip", 0)
        self._rate = given.get("rate")
        self._asked: Counter[str] = Counter()  # the same request -> how often it came

    def __repr__(self) -> str:
        return f"Fault({self._said})"

    def strikes(self, request: Request) -> bool:
        """Tell whether this request is struck, and count it.  One thread at a time."""
        if self.struck == self._times or not self._matches(request):
            return False
        if self._skip:
            self._skip -= 1
            return False
        if self._rate is not None and self._chance(request) >= self._rate:
            return False
        self.struck += 1
        return True

    def _matches(self, request: Request) -> bool:
        return (
            self._method in (None, request.method)
            and self._pattern.fullmatch(_below_prefix(request.path)) is not None
            and self.effect.concerns(request)
        )

    def _chance(self, request: Request) -> float:
        """Return a number from 0 to 1 that hangs on the request and how often it came before.

        Not on when it came: so threads in any order meet the same faults.
        """
        text = f"{request.method} {request.path}?{request.query}"
        self._asked[text] += 1
        # The rule's text has the seed, and more: rules of one seed must not strike the same.
        text = f"{self._said} {self._asked[text]} {text}"
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6)
        return int.from_bytes(digest.digest(), "big") / (1 << 48)


class Faults:
    """The faults of a cloud, which strike until they are used up or cleared.

    A request meets the first rule that strikes it; the rules after that do not see it.  So rules
    with `times=` that are added one after the other also strike one after the other.
    """

    def __init__(self) -> None:
        self._rules: tuple[Fault, ...] = ()
        self._lock = threading.Lock()

    def add(self, route: str = "**", **options: Unpack[FaultOptions]) -> Fault:
        """Add a rule and return it; its `struck` tells how often it struck.

        Args:
            route: the paths it is for, below `/api/v1/` or whole; `*` stands for a segment or a
                piece of one, `**` for any number of segments.  Slashes at the ends do not matter.
            method: the HTTP method it is for, in capitals; every one when left out.
            times: strike so many requests, then no more.
            skip: let so many requests pass first.
            rate: strike this share of requests, from 0 to 1.  The same request (method, path,
                query) meets the same luck at its first, second, ... time, whatever the threads.
            seed: another number is another luck; so is another rule.
            delay: seconds before the reply goes out; the request has been done by then.
            status: answer this status with a page of HTML, without doing the request.
            retry_after: with `status`, the header: seconds, a datetime (naive is UTC), or its text.
            cut: close the connection "before" the request is done; after doing it, instead of
                sending its "reply"; after so many bytes (a whole number) or such a share (between
                0.0 and 1.0) of the body; or "after" the whole body, though the connection was
                announced to stay open.  The length that the header tells is that of the whole.
            reset: with `cut`, reset the connection instead of closing it in good order.
            truncate: send so many bytes or such a share of the body, and tell that length.
            repeat_page: answer every page but a listing's first with the rows of the page before,
                under its own count and links.
            expire_tokens: let every JWT that was issued so far have ended, before the request is
                done.  Strikes only requests that carry one.

        Raises:
            ValueError: an option is unknown, wrong, or cannot be combined with another.

        >>> faults = Faults()
        >>> faults.add("/stream/*/data/", status=503, retry_after=2, times=1)
        Fault('/stream/*/data/', status=503, retry_after=2, times=1)
        >>> faults.add(method="POST", cut="reply", rate=0.1, seed=7).struck
        0
        """
        fault = Fault(route, options)
        with self._lock:
            self._rules += (fault,)
        return fault

    def load(self, rules: Rules) -> None:
        """Add rules, each a dict of the arguments of `add`: all of them, or none.

        Args:
            rules: the dicts, or the path of a JSON file that holds a list of them.

        Raises:
            ValueError: a rule is wrong; the message tells which, counted from 1.
            OSError: the file cannot be read.

        >>> Faults().load([{"route": "/device/", "delay": 0.5}, {"status": 1000}])
        Traceback (most recent call last):
        ValueError: rule 2: status must be an HTTP status from 200 to 599, not 1000
        """
        place = ""
        if isinstance(rules, (str, os.PathLike)):
            place, rules = f"{os.fspath(rules)}: ", _read(rules)
        faults = []
        for number, rule in enumerate(rules, 1):
            try:
                if not isinstance(rule, Mapping):
                    raise ValueError(f"it must be an object with the options, not {rule!r}")
                options = dict(rule)
                faults.append(Fault(options.pop("route", "**"), options))
            except ValueError as error:
                raise ValueError(f"{place}rule {number}: {error}") from None
        with self._lock:
            self._rules += tuple(faults)

    def clear(self) -> None:
        """Drop every rule; the cloud is whole again."""
        with self._lock:
            self._rules = ()

    def strike(self, request: Request) -> Effect | None:
        """Return what befalls `request`, None for nothing."""
        if not self._rules:
            return None
        with self._lock:
            return next((rule.effect for rule in self._rules if rule.strikes(request)), None)


def _below_prefix(path: str) -> str:
    """Return a path in the form that is compared: `/api/v1/org/` and `org` are both `/org/`."""
    inner = re.sub(r"^api/v1(/|$)", "", path.strip("/"))
    return f"/{inner}/" if inner else "/"


def _compiled(route: str) -> re.Pattern[str]:
    wild = {"**/": "(?:.*/)?", "*": "[^/]*"}
    pieces = re.split(r"(\*\*/|\*)", _below_prefix(route))
    return re.compile("".join(wild.get(p) or re.escape(p) for p in pieces), re.DOTALL)


def _read(path: str | os.PathLike[str]) -> list[Any]:
    with open(path, encoding="utf-8") as file:
        try:
            rules = json.load(file, object_pairs_hook=_without_doubles)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{os.fspath(path)} holds no rules of faults: {error}") from error
    if not isinstance(rules, list):
        raise ValueError(f"{os.fspath(path)} must hold a list of rules: [{{...}}, ...]")
    return rules


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"an option stands twice in {{{', '.join(name for name, _ in pairs)}}}")
    return found
