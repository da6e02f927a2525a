"""The body of a request as data: JSON, form fields, uploaded files.

Knows nothing of what the data means.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgpack  # type: ignore[import-untyped,import-not-found,unused-ignore]
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from .errors import detail
from .messages import Request

__all__ = ["AS_JSON", "FORMS", "JSON", "MSGPACK", "Body", "File", "parse_body", "parse_msgpack"]

JSON = ("application/json",)
MSGPACK = "application/msgpack"
AS_JSON = ("*/*",)  # JSON, whatever the content type says
FORMS = (*JSON, "application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class File:
    """An uploaded file: its name as sent, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Body:
    """What came: JSON data (or form fields, as a dict of texts), and files by field."""

    data: Any
    files: Mapping[str, File] = field(default_factory=dict)


def parse_body(request: Request, accepted: tuple[str, ...]) -> Body:
    """Return the body of `request`; an empty one is an empty dict.

    Raises:
        ApiError: 415, the content type is not `accepted`; 400, the body is broken.
    """
    if accepted == AS_JSON:
        return Body(parse_json(request.body))
    full = request.header("Content-Type")
    kind, options = parse_options_header(full)
    kind = kind.lower()
    if not request.body:
        return Body({})
    if kind not in accepted:
        raise detail(415, f'Unsupported media type "{full}" in request.')
    if kind in JSON:
        return Body(parse_json(request.body))
    if kind == MSGPACK:
        return Body(parse_msgpack(request.body))
    return _form(request.body, kind, options)


def parse_json(body: bytes) -> Any:
    """Return JSON text as data.

    Raises:
        ApiError: 400, saying where the text is broken.
    """
    try:
        return json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise detail(400, f"JSON parse error - {error}") from None


def parse_msgpack(body: bytes) -> Any:
    """Return msgpack as the data that the same thing in JSON would be; bytes are UTF-8 text.

    Raises:
        ApiError: 400, saying where it is broken, or what has no JSON.
    """
    try:
        data = _with_text(msgpack.unpackb(body, strict_map_key=False))
        return json.loads(json.dumps(data, allow_nan=False))
    except msgpack.FormatError:  # of which only the reader without C tells more
        raise detail(400, "MessagePack parse error - ") from None
    except (TypeError, ValueError, RecursionError, msgpack.UnpackException) as error:
        raise detail(400, f"MessagePack parse error - {error}") from None


def _with_text(value: Any) -> Any:
    """Return `value` with text where old packers wrote bytes."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [_with_text(item) for item in value]
    if isinstance(value, dict):
        return {_with_text(key): _with_text(item) for key, item in value.items()}
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"Out of range float values are not JSON compliant: {name!r}")


def _form(body: bytes, kind: str, options: Mapping[str, str]) -> Body:
    # The body is in memory already: no file on disk, which a broken form would leave open.
    parser = FormDataParser(stream_factory=lambda *_, **__: io.BytesIO(), silent=False)
    try:
        _, fields, files = parser.parse(io.BytesIO(body), kind, len(body), dict(options))
    except ValueError as error:
        raise detail(400, f"Form parse error - {error}") from None
    # A file without a name counts as not sent; of a repeated one the last counts, as of a field.
    sent = ((name, file) for name, file in files.items(multi=True) if file.filename)
    named = {name: File(str(file.filename), file.stream.read()) for name, file in sent}
    return Body(dict(fields.items(multi=True)), named)
