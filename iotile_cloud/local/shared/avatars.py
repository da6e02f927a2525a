"""The pictures of users and organisations: links that the server makes up.

Knows nothing of records but what the links are made from.
"""

from __future__ import annotations

import hashlib
from typing import Any

from ..storage.store import Record, Store

__all__ = ["org_avatar", "user_avatar", "user_info"]


def user_avatar(store: object, user: dict[str, Any]) -> dict[str, str]:
    """Return the links to a user's picture."""
    return _links(user["email"], tiny=28, thumbnail=80, medium=170)


def user_info(store: Store, record: Record) -> dict[str, str]:
    """Return what a record shows of the user who made it; {} when nobody is known."""
    user = store.get("account", record.get("created_by"))
    if user is None:
        return {}
    names = {"username": f"@{user['username']}", "slug": user["slug"]}
    return {**names, "tiny_avatar": user_avatar(store, user)["tiny"]}


def org_avatar(store: object, org: dict[str, Any]) -> dict[str, str]:
    """Return the links to an organisation's picture."""
    return _links(f"admin@{org['slug']}.com", tiny=28, thumbnail=100)


def _links(text: str, **sizes: int) -> dict[str, str]:
    digest = hashlib.md5(text.lower().encode(), usedforsecurity=False).hexdigest()
    address = f"https://secure.gravatar.com/avatar/{digest}?d=identicon&s="
    return {name: f"{address}{size}" for name, size in sizes.items()}
