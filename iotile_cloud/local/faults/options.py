"""What the rule of a fault may say: the names, their values, and which go together.

Pure.  Knows nothing of requests, nor of what a fault does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, TypedDict

__all__ = ["FaultOptions", "check_options", "check_route"]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_DAY = 86400.0


class FaultOptions(TypedDict, total=False):
    """The options of a rule; `Faults.add` tells what they mean."""

    method: str
    times: int
    skip: int
    rate: float
    seed: int
    delay: float
    status: int
    retry_after: int | str | datetime
    cut: str | int | float
    reset: bool
    truncate: float
    repeat_page: bool
    expire_tokens: bool


def check_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `options` of a rule, without those that say False.

    Raises:
        ValueError: a name or a value is unknown, options exclude each other, or there is no effect.

    >>> check_options({"status": 503, "times": 2, "reset": False})
    {'status': 503, 'times': 2}
    """
    for name, value in options.items():
        if name not in _CHECKS:
            known = ", ".join(_CHECKS)
            raise ValueError(f"{name!r} is no option of a fault; the options are: {known}")
        good, expected = _CHECKS[name]
        if not good(value):
            raise ValueError(f"{name} must be {expected}, not {value!r}")
    given = {name: value for name, value in options.items() if value is not False}
    for name, other in _NEEDS.items():
        if name in given and other not in given:
            raise ValueError(f"{name} says something about {other}, which is not given")
    for group in (*_EITHER, *([_UNSEEN] if given.get("cut") in ("before", "reply") else [])):
        rivals = [f"{name}={given[name]!r}" for name in group if name in given]
        if len(rivals) > 1:
            raise ValueError(f"{' and '.join(rivals)} exclude each other; use a rule for each")
    if not any(name in given for name in _EFFECTS):
        raise ValueError(f"the fault has no effect; give at least one of: {', '.join(_EFFECTS)}")
    return given


def check_route(route: Any) -> str:
    """Return `route`.

    Raises:
        ValueError: it is no pattern for a path.
    """
    if not isinstance(route, str) or not route or "?" in route or "://" in route:
        raise ValueError(
            "route must be a path such as '/stream/*/data/', without host and query, in which "
            f"* stands for (a piece of) one segment and ** for any number, not {route!r}"
        )
    return route


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_whole(value) or (isinstance(value, float) and isfinite(value))


def _is_part(value: Any) -> bool:
    """Bytes, or a share of a body."""
    return value >= 0 if _is_whole(value) else isinstance(value, float) and 0 < value < 1


def _is_moment(value: Any) -> bool:
    if isinstance(value, str):
        try:
            value = parsedate_to_datetime(value)
        except (IndexError, OverflowError, TypeError, ValueError):
            return False
    return isinstance(value, datetime)


def _one_of(*values: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in values


_PART = "a number of bytes from 0 on, or a share of the body between 0.0 and 1.0"
_FLAG: tuple[Callable[[Any], bool], str] = (lambda value: isinstance(value, bool), "True or False")

_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "method": (_one_of(*_METHODS), f"one of {', '.join(_METHODS)}"),
    "times": (lambda value: _is_whole(value) and value >= 1, "a whole number from 1 on"),
    "skip": (lambda value: _is_whole(value) and value >= 0, "a whole number from 0 on"),
    "rate": (lambda value: _is_number(value) and 0 <= value <= 1, "a number from 0 to 1"),
    "seed": (_is_whole, "a whole number"),
    "delay": (
        lambda value: _is_number(value) and 0 < value <= _DAY,
        f"a number of seconds above 0 and up to {_DAY:.0f}",
    ),
    "status": (
        lambda value: _is_whole(value) and 200 <= value <= 599,
        "an HTTP status from 200 to 599",
    ),
    "retry_after": (
        lambda value: _is_moment(value) or (_is_whole(value) and value >= 0),
        "a whole number of seconds from 0 on, a datetime, or a date as HTTP writes it, "
        "such as 'Wed, 21 Oct 2026 07:28:00 GMT'",
    ),
    "cut": (
        lambda value: _one_of("before", "reply", "after")(value) or _is_part(value),
        f"'before', 'reply', 'after', {_PART}",
    ),
    "reset": _FLAG,
    "truncate": (_is_part, _PART),
    "repeat_page": _FLAG,
    "expire_tokens": _FLAG,
}

_EFFECTS = ("delay", "status", "cut", "truncate", "repeat_page", "expire_tokens")
_NEEDS = {"retry_after": "status", "reset": "cut", "seed": "rate"}
_EITHER = (("status", "repeat_page", "expire_tokens"), ("cut", "truncate"))
_UNSEEN = ("cut", "status", "repeat_page", "expire_tokens")  # without a reply nobody sees them
