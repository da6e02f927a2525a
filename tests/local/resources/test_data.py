"""Single readings, which are for staff, and rows of the future."""

from __future__ import annotations

import pytest

ONE = "s--0000-0001--0000-0000-0000-000a--5001"
FUTURE = {"filter": "future", "staff": "1"}


@pytest.fixture
def root(client_of):
    """A client of a member of staff."""
    return client_of("root")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_single_readings_are_for_staff(ann, method):
    """A user may neither read nor change a reading by its number."""
    assert ann.request(method, "/data/1/", json={}).status_code == 403


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(("key", "status"), [("abc", 400), ("999999", 404), ("9" * 19, 400)])
def test_numbers_that_name_no_reading(root, method, key, status):
    """A number that is not there is 404, and what is no number 400."""
    assert root.request(method, f"/data/{key}/", json={}).status_code == status


def test_a_changed_raw_number_leaves_the_value(root):
    """The value is not worked out again."""
    before = root.get("/data/1/").json()
    changed = root.patch("/data/1/", json={"int_value": 7, "status": "drt"}).json()
    assert changed == {**before, "int_value": 7, "status": "drt"}
    assert root.get("/data/1/").json() == changed


def test_a_reading_can_move(root):
    """A reading may get another time and another stream."""
    slug = "s--0000-0001--0000-0000-0000-000b--5002"
    body = {"stream": slug, "timestamp": "2021-02-03T04:05:06Z"}
    assert root.put("/data/1/", json=body).status_code == 200
    (row,) = root.get("/data/", params={"filter": slug}).json()["results"]
    assert (row["id"], row["device"], row["timestamp"]) == (
        1,
        "d--0000-0000-0000-000b",
        "2021-02-03T04:05:06Z",
    )


@pytest.mark.parametrize(
    ("method", "body", "field"),
    [
        ("PUT", {}, "timestamp"),
        ("PATCH", {"timestamp": "x"}, "timestamp"),
        ("PATCH", {"stream": "zzz"}, "stream"),
        ("PATCH", {"type": "zzz"}, "type"),
        ("PATCH", {"int_value": 1 << 63}, "int_value"),
        ("PATCH", [], "non_field_errors"),
    ],
)
def test_bad_changes(root, method, body, field):
    """What does not fit is refused by field."""
    reply = root.request(method, "/data/1/", json=body)
    assert reply.status_code == 400
    assert field in reply.json()


def test_a_removed_reading_is_gone(root):
    """A DELETE leaves nothing of the reading."""
    gone = root.delete("/data/1/")
    assert (gone.status_code, gone.headers.get("Content-Type")) == (204, None)
    assert root.get("/data/1/").status_code == 404


def test_rows_of_the_future(ann, root):
    """Staff may ask for all rows that are later than now."""
    body = {"stream": ONE, "int_value": 1}
    for moment in ("2020-09-13T12:26:40Z", "2020-09-13T12:26:41Z"):
        assert ann.post("/data/", json={**body, "timestamp": moment}).status_code == 201
    (row,) = root.get("/data/", params=FUTURE).json()["results"]
    assert row["timestamp"] == "2020-09-13T12:26:41Z"
    assert ann.get("/data/", params=FUTURE).json()["count"] == 0
    assert root.get("/data/", params={"filter": "future"}).json()["count"] == 0
