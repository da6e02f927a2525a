"""A place in the API: attributes and calls extend its path, verbs send a request there.

Knows paths, verbs and what they return.  Does not know which resources the server has, so it
serves all, and leaves time, repetition, tokens and errors to the rooms below.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import requests
from urllib3.util.retry import Retry

from ._encode import json_body
from ._paging import LARGEST_PAGE, Listing, Page, read_page
from ._path import join
from ._reply import error_of, value_of
from ._retry import RetryPolicy
from ._sender import Options, Sender
from ._session import CloudSession, Timeout, checked_timeout
from ._token import authorization
from ._upload import FileLike, MultipartFile, multipart

__all__ = ["RestResource"]

logger = logging.getLogger(__name__)

_UNSET: Any = object()
_HEADER = re.compile(r"(\S[^\r\n]*)?")
Resource = TypeVar("Resource", bound="RestResource")


class RestResource:
    """One URL of the API, and the way to all below it.

    Usually an `Api` makes it, and then its current token is sent.  The arguments are for making
    one directly.

    Its own names are `get post put patch delete upload_file upload_fp url each pages raw
    with_options`; a resource that is called so is reached as `resource['get']`.

    Args:
        base_url: the URL of this resource.
        use_token: whether `token` is sent.
        token_type: what stands before the token in the Authorization header.
        token: the token.
        session: what sends; one of the caller's own keeps its own policy for timeouts,
            repetitions, cookies and `.netrc`.

    >>> api.device("d--2001").extra.url().rpartition("/api/v1")[2]
    '/device/d--2001/extra/'
    """

    def __init__(
        self,
        base_url: str,
        use_token: bool = False,
        token_type: str = "jwt",
        token: str | None = None,
        session: requests.Session | None = None,
    ) -> None:
        header = authorization(token_type, token) if use_token else None
        self._sender = Sender(session or CloudSession(), partial(_constant, header))
        self._options = Options()
        self._store: dict[str, Any] = {
            "base_url": base_url,
            "use_token": use_token,
            "token_type": token_type,
            "token": token,
            "session": self._sender.session,
        }

    # -- the path ---------------------------------------------------------------------------

    def __getattr__(self: Resource, name: str) -> Resource:
        if name.startswith("_"):  # probes of Python, IPython and pickle are not resources
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self[name]

    def __getitem__(self: Resource, segment: Any) -> Resource:
        return self._copy(url=join(self.url(), segment))

    def __call__(self: Resource, id: Any = None, action: Any = None) -> Resource:
        """Return the resource one or two segments below: `(id)` is `<id>/`, `action` follows it.

        Raises:
            ValueError: a segment is '', '.' or '..'.

        >>> api.streamer(action="report").url() == api.streamer.report.url()
        True
        """
        resource = self
        for segment in (id, action):
            if segment is not None:
                resource = resource[segment]
        return resource

    def url(self) -> str:
        """Return the URL, which ends in one slash."""
        return str(self._store["base_url"]).rstrip("/") + "/"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url()}>"

    # -- verbs: keywords become the query; the table of how values become text is in `_encode` -

    def get(self, /, **params: Any) -> Any:
        """Return what is there: decoded JSON, or bytes if the server sends no JSON.

        Raises:
            RestBaseException: a leaf for what went wrong; see `iotile_cloud.api.exceptions`.

        >>> api.org("demo-org").get()["slug"]
        'demo-org'
        """
        return self._call("GET", params)

    def post(self, data: Any = None, **params: Any) -> Any:
        """Send `data` as JSON to make or do something, and return the answer.

        Args:
            data: None sends no body; everything else is sent, also {} and [].

        Raises:
            RestBaseException: as for `get`.
        """
        return self._call("POST", params, json_body(data))

    def put(self, data: Any = None, **params: Any) -> Any:
        """Replace what is there by `data`, and return the answer; arguments as for `post`."""
        return self._call("PUT", params, json_body(data))

    def patch(self, data: Any = None, **params: Any) -> Any:
        """Change what is there as `data` says, and return the answer; arguments as for `post`."""
        return self._call("PATCH", params, json_body(data))

    def delete(self, data: Any = None, **params: Any) -> Any:
        """Delete what is there, and tell whether the server did.

        Returns:
            True, or False after a warning in the log; never False with
            `Api(strict_delete=True)`, which raises like the other verbs.

        Raises:
            TransportError: no whole reply arrived.
        """
        response = self._send("DELETE", params, json_body(data))
        if self._options.raw:
            return response
        error = error_of(response, self.url())
        if error is not None and self._options.strict_delete:
            raise error
        if error is not None:
            logger.warning("not deleted: %s", error)
        return error is None

    def upload_file(
        self,
        filename: Any,
        data: Mapping[str, Any] | None = None,
        mode: str = "rb",
        **params: Any,
    ) -> Any:
        """Send the file of that path as a multipart form, and return the answer.

        The file is streamed: its size does not matter.  Its name goes along, since the server
        chooses its parser by the extension.

        Args:
            filename: path of the file.
            data: further fields of the form.
            mode: how it is opened.

        Raises:
            OSError: the file cannot be read.
            RestBaseException: as for `get`.
        """
        with open(filename, mode) as file:
            return self.upload_fp(file, data, **params)

    def upload_fp(self, fp: FileLike, data: Mapping[str, Any] | None = None, **params: Any) -> Any:
        """Send an open file, or a pair (name, open file), like `upload_file`."""
        with multipart(fp, data) as (body, content_type):
            return self._call("POST", params, body, content_type)

    # -- listings ---------------------------------------------------------------------------

    def each(self, /, **params: Any) -> Listing:
        """Return every row of a listing, all pages, fetched as they are read.

        Args:
            params: filters; `page_size` if the server's largest page is not wanted.

        Returns:
            an iterable that can be read again; its `len()` is the server's count.

        Raises:
            ValueError: `page` is given, which a walk over all pages sets itself.
            PartialDataError: while reading, when fewer rows come than were announced.
            RestBaseException: while reading, as for `get`.

        >>> sum(1 for device in api.device.each()) == len(api.device.each())
        True
        """
        if "page" in params:
            raise ValueError("each() and pages() walk all pages; use get(page=...) for one")
        return Listing(partial(self._page, {"page_size": LARGEST_PAGE, **params}))

    def pages(self, /, **params: Any) -> Iterator[list[Any]]:
        """Yield the rows of each page in turn; arguments and errors as for `each`.

        >>> [len(rows) for rows in api.project.pages(page_size=1)]
        [1, 1]
        """
        return self.each(**params).pages()

    def _page(self, params: Mapping[str, Any], number: int) -> Page:
        response = self._send("GET", {**params, "page": number})
        return read_page(self._process_response(response), self.url(), response)

    # -- options ----------------------------------------------------------------------------

    @property
    def raw(self: Resource) -> Resource:
        """This resource with verbs that return the `requests.Response`, whatever its status."""
        return self._copy(raw=True)

    def with_options(
        self: Resource,
        *,
        timeout: Timeout = _UNSET,
        retries: int | Retry | None = _UNSET,
        headers: Mapping[str, str] | None = None,
    ) -> Resource:
        """Return this resource with other options; this one, and the `Api`, stay as they are.

        Args:
            timeout: seconds, or a pair (connect, read) of seconds; None waits for ever.
            retries: number of repetitions of reads, or a urllib3 `Retry`.
            headers: sent in addition.

        Raises:
            ValueError: an option makes no sense.

        >>> api.device.with_options(timeout=5, retries=0).get()["count"] > 0
        True
        """
        for name, value in (headers or {}).items():
            if not _HEADER.fullmatch(str(value)):  # not shown: it may be a secret
                raise ValueError(f"header {name}: no line breaks, and no white space in front")
        changes: dict[str, Any] = {"headers": {**self._options.headers, **(headers or {})}}
        if timeout is not _UNSET:
            changes["timeout"] = checked_timeout(timeout)
        if retries is not _UNSET:
            changes["policy"] = RetryPolicy.of(retries)
        return self._copy(**changes)

    def _within(self: Resource, seconds: float) -> Resource:
        """Return this resource with no more than `seconds` for a call and its repetitions."""
        adapter: Any = self._session.get_adapter(self.url())
        limits: Any = self._options.timeout or getattr(adapter, "timeout", (None, None))
        policy: Any = self._options.policy or getattr(adapter, "policy", RetryPolicy())
        return self._copy(
            timeout=tuple(seconds if limit is None else min(limit, seconds) for limit in limits),
            policy=replace(policy, budget=min(policy.budget, seconds)),
        )

    # -- what all of it comes down to -------------------------------------------------------

    @property
    def _session(self) -> requests.Session:
        return self._sender.session

    def _get_header(self) -> dict[str, str]:
        """Return the headers of a request with a JSON body."""
        authorization = self._sender.authorization()
        extra = {"Authorization": authorization} if authorization else {}
        return {"Content-Type": "application/json", **extra}

    def _send(
        self,
        method: str,
        params: Mapping[str, Any],
        body: bytes | MultipartFile | None = None,
        content_type: str = "application/json",
    ) -> requests.Response:
        return self._sender.send(
            method,
            self.url(),
            params=params,
            body=body,
            content_type=content_type,
            options=self._options,
        )

    def _call(self, *request: Any) -> Any:
        response = self._send(*request)
        return response if self._options.raw else self._process_response(response)

    def _process_response(self, response: requests.Response) -> Any:
        """Return the value of a reply, or raise the error that it stands for."""
        error = error_of(response, self.url())
        if error is not None:
            raise error
        if self._options.decode and response.status_code == 200:
            with suppress(ValueError):
                return self._options.decode(response.content)
        return value_of(response)

    def _copy(self: Resource, url: str | None = None, **options: Any) -> Resource:
        other = type(self).__new__(type(self))  # five times as fast as copy.copy
        other.__dict__.update(self.__dict__)
        if url is not None:
            other._store = {**self._store, "base_url": url}
        if options:
            other._options = replace(self._options, **options)
        return other


def _constant(value: str | None) -> str | None:
    return value
