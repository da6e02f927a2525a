"""The resources that follow the common rules, as one table.

Joins the field tables with who sees, who changes and what is filtered.  Knows nothing of HTTP.
"""

from __future__ import annotations

from . import makers, scopes
from .fields import Resource
from .filters import contains, equals, existing, has_property, in_project, of_author, of_time, truth
from .paging import LARGE, STANDARD, SUPER
from .reports import post_report
from .store import Record
from .tables import FIELDS, STREAM_POST

__all__ = ["RESOURCES"]


def _slug(record: Record) -> str:
    return str(record["slug"])


def _number(record: Record) -> int:
    return int(record["id"])


def _name(record: Record) -> str:
    return str(record["name"])


RESOURCES = (
    Resource(
        "account",
        FIELDS["account"],
        visible=scopes.sees_accounts,
        fetch=scopes.fetch_account,
        order=_slug,
        filters={},
        may_write=makers.allow,
        change=makers.change_account,
    ),
    Resource(
        "org",
        FIELDS["org"],
        visible=scopes.sees_orgs,
        fetch=scopes.fetch_org,
        order=_name,
        filters={"search": contains("name"), "created_by": of_author},
        may_write=makers.manage_org,
        create=makers.create_org,
        change=makers.change_org,
        delete=makers.remove_by_staff("org", 403, flag=True),
    ),
    Resource(
        "project",
        FIELDS["project"],
        visible=scopes.sees_projects,
        fetch=scopes.fetch_project,
        order=lambda project: (str(project["org"]), str(project["name"])),
        filters={
            "org": existing("org", "org"),
            "org__slug": existing("org", "org"),
            "slug": equals("slug"),
            "name": equals("name"),
            "created_by": of_author,
            "property": has_property,
        },
        may_write=makers.manage_org,
        create=makers.create_project,
        change=makers.change_project,
        delete=makers.remove_by_staff("project", 400, flag=False),
    ),
    Resource(
        "device",
        FIELDS["device"],
        visible=scopes.sees_devices,
        fetch=scopes.fetch_device,
        order=_number,
        filters={
            "project": in_project("id"),
            "org__slug": equals("org"),
            "dt": existing("dt", "template"),
            "sg": existing("sg", "sg"),
            "external_id": equals("external_id"),
            "claimed": lambda call, text: lambda device: device["claimed_by"] is not None,
            "property": lambda call, text: lambda device: False,
        },
        paging=LARGE,
        may_write=makers.modify_device,
        create=makers.refuse_device,
        change=makers.change_device,
        delete=makers.remove_by_staff("device", 403, flag=True),
    ),
    Resource(
        "variable",
        FIELDS["variable"],
        visible=scopes.sees_variables,
        fetch=scopes.fetch_variable,
        order=_slug,
        filters={
            "project": in_project("id"),
            "org": existing("org", "org"),
            "search": contains("name"),
        },
        paging=LARGE,
        may_write=makers.allow,
        create=makers.create_variable,
        delete=makers.remove_by_staff("variable", 400, flag=False),
    ),
    Resource(
        "stream",
        FIELDS["stream"],
        visible=scopes.sees_streams,
        fetch=scopes.fetch_stream,
        order=_slug,
        filters={
            "project": in_project("slug"),
            "org": existing("org", "org"),
            "org__slug": existing("org", "org"),
            "device": scopes.of_device,
            "device__slug": equals("device"),
            "block": existing("datablock", "block"),
            "variable": existing("variable", "variable"),
            "enabled": truth("enabled"),
        },
        paging=SUPER,
        create_fields=STREAM_POST,
        may_write=makers.allow,
        create=makers.create_stream,
        delete=makers.remove_by_staff("stream", 400, flag=False),
    ),
    Resource(
        "streamer",
        FIELDS["streamer"],
        visible=scopes.sees_streamers,
        fetch=scopes.fetch_streamer,
        order=_number,
        filters={
            "device": scopes.streamers_of_device,
            "selector": equals("selector", int),
            "slug": equals("slug"),
        },
        paging=STANDARD,
        create=makers.create_streamer,
    ),
    Resource(
        "streamer/report",
        FIELDS["streamer/report"],
        visible=scopes.sees_reports,
        fetch=scopes.fetch_report,
        order=lambda report: str(report["created_on"]),
        filters={
            "streamer__slug": equals("streamer"),
            "created_by__slug": equals("created_by"),
            "start": of_time("sent_timestamp", "start"),
            "end": of_time("sent_timestamp", "end"),
        },
        post=post_report,
    ),
)
