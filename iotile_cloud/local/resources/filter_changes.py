"""Reading, adding, changing and removing the parts of a stream filter: its sub-routes.

A part is named in the body, by its id or by what its table row says.  Knows no permission: who
may do it is told to the maker of the routes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import uuid4

from ..rules.crud import show
from ..rules.fields import Call, Route
from ..rules.validate import check, validate
from ..storage.store import Record, Store
from ..web.errors import bad_fields, not_found
from ..web.messages import Reply, json_reply, no_content
from .filter_parts import ACTION, PARTS, TRANSITION, TRIGGER, Part, of_filter, parts_of

__all__ = ["part_routes", "remove_part"]


def _found(call: Call, part: Part, owner: Record) -> Record:
    """Return the part that the body names."""
    data = call.body.data if isinstance(call.body.data, dict) else {}
    names = ("id",) if "id" in data else tuple(name for name in part.names if name in data)
    if not names:
        raise bad_fields({"id": ["This field is required."]})
    for one in of_filter(call.store, part, owner["slug"]):
        if all(str(one[name]) == str(data[name]) for name in names):
            return one
    raise not_found()


def remove_part(store: Store, part: Part, record: Record) -> None:
    """Remove a part with its own parts."""
    for inner in PARTS.values():
        if inner.owner == part.name:
            for one in parts_of(store, inner, record["id"]):
                store.remove(inner.kind, one)
    store.remove(part.kind, record)


def _add(call: Call, part: Part, owner: Record, values: Record) -> Record:
    part.prepare(call, owner, values)
    number = str(uuid4()) if part is TRANSITION else call.store.new_id(part.kind)
    home = {"filter": owner["slug"]} if part.owner == "filter" else {}
    return call.store.put(part.kind, {"id": number, **home, **values})


def _checked_triggers(call: Call) -> list[Record]:
    """Return the triggers that a new transition brings with it."""
    given = call.body.data.get("triggers", [])
    if not isinstance(given, list):
        text = f'Expected a list of items but got type "{type(given).__name__}".'
        raise bad_fields({"triggers": {"non_field_errors": [text]}})
    checked = [check(call.store, TRIGGER.answer, item) for item in given]
    if any(errors for _, errors in checked):
        raise bad_fields({"triggers": [errors for _, errors in checked]})
    return [values for values, _ in checked]


def _list(part: Part, call: Call, owner: Record) -> Reply:
    found = of_filter(call.store, part, owner["slug"])
    return json_reply([show(call.store, part.shown, one) for one in found])


def _create(part: Part, call: Call, owner: Record) -> Reply:
    values = validate(call.store, part.answer, call.body.data)
    triggers = _checked_triggers(call) if part is TRANSITION else []
    new = _add(call, part, owner, values)
    for trigger in triggers:
        _add(call, TRIGGER, owner, {**trigger, "transition": new["id"]})
    return json_reply(show(call.store, part.answer, new), 201)


def _change(part: Part, call: Call, owner: Record) -> Reply:
    record = _found(call, part, owner)
    values = validate(call.store, part.answer, call.body.data, partial=True)
    record = {**record, **values}
    part.prepare(call, owner, record)
    return json_reply(show(call.store, part.answer, call.store.put(part.kind, record)))


def _remove(part: Part, call: Call, owner: Record) -> Reply:
    remove_part(call.store, part, _found(call, part, owner))
    return no_content()


def part_routes(
    fetch: Callable[[Call], Record], may_write: Callable[[Call, Record], None]
) -> tuple[Route, ...]:
    """Return the routes of all parts.

    Args:
        fetch: returns the filter that the URL names.
        may_write: raises when the caller may not change it.
    """

    def read(part: Part, call: Call) -> Reply:
        return _list(part, call, fetch(call))

    def write(answer: Callable[[Part, Call, Record], Reply], part: Part, call: Call) -> Reply:
        owner = fetch(call)
        may_write(call, owner)
        return answer(part, call, owner)

    routes = []
    for part in PARTS.values():
        handlers = {"POST": partial(write, _create, part), "DELETE": partial(write, _remove, part)}
        if part is not ACTION:
            handlers |= {"GET": partial(read, part), "PUT": partial(write, _change, part)}
        routes.append(Route(f"/filter/<key>/{part.name}/", handlers))
    return tuple(routes)
