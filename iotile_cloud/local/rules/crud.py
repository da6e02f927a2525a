"""The five common answers of every resource: list, retrieve, create, update, delete.

Walks the resource tables.  Knows no resource by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ..storage.store import Record, Store
from ..web.errors import bad_fields, forbidden
from ..web.messages import Reply, json_reply, removed
from .fields import Call, Field, Handler, Resource, Route, W
from .paging import paged
from .validate import check, validate

__all__ = ["resource_routes", "show"]


def show(store: Store, fields: Iterable[Field], record: Record) -> dict[str, Any]:
    """Return `record` as its resource shows it."""
    return {
        f.name: f.show(store, record) if f.show else record.get(f.name, f.default)
        for f in fields
        if f.access != W
    }


def _shown(resource: Resource, call: Call, fields: Iterable[Field], record: Record) -> Record:
    body = show(call.store, fields, record)
    return resource.present(call, body) if resource.present else body


def list_records(resource: Resource, call: Call) -> Reply:
    """Answer GET on the listing."""
    tests = [resource.visible(call)]
    for name, make in resource.filters.items():
        if call.args.get(name):
            tests.append(make(call, call.args[name]))
    rows = [r for r in call.store.all(resource.kind) if all(test(r) for test in tests)]
    rows.sort(key=resource.order)
    if resource.cut:
        rows = resource.cut(call, rows)
    fields = resource.fields
    return paged(call.request, rows, resource.paging, lambda r: _shown(resource, call, fields, r))


def retrieve(resource: Resource, call: Call) -> Reply:
    """Answer GET on one record."""
    return json_reply(_shown(resource, call, resource.fields, resource.fetch(call)))


def create(resource: Resource, call: Call) -> Reply:
    """Answer POST on the listing."""
    if resource.create is None:
        raise forbidden()
    if resource.many and isinstance(call.body.data, list):
        return json_reply(resource.many(call, _create_all(resource, call)), 201)
    fields = resource.create_fields or resource.fields
    values = validate(call.store, fields, call.body.data)
    record = resource.create(call, values)
    call.store.put(resource.kind, record)
    return json_reply(_shown(resource, call, fields, record), 201)


def _create_all(resource: Resource, call: Call) -> list[Record]:
    """Make a record of every item of a list, or of none."""
    fields = resource.create_fields or resource.fields
    checked = [check(call.store, fields, item) for item in call.body.data]
    if any(errors for _, errors in checked):
        raise bad_fields([errors for _, errors in checked])
    if resource.create is None:
        raise forbidden()
    records = [resource.create(call, values) for values, _ in checked]
    return [call.store.put(resource.kind, record) for record in records]


def update(resource: Resource, call: Call) -> Reply:
    """Answer PUT and PATCH on one record: what was not sent stays."""
    record = resource.fetch(call)
    if resource.may_write is None:
        raise forbidden()
    resource.may_write(call, record)
    some = call.request.method == "PATCH"
    fields = resource.update_fields or resource.fields
    values = validate(call.store, fields, call.body.data, partial=some)
    if resource.change:
        resource.change(call, record, values)
    record.update(values)
    call.store.put(resource.kind, record)
    return json_reply(_shown(resource, call, fields, record))


def delete(resource: Resource, call: Call) -> Reply:
    """Answer DELETE on one record."""
    record = resource.fetch(call)
    if resource.delete is None:
        raise forbidden()
    resource.delete(call, record)
    return removed()


def resource_routes(
    resource: Resource, staff: Resource | None = None, **of_route: Any
) -> tuple[Route, ...]:
    """Return the two routes of a resource: its listing and its records.

    Args:
        staff: what serves members of staff who ask with `staff=1`, where that is another.
        of_route: what else the `Route` of both says, such as `access` or `keyed`.
    """

    def choose(answer: Callable[[Resource, Call], Reply], call: Call) -> Reply:
        return answer(staff if staff and call.all_orgs else resource, call)

    def handlers(**by_method: Any) -> dict[str, Handler]:
        return {method: partial(choose, answer) for method, answer in by_method.items()}

    listing = handlers(GET=list_records, POST=create)
    if resource.post is not None:
        listing["POST"] = resource.post
    records = handlers(GET=retrieve, PUT=update, PATCH=update, DELETE=delete)
    made, changed = (f or resource.fields for f in (resource.create_fields, resource.update_fields))
    path = resource.path or resource.kind
    rows = (
        (f"/{path}/", listing, resource.listing, made),
        (f"/{path}/<key>/", records, resource.record, changed),
    )
    of_route = {"accepted": resource.accepted, **of_route}
    return tuple(
        Route(path, {m: answers[m] for m in methods}, fields=fields, **of_route)
        for path, answers, methods, fields in rows
        if methods
    )
