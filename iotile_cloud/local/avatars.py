"""The pictures of users and organisations: links that the server makes up.

Knows nothing of records but what the links are made from.
"""

from __future__ import annotations

import hashlib
from typing import Any

__all__ = ["org_avatar", "user_avatar"]


def user_avatar(store: object, user: dict[str, Any]) -> dict[str, str]:
    """Return the links to a user's picture."""
    return _links(user["email"], tiny=28, thumbnail=80, medium=170)


def org_avatar(store: object, org: dict[str, Any]) -> dict[str, str]:
    """Return the links to an organisation's picture."""
    return _links(org["slug"], tiny=28, thumbnail=100)


def _links(text: str, **sizes: int) -> dict[str, str]:
    digest = hashlib.md5(text.lower().encode(), usedforsecurity=False).hexdigest()
    address = f"https://secure.gravatar.com/avatar/{digest}?d=identicon&s="
    return {name: f"{address}{size}" for name, size in sizes.items()}
