"""Slugs: what is read, what is refused, and what a slug then says of itself."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iotile_cloud.utils.gid as gid
from iotile_cloud.utils.gid import (
    IOTileBlockSlug,
    IOTileCloudSlug,
    IOTileDeviceSlug,
    IOTileFleetSlug,
    IOTileProjectSlug,
    IOTileStreamerSlug,
    IOTileStreamSlug,
    IOTileVariableSlug,
    parse_slug,
)

EXAMPLES = [
    IOTileProjectSlug(5),
    IOTileDeviceSlug(10),
    IOTileBlockSlug(10, block=3),
    IOTileFleetSlug(1),
    IOTileVariableSlug("5001", project=5),
    IOTileStreamSlug("s--0000-0005--0000-0000-0000-000a--5001"),
    IOTileStreamerSlug(10, 1),
]
CANONICAL = {
    "p": r"p--H-H",
    "d": r"d--H-H-H-H",
    "b": r"b--H-H-H-H",
    "g": r"g--H-H-H",
    "v": r"v--H-H--H",
    "s": r"s--H-H--H-H-H-H--H",
    "t": r"t--H-H-H-H--H",
}
CANONICAL = {kind: form.replace("H", "[0-9a-f]{4}") for kind, form in CANONICAL.items()}


class Number:
    """A number of some other library: nothing but `__index__`."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number


# What is read


@pytest.mark.parametrize(
    "given",
    [
        *(10, Number(10), "000a", "a", "0xa", "0X000A", "d--a", "d--000a", "D--000A"),
        *("0000-000a", "d--0000-0000-0000-000A", "0-0000-0000-000a", IOTileDeviceSlug(10)),
    ],
)
def test_device_forms(given):
    """Every published way to write a device gives the same canonical slug."""
    assert str(IOTileDeviceSlug(given)) == "d--0000-0000-0000-000a"


@pytest.mark.parametrize("given", [5, "5", "0005", "p--0005", "p--0000-0005", IOTileProjectSlug(5)])
def test_project_forms(given):
    """Every published way to write a project gives the same canonical slug."""
    assert str(IOTileProjectSlug(given)) == "p--0000-0005"


@pytest.mark.parametrize("given", [1, "1", "0x1", "g--0001", "G--1", IOTileFleetSlug(1)])
def test_fleet_forms(given):
    """Every published way to write a fleet gives the same canonical slug."""
    assert str(IOTileFleetSlug(given)) == "g--0000-0000-0001"


@pytest.mark.parametrize("given", [20512, Number(20512), "5020", "0x5020", "v--5--5020"])
@pytest.mark.parametrize("project", [5, "5", "p--0005", IOTileProjectSlug(5)])
def test_variable_forms(given, project):
    """A variable takes its id as int, text or slug, and its project in each of these forms."""
    assert str(IOTileVariableSlug(given, project=project)) == "v--0000-0005--5020"


def test_variable_without_a_project_is_of_project_zero():
    """The project of a variable is zero when nobody names one."""
    assert str(IOTileVariableSlug(0x5001)) == "v--0000-0000--5001"


@pytest.mark.parametrize(
    "given",
    [0x201, "201", "d--0201", IOTileDeviceSlug(0x201), "b--0003-0000-0000-0201"],
)
def test_block_forms(given):
    """A block takes its device as int, text or slug with `block=`, or the whole slug."""
    assert str(IOTileBlockSlug(given, block=3)) == "b--0003-0000-0000-0201"


def test_first_group_of_a_device_is_the_block():
    """A device slug of four groups brings its block number along."""
    assert str(IOTileBlockSlug("d--0003-0000-0000-0201")) == "b--0003-0000-0000-0201"


def test_block_of_a_plain_device_is_zero():
    """A device without a block number has block 0."""
    assert IOTileBlockSlug("d--0201").get_block() == 0


def test_block_speaks_of_block_and_device():
    """A block gives its number as int and as text, and the device without it."""
    slug = IOTileBlockSlug("b--0003-0000-0000-0201")
    assert (slug.get_block(), slug._block, slug.get_id()) == (3, "0003", 0x201)


