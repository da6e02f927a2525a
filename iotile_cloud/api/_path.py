"""From what a user wrote to a URL: domains, path segments.  Pure; knows nothing of requests.

Every URL ends in exactly one slash, since the server redirects all others and a redirected
write is lost.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

__all__ = ["base_url", "join", "origin"]

_DEFAULT_PORTS = {"http": 80, "https": 443}


def base_url(domain: str, prefix: str) -> str:
    """Return the URL below which all resources lie, without a slash at its end.

    Raises:
        ValueError: `domain` is not the address of a server.

    >>> base_url("https://iotile.cloud/", "api/v1")
    'https://iotile.cloud/api/v1'
    """
    if "@" in domain:
        # Not shown: it may hold a password.
        raise ValueError("the domain must not hold a user or password; use login() or set_token()")
    if not _is_address(domain):
        raise ValueError(f"the domain must look like 'https://iotile.cloud', not {domain!r}")
    url = "/".join(part for part in (domain.rstrip("/"), prefix.strip("/")) if part)
    if not _is_address(url):
        raise ValueError(f"the prefix must look like 'api/v1', not {prefix!r}")
    return url


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    # urlsplit drops white space, but what is sent would have it.
    good = parts.scheme in _DEFAULT_PORTS and parts.hostname and "".join(text.split()) == text
    return bool(good and not parts.query and not parts.fragment)


def join(url: str, segment: Any) -> str:
    """Return `url` with one more path segment, quoted once.

    Args:
        url: ends in a slash or not.
        segment: any value whose `str()` is a name or an id; all of it is one segment.

    Raises:
        ValueError: the text is '', '.' or '..', which a URL cannot hold as a segment.

    >>> join("http://h/api/v1/thing", "a b/c?d#e")
    'http://h/api/v1/thing/a%20b%2Fc%3Fd%23e/'
    """
    text = segment.decode("utf-8") if isinstance(segment, bytes) else str(segment)
    if text in ("", ".", ".."):
        raise ValueError(f"{text!r} cannot be a part of a path below {url}; give a name or an id")
    return f"{url.rstrip('/')}/{quote(text, safe='')}/"


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of `url`: who a token may be sent to.

    >>> origin("https://IOTile.cloud/api/v1/") == origin("https://iotile.cloud:443/")
    True
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or ""), parts.port or _DEFAULT_PORTS.get(scheme, 0)
