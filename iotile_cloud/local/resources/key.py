"""Keys of devices: made by staff; the device itself gives out those that may be downloaded.

Knows nothing of how a key is used.
"""

from __future__ import annotations

from ..rules.crud import show
from ..rules.fields import Call, Field, Route
from ..rules.validate import validate
from ..web.errors import bad_fields, forbidden
from ..web.messages import Reply, json_reply

__all__ = ["FIELDS", "ROUTES"]

FIELDS = (
    Field("slug", required=True, most=24),
    Field(
        "type",
        "choice",
        options=("USR", "SSH", "X-API-KEY", "A-JWT-KEY", "MQTT"),
        default="USR",
    ),
    Field("downloadable", "bool", default=False),
    Field("secret", required=True),
)
_NOT_UNIQUE = "The fields slug, type must make a unique set."


def post_key(call: Call) -> Reply:
    """Answer POST `/key/`: staff make a key; a device has one of each type."""
    if not call.user["is_staff"]:
        raise forbidden()
    key = {"type": "USR", "downloadable": False, **validate(call.store, FIELDS, call.body.data)}
    if call.store.find("key", slug=key["slug"], type=key["type"]):
        raise bad_fields({"non_field_errors": [_NOT_UNIQUE]})
    if call.store.get("device", key["slug"]) is None:
        raise bad_fields({"slug": [f"Object with slug={key['slug']} does not exist."]})
    kept = call.store.put("key", {"id": call.store.new_id("key"), **key})
    return json_reply(show(call.store, FIELDS, kept), 201)


ROUTES = (Route("/key/", {"POST": post_key}, fields=FIELDS),)
