"""Global ids (slugs): one grammar table, and one value type per kind that reads and writes it.

Input may be an int, another slug or text, short or long; output is always the canonical text, lower
case and complete.  Knows nothing of HTTP, and not which slugs exist on a server.
"""

from __future__ import annotations

from functools import total_ordering
from typing import TYPE_CHECKING

from ._grammar import (
    GRAMMAR,
    fix_gid,
    form_of,
    gid2int,
    gid_join,
    gid_split,
    grouped,
    int2bid,
    int2did,
    int2fid,
    int2pid,
    int2vid,
    int16gid,
    int32gid,
    int48gid,
    int64gid,
    number_of,
    read_slug,
)

if TYPE_CHECKING:
    from typing import SupportsIndex, Union

    AnyId = Union[SupportsIndex, str, "IOTileCloudSlug"]

__all__ = [
    "IOTileBlockSlug",
    "IOTileCloudSlug",
    "IOTileDeviceSlug",
    "IOTileFleetSlug",
    "IOTileProjectSlug",
    "IOTileStreamSlug",
    "IOTileStreamerSlug",
    "IOTileVariableSlug",
    "fix_gid",
    "gid2int",
    "gid_join",
    "gid_split",
    "int2bid",
    "int2did",
    "int2fid",
    "int2pid",
    "int2vid",
    "int16gid",
    "int32gid",
    "int48gid",
    "int64gid",
    "parse_slug",
]

_DEVICE_BITS = 48  # the top group of a device term is the number of its data block


def _read(kind: str, value: object) -> list[int]:
    return read_slug(kind, value._text if isinstance(value, IOTileCloudSlug) else value)


@total_ordering
class IOTileCloudSlug:
    """The base of all slugs: a value that is compared, ordered and hashed by its canonical text.

    Two slugs are equal when their texts are.  A slug never equals a plain str: compare `str(slug)`.

    >>> IOTileDeviceSlug("d--000A") == IOTileDeviceSlug(10), IOTileDeviceSlug(10) == "d--000a"
    (True, False)
    """

    kind = ""
    _text = ""

    def __init__(self, id: AnyId) -> None:
        if not self.kind:
            raise TypeError("this is only the base of the slugs; use the class of a kind")
        self._set(*_read(self.kind, id))

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._text!r})" if self._text else "IOTileStreamSlug()"

    def _repr_html_(self) -> str | None:
        """Return what the slug means, in every form, for a notebook."""
        from ._forms import forms_html

        return forms_html(self) if self._text else None

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, IOTileCloudSlug) else NotImplemented

    def __lt__(self, other: object) -> bool:
        return self._text < other._text if isinstance(other, IOTileCloudSlug) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def formatted_id(self) -> str:
        """Return all terms after the kind: `0000-0005--5001` of a variable."""
        return gid_join(self._terms())

    def formatted_local_id(self) -> str:
        """Return the last term: `5001` of a variable or a stream."""
        return self._terms()[-1]

    def get_id(self) -> int:
        """Return the number of a project, device, fleet or block (without its block number).

        Raises:
            ValueError: the slug is of a kind that more than one number makes.
        """
        if len(self._terms()) != 1:
            raise ValueError(f"{self!r} has no single id; use formatted_id()")
        return gid2int(self._terms()[0])

    def _terms(self) -> list[str]:
        if not self._text:
            raise ValueError(f"this {type(self).__name__} is empty; fill it with from_parts()")
        return gid_split(self._text)[1:]

    def _set(self, *numbers: int) -> None:
        widths = GRAMMAR[self.kind][1]
        self._text = gid_join([self.kind, *map(grouped, numbers, widths)])


class IOTileProjectSlug(IOTileCloudSlug):
    """A project, `p--xxxx-xxxx`: `IOTileProjectSlug(5)`, `("5")` or `("p--0005")`."""

    kind = "p"


