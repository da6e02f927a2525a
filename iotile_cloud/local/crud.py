"""The five common answers of every resource: list, retrieve, create, update, delete.

Walks the resource tables.  Knows no resource by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from .errors import forbidden
from .fields import Call, Field, Handler, Resource, Route, W
from .messages import Reply, json_reply, no_content
from .paging import paged
from .store import Record, Store
from .validate import validate

__all__ = ["resource_routes", "show"]


def show(store: Store, fields: Iterable[Field], record: Record) -> dict[str, Any]:
    """Return `record` as its resource shows it."""
    return {
        f.name: f.show(store, record) if f.show else record.get(f.name, f.default)
        for f in fields
        if f.access != W
    }


def list_records(resource: Resource, call: Call) -> Reply:
    """Answer GET on the listing."""
    tests = [resource.visible(call)]
    for name, make in resource.filters.items():
        if call.args.get(name):
            tests.append(make(call, call.args[name]))
    rows = [r for r in call.store.all(resource.kind) if all(test(r) for test in tests)]
    rows.sort(key=resource.order)
    fields = resource.fields
    return paged(call.request, rows, resource.paging, lambda r: show(call.store, fields, r))


def retrieve(resource: Resource, call: Call) -> Reply:
    """Answer GET on one record."""
    return json_reply(show(call.store, resource.fields, resource.fetch(call)))


def create(resource: Resource, call: Call) -> Reply:
    """Answer POST on the listing."""
    if resource.create is None:
        raise forbidden()
    fields = resource.create_fields or resource.fields
    values = validate(call.store, fields, call.body.data)
    record = resource.create(call, values)
    call.store.put(resource.kind, record)
    return json_reply(show(call.store, fields, record), 201)


def update(resource: Resource, call: Call) -> Reply:
    """Answer PUT and PATCH on one record: what was not sent stays."""
    record = resource.fetch(call)
    if resource.may_write is None:
        raise forbidden()
    resource.may_write(call, record)
    some = call.request.method == "PATCH"
    values = validate(call.store, resource.fields, call.body.data, partial=some)
    if resource.change:
        resource.change(call, record, values)
    record.update(values)
    call.store.put(resource.kind, record)
    return json_reply(show(call.store, resource.fields, record))


def delete(resource: Resource, call: Call) -> Reply:
    """Answer DELETE on one record."""
    record = resource.fetch(call)
    if resource.delete is None:
        raise forbidden()
    resource.delete(call, record)
    return no_content()


def resource_routes(resource: Resource) -> tuple[Route, ...]:
    """Return the two routes of a resource: its listing and its records."""

    def handlers(**by_method: Any) -> dict[str, Handler]:
        return {method: partial(answer, resource) for method, answer in by_method.items()}

    listing = handlers(GET=list_records, POST=create)
    if resource.post is not None:
        listing["POST"] = resource.post
    records = handlers(GET=retrieve, PUT=update, PATCH=update, DELETE=delete)
    rows = (
        (f"/{resource.kind}/", listing, resource.listing),
        (f"/{resource.kind}/<key>/", records, resource.record),
    )
    return tuple(
        Route(path, {m: answers[m] for m in methods}, accepted=resource.accepted)
        for path, answers, methods in rows
    )
