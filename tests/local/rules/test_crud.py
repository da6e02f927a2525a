"""What all resources have in common: who sees a record, how it is asked for and refused."""

from __future__ import annotations

import pytest

OTHER = "00000000-0000-4000-8000-000000000002"
JSON = {"Content-Type": "application/json"}


def slugs(reply):
    assert reply.status_code == 200, reply.text
    return [row["slug"] for row in reply.json()["results"]]


@pytest.mark.parametrize("kind", ["org", "project", "device", "variable", "stream", "streamer"])
def test_anonymous_is_401(anybody, kind):
    """Nothing is listed without credentials."""
    assert anybody.get(f"/{kind}/").status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/org/other/", 404),
        (f"/project/{OTHER}/", 404),
        ("/account/eve/", 404),
        ("/device/d--000c/", 403),
        ("/device/d--000d/", 403),
        ("/variable/v--0000-0002--5001/", 403),
        ("/stream/s--0000-0002--0000-0000-0000-000c--5001/", 403),
    ],
)
def test_foreign_record(ann, path, status):
    """Somebody else's record is 404 on some resources and 403 on others."""
    assert ann.get(path).status_code == status


@pytest.mark.parametrize("kind", ["org", "device", "variable", "stream", "streamer", "account"])
@pytest.mark.parametrize("key", ["nope", "d--ffff-ffff-ffff-ffff-ffff", "d--", "s----"])
def test_unknown_record_is_404(ann, kind, key):
    """A slug that names nothing is 404, whatever it looks like."""
    reply = ann.get(f"/{kind}/{key}/")
    assert (reply.status_code, reply.json()) == (404, {"detail": "Not found."})


def test_staff_flag_widens_lists_of_staff_only(client_of):
    """staff=1 shows everything to staff, and changes nothing for others."""
    assert slugs(client_of("root").get("/org/")) == []
    assert slugs(client_of("root").get("/org/?staff=1")) == ["acme", "other"]
    assert slugs(client_of("ann").get("/org/?staff=1")) == ["acme"]


def test_put_needs_what_is_required(ann):
    """PUT wants the required fields, PATCH does not."""
    assert ann.put("/org/acme/", json={"about": "x"}).status_code == 400
    assert ann.patch("/org/acme/", json={"about": "x"}).json()["about"] == "x"


def test_author_filter_takes_a_number(ann):
    """created_by is a user's number; a slug is refused."""
    assert ann.get("/org/?created_by=ann").status_code == 400
    assert ann.get("/org/?created_by=1").status_code == 200


def test_half_a_character_is_named_in_the_refusal(ann):
    """A refusal that repeats half a surrogate pair writes it as JSON does."""
    reply = ann.post("/project/", data=rb'{"name": "P", "org": "\ud800"}', headers=JSON)
    assert reply.status_code == 400
    assert reply.content == rb'{"org":["Object with slug=\ud800 does not exist."]}'


@pytest.mark.parametrize("number", ["\u00b2", "9" * 5000])
def test_author_that_is_no_number_is_400(ann, number):
    """An author given by odd digits, or too many of them, is unknown."""
    reply = ann.get("/org/", params={"created_by": number})
    assert (reply.status_code, list(reply.json())) == (400, ["created_by"])
