"""Signed forms and links, with which files come into the storage and go out.

What a note or a report answers.  Knows nothing of either, nor of how the storage checks them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
from datetime import datetime, timezone
from typing import NamedTuple
from urllib.parse import urlencode

from ..access.tokens import Signer
from ..rules.fields import Call
from ..rules.makers import now_text
from ..rules.paging import absolute
from ..storage.store import Record, Store

__all__ = [
    "MEDIA",
    "PATH",
    "REPORTS",
    "Bucket",
    "file_link",
    "keep_file",
    "new_file",
    "second",
    "show_file",
    "signature_of",
    "upload_form",
]

PATH = "/s3"
_OWNER = "local"  # in place of the key id of a real storage's account
_FORM_LIFETIME = 6 * 3600.0  # seconds
_LINK_LIFETIME = 3600  # seconds


class Bucket(NamedTuple):
    """A place for files, and how many bytes a file there may have."""

    name: str
    least: int
    most: int


MEDIA = Bucket("iotile-cloud-media", 10, 4_096_000)
REPORTS = Bucket("iotile-cloud-reports", 10, 5_120_000)


def upload_form(
    call: Call,
    bucket: Bucket,
    key: str,
    uuid: str,
    kind: str,
    content_type: str | None = None,
    acl: str = "private",
) -> Record:
    """Return what POST `.../uploadurl/` answers: where to send a file, with which form fields.

    Args:
        key: the file's path in the bucket; it ends in the file's name.
        uuid: what the file is called by later on.
        kind: what the file belongs to, such as "note".
        content_type: None: what the name's ending says.
    """
    name = key.rpartition("/")[2]
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    signed = {
        "acl": acl,
        "x-amz-meta-filename": name,
        "x-amz-meta-uuid": uuid,
        "x-amz-meta-type": kind,
        "Content-Type": content_type or guessed,
    }
    limits = ["content-length-range", bucket.least, bucket.most]
    place = [{"bucket": bucket.name}, {"key": key}]
    policy = {
        "expiration": second(call.clock() + _FORM_LIFETIME),
        "conditions": [*({k: v} for k, v in signed.items()), limits, *place],
    }
    text = base64.b64encode(json.dumps(policy).encode()).decode()
    fields = {**signed, "key": key, "AWSAccessKeyId": _OWNER, "policy": text}
    fields["signature"] = signature_of(call.signer, text)
    return {"url": _address(call, bucket.name), "fields": fields, "uuid": uuid}


def new_file(call: Call, bucket: Bucket, key: str, uuid: str, title: str) -> Record:
    """Return the record of an uploaded file, for whatever it belongs to to keep."""
    return {
        "id": uuid,
        "title": title,
        "bucket": bucket.name,
        "key": key,
        "created_on": now_text(call),
        "created_by": call.user["id"],
    }


def keep_file(store: Store, bucket: str, key: str, content_type: str, content: bytes) -> None:
    """Put a file into the storage, in place of the one with the same key."""
    text = base64.b64encode(content).decode()
    kept = {"id": f"{bucket}/{key}", "content_type": content_type, "content": text}
    store.put("file", kept)


def show_file(call: Call, file: Record | None) -> Record | None:
    """Return the record of a file as the server shows it: with a link that lasts an hour."""
    if file is None:
        return None
    return {
        "id": file["id"],
        "title": file["title"],
        "url": file_link(call, file["bucket"], file["key"]),
        "file_type": file["key"].rpartition("/")[2].rpartition(".")[2],
        "created_on": file["created_on"],
        "created_by": file["created_by"],
    }


def file_link(call: Call, bucket: str, key: str) -> str:
    """Return a link with which anybody can fetch a file, for an hour."""
    ends = int(call.clock()) + _LINK_LIFETIME
    signature = signature_of(call.signer, f"{bucket}/{key} {ends}")
    query = {"AWSAccessKeyId": _OWNER, "Signature": signature, "Expires": ends}
    return f"{_address(call, f'{bucket}/{key}')}?{urlencode(query)}"


def signature_of(signer: Signer, text: str) -> str:
    """Return a signature of `text` in the storage's form: 20 bytes as base64."""
    token = signer.sign({"storage": text})
    return base64.b64encode(hashlib.sha1(token.encode(), usedforsecurity=False).digest()).decode()


def _address(call: Call, path: str) -> str:
    return absolute(call.request, f"/api/v1{PATH}/{path}")


def second(seconds: float) -> str:
    """Return seconds since 1970 as the storage writes a time."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
