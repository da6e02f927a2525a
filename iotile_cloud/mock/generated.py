"""Generated reports and updates over HTTP: what a client posts about them.

Knows what such a body must say.  Knows nothing of where the records are listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from ..local.resources.generated import CONTENT_TYPES
from ..local.rules.fields import Call, Route
from ..local.shared.files import REPORTS, file_link, upload_form
from ..local.web.errors import bad_fields
from ..local.web.messages import Reply, json_reply
from .records import found
from .rows import row
from .state import Record
from .store import check_token, cloud_of

__all__ = ["ROWS"]

_CREATOR = "quick-test-user"
_ACCESS = ("private", "public-read")


def _fields(call: Call, *required: str) -> Record:
    values = call.body.data if isinstance(call.body.data, dict) else {}
    missing = [name for name in required if values.get(name) in (None, "")]
    if missing:
        raise bad_fields({name: ["This field is required."] for name in missing})
    return values


def _choice(values: Mapping[str, Any], name: str, options: tuple[str, ...]) -> Any:
    value = values.get(name)
    if value is not None and value not in options:
        raise bad_fields({name: [f'"{value}" is not a valid choice.']})
    return value


def post_generated(call: Call) -> Reply:
    """Answer POST `/report/generated/`: 201 with the new record."""
    cloud = check_token(call)
    values = _fields(call, "label", "org")
    uuid = str(uuid4())
    cloud.generated_reports[uuid] = {
        "id": uuid,
        "label": values["label"],
        "source_ref": values.get("source_ref"),
        "user_info": {"username": f"@{_CREATOR}", "slug": _CREATOR, "tiny_avatar": ""},
        "url": None,
        "report": values.get("report"),
        "created_on": cloud._fixed_utc_timestr(),
        "created_by": _CREATOR,
        "org": values["org"],
        "index_file": None,
        "status": values.get("status", "G0"),
    }
    return json_reply(cloud.generated_reports[uuid], 201)


def _key(report: Record, name: object) -> str:
    return f"dev/shared/{report['org']}/{report['id']}/{name}"


def upload_url(call: Call) -> Reply:
    """Answer POST `/report/generated/<id>/uploadurl/`: a form that this cloud takes a file with."""
    cloud, uuid = check_token(call), call.path["key"]
    report = found(cloud.generated_reports, uuid)
    values = _fields(call, "name")
    content_type = _choice(values, "content_type", CONTENT_TYPES)
    access = _choice(values, "acl", _ACCESS) or "private"
    key = _key(report, values["name"])
    form = upload_form(call, REPORTS, key, uuid, "report", content_type, access)
    cloud.generated_reports_urls[uuid] = form
    return json_reply(form, 202)


def upload_success(call: Call) -> Reply:
    """Answer POST `/report/generated/<id>/uploadsuccess/`: the file, which becomes the index."""
    cloud, uuid = check_token(call), call.path["key"]
    report = found(cloud.generated_reports, uuid)
    name = str(_fields(call, "name")["name"])
    report["index_file"] = {
        "id": uuid,
        "title": name,
        "url": file_link(call, REPORTS.name, _key(report, name)),
        "file_type": name.rpartition(".")[2],
        "created_on": cloud._fixed_utc_timestr(),
        "created_by": 1,
    }
    report["status"] = "G1"
    return json_reply(report["index_file"], 202)


def post_action(call: Call) -> Reply:
    """Answer POST `/ota/action/`: 201; what `/ota/device/` tells of the device has it, too."""
    cloud = cloud_of(call)
    values = _fields(call, "deployment", "device")
    info = cloud.ota_devices.get(str(values["device"]))
    if info is None:
        raise bad_fields({"device": [f"Object with slug={values['device']} does not exist."]})
    actions = info.setdefault("actions", [])
    action = {
        "id": sum(len(other.get("actions", ())) for other in cloud.ota_devices.values()) + 1,
        "deployment": values["deployment"],
        "device": values["device"],
        "created_on": cloud._fixed_utc_timestr(),
        "last_attempt_on": values.get("last_attempt_on"),
        "attempt_successful": values.get("attempt_successful", False),
        "device_confirmation": False,
        "log": values.get("log"),
    }
    actions.append(action)
    return json_reply(action, 201)


ROWS: tuple[Route, ...] = (
    row("/report/generated/", POST=post_generated),
    row("/report/generated/<key>/uploadurl/", POST=upload_url),
    row("/report/generated/<key>/uploadsuccess/", POST=upload_success),
    row("/ota/action/", POST=post_action),
)
