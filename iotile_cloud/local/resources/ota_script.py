"""Scripts that update devices, and their files: `/ota/script/`.

Staff list and write them; whoever knows the slug of one reads it.  Knows nothing of what is in a
script, nor of the devices.
"""

from __future__ import annotations

from functools import partial
from uuid import uuid4

from ..access.scopes import Test, visible
from ..readings.slugs import grouped
from ..rules.crud import resource_routes, show
from ..rules.fields import INT32, Call, Field, R, Resource, Route, W, read_only
from ..rules.makers import allow, completed, now_text, written_by_staff
from ..rules.validate import validate
from ..shared.files import MEDIA, Bucket, new_file, show_file, upload_form
from ..shared.versions import part_of, put_versions
from ..storage.store import Record
from ..web.errors import restricted
from ..web.messages import Reply, json_reply

__all__ = ["FIELDS", "RESOURCE", "ROUTES"]

_VERSION = {"version": ("major_version", "minor_version", "patch_version")}
_PLACE = Bucket(MEDIA.name, 10, 1_024_000)

FIELDS = (
    *read_only("slug", "gid"),
    Field("name", required=True, most=50),
    Field("org", "related", required=True, options=("org", "slug")),
    *(Field(name, "int", W, limits=INT32, default=0) for name in _VERSION["version"]),
    Field("version", access=R, default="v0.0.0"),
    *read_only("created_on"),
    Field("released", "bool", default=False),
    *read_only("released_on"),
)
# The server looks for the file in a place where no upload puts it: both stay null.
_FILE = (
    *read_only("name", "url", "key"),
    *(
        Field(name, access=R, show=part_of("version", place))
        for place, name in enumerate(_VERSION["version"])
    ),
)
_NAME = Field("name", required=True)
_UPLOADED = (_NAME, Field("uuid", "uuid", required=True))


def sees_scripts(call: Call) -> Test:
    """Staff see all scripts, others none."""
    return lambda script: bool(call.user.get("is_staff"))


def fetch_script(call: Call) -> Record:
    """Return the script that the URL names."""
    return visible(call.store.get("ota/script", call.path["key"]), lambda script: True)


def create_script(call: Call, values: Record) -> Record:
    """Make a script, with the number after the highest."""
    put_versions(values, {}, _VERSION)
    taken = (int(s["slug"][3:].replace("-", ""), 16) for s in call.store.all("ota/script"))
    number = 1 + max(taken, default=0)
    new = {"slug": f"z--{grouped(number, 2)}", "gid": number, "created_on": now_text(call)}
    return completed(FIELDS, {**new, **values, **_released(call, {}, values)})


def change_script(call: Call, record: Record, values: Record) -> None:
    """Keep the parts of the version that were not sent, and note the day of the release."""
    put_versions(values, record, _VERSION)
    values.update(_released(call, record, values))


def _released(call: Call, old: Record, values: Record) -> Record:
    if not values.get("released") or old.get("released_on"):
        return {}
    return {"released_on": now_text(call)[: len("2020-01-01")]}


def delete_script(call: Call, record: Record) -> None:
    """Remove a script with its requests."""
    for request in call.store.all("ota/request"):
        if request["script"] == record["slug"]:
            call.store.remove("ota/request", request)
    call.store.remove("ota/script", record)


def script_file(call: Call) -> Reply:
    """Answer GET `/ota/script/<slug>/file/`."""
    return json_reply(show(call.store, _FILE, fetch_script(call)))


def _key(uuid: str, name: str) -> str:
    return f"dev/s3file/script/{uuid}/{name.rpartition('/')[2]}"


def upload_url(call: Call) -> Reply:
    """Answer POST `/ota/script/<slug>/uploadurl/`: the form for the file of a script."""
    fetch_script(call)
    key = _key(uuid := str(uuid4()), validate(call.store, (_NAME,), call.body.data)["name"])
    return json_reply(upload_form(call, _PLACE, key, uuid, "script", "text/plain"), 202)


def upload_success(call: Call) -> Reply:
    """Answer POST `/ota/script/<slug>/uploadsuccess/`: the script has the file that was sent."""
    script = fetch_script(call)
    sent = validate(call.store, _UPLOADED, call.body.data)
    uuid, name = sent["uuid"], sent["name"]
    script = {**script, "file": new_file(call, _PLACE, _key(uuid, name), uuid, name)}
    call.store.put("ota/script", script)
    shown = show_file(call, script["file"]) or {}
    return json_reply({**shown, "file_type": "device-script"}, 202)


RESOURCE = Resource(
    "ota/script",
    FIELDS,
    visible=sees_scripts,
    fetch=fetch_script,
    order=lambda script: str(script["slug"]),
    filters={},
    may_write=allow,
    create=create_script,
    change=change_script,
    delete=delete_script,
)

ROUTES = written_by_staff(
    (
        *resource_routes(RESOURCE),
        Route("/ota/script/<key>/file/", {"GET": script_file}),
        Route("/ota/script/<key>/uploadurl/", {"POST": upload_url}, fields=(_NAME,)),
        Route("/ota/script/<key>/uploadsuccess/", {"POST": upload_success}, fields=_UPLOADED),
    ),
    partial(restricted, 403),
)
