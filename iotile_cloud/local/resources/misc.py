"""Small services that belong to no resource: `/pid/`, `/s3file/sign/`, `/dbstats/`, shares.

Knows nothing of the jobs or files that they are about.
"""

from __future__ import annotations

import base64
import json

from werkzeug.http import dump_cookie

from ..rules.fields import Call, Field, Route
from ..rules.validate import validate
from ..shared.files import signature_of
from ..web.bodies import AS_JSON
from ..web.errors import ApiError, forbidden
from ..web.messages import Reply, json_reply

__all__ = ["ROUTES"]

_PID = (Field("pid", required=True),)
_COUNTED = ("account", "org", "project", "device", "variable", "stream", "datablock", "streamer")


def job(call: Call) -> Reply:
    """Answer POST `/pid/`: here every job is done as soon as it is asked for, and forgotten."""
    pid = validate(call.store, _PID, call.body.data)["pid"]
    return json_reply({"pid": pid, "info": {"error": "Not found"}}, 202)


def sign_file(call: Call) -> Reply:
    """Answer POST `/s3file/sign/`: the signature that the file storage wants to see.

    Source: what a browser's uploader sends: a policy, or (`headers`) the text to sign itself.
    """
    data = call.body.data
    if not isinstance(data, dict) or not ("conditions" in data or "headers" in data):
        raise ApiError(400, {"invalid": True})
    if "headers" in data:
        # The prefix keeps this from being the signature of a link to somebody's file.
        text = f"headers {data['headers']}"
        return json_reply({"signature": signature_of(call.signer, text)})
    policy = base64.b64encode(json.dumps(data).encode()).decode()
    return json_reply({"policy": policy, "signature": signature_of(call.signer, policy)})


def stats(call: Call) -> Reply:
    """Answer GET `/dbstats/`: how many records of the main kinds there are, for staff."""
    if not call.user["is_staff"]:
        raise forbidden()
    return json_reply({kind: sum(1 for _ in call.store.all(kind)) for kind in _COUNTED})


def share(call: Call) -> Reply:
    """Answer GET `/share/report/<id>/`: there is no such page, so back to the start.

    The cookie is what the page there would tell.
    """
    told = dump_cookie("messages", "Report not found", path="/", httponly=True, samesite="Lax")
    headers = (("Location", "/"), ("Vary", "Cookie"), ("Set-Cookie", told))
    return Reply(302, b"", "text/html; charset=utf-8", headers)


ROUTES = (
    Route("/pid/", {"POST": job}, accepted=AS_JSON, fields=_PID),
    Route("/s3file/sign/", {"POST": sign_file}, accepted=AS_JSON),
    Route("/dbstats/", {"GET": stats}),
    Route("/share/report/<key>/", {"GET": share}, access="open", renderers=(), prefix=""),
)