@pytest.mark.parametrize("device", [0x201, "d--0201", IOTileDeviceSlug(0x201)])
@pytest.mark.parametrize("index", [26, Number(26), "1a", "001A"])
def test_streamer_forms(device, index):
    """A streamer takes device and index in each of their forms."""
    assert str(IOTileStreamerSlug(device, index)) == "t--0000-0000-0000-0201--001a"


def test_streamer_speaks_of_device_and_index():
    """A streamer gives its device and its index as plain text."""
    slug = IOTileStreamerSlug("t--0000-0000-0000-0201--001a")
    assert (slug.get_device(), slug.get_index()) == ("d--0000-0000-0000-0201", "001a")


def test_stream_of_no_project():
    """A stream that is written without a project is of project zero."""
    slug = IOTileStreamSlug("s----0000-0000-0000-000a--5001")
    assert str(slug) == "s--0000-0000--0000-0000-0000-000a--5001"


@pytest.mark.parametrize("project", [5, "5", "p--0005", IOTileProjectSlug(5)])
@pytest.mark.parametrize("device", [10, "a", "d--a", IOTileDeviceSlug(10)])
@pytest.mark.parametrize("variable", [0x5001, "5001", "v--0--5001", IOTileVariableSlug("5001", 7)])
def test_stream_from_parts(project, device, variable):
    """The parts of a stream are ints, texts or slugs; the stream's project is what counts."""
    slug = IOTileStreamSlug()
    assert slug.from_parts(project=project, device=device, variable=variable) is None
    assert str(slug) == "s--0000-0005--0000-0000-0000-000a--5001"


@pytest.mark.parametrize("nothing", [None, ""])
def test_stream_parts_may_be_missing(nothing):
    """None or an empty text as project or device stands for zero."""
    slug = IOTileStreamSlug.build(project=nothing, device=nothing, variable="5001")
    assert str(slug) == "s--0000-0000--0000-0000-0000-0000--5001"


def test_stream_slug_is_reusable():
    """`from_parts` replaces what the slug was before."""
    slug = IOTileStreamSlug("s--0001--0001--5001")
    slug.from_parts(2, 3, 4)
    assert str(slug) == "s--0000-0002--0000-0000-0000-0003--0004"


def test_bad_parts_leave_a_stream_slug_as_it_was():
    """A part that is refused changes nothing."""
    slug = IOTileStreamSlug("s--0001--0001--5001")
    with pytest.raises(ValueError, match="device"):
        slug.from_parts(2, "zzz", 4)
    assert str(slug) == "s--0000-0001--0000-0000-0000-0001--5001"


def test_parts_of_a_stream_are_plain_text():
    """`get_parts` gives three slugs as str; the variable has the project of the stream."""
    parts = IOTileStreamSlug("s--0005--000a--5001").get_parts()
    assert parts == {
        "project": "p--0000-0005",
        "device": "d--0000-0000-0000-000a",
        "variable": "v--0000-0005--5001",
    }
    assert {type(part) for part in parts.values()} == {str}


def test_empty_stream_slug():
    """A stream slug that was never set has the empty text, and says so when asked for more."""
    slug = IOTileStreamSlug()
    assert (str(slug), repr(slug)) == ("", "IOTileStreamSlug()")
    with pytest.raises(ValueError, match="from_parts"):
        slug.get_parts()


def test_numpy_integers_are_numbers():
    """An integer of numpy is as good as an int."""
    numpy = pytest.importorskip("numpy")
    slug = IOTileStreamSlug.build(
        project=numpy.uint8(5), device=numpy.int64(10), variable=numpy.uint16(0x5001)
    )
    assert str(slug) == "s--0000-0005--0000-0000-0000-000a--5001"


# What is refused


