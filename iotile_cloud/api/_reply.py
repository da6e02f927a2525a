"""What a reply means: a value, or one of the errors.  Pure decisions over a finished reply.

Knows status codes, content types and the shapes in which the server words its errors.  Does not
know who asked, nor how the reply came.
"""

from __future__ import annotations

import copy
import html
import json
import re
from contextlib import suppress
from typing import Any, cast

import requests

from ._retry import retry_after
from .exceptions import (
    HttpAuthenticationError,
    HttpBadRequestError,
    HttpClientError,
    HttpConflictError,
    HttpNotFoundError,
    HttpPermissionError,
    HttpRedirectError,
    HttpServerError,
    HttpTooManyRequestsError,
    HttpUnexpectedReplyError,
    RestHttpBaseException,
)

__all__ = [
    "error_of",
    "first_words",
    "hushed",
    "json_of",
    "object_of",
    "scrub",
    "token_reply",
    "unexpected",
    "value_of",
    "words_of",
]

_LEAVES: dict[int, type[HttpClientError]] = {
    400: HttpBadRequestError,
    401: HttpAuthenticationError,
    403: HttpPermissionError,
    404: HttpNotFoundError,
    409: HttpConflictError,
    429: HttpTooManyRequestsError,
}
_JSON = re.compile(r"[/+]json *(;|$)")  # a content type; not one for lines of JSON
_WITHOUT_BODY = frozenset({204, 205})
_UNNAMED = frozenset({"detail", "error", "msg", "non_field_errors"})  # keys that say nothing
_MOST_WORDS = 500  # characters of a server's explanation that go into an error
_SECRET_HEADERS = ("Authorization", "Cookie", "Proxy-Authorization")


def value_of(response: requests.Response) -> Any:
    """Return the value of a 2xx reply: decoded JSON, None for "no content", else the raw bytes.

    An object or a list is decoded under any content type, as it always was; a body that is said
    to be JSON has to be.
    """
    if response.status_code in _WITHOUT_BODY:
        return None
    content = response.content or b""
    if content and _JSON.search(response.headers.get("Content-Type", "").lower()):
        return json_of(response)
    if content.lstrip()[:1] in (b"{", b"["):
        with suppress(RecursionError, ValueError):
            return json.loads(content)
    return content


def json_of(response: requests.Response) -> Any:
    """Return the decoded JSON of a reply that has to be JSON.

    Raises:
        HttpUnexpectedReplyError: the body is something else; the message shows its first words.
    """
    try:
        return json.loads(response.content or b"")
    except (RecursionError, ValueError):
        kind = response.headers.get("Content-Type", "no content type")
        words = first_words(response.content or b"", kind)
        text = f"JSON was expected from {_url(response)}, and this {kind} is none: {words!r}"
        raise unexpected(response, text) from None


def object_of(response: requests.Response) -> dict[str, Any]:
    """Return the decoded JSON object of a reply that has to be one; raises like `json_of`."""
    value = json_of(response)
    if not isinstance(value, dict):
        words = first_words(response.content)
        raise unexpected(
            response, f"a JSON object was expected from {_url(response)}, not {words!r}"
        )
    return value


def token_reply(response: requests.Response) -> dict[str, Any]:
    """Return the object of a good reply that may hold a token; its errors do not hold the body."""
    try:
        value = json.loads(response.content or b"")
    except (RecursionError, ValueError):
        value = None
    return value if isinstance(value, dict) else object_of(hushed(response))


def hushed(response: requests.Response) -> requests.Response:
    """Return a copy, to be shown, of a reply that may hold a token: without its body.

    Words, the page of a proxy, and what comes with a refusal hold none and stay.
    """
    begins = (response.content or b"").lstrip()[:1]
    if response.status_code >= 300 or begins not in (b"{", b"["):
        return response
    quiet: Any = copy.copy(response)
    quiet._content = b"(not shown: it may hold a token)"
    return cast("requests.Response", quiet)


def unexpected(response: requests.Response, text: str) -> RestHttpBaseException:
    """Return the error that says with `text` what is wrong with a reply of a good status."""
    words = first_words(response.content or b"", response.headers.get("Content-Type", ""))
    return _error(HttpUnexpectedReplyError, text, response, _url(response), words)


