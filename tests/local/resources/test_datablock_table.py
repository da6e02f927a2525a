"""The table of data blocks, for web pages."""

from __future__ import annotations

import pytest

DEVICE, BLOCK = "d--0000-0000-0000-000a", "b--0001-0000-0000-000a"


def archive(client, title):
    body = {"title": title, "device": DEVICE}
    assert client.post("/datablock/", json=body).status_code == 201


def table(client, **args):
    return client.get("/datablock/datatable/", params={"org": "acme", **args}).json()


def test_datatable(ann):
    """The table has links in its cells, safe to put into a page."""
    archive(ann, "<b>")
    project = "/org/acme/project/00000000-0000-4000-8000-000000000001"
    assert table(ann, draw=3) == {
        "draw": "3",
        "recordsTotal": 1,
        "recordsFiltered": 1,
        "data": [
            {
                "slug": f'<a href="/org/acme/block/{BLOCK}/">{BLOCK}</a>',
                "device": f'<a href="{project}/device/10/">{DEVICE}</a>',
                "block": 1,
                "title": "&lt;b&gt;",
                "completed_on": "2020/09/13 12:26:40",
            }
        ],
    }


@pytest.mark.parametrize(
    ("args", "titles"),
    [
        ({"length": 2}, ["A", "B"]),
        ({"start": 1, "length": 5}, ["B", "C"]),
        ({"order[0][column]": 3, "order[0][dir]": "desc", "length": 1}, ["C"]),
        ({"start": "x", "length": "y"}, ["A", "B", "C"]),
    ],
)
def test_datatable_pages(ann, args, titles):
    """The table is cut by `start` and `length`, and sorted by a column."""
    for title in "ABC":
        archive(ann, title)
    content = table(ann, **args)
    assert ([row["title"] for row in content["data"]], content["recordsTotal"]) == (titles, 3)


@pytest.mark.parametrize(("who", "total"), [("bob", 1), ("olga", 0), ("eve", 0)])
def test_datatable_of_others(ann, client_of, who, total):
    """The table holds the blocks that a user may open."""
    archive(ann, "T")
    assert table(client_of(who))["recordsTotal"] == total


def test_datatable_of_an_unknown_organisation(ann):
    """An organisation that is not there has no table."""
    assert ann.get("/datablock/datatable/", params={"org": "zzz"}).status_code == 404
