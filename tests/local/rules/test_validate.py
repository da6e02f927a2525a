"""What may go into a field, and what the server says to the rest."""

from __future__ import annotations

import pytest

from iotile_cloud.local.rules.fields import Field
from iotile_cloud.local.rules.validate import check, check_moment
from iotile_cloud.local.storage.store import Store

NULL = "This field may not be null."


@pytest.fixture
def store():
    store = Store()
    yield store
    store.close()


@pytest.mark.parametrize("kind", ["related", "pk", "unit"])
@pytest.mark.parametrize(("null", "errors"), [(False, {"x": [NULL]}), (True, {})])
def test_an_empty_text_is_no_relation(store, kind, null, errors):
    """An empty text means the same as null where another record is named."""
    field = Field("x", kind, null=null, options=("org", "slug"))
    assert check(store, [field], {"x": ""})[1] == errors


@pytest.mark.parametrize(
    ("value", "meant"),
    [("yes", True), ("ON", True), (1.0, True), ("n", False), ("off", False), (0, False)],
)
def test_words_for_truth(store, value, meant):
    """A boolean may be written in any of the usual words and numbers."""
    assert check(store, [Field("x", "bool")], {"x": value}) == ({"x": meant}, {})


def test_no_body_at_all(store):
    """A body of `null` is said to be none."""
    errors = {"non_field_errors": ["No data provided"]}
    assert check(store, [Field("x")], None) == ({}, errors)


def test_bad_items_of_a_list_are_named_by_place(store):
    """The errors of a list say which of its items are bad."""
    data = {"x": ["good", None, {}]}
    errors = {"x": {"1": [NULL], "2": ["Not a valid string."]}}
    assert check(store, [Field("x", "texts")], data) == ({}, errors)


def test_a_huge_integer_is_too_great(store):
    """An integer with more digits than a column holds is still known to be one."""
    errors = {"x": ["Ensure this value is less than or equal to 5."]}
    assert check(store, [Field("x", "int", limits=(0, 5))], {"x": 10**40}) == ({}, errors)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2018-1-2 3:4", "2018-01-02T03:04:00Z"),
        ("2018-01-02T03:04:05.1234567Z", "2018-01-02T03:04:05.123456Z"),
        ("2018-01-02T03:04:05,5Z", "2018-01-02T03:04:05.500000Z"),
        ("2018-01-02T03:04:05-0530", "2018-01-02T08:34:05Z"),
        ("2018-01-02T03:04:05+01", "2018-01-02T02:04:05Z"),
        ("2018-01-02T24:00:00Z", None),
        ("2018-01-02T03:04:05+24:00", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("2018-02-29T00:00:00Z", None),
        ("2018-01-02", None),
    ],
)
def test_forms_of_a_time(text, moment):
    """A time needs a date and a time of day that exist; digits may be left out."""
    assert check_moment(text) == moment


@pytest.mark.parametrize(
    "text", ["a.b+c@example.com", "a@localhost", "a@b-c.example.museum", "a@ex\u00e4mple.com"]
)
def test_email_addresses(store, text):
    """An address has a name, and a domain of several labels or this machine."""
    assert check(store, [Field("x", "email")], {"x": text}) == ({"x": text}, {})


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a@b",
        "a b@example.com",
        ".a@example.com",
        "a..b@example.com",
        "a@-b.com",
        "a@b_c.com",
        "a@b.c",
        "a@b..com",
        "a@b.com-",
        "a@b@c.com",
        "@b.com",
        "a@" + "b" * 64 + ".com",
    ],
)
def test_what_is_no_email_address(store, text):
    """Anything else is refused."""
    errors = {"x": ["Enter a valid email address."]}
    assert check(store, [Field("x", "email")], {"x": text}) == ({}, errors)
