"""What a resource is made of, as values: fields, filters, the resource itself, and the call.

The vocabulary of the tables.  Knows no resource, and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .bodies import FORMS, Body, parse_body
from .messages import Reply, Request
from .paging import STANDARD, Paging
from .store import Record, Store
from .tokens import Signer

__all__ = [
    "INT32",
    "RW",
    "UINT31",
    "Call",
    "Field",
    "Handler",
    "R",
    "Resource",
    "Route",
    "W",
    "read_only",
]

R, W, RW = "r", "w", "rw"  # read-only, write-only, both
INT32 = (-(1 << 31), (1 << 31) - 1)
UINT31 = (0, (1 << 31) - 1)
INT64 = (-(1 << 63), (1 << 63) - 1)


@dataclass(frozen=True)
class Field:
    """One field of a resource.

    Args:
        kind: the name of its rule in `validate.RULES`.
        access: R, W or RW.
        most: how long a text may be.
        limits: the least and the greatest value of an integer.
        options: the choices; the (kind of record, its key) of a relation; the unit list of a unit.
        default: what a record gets that does not say.
        show: returns the value to show, where it is not simply what is stored.
    """

    name: str
    kind: str = "text"
    access: str = RW
    required: bool = False
    null: bool = False
    blank: bool = False
    most: int | None = None
    limits: tuple[int, int] = INT64
    options: tuple[str, ...] = ()
    default: Any = None
    show: Callable[[Store, Record], Any] | None = None


def read_only(*names: str) -> tuple[Field, ...]:
    """Return fields that are shown as they are stored and never written."""
    return tuple(Field(name, access=R) for name in names)


@dataclass
class Call:
    """One request on its way through a resource: who asks, for what, and with what."""

    request: Request
    store: Store
    signer: Signer
    clock: Callable[[], float]
    user: Record  # empty for nobody
    path: Mapping[str, str]  # the variable parts of the URL
    accepted: tuple[str, ...] = FORMS

    @property
    def args(self) -> Mapping[str, str]:
        """The query arguments."""
        return self.request.args

    @cached_property
    def body(self) -> Body:
        """The parsed body."""
        return parse_body(self.request, self.accepted)

    @property
    def all_orgs(self) -> bool:
        """Whether a member of staff asks to see everything (`staff=1`)."""
        return bool(self.user.get("is_staff") and self.args.get("staff") in ("1", "true", "True"))


Handler = Callable[[Call], Reply]
Test = Callable[[Record], bool]


@dataclass(frozen=True, eq=False)
class Route:
    """A path below `/api/v1/`, and what answers each method.

    Args:
        access: "user" needs credentials, "public" does not, "open" does not even look at them.
        accepted: the content types that its bodies may have.
    """

    path: str
    handlers: Mapping[str, Handler]
    access: str = "user"
    accepted: tuple[str, ...] = FORMS


@dataclass(frozen=True)
class Resource:
    """A kind of record that is listed, read, made, changed and deleted by the common rules.

    Args:
        kind: the kind of record in the store, and the path of the resource.
        visible: returns the test for what the caller's lists hold.
        fetch: returns the record that a URL names, or raises.
        may_write: raises when the caller may not change the record.
        filters: for each query argument, what returns the test for its text.
        order: what sorts the list.
        create_fields: the fields of a POST and its answer, where they are others.
        create: returns the new record for validated values; None: nobody may POST.
        post: answers POST in place of the common rule.
        change: adjusts validated values before they go into the record.
        delete: removes the record, or raises; None: no DELETE.
        listing: the methods that the listing answers; the others are 405.
        record: the methods that a record answers.
    """

    kind: str
    fields: tuple[Field, ...]
    visible: Callable[[Call], Test]
    fetch: Callable[[Call], Record]
    order: Callable[[Record], Any]
    filters: Mapping[str, Callable[[Call, str], Test]]
    paging: Paging = STANDARD
    create_fields: tuple[Field, ...] = ()
    accepted: tuple[str, ...] = FORMS
    may_write: Callable[[Call, Record], None] | None = None
    create: Callable[[Call, Record], Record] | None = None
    post: Handler | None = None
    change: Callable[[Call, Record, Record], None] | None = None
    delete: Callable[[Call, Record], None] | None = None
    listing: tuple[str, ...] = ("GET", "POST")
    record: tuple[str, ...] = ("GET", "PUT", "PATCH", "DELETE")