@pytest.mark.parametrize("make", [IOTileProjectSlug, IOTileDeviceSlug, IOTileFleetSlug])
@pytest.mark.parametrize(
    "bad",
    [
        *("", " ", " 1", "1 ", "1\n", "z", "0x", "-1", "+1", "1_0", "1-2", "1--2", "--1", "\u0661"),
        *(
            None,
            True,
            False,
            1.0,
            b"1",
            [],
            -1,
            1 << 64,
            "1" * 17,
            "0-0000-0000-0000-0001",
            "00000-0001",
        ),
        *(IOTileVariableSlug(1), IOTileStreamSlug(), "22222222-0000-4000-8000-000000000001"),
    ],
)
def test_bad_ids_are_value_errors(make, bad):
    """Anything that is no id is a ValueError that shows it and the form expected."""
    with pytest.raises(ValueError, match=f"expected {make.kind}--xxxx-xxxx") as caught:
        make(bad)
    assert repr(getattr(bad, "_text", bad)) in str(caught.value)


@pytest.mark.parametrize(
    ("make", "bits"), [(IOTileProjectSlug, 32), (IOTileFleetSlug, 48), (IOTileDeviceSlug, 64)]
)
def test_limits_of_ids(make, bits):
    """The largest id of a kind is kept whole and one more is refused, never cut."""
    assert make((1 << bits) - 1).get_id() == (1 << bits) - 1
    with pytest.raises(ValueError, match="expected"):
        make(1 << bits)


def test_device_of_49_bits():
    """A device id above 48 bits is kept, and refused only where asked."""
    assert str(IOTileDeviceSlug("d--1234-0000-0000-0001")) == "d--1234-0000-0000-0001"
    assert str(IOTileDeviceSlug(2**48)) == "d--0001-0000-0000-0000"
    with pytest.raises(ValueError, match="48 bits"):
        IOTileDeviceSlug(id=2**48, allow_64bits=False)


def test_device_of_48_bits():
    """A device id of 48 bits is welcome where more are refused."""
    assert IOTileDeviceSlug(2**48 - 1, allow_64bits=False).get_id() == 2**48 - 1


def test_message():
    """The message shows the text and every form expected."""
    with pytest.raises(ValueError, match="fleet") as caught:
        IOTileFleetSlug("zzz")
    assert str(caught.value) == (
        "not a fleet slug: 'zzz'; expected g--xxxx-xxxx-xxxx (x is a hex digit), "
        "its hex digits alone, or an int of 48 bits"
    )


@pytest.mark.parametrize("kind", ["p", "b", "g", "v", "s", "t"])
def test_kinds_are_not_mixed_up(kind):
    """A slug of another kind is not taken for a device."""
    (other,) = (slug for slug in EXAMPLES if slug.kind == kind)
    for form in (other, str(other)):
        with pytest.raises(ValueError, match="not a device"):
            IOTileDeviceSlug(form)


@pytest.mark.parametrize(
    "bad", [0, 0x10000, -1, True, None, "", "10000", "v--5001", "v--1--2--3", "d--5001", 1.5]
)
def test_bad_variables(bad):
    """A variable that is 0, over 16 bits or not both terms of a slug is refused."""
    with pytest.raises(ValueError, match="expected"):
        IOTileVariableSlug(bad)


def test_variable_of_two_projects():
    """A variable slug and a project that disagree are refused."""
    with pytest.raises(ValueError, match="project"):
        IOTileVariableSlug("v--0001--5001", project=2)


@pytest.mark.parametrize(
    "bad", [0, "d--0", "d--", 1 << 48, "b--0001", "b--0001-0000-0000-0000", "p--0001", None, True]
)
def test_bad_blocks(bad):
    """A block without a device, or whose slug lacks groups, is refused."""
    with pytest.raises(ValueError, match="expected"):
        IOTileBlockSlug(bad)


@pytest.mark.parametrize("block", [-1, 0x10000, "zz", None, True])
def test_bad_block_numbers(block):
    """A block number has 16 bits."""
    with pytest.raises(ValueError, match="block number"):
        IOTileBlockSlug(1, block=block)


def test_two_block_numbers():
    """A slug and a block number that disagree are refused."""
    with pytest.raises(ValueError, match="block 1, not of block 2"):
        IOTileBlockSlug("b--0001-0000-0000-0201", block=2)


