"""What a stream filter is made of: states with actions, and transitions with triggers.

A table of the parts, and what each wants of its values.  Knows nothing of routes and permissions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..readings.slugs import name_slug
from ..rules.crud import show
from ..rules.fields import Call, Field, R, W, read_only
from ..storage.store import Record, Store
from ..web.errors import bad_fields

__all__ = [
    "ACTION",
    "PARTS",
    "STATE",
    "TRANSITION",
    "TRIGGER",
    "Part",
    "of_filter",
    "parts_of",
    "shown_parts",
]

_OPERATORS = {
    "bu": "Buffer (no-op)",
    "eq": "Equal (==)",
    "ne": "Not equal (!=)",
    "le": "Less than or equal (<=)",
    "ge": "Greater than or equal (>=)",
    "lt": "Less than (<)",
    "gt": "Greater than (>)",
}
_ACTION_TYPES = ("eml", "sms", "slk", "cus", "drv", "rpt", "smry")
_NO_SUCH = 'Invalid pk "{}" - object does not exist.'


@dataclass(frozen=True)
class Part:
    """One kind of part.

    Args:
        name: the last word of its route.
        owner: what it is part of, "filter" or another part; the field that names it.
        answer: the fields of the answer to a POST or PUT.
        shown: the fields that a reading shows.
        names: the fields that find one when no `id` is given.
        prepare: completes validated values, or raises.
        order: what sorts them.
    """

    name: str
    owner: str
    answer: tuple[Field, ...]
    shown: tuple[Field, ...]
    names: tuple[str, ...]
    prepare: Callable[[Call, Record, Record], None]
    order: Callable[[Record], Any] = lambda part: 0

    @property
    def kind(self) -> str:
        """The kind of record in the store."""
        return f"filter/{self.name}"


def parts_of(store: Store, part: Part, owner: object) -> list[Record]:
    """Return the parts of one kind that belong to `owner`, in their order."""
    return sorted(
        (r for r in store.all(part.kind) if r[part.owner] == owner),
        key=part.order,
    )


def shown_parts(part: Part, key: str = "slug") -> Callable[[Store, Record], Any]:
    """Return what shows the parts of a record as a list."""

    def shown(store: Store, record: Record) -> list[Any]:
        found = parts_of(store, part, record[key])
        return [show(store, part.shown, one) for one in found]

    return shown


def _prepare_state(call: Call, owner: Record, values: Record) -> None:
    label = values.setdefault("label", "")
    values["slug"] = name_slug(label)
    for other in parts_of(call.store, PARTS["state"], owner["slug"]):
        if other["slug"] == values["slug"] and other["id"] != values.get("id"):
            raise bad_fields({"label": [f"The filter has a state {label!r} already."]})


def _prepare_transition(call: Call, owner: Record, values: Record) -> None:
    states = {state["id"] for state in parts_of(call.store, PARTS["state"], owner["slug"])}
    for name in ("src", "dst"):
        if values.setdefault(name, None) not in states | {None}:
            raise bad_fields({name: [_NO_SUCH.format(values[name])]})


def _prepare_trigger(call: Call, owner: Record, values: Record) -> None:
    _check_owner(call, "transition", owner, values)
    values["threshold"] = values.setdefault("user_threshold", None)


def _prepare_action(call: Call, owner: Record, values: Record) -> None:
    _check_owner(call, "state", owner, values)
    values.setdefault("on", "entry")
    values.setdefault("extra_payload", None)


def _check_owner(call: Call, name: str, owner: Record, values: Record) -> None:
    """Check that the part that `values` name under `name` is there, and of this filter."""
    wanted = values.get(name)
    if wanted is None:
        raise bad_fields({name: ["This field is required."]})
    if wanted not in [one["id"] for one in parts_of(call.store, PARTS[name], owner["slug"])]:
        raise bad_fields({name: [_NO_SUCH.format(wanted)]})


_ID = read_only("id")
_ACTION = (
    *_ID,
    Field("type", "choice", required=True, options=_ACTION_TYPES),
    Field("on", "choice", options=("entry", "exit")),
    Field("extra_payload", "json", null=True),
    Field("state", "int", null=True),
)
_TRIGGER = (
    *_ID,
    Field("operator", "choice", required=True, options=tuple(_OPERATORS)),
    Field("get_operator_display", access=R, show=lambda store, one: _OPERATORS[one["operator"]]),
    Field("threshold", access=R),
    Field("user_threshold", "float", null=True),
    *read_only("user_output_unit", "user_unit_full"),
    Field("transition", access=W, null=True),
)
ACTION = Part("action", "state", _ACTION, _ACTION, (), _prepare_action)
TRIGGER = Part("trigger", "transition", _TRIGGER, _TRIGGER, (), _prepare_trigger)

_LABEL = Field("label", most=50)
_ACTIONS = Field("actions", access=R, show=shown_parts(ACTION, "id"))
_ENDS = (Field("src", "int", null=True), Field("dst", "int", null=True))
_TRIGGERS = Field("triggers", access=R, show=shown_parts(TRIGGER, "id"))
STATE = Part(
    "state",
    "filter",
    (*_ID, _LABEL, _ACTIONS),
    (*_ID, _LABEL, Field("slug", access=R), _ACTIONS),
    ("label",),
    _prepare_state,
    lambda state: str(state["slug"]),
)
TRANSITION = Part(
    "transition",
    "filter",
    (*_ENDS, _TRIGGERS),
    (*_ID, *_ENDS, _TRIGGERS),
    ("src", "dst"),
    _prepare_transition,
)
PARTS: Mapping[str, Part] = {p.name: p for p in (STATE, TRANSITION, TRIGGER, ACTION)}


def of_filter(store: Store, part: Part, slug: str) -> list[Record]:
    """Return all parts of one kind in the filter with this slug."""
    if part.owner == "filter":
        return parts_of(store, part, slug)
    owners = parts_of(store, PARTS[part.owner], slug)
    return [one for owner in owners for one in parts_of(store, part, owner["id"])]