class IOTileFleetSlug(IOTileCloudSlug):
    """A fleet, `g--xxxx-xxxx-xxxx`: `IOTileFleetSlug(1)` or `("g--0001")`."""

    kind = "g"


class IOTileDeviceSlug(IOTileCloudSlug):
    """A device, `d--xxxx-xxxx-xxxx-xxxx`; a first group that is not zero names a data block.

    Args:
        id: int, hex text (`000a`, `0x0a`), short or full slug, or a device slug to copy.
        allow_64bits: False refuses ids of more than 48 bits, so data blocks too.

    Raises:
        ValueError: `id` is none of these, or too large.

    >>> str(IOTileDeviceSlug("d--0201"))
    'd--0000-0000-0000-0201'
    """

    kind = "d"

    def __init__(self, id: AnyId, allow_64bits: bool = True) -> None:
        (number,) = _read(self.kind, id)
        if number >> _DEVICE_BITS and not allow_64bits:
            raise ValueError(f"not a device id of at most 48 bits: {id!r}; expected d--0000-...")
        self._set(number)


class IOTileBlockSlug(IOTileCloudSlug):
    """A data block (archive), `b--BBBB-xxxx-xxxx-xxxx`: block number, then the device's id.

    Args:
        id: a whole block slug, or its device as int, text or slug; the first of four groups of a
            device is taken as the block number.
        block: the block number, when `id` does not say; 0 stands for the device itself.

    Raises:
        ValueError: the device is zero or too large, or `id` and `block` disagree.

    >>> str(IOTileBlockSlug("d--0201", block=3))
    'b--0003-0000-0000-0201'
    """

    kind = "b"

    def __init__(self, id: AnyId, block: SupportsIndex | str = 0) -> None:
        given = number_of(block, 1, "a block number from 0 to 0xffff")
        text = str(id) if isinstance(id, (str, IOTileCloudSlug)) else ""
        whole = text[:3].lower() == "b--"
        (number,) = _read("b" if whole else "d", id)
        stated, device = number >> _DEVICE_BITS, number & (1 << _DEVICE_BITS) - 1
        if not device or (whole and text.count("-") != 5) or (stated and not text):
            raise ValueError(f"not a block: {id!r}; expected {form_of('b')} or a device of 48 bits")
        if stated and given not in (0, stated):
            raise ValueError(f"{id!r} is of block {stated}, not of block {given}; give one of them")
        self._set((stated or given) << _DEVICE_BITS | device)

    @property
    def _block(self) -> str:  # published scripts read it
        return self.formatted_id()[:4]

    def get_block(self) -> int:
        """Return the block number; 0 when this is a plain device."""
        return int(self._block, 16)

    def get_id(self) -> int:
        """Return the number of the device, without the block number."""
        return super().get_id() & (1 << _DEVICE_BITS) - 1


class IOTileStreamerSlug(IOTileCloudSlug):
    """A streamer, `t--<device>--IIII`: the device and the index of the streamer on it.

    Args:
        device: device as int, text or slug; or a whole streamer slug, then without `index`.
        index: 0 to 0xffff; text is hex.

    >>> str(IOTileStreamerSlug("d--0201", 1))
    't--0000-0000-0000-0201--0001'
    """

    kind = "t"

    def __init__(self, device: AnyId, index: SupportsIndex | str | None = None) -> None:
        if index is None:
            self._set(*_read(self.kind, device))
        else:
            expected = "a streamer index from 0 to 0xffff"
            self._set(*_read("d", device), number_of(index, 1, expected))

    def get_device(self) -> str:
        """Return the slug of the device as text."""
        return gid_join(["d", self._terms()[0]])

    def get_index(self) -> str:
        """Return the index as four hex digits."""
        return self._terms()[1]


