"""From a WSGI environment to a request.

Knows WSGI.  Knows nothing of what is asked.
"""

from __future__ import annotations

from typing import Any

from ..local.web.messages import Request

__all__ = ["request_of"]


def request_of(environ: dict[str, Any]) -> Request:
    """Return the request that a WSGI server hands over.

    >>> request_of({"REQUEST_METHOD": "GET", "PATH_INFO": "/a", "SERVER_NAME": "x",
    ...     "SERVER_PORT": "80"}).headers["Host"]
    'x:80'
    """
    headers = {"Host": f"{environ.get('SERVER_NAME')}:{environ.get('SERVER_PORT')}"}
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            headers[name[5:].replace("_", "-").title()] = value
    headers["Content-Type"] = environ.get("CONTENT_TYPE", "")
    headers["X-Forwarded-Proto"] = environ.get("wsgi.url_scheme", "http")
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return Request(
        environ["REQUEST_METHOD"],
        path.encode("latin-1").decode("utf-8", "replace"),  # what WSGI calls text is bytes
        environ.get("QUERY_STRING", ""),
        headers,
        _body(environ),
    )


def _body(environ: dict[str, Any]) -> bytes:
    length = str(environ.get("CONTENT_LENGTH") or 0)
    stream = environ.get("wsgi.input")
    if stream is None or not length.isdigit():
        return b""
    content: bytes = stream.read() if environ.get("wsgi.input_terminated") else b""
    return content or stream.read(int(length))