@pytest.mark.parametrize("index", [-1, 0x10000, "10000", "", True])
def test_bad_streamer_indexes(index):
    """A streamer index has 16 bits and is never masked."""
    with pytest.raises(ValueError, match="streamer index"):
        IOTileStreamerSlug(1, index)


@pytest.mark.parametrize(
    "bad",
    ["", "s--1--2", "x--1--2--3", "f--1--2--3", "s--1----3", "s----1", 5, True, "s--1--2--3--4"],
)
def test_bad_streams(bad):
    """A stream has the letter s and three terms, of which only the project may be empty."""
    with pytest.raises(ValueError, match="not a stream slug"):
        IOTileStreamSlug(bad)


@pytest.mark.parametrize("bad", ["", "0001", "x--0001", "d", "d--", "d--x", None, 5])
def test_parse_slug_refuses(bad):
    """Text of no known kind, or malformed for its kind, is a ValueError."""
    with pytest.raises(ValueError, match="expected"):
        parse_slug(bad)


def test_the_base_is_no_slug():
    """The base class makes no slugs of its own."""
    with pytest.raises(TypeError, match="base"):
        IOTileCloudSlug(1)


# What a slug is


@pytest.mark.parametrize("slug", EXAMPLES, ids=repr)
def test_constructors_return_their_class(slug):
    """Text of a slug is read back as exactly the class that wrote it."""
    again = parse_slug(str(slug))
    assert type(again) is type(slug)
    assert again == slug


@pytest.mark.parametrize("slug", EXAMPLES, ids=repr)
def test_slugs_are_values(slug):
    """Pickle and copy give an equal slug of the same class and hash."""
    pickled = (pickle.loads(pickle.dumps(slug, p)) for p in range(pickle.HIGHEST_PROTOCOL + 1))
    for again in (copy.copy(slug), copy.deepcopy(slug), *pickled):
        assert type(again) is type(slug)
        assert {again: 1}[slug] == 1


def test_slug_is_not_its_text():
    """A slug equals slugs, never a plain str."""
    assert IOTileDeviceSlug(10) != "d--0000-0000-0000-000a"


def test_slugs_are_ordered():
    """Slugs sort by kind, then by number."""
    slugs = [IOTileProjectSlug(1), IOTileDeviceSlug(16), IOTileDeviceSlug(2)]
    assert sorted(slugs) == slugs[::-1]
    assert IOTileDeviceSlug(2) <= IOTileDeviceSlug(2) < IOTileDeviceSlug(3)
    assert not IOTileDeviceSlug(2) < IOTileDeviceSlug(2)


def test_slug_has_no_order_with_text():
    """A slug and a str have no order."""
    with pytest.raises(TypeError):
        IOTileDeviceSlug(1) < "d"  # noqa: B015


def test_repr_makes_the_slug_again():
    """The repr shows the class and the canonical text."""
    assert repr(IOTileDeviceSlug(10)) == "IOTileDeviceSlug('d--0000-0000-0000-000a')"


@pytest.mark.parametrize(
    ("slug", "formatted", "local"),
    [
        (IOTileProjectSlug(5), "0000-0005", "0000-0005"),
        (IOTileVariableSlug("5001", 5), "0000-0005--5001", "5001"),
        (IOTileStreamSlug("s--5--a--5001"), "0000-0005--0000-0000-0000-000a--5001", "5001"),
    ],
)
def test_formatted_ids(slug, formatted, local):
    """`formatted_id` has all terms, `formatted_local_id` the last one."""
    assert (slug.formatted_id(), slug.formatted_local_id()) == (formatted, local)


@pytest.mark.parametrize("slug", EXAMPLES[4:], ids=repr)
def test_get_id_of_several_terms(slug):
    """A slug of several terms has no single id."""
    with pytest.raises(ValueError, match="no single id"):
        slug.get_id()


# Helpers


