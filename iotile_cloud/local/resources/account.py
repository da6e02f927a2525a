"""Accounts: everybody sees and changes his own; staff see all; anybody may make one.

Knows nothing of how one logs in.
"""

from __future__ import annotations

import re

from ..access.scopes import Test, visible
from ..access.tokens import hash_password
from ..rules.crud import resource_routes, show
from ..rules.fields import Call, Field, R, Resource, Route, W, read_only
from ..rules.makers import allow, completed, now_text
from ..rules.validate import validate
from ..shared.avatars import user_avatar
from ..storage.store import Record
from ..web.errors import bad_fields, bad_request, unauthorized
from ..web.messages import Reply, json_reply

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

_SECRETS = (
    Field("password", access=W),
    Field("confirm_password", access=W),
    Field("captcha_token", access=W, blank=True, null=True),
)
_CHANGED = (*FIELDS, *_SECRETS)
_MADE = (*_CHANGED, Field("verified_email", "bool", access=W))
_PASSWORD = (Field("password", required=True, most=200, access=W),)


def sees_accounts(call: Call) -> Test:
    """Everybody sees only himself; staff with any `staff=` see all."""
    if not call.user:
        raise unauthorized()
    if call.user["is_staff"] and "staff" in call.args:
        return lambda user: True
    return lambda user: bool(user["slug"] == call.user["slug"])


def fetch_account(call: Call) -> Record:
    """Return the account that the URL names."""
    return visible(call.store.get("account", call.path["key"]), sees_accounts(call))


def post_account(call: Call) -> Reply:
    """Answer POST `/account/`: a new account, which only staff can make an active one."""
    values = validate(call.store, _MADE, call.body.data)
    _check_names(call, values)
    password = _password(call, values)
    if not password:
        raise bad_request("Passwords did not match")
    now = now_text(call)
    made = {
        "id": call.store.new_id("account"),
        "slug": _new_slug(call, values["username"]),
        "created_at": now,
        "updated_at": now,
        "is_active": bool(values.pop("verified_email", False) and call.user.get("is_staff")),
        "time_zone": "UTC",
        "drf_token": None,
    }
    user = {**completed(FIELDS, values), **made, **password}
    call.store.put("account", user)
    answer = show(call.store, FIELDS, user)
    shown = ["id", "slug", "created_at"]
    shown += [name for name in ("username", "email", "name", "tagline") if name in values]
    return json_reply({name: answer[name] for name in shown}, 201)


def change_account(call: Call, record: Record, values: Record) -> None:
    """Keep e-mail addresses and user names unique, and note the time."""
    _check_names(call, values, record)
    values.update(_password(call, values), updated_at=now_text(call))


def _check_names(call: Call, values: Record, own: Record | None = None) -> None:
    errors = {}
    for name in ("email", "username"):
        text = str(values.get(name, "")).lower()
        others = (user for user in call.store.all("account") if user != own)
        if any(text == user[name].lower() for user in others):
            errors[name] = [f"account with this {name} already exists."]
    if re.search(r"\s", values.get("username", "")):
        errors["username"] = ["Username should not contain spaces."]
    if errors:
        raise bad_fields(errors)


def _password(call: Call, values: Record) -> Record:
    """Return the hash of the password that `values` say, twice; both are taken out of them."""
    values.pop("captcha_token", None)
    confirmed = values.pop("confirm_password", None)
    if "password" not in values and confirmed is None:
        return {}
    password = values.pop("password", None)
    if password is None or password != confirmed:
        raise bad_request("Passwords did not match")
    return _hashed(call, password)


def _hashed(call: Call, password: str) -> Record:
    return {"password": hash_password(password, call.store.durable)}


def _new_slug(call: Call, username: str) -> str:
    """Return a slug made from a user name that no other account has."""
    name = re.sub(r"[^a-z0-9_]+", "-", username.lower()).strip("-") or "user"
    slug, number = name, 2
    while call.store.get("account", slug) is not None:
        slug, number = f"{name}-{number}", number + 1
    return slug


def delete_account(call: Call, record: Record) -> None:
    """Forget an account, and its memberships with it."""
    for org in call.store.all("org"):
        members = [m for m in org.get("members", ()) if m["user"] != record["slug"]]
        if len(members) < len(org.get("members", ())):
            call.store.put("org", {**org, "members": members})
    call.store.remove("account", record)


def set_password(call: Call) -> Reply:
    """Answer POST `/account/<slug>/set_password/`."""
    user = fetch_account(call)
    password = validate(call.store, _PASSWORD, call.body.data)["password"]
    now = now_text(call)
    call.store.put("account", {**user, **_hashed(call, password), "updated_at": now})
    return json_reply({"status": "password set"}, 201)


RESOURCE = Resource(
    "account",
    FIELDS,
    visible=sees_accounts,
    fetch=fetch_account,
    order=lambda user: str(user["slug"]),
    filters={},
    create_fields=_MADE,
    update_fields=_CHANGED,
    may_write=allow,
    post=post_account,
    change=change_account,
    delete=delete_account,
)

ROUTES = (
    *resource_routes(RESOURCE, access="public"),  # whoever may not see accounts cannot fetch one
    Route("/account/<key>/set_password/", {"POST": set_password}, fields=_PASSWORD),
)
