"""Accounts: everybody sees and changes his own; staff see all.

Knows nothing of how one logs in.
"""

from __future__ import annotations

from ..avatars import user_avatar
from ..crud import resource_routes
from ..errors import (
    bad_fields,
)
from ..fields import Call, Field, R, Resource, read_only
from ..makers import allow, now_text
from ..scopes import Test, visible
from ..store import Record

FIELDS = (
    *read_only("id"),
    Field("email", "email", required=True, most=254),
    Field("username", required=True, most=40),
    *read_only("created_at", "updated_at"),
    Field("name", most=120, blank=True, default=""),
    Field("tagline", most=260, blank=True, default=""),
    Field("avatar", access=R, show=user_avatar),
    *read_only("slug"),
    Field("is_staff", access=R, default=False),
)


def sees_accounts(call: Call) -> Test:
    """Everybody sees only himself; staff with any `staff=` see all."""
    if call.user["is_staff"] and "staff" in call.args:
        return lambda user: True
    return lambda user: bool(user["slug"] == call.user["slug"])


def fetch_account(call: Call) -> Record:
    """Return the account that the URL names."""
    return visible(call.store.get("account", call.path["key"]), sees_accounts(call))


def change_account(call: Call, record: Record, values: Record) -> None:
    """Keep e-mail addresses and user names unique, and note the time."""
    errors = {}
    for name in ("email", "username"):
        other = call.store.find("account", **{name: values[name]}) if name in values else None
        if other not in (None, record):
            errors[name] = [f"account with this {name} already exists."]
    if errors:
        raise bad_fields(errors)
    values["updated_at"] = now_text(call)


RESOURCE = Resource(
    "account",
    FIELDS,
    visible=sees_accounts,
    fetch=fetch_account,
    order=lambda user: str(user["slug"]),
    filters={},
    may_write=allow,
    change=change_account,
)

ROUTES = resource_routes(RESOURCE)
