"""The file storage itself: takes files with a signed form, gives them out by a signed link.

Answers as Amazon S3 does, for the two requests that its users make.  Knows nothing of what the
files belong to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from xml.sax.saxutils import escape

from ..rules.fields import Call, Route
from ..shared.files import PATH, keep_file, second, signature_of
from ..storage.store import Record
from ..web.messages import Reply

__all__ = ["ROUTES"]

_SIZE = "content-length-range"
_UNSIGNED = {"AWSAccessKeyId", "policy", "signature"}  # fields of a form beside its terms


class _Refused(Exception):
    """The storage refuses: an HTTP status, its code for the reason, and the reason."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(status, code, text)
        page = f"<Error><Code>{code}</Code><Message>{escape(text)}</Message></Error>"
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n{page}'.encode("utf-8", "replace")
        self.reply = Reply(status, body, "application/xml")


def _answering(handler: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    """Let a refusal of `handler` be its answer."""

    @wraps(handler)
    def answer(call: Call) -> Reply:
        try:
            return handler(call)
        except _Refused as refused:
            return refused.reply

    return answer


@_answering
def take(call: Call) -> Reply:
    """Answer POST `/s3/<bucket>`: a signed form with its file."""
    file = call.body.files.get("file")
    if file is None:
        text = "POST requires exactly one file upload per request."
        raise _Refused(400, "InvalidArgument", text)
    bucket, fields = call.path["bucket"], call.body.data
    key = _checked_key(call, bucket, fields, len(file.content))
    content_type = fields.get("Content-Type", "binary/octet-stream")
    if not (content_type.isascii() and content_type.isprintable()):
        raise _Refused(400, "InvalidArgument", "Content-Type must be printable ASCII.")
    keep_file(call.store, bucket, key, content_type, file.content)
    return Reply(204, content_type="", headers=(("ETag", _etag(file.content)),))


@_answering
def give(call: Call) -> Reply:
    """Answer GET `/s3/<bucket>/<key>`: the bytes of a file, as its signed link allows."""
    bucket = call.path["bucket"]
    # Not from the route: a `.json` at the end is part of the key here.
    key = call.request.path.partition(f"{PATH}/{bucket}/")[2]
    file = _linked(call, bucket, key)
    content = base64.b64decode(file["content"])
    return Reply(200, content, file["content_type"], (("ETag", _etag(content)),))


def _checked_key(call: Call, bucket: str, fields: Mapping[str, str], size: int) -> str:
    """Return the key under which a form lets its file be kept."""
    policy = fields.get("policy", "")
    if not _same(fields.get("signature", ""), signature_of(call.signer, policy)):
        text = "The request signature we calculated does not match the signature you provided."
        raise _Refused(403, "SignatureDoesNotMatch", text)
    ends, terms = _terms(policy)
    if ends <= second(call.clock()):
        raise _against("Policy expired.")
    sent = {**fields, "bucket": bucket}
    for rule, name, value in terms:
        if rule == _SIZE:
            _check_size(size, name, value)
            continue
        found = sent.pop(name, None)
        if found is None or not (found == value if rule == "eq" else found.startswith(value)):
            raise _against(f'Policy Condition failed: ["{rule}", "${name}", "{value}"]')
    if extra := sorted(sent.keys() - _UNSIGNED):
        raise _against(f"Extra input fields: {', '.join(extra)}")
    if not fields.get("key"):
        text = "Bucket POST must contain a field named 'key'."
        raise _Refused(400, "InvalidArgument", text)
    return fields["key"]


def _terms(policy: str) -> tuple[str, list[tuple[str, Any, Any]]]:
    """Return when a policy ends, and its conditions: rule, field and value, or the two sizes.

    Anybody may have any policy signed, so that it need not make sense.
    """
    try:
        found = json.loads(base64.b64decode(policy))
        return str(found["expiration"]), [t for term in found["conditions"] for t in _flat(term)]
    except (KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise _Refused(400, "InvalidPolicyDocument", f"Invalid Policy: {error!r}") from None


def _flat(condition: Any) -> list[tuple[str, Any, Any]]:
    if isinstance(condition, dict):
        return [("eq", name, str(value)) for name, value in condition.items()]
    rule, first, last = condition
    if rule == _SIZE:
        return [(rule, int(first), int(last))]
    if rule not in ("eq", "starts-with"):
        raise ValueError(f"unknown rule {rule}")
    return [(rule, str(first).removeprefix("$"), str(last))]


def _check_size(size: int, least: int, most: int) -> None:
    if size < least:
        text = "Your proposed upload is smaller than the minimum allowed size"
        raise _Refused(400, "EntityTooSmall", text)
    if size > most:
        text = "Your proposed upload exceeds the maximum allowed size"
        raise _Refused(400, "EntityTooLarge", text)


def _against(reason: str) -> _Refused:
    return _Refused(403, "AccessDenied", f"Invalid according to Policy: {reason}")


def _linked(call: Call, bucket: str, key: str) -> Record:
    """Return the file that a link names."""
    ends = call.args.get("Expires", "")
    signature = signature_of(call.signer, f"{bucket}/{key} {ends}")
    if not _same(call.args.get("Signature", ""), signature):
        raise _Refused(403, "AccessDenied", "Access Denied")
    if int(ends) <= call.clock():
        raise _Refused(403, "AccessDenied", "Request has expired")
    file = call.store.get("file", f"{bucket}/{key}")
    if file is None:
        raise _Refused(404, "NoSuchKey", "The specified key does not exist.")
    return file


def _same(sent: str, own: str) -> bool:
    return hmac.compare_digest(sent.encode("utf-8", "replace"), own.encode())


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


ROUTES = (
    Route(
        f"{PATH}/<bucket>",
        {"POST": take},
        access="open",
        accepted=("multipart/form-data",),
        renderers=(),
    ),
    Route(f"{PATH}/<bucket>/<path:key>", {"GET": give}, access="open", renderers=()),
)
