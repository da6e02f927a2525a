"""Asking for reports: which a device supports, and scheduling one.  `/report/` but for the reports.

Nothing is computed: on the real server a worker would be told.  Of a summary only its moment is
kept.  Knows nothing of a report's files.
"""

from __future__ import annotations

from typing import Any

from ..access.scopes import allowed
from ..rules.fields import Call, Field, Route
from ..rules.makers import now_text
from ..rules.validate import validate
from ..shared.belongings import stream_slug
from ..storage.store import Record
from ..web.bodies import AS_JSON
from ..web.errors import bad_fields
from ..web.messages import Reply, json_reply
from .event import new_event
from .generated import READ, SCHEDULED, WRITE, create_generated, find_report
from .shipping import UPDATE

_SLUG = Field("slug", required=True, most=22)
_SCHEDULE = (
    Field("report", most=50),
    Field("label", most=50),
    _SLUG,
    Field("template", "choice", required=True, options=("shipment_overview", "shipment_details")),
    Field("args", "json"),
)
_SUMMARY = (
    Field("device_slug", most=22),
    Field("slug", most=22),
    Field("notification_recipients", "texts", required=True),
    Field("generator", "choice", required=True, options=("end_of_trip",)),
)


def _source(call: Call, slug: str, permission: str) -> Record:
    """Return the device or data block that a report is about."""
    kind = "datablock" if slug.startswith("b--") else "device"
    return allowed(call, call.store.get(kind, slug), permission)


def availability(call: Call) -> Reply:
    """Answer POST `/report/generated/availability/`: which reports a device's graph supports."""
    slug = validate(call.store, (_SLUG,), call.body.data)["slug"]
    source = _source(call, slug, READ)
    found = _templates((call.store.get("sg", source["sg"]) or {}).get("ui_extra"))
    if found:
        answer = {"code": "AVAILABLE", "msg": "Analytic Reports", "extra": {"reports": found}}
    else:
        answer = {"code": "NOT_SUPPORTED", "msg": "Feature not supported", "extra": {}}
    return json_reply({"slug": slug, **answer}, 202)


def _templates(extra: Any) -> Any:
    """Return the report templates that a sensor graph names somewhere in its description."""
    if not isinstance(extra, dict):
        return None
    own = extra.get("supportedReportTemplates")
    return own or next(filter(None, map(_templates, extra.values())), None)


def schedule(call: Call) -> Reply:
    """Answer POST `/report/generated/schedule/`: what a worker would be told; there is none."""
    values = validate(call.store, _SCHEDULE, call.body.data)
    source = _source(call, values["slug"], WRITE)
    if "report" in values:
        report = find_report(call, values["report"], WRITE) | {"status": SCHEDULED}
    else:
        label = values.get("label", values["template"])
        about = {"source_ref": source["slug"], "org": source["org"], "status": SCHEDULED}
        report = create_generated(call, {"label": label, **about})
    call.store.put("report/generated", report)
    answer = {
        "report": report["id"],
        "template": values["template"],
        "group_slug": source["slug"],
        "user": call.user["email"],
        "token": call.signer.issue(call.user),
        "args": values.get("args"),
    }
    return json_reply(answer, 202)


def summary(call: Call) -> Reply:
    """Answer POST `/report/summary/`: what a worker would mail to the recipients."""
    values = validate(call.store, _SUMMARY, call.body.data)
    slug = values.get("slug") or values.get("device_slug")
    if slug is None:
        raise bad_fields({"slug": ["This field is required."]})
    source = _source(call, slug, WRITE)
    stream = stream_slug(call.store, source, UPDATE)
    if call.store.get("stream", stream):  # a device that travels
        new_event(call, {"stream": stream, "timestamp": now_text(call), "extra_data": {}})
    return json_reply({"status": "scheduled"}, 202)


ROUTES = (
    Route("/report/generated/availability/", {"POST": availability}, fields=(_SLUG,)),
    Route("/report/generated/schedule/", {"POST": schedule}, fields=_SCHEDULE),
    Route("/report/summary/", {"POST": summary}, accepted=AS_JSON, fields=_SUMMARY),
)