def error_of(response: requests.Response, url: str = "") -> RestHttpBaseException | None:
    """Return the error that a reply stands for, None when it is a good one (2xx).

    Args:
        response: the reply; its request is stripped of credentials when there is an error.
        url: the resource's URL; taken from the reply when empty.
    """
    status = response.status_code
    if 200 <= status < 300:
        return None
    url = url or _url(response)
    words = words_of(response.content or b"", response.headers.get("Content-Type", ""))
    if 300 <= status < 400:
        location = response.headers.get("Location", "")
        text = f"Redirect {status}: {url} (not followed; Location: {location or 'none'})"
        return _error(HttpRedirectError, text, response, url, words, location=location)
    kind: type[RestHttpBaseException]
    if status < 500:
        kind, title = _LEAVES.get(status, HttpClientError), "Client Error"
    else:
        kind, title = HttpServerError, "Server Error"
    if status == 401 and response.history:
        words += f" [redirected to {_url(response)}, and a token stays with its own server]"
    explained = ": ".join(part for part in (_method(response), words) if part)
    text = f"{title} {status}: {url}" + (f" ({explained})" if explained else "")
    return _error(kind, text, response, url, words)


def _error(
    kind: type[RestHttpBaseException],
    text: str,
    response: requests.Response,
    url: str,
    words: str,
    **more: Any,
) -> RestHttpBaseException:
    scrub(response)
    return kind(
        text,
        method=_method(response),
        url=url,
        status_code=response.status_code,
        response=response,
        content=response.content,
        detail=words,
        retry_after=retry_after(response.headers),
        **more,
    )


def _url(response: requests.Response) -> str:
    return (response.url or "").split("?")[0]


def _method(response: requests.Response) -> str | None:
    return getattr(response.request, "method", None)


def scrub(holder: Any) -> None:
    """Replace the requests that a reply or a requests error holds by ones without secrets.

    Credentials travel in headers, and passwords and tokens also in bodies: both go.
    """
    pending, seen = [holder], set()
    while pending:
        next_one = pending.pop()
        # The replies in a history have histories of their own, which hold the same ones again.
        if next_one is not None and id(next_one) not in seen:
            seen.add(id(next_one))
            _strip(next_one)
            history = getattr(next_one, "history", None) or ()
            pending += [getattr(next_one, "response", None), *history]


def _strip(holder: Any) -> None:
    request = getattr(holder, "request", None)
    if not isinstance(request, requests.PreparedRequest):
        return
    bare = requests.PreparedRequest()
    bare.method, bare.url = request.method, request.url
    bare.headers = requests.structures.CaseInsensitiveDict(request.headers or {})
    for name in _SECRET_HEADERS:
        bare.headers.pop(name, None)
    holder.request = bare
    if isinstance(holder, requests.Response):
        holder.headers.pop("Set-Cookie", None)
        holder.cookies.clear()


def words_of(content: bytes, content_type: str) -> str:
    """Return the server's own words in an error body, whatever shape they came in.

    >>> words_of(b'{"detail": "Not found."}', "application/json")
    'Not found.'
    >>> words_of(b'[{}, {"stream": ["This field is required."]}]', "application/json")
    'item 1: stream: This field is required.'
    """
    try:
        words = _flat(json.loads(content))
    except (RecursionError, ValueError):
        return first_words(content, content_type)
    return _shortened(words)


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        named = ((str(key), _flat(inner)) for key, inner in value.items())
        return "; ".join(
            words if key in _UNNAMED else f"{key}: {words}" for key, words in named if words
        )
    if isinstance(value, list):
        if not any(isinstance(item, dict) for item in value):
            return " ".join(map(_flat, value))
        # A bulk request is answered with one entry an item, empty for the good ones.
        numbered = ((number, _flat(item)) for number, item in enumerate(value))
        return "; ".join(f"item {number}: {words}" for number, words in numbered if words)
    return "" if value is None else str(value)


def first_words(content: bytes, content_type: str = "") -> str:
    """Return the beginning of a body as a line of readable text, without markup."""
    text = content[: 20 * _MOST_WORDS].decode("utf-8", "replace")
    if "html" in content_type.lower() or text.lstrip()[:1] == "<":
        text = re.sub(r"(?is)<(script|style)\b.*?(</\1>|\Z)|<!--.*?(-->|\Z)", " ", text)
        body = re.sub(r"(?is)<title\b.*?</title>", " ", text)  # it says what a heading says
        text = _without_markup(body).strip() or _without_markup(text)
    return _shortened(text)


def _without_markup(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", text))


def _shortened(text: str) -> str:
    # What is not printable could move a terminal's cursor, or fail to be written to a log.
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text if len(text) <= _MOST_WORDS else text[: _MOST_WORDS - 1] + "…"
