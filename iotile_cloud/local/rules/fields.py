"""What a resource is made of, as values: fields, filters, the resource itself, and the call.

The vocabulary of the tables.  Knows no resource, and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cached_property
from typing import Any

from ..access.tokens import Signer
from ..storage.store import Record, Store
from ..web.bodies import FORMS, Body, parse_body
from ..web.messages import Reply, Request
from ..web.render import API, Renderer
from ..web.zones import OFFSET, Times, read_times
from .paging import STANDARD, Paging

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
    """One request on its way through a resource: who asks, for what, and with what.

    Attributes:
        user: who asks; empty for nobody, and for an organisation's key.
        path: the variable parts of the URL.
        form: the format of the answer, as its renderer is called: "json", or what the route has.
        zone: the time zone of the session's user; None is UTC.
        session: the session whose cookie came, even beside a token.
        key_org: the organisation whose Api-Key asks, or "".
    """

    request: Request
    store: Store
    signer: Signer
    clock: Callable[[], float]
    user: Record
    path: Mapping[str, str]
    accepted: tuple[str, ...] = FORMS
    form: str = "json"
    zone: tzinfo | None = None
    session: Record | None = None
    key_org: str = ""

    @cached_property
    def args(self) -> Mapping[str, str]:
        """The query arguments; times without a zone are put into UTC."""
        args: Mapping[str, str] = read_times(self.request.args, self.zone)
        return args

    @cached_property
    def body(self) -> Body:
        """The parsed body; times without a zone are put into UTC."""
        body = parse_body(self.request, self.accepted)
        return replace(body, data=read_times(body.data, self.zone))

    @property
    def all_orgs(self) -> bool:
        """Whether a member of staff asks to see everything (`staff=1`)."""
        return bool(self.user.get("is_staff") and self.args.get("staff") in ("1", "true", "True"))


Handler = Callable[[Call], Reply]
Test = Callable[[Record], bool]


@dataclass(frozen=True, eq=False)
class Route:
    """A path, and what answers each method.

    Args:
        access: "user" needs credentials, "public" does not, "open" does not even look at them.
        accepted: the content types that its bodies may have.
        renderers: the forms of its answers, the usual one first; without any, its handlers
            answer as they like, and nobody looks at `format=` and Accept.
        keyed: the methods for which an organisation's Api-Key counts as well.
        times: how its answers print the times of a session with a zone (see `zones.py`).
        max_age: seconds for which a browser with a session may keep its answers.
        fields: what its bodies hold, for whoever asks with OPTIONS.
        prefix: what the path stands below.
        methods: what `Allow` says, where that is not what the handlers say.
    """

    path: str
    handlers: Mapping[str, Handler]
    access: str = "user"
    accepted: tuple[str, ...] = FORMS
    renderers: tuple[Renderer, ...] = API
    keyed: tuple[str, ...] = ()
    times: Times = OFFSET
    max_age: int = 0
    fields: tuple[Field, ...] = ()
    prefix: str = "/api/v1"
    methods: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resource:
    """A kind of record that is listed, read, made, changed and deleted by the common rules.

    Args:
        kind: the kind of record in the store, and the path of the resource.
        path: the path, where it is another.
        visible: returns the test for what the caller's lists hold.
        fetch: returns the record that a URL names, or raises.
        may_write: raises when the caller may not change the record.
        filters: for each query argument, what returns the test for its text.
        order: what sorts the list.
        create_fields: the fields of a POST and its answer, where they are others.
        update_fields: the fields of a PUT or PATCH and its answer, where they are others.
        create: returns the new record for validated values; None: nobody may POST.
        many: returns the answer to a POST of a list, for the records made; None: no lists.
        post: answers POST in place of the common rule.
        change: adjusts validated values before they go into the record.
        delete: removes the record, or raises; None: no DELETE.
        cut: returns which of the listed records are wanted, in order.
        present: adds to what is shown of a record what depends on who asks, and where.
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
    update_fields: tuple[Field, ...] = ()
    accepted: tuple[str, ...] = FORMS
    may_write: Callable[[Call, Record], None] | None = None
    create: Callable[[Call, Record], Record] | None = None
    path: str = ""
    many: Callable[[Call, list[Record]], Any] | None = None
    post: Handler | None = None
    change: Callable[[Call, Record, Record], None] | None = None
    delete: Callable[[Call, Record], None] | None = None
    cut: Callable[[Call, list[Record]], list[Record]] | None = None
    present: Callable[[Call, Record], Record] | None = None
    listing: tuple[str, ...] = ("GET", "POST")
    record: tuple[str, ...] = ("GET", "PUT", "PATCH", "DELETE")
