"""Stream aliases: several streams, one after the other in time, under one slug, and their taps.

A tap says from when on an alias is which stream.  Knows nothing of readings.
"""

from __future__ import annotations

from ..access.permissions import can
from ..access.scopes import Test, mine, numbered, visible
from ..readings.slugs import grouped
from ..readings.sources import taps_of
from ..rules.crud import resource_routes
from ..rules.fields import Call, Field, R, Resource, read_only
from ..rules.filters import existing
from ..rules.makers import allow, stamp
from ..storage.store import Record
from ..web.errors import bad_fields, denied, forbidden

FIELDS = (
    *read_only("id", "slug"),
    Field("gid", access=R, show=lambda store, alias: alias["slug"][3:]),
    Field("name", required=True, most=100),
    Field("org", "related", required=True, options=("org", "slug")),
    *read_only("created_on", "created_by"),
)
TAP_FIELDS = (
    *read_only("id"),
    Field("alias", "related", required=True, options=("alias", "slug")),
    Field("timestamp", "moment", required=True),
    Field("stream", "related", required=True, options=("stream", "slug")),
    *read_only("created_on", "created_by"),
)


def sees_aliases(call: Call) -> Test:
    """A user sees the aliases of his organisations."""
    return mine(call)


def _check_managed(call: Call, org: str | None) -> None:
    if not can(call.store, call.user, org, "can_manage_stream_aliases"):
        raise denied()


def _managed(call: Call, alias: Record | None) -> Record:
    """Return `alias` when the caller may manage it, which even reading needs."""
    alias = visible(alias, lambda record: True)
    _check_managed(call, alias["org"])
    return alias


def fetch_alias(call: Call) -> Record:
    """Return the alias that the URL names."""
    return _managed(call, call.store.get("alias", call.path["key"]))


def create_alias(call: Call, values: Record) -> Record:
    """Make an alias, numbered on."""
    _check_managed(call, values["org"])
    number = call.store.new_id("alias")
    return {"id": number, "slug": f"a--{grouped(number, 4)}", **stamp(call), **values}


def change_alias(call: Call, record: Record, values: Record) -> None:
    """Let an alias move to an organisation only when the caller manages its aliases too."""
    _check_managed(call, values.get("org", record["org"]))


def remove_alias(call: Call, alias: Record) -> None:
    """Remove an alias and its taps."""
    for tap in taps_of(call.store, alias["slug"]):
        call.store.remove("tap", tap)
    call.store.remove("alias", alias)


def sees_taps(call: Call) -> Test:
    """A user sees the taps of the aliases that he sees."""
    own = sees_aliases(call)
    slugs = {alias["slug"] for alias in call.store.all("alias") if own(alias)}
    return lambda tap: tap["alias"] in slugs


def fetch_tap(call: Call) -> Record:
    """Return the tap that the URL names."""
    tap = numbered(call, "tap")
    _managed(call, call.store.get("alias", tap["alias"]))
    return tap


def create_tap(call: Call, values: Record) -> Record:
    """Make a tap."""
    change_tap(call, {}, values)
    return {"id": call.store.new_id("tap"), **stamp(call), **values}


def change_tap(call: Call, record: Record, values: Record) -> None:
    """Check that the caller manages the alias, and may read what he taps."""
    wanted = {**record, **values}
    _managed(call, call.store.get("alias", wanted["alias"]))
    stream = call.store.get("stream", wanted["stream"])
    if stream is None:
        raise bad_fields({"stream": [f"Object with slug={wanted['stream']} does not exist."]})
    if not can(call.store, call.user, stream["org"], "can_read_stream_data"):
        raise forbidden()


def remove_tap(call: Call, tap: Record) -> None:
    """Remove a tap."""
    call.store.remove("tap", tap)


RESOURCE = Resource(
    "alias",
    FIELDS,
    visible=sees_aliases,
    fetch=fetch_alias,
    order=lambda alias: int(alias["id"]),
    filters={},
    may_write=allow,
    create=create_alias,
    change=change_alias,
    delete=remove_alias,
)
TAPS = Resource(
    "tap",
    TAP_FIELDS,
    visible=sees_taps,
    fetch=fetch_tap,
    order=lambda tap: int(tap["id"]),
    filters={"target": existing("alias", "alias")},
    may_write=allow,
    create=create_tap,
    change=change_tap,
    delete=remove_tap,
)

ROUTES = (*resource_routes(RESOURCE), *resource_routes(TAPS))