@pytest.mark.parametrize(
    ("helper", "text"),
    [
        ("int16gid", "000a"),
        ("int32gid", "0000-000a"),
        ("int48gid", "0000-0000-000a"),
        ("int64gid", "0000-0000-0000-000a"),
        ("int2pid", "p--0000-000a"),
        ("int2did", "d--0000-0000-000a"),
        ("int2bid", "b--0000-0000-0000-000a"),
        ("int2fid", "g--0000-0000-000a"),
        ("int2vid", "v--000a"),
    ],
)
def test_number_helpers(helper, text):
    """Each helper writes its bits in groups and masks off the rest."""
    assert getattr(gid, helper)(10) == text
    assert getattr(gid, helper)((1 << 64) + 10) == text


@pytest.mark.parametrize("bad", ["a", None, True, 1.0])
def test_number_helpers_want_numbers(bad):
    """A helper that writes a number refuses anything else."""
    with pytest.raises(ValueError, match="expected an int"):
        gid.int16gid(bad)


def test_text_helpers():
    """Terms are split, joined, filled up and read as numbers."""
    assert gid.gid_join(gid.gid_split("v--0005--5001")) == "v--0005--5001"
    assert gid.fix_gid("0201", 4) == "0000-0000-0000-0201"
    assert gid.gid2int("0000-0201") == 0x201


@pytest.mark.parametrize("bad", ["", "x", "1-2", "0001-0002-0003"])
def test_fix_gid_refuses(bad):
    """A term that is malformed or too long cannot be filled up."""
    with pytest.raises(ValueError, match="2 groups"):
        gid.fix_gid(bad, 2)


def test_star_import():
    """`import *` brings every class and helper, and nothing private."""
    names: dict[str, object] = {}
    exec("from iotile_cloud.utils.gid import *", names)
    wanted = "int16gid int32gid int48gid int64gid int2did int2pid int2vid int2bid int2fid"
    wanted += " gid_split gid_join fix_gid gid2int IOTileCloudSlug IOTileProjectSlug"
    wanted += " IOTileDeviceSlug IOTileFleetSlug IOTileBlockSlug IOTileStreamerSlug"
    wanted += " IOTileVariableSlug IOTileStreamSlug parse_slug __builtins__"
    assert set(names) == set(wanted.split())


def test_import_is_light():
    """Slugs load neither requests nor dateutil."""
    code = "import sys, iotile_cloud.utils.gid; print({'requests', 'dateutil'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# Properties


def ints(bits):
    return st.integers(0, (1 << bits) - 1)


@given(ints(32), ints(64), ints(16), ints(16), ints(48))
def test_round_trip(project, device, variable, index, fleet):
    """Whatever the numbers, the text of a slug is canonical and reads back as an equal slug."""
    slugs = [
        IOTileProjectSlug(project),
        IOTileDeviceSlug(device),
        IOTileFleetSlug(fleet),
        IOTileStreamerSlug(device, index),
        IOTileVariableSlug(variable or 1, project),
        IOTileStreamSlug.build(project=project, device=device, variable=variable or 1),
        IOTileBlockSlug(fleet or 1, block=index),
    ]
    for slug in slugs:
        assert re.fullmatch(CANONICAL[slug.kind], str(slug))
        assert parse_slug(str(slug).upper()) == type(slug)(str(slug)) == slug


LIKELY = st.text("0123456789abcdefABCDEF-xpdbgvst \n", max_size=45)
CLASSES = sorted({type(slug) for slug in EXAMPLES}, key=lambda slug_class: slug_class.kind)


@given(st.sampled_from([*CLASSES, parse_slug]), st.one_of(LIKELY, st.text()))
def test_any_text(read, text):
    """Any text is refused with ValueError, or read into a canonical slug that reads back equal."""
    try:
        slug = read(text)
    except ValueError:
        return
    assert re.fullmatch(CANONICAL[slug.kind], str(slug))
    assert parse_slug(str(slug)) == slug


@given(st.from_regex(r"\A[dpg]--[0-9a-fA-F]{1,4}(-[0-9a-fA-F]{4})?\Z"))
def test_short_forms(text):
    """A short slug has the number of its digits, whatever their case."""
    assert parse_slug(text).get_id() == int(text[3:].replace("-", ""), 16)
