"""What an organisation holds, in numbers, and what the caller is in it: `/org/<slug>/extra/`.

Knows nothing of how any of it is listed.
"""

from __future__ import annotations

from typing import Any

from ..rules.crud import show
from ..rules.fields import Call, Field, R, Route
from ..storage.store import Record, Store
from ..web.messages import Reply, json_reply
from .org import FIELDS as ORG
from .org import fetch_org
from .org_members import MEMBER, membership_of

__all__ = ["ROUTES"]

_TEMPLATE = ("id", "name", "slug", "version", "extra_data", "created_on")


def _template(store: Store, org: Record) -> dict[str, Any] | None:
    template = store.get("ot", org.get("ot"))
    return {name: template.get(name) for name in _TEMPLATE} if template else None


def _counts(store: Store, org: Record) -> dict[str, int]:
    def count(kind: str, **fields: object) -> int:
        wanted = {"org": org["slug"], **fields}.items()
        return sum(all(r.get(k) == v for k, v in wanted) for r in store.all(kind))

    return {
        "projects": count("project"),
        "datablocks": count("datablock"),
        "members": sum(bool(m.get("is_active", True)) for m in org["members"]),
        "devices": count("device", active=True),
        "fleets": count("fleet", is_network=False),
        "networks": count("fleet", is_network=True),
        "reports": count("report/generated"),
    }


_SHOWN = {
    **{field.name: field for field in ORG if field.name != "domain_names"},
    "ot": Field("ot", access=R, show=_template),
    "counts": Field("counts", access=R, show=_counts),
}


def org_extra(call: Call) -> Reply:
    """Answer GET `/org/<slug>/extra/`."""
    org = fetch_org(call)
    own = membership_of(org, call.user)
    member = show(call.store, MEMBER, own) if own else {}
    return json_reply({**show(call.store, _SHOWN.values(), org), "current_member": member})


ROUTES = (Route("/org/<key>/extra/", {"GET": org_extra}),)
