"""Who belongs to an organisation, in which role, and who is invited.

A membership lives in the record of its organisation.  Knows nothing of how one logs in.
"""

from __future__ import annotations

from ..access.permissions import can, permissions_of
from ..rules.crud import show
from ..rules.fields import Call, Field, R, Route, read_only
from ..rules.makers import now_text
from ..rules.paging import STANDARD, paged
from ..rules.validate import validate
from ..shared.avatars import user_avatar
from ..storage.store import Record, Store
from ..web.errors import ApiError, denied, not_found
from ..web.messages import Reply, json_reply
from .org import fetch_org

__all__ = ["MEMBER", "ROUTES"]

_ROLE_NAMES = {"a0": "Owner", "a1": "Admin", "m1": "Member", "r1": "Operator", "d1": "Developer"}


def _user_details(store: Store, member: Record) -> Record | None:
    user = store.get("account", member["user"])
    if user is None:
        return None
    links = user_avatar(store, user)
    names = ("email", "username", "slug", "name", "tagline")
    shown = {name: user.get(name, "") for name in names}
    return {**shown, "avatar": {size: links[size] for size in ("tiny", "thumbnail")}}


def _permissions(store: Store, member: Record) -> dict[str, bool]:
    return permissions_of(member["role"])


def _role_name(store: Store, member: Record) -> str:
    role = member["role"]
    return f"{role} - {_ROLE_NAMES[role]}" if role in _ROLE_NAMES else str(role)


MEMBER = (
    Field("user", "related", required=True, options=("account", "slug")),
    Field("user_details", access=R, show=_user_details),
    *read_only("created_on"),
    Field("is_active", "bool", default=True),
    Field("is_org_admin", "bool", default=False),
    Field("permissions", access=R, show=_permissions),
    Field("role", "choice", options=("a1", "m1", "r1", "d1"), default="m1"),
    Field("role_name", access=R, show=_role_name),
)
_INVITED = (Field("email", "email", required=True, most=254),)
_PENDING = read_only("email", "sent_on", "sent_by")


def _managed(call: Call) -> Record:
    """Return the organisation that the URL names, when the caller manages its users."""
    org = fetch_org(call)
    if not can(call.store, call.user, org["slug"], "can_manage_users"):
        raise denied()
    return org


def list_members(call: Call) -> Reply:
    """Answer GET `/org/<slug>/members/`: the active members; with `all=1` the others too."""
    members = _managed(call)["members"]
    if call.args.get("all") != "1":
        members = [member for member in members if member.get("is_active", True)]
    rows = sorted(members, key=lambda member: str(member["user"]))
    return paged(call.request, rows, STANDARD, lambda member: show(call.store, MEMBER, member))


def own_membership(call: Call) -> Reply:
    """Answer GET `/org/<slug>/membership/`: the caller's own; staff may have none."""
    own = membership_of(fetch_org(call), call.user)
    if own is None:
        raise not_found()
    return json_reply(show(call.store, MEMBER, own))


def membership_of(org: Record, user: Record) -> Record | None:
    """Return the membership of `user` in `org`, or None."""
    return next((m for m in org["members"] if m["user"] == user["slug"]), None)


def register(call: Call) -> Reply:
    """Answer POST `/org/<slug>/register/`: make a user a member."""
    org = _managed(call)
    values = validate(call.store, MEMBER, call.body.data)
    if any(member["user"] == values["user"] for member in org["members"]):
        raise ApiError(400, {"error": "Member already exists"})
    role = values.setdefault("role", "m1")
    defaults = {"is_active": True, "is_org_admin": role == "a1", "created_on": now_text(call)}
    member = {**defaults, **values}
    call.store.put("org", {**org, "members": [*org["members"], member]})
    return json_reply(show(call.store, MEMBER, member), 201)


def invite(call: Call) -> Reply:
    """Answer POST `/org/<slug>/invite/`: remember an invitation; no mail leaves this machine."""
    org = _managed(call)
    email = validate(call.store, _INVITED, call.body.data)["email"]
    sent = {"org": org["slug"], "email": email}
    old = call.store.find("invitation", **sent)
    number = old["id"] if old else call.store.new_id("invitation")
    made = {"id": number, "sent_on": now_text(call), "sent_by": call.user["slug"]}
    call.store.put("invitation", {**made, **sent})
    return json_reply({"email": email}, 201)


def list_pending(call: Call) -> Reply:
    """Answer GET `/org/<slug>/pending/`: the invitations."""
    slug = _managed(call)["slug"]
    rows = [row for row in call.store.all("invitation") if row["org"] == slug]
    return paged(call.request, rows, STANDARD, lambda row: show(call.store, _PENDING, row))


ROUTES = (
    Route("/org/<key>/members/", {"GET": list_members}),
    Route("/org/<key>/membership/", {"GET": own_membership}),
    Route("/org/<key>/pending/", {"GET": list_pending}),
    Route("/org/<key>/invite/", {"POST": invite}, fields=_INVITED),
    Route("/org/<key>/register/", {"POST": register}, fields=MEMBER),
)