class IOTileVariableSlug(IOTileCloudSlug):
    """A variable, `v--<project>--VVVV`: the project and the variable's local id in it.

    Args:
        id: local id as int (1 to 0xffff) or hex text, or a whole slug with both terms.
        project: the project as int, text or slug, when `id` does not say.

    Raises:
        ValueError: out of range or malformed, or `id` and `project` name different projects.

    >>> str(IOTileVariableSlug("5001", project=5))
    'v--0000-0005--5001'
    """

    kind = "v"

    def __init__(self, id: AnyId, project: AnyId = 0) -> None:
        (given,) = _read("p", project)
        if isinstance(id, IOTileCloudSlug) or (isinstance(id, str) and "--" in id):
            stated, local = _read(self.kind, id)
        else:
            stated = 0
            local = number_of(id, 1, f"{form_of('v')}, its last term alone, or 1 to 0xffff")
            if local == 0 and not isinstance(id, str):  # the int 0 is an id that was never set
                raise ValueError("not a variable id: 0; expected 1 to 0xffff")
        if stated and given not in (0, stated):
            raise ValueError(f"{id!r} is not of project {project!r}; give the project once")
        self._set(stated or given, local)


class IOTileStreamSlug(IOTileCloudSlug):
    """A stream, `s--<project>--<device>--VVVV`; made empty, it is filled by `from_parts`.

    `from_parts` changes the slug in place, so a slug that is to be a dict key or in a set is better
    made in one step, with `build`.  The text of an empty one is ''.  `s----<device>--VVVV` is of
    project zero.

    >>> str(IOTileStreamSlug("s--0005--000a--5001"))
    's--0000-0005--0000-0000-0000-000a--5001'
    """

    kind = "s"

    def __init__(self, id: AnyId | None = None) -> None:
        if id is not None and not (isinstance(id, IOTileStreamSlug) and not id._text):
            super().__init__(id)

    @classmethod
    def build(
        cls, *, project: AnyId | None, device: AnyId | None, variable: AnyId
    ) -> IOTileStreamSlug:
        """Make a stream slug of its parts in one step; see `from_parts`.

        >>> str(IOTileStreamSlug.build(project=5, device=10, variable="5001"))
        's--0000-0005--0000-0000-0000-000a--5001'
        """
        slug = cls()
        slug.from_parts(project=project, device=device, variable=variable)
        return slug

    def from_parts(self, project: AnyId | None, device: AnyId | None, variable: AnyId) -> None:
        """Set this slug to a project, a device and a variable, each an int, text or slug.

        None or '' as project or device stands for zero.  Of a variable that names a project only
        the local id counts: an archived stream, for one, is of project zero.

        Raises:
            ValueError: a part is malformed or out of range; the slug is then as it was.
        """
        local = IOTileVariableSlug(variable).formatted_local_id()
        numbers = [
            0 if part is None or (isinstance(part, str) and not part) else _read(kind, part)[0]
            for kind, part in (("p", project), ("d", device))
        ]
        self._set(*numbers, gid2int(local))

    def get_parts(self) -> dict[str, str]:
        """Return the slugs of `project`, `device` and `variable` as text.

        >>> IOTileStreamSlug("s--0005--000a--5001").get_parts()["variable"]
        'v--0000-0005--5001'
        """
        project, device, variable = self._terms()
        return {
            "project": gid_join(["p", project]),
            "device": gid_join(["d", device]),
            "variable": gid_join(["v", project, variable]),
        }


_CLASSES = {slug_class.kind: slug_class for slug_class in IOTileCloudSlug.__subclasses__()}


def parse_slug(text: str) -> IOTileCloudSlug:
    """Return the slug that `text` is, in the class of its kind.

    Raises:
        ValueError: `text` begins with no known kind, or is not well formed for its kind.

    >>> parse_slug("v--0005--5001")
    IOTileVariableSlug('v--0000-0005--5001')
    """
    kind = gid_split(text)[0].lower() if isinstance(text, str) else ""
    if kind not in _CLASSES or "--" not in text:
        forms = ", ".join(map(form_of, GRAMMAR))
        raise ValueError(f"not a slug: {text!r}; expected one of {forms}")
    return _CLASSES[kind](text)
