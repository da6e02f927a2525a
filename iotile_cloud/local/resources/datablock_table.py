"""The table of data blocks that the web pages show, with cells of HTML.

Knows nothing of what else is done with blocks.
"""

from __future__ import annotations

import re
from html import escape

from ..rules.fields import Call, Route
from ..storage.store import Record, Store
from ..web.messages import Reply, json_reply
from .datablock import RESOURCE, sees_datablocks

__all__ = ["ROUTES"]

_COLUMNS = ("slug", "device", "block", "title", "completed_on")


def _number(call: Call, name: str, default: int) -> int:
    text = call.args.get(name, "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else default


def _link(path: str, text: str) -> str:
    return f'<a href="{escape(path)}">{escape(text)}</a>'


def _cells(store: Store, block: Record) -> Record:
    device = store.get("device", block["device"]) or {"project": None}
    path, cell = f"/org/{block['org']}", escape(str(block["device"]))
    if device["project"]:
        cell = _link(f"{path}/project/{device['project']}/device/{device['id']}/", block["device"])
    done = str(block.get("completed_on") or "")
    return {
        "slug": _link(f"{path}/block/{block['slug']}/", block["slug"]),
        "device": cell,
        "block": block["block"],
        "title": escape(block["title"]),
        "completed_on": done[:19].replace("-", "/").replace("T", " "),
    }


def datatable(call: Call) -> Reply:
    """Answer GET `/datablock/datatable/`: the rows from `start` on, `length` of them."""
    tests = [sees_datablocks(call)]
    if call.args.get("org"):
        tests.append(RESOURCE.filters["org"](call, call.args["org"]))
    blocks = [b for b in call.store.all("datablock") if all(test(b) for test in tests)]
    column = _COLUMNS[_number(call, "order[0][column]", 0) % len(_COLUMNS)]
    blocks.sort(key=lambda block: (block["block"] if column == "block" else 0, str(block[column])))
    if call.args.get("order[0][dir]") == "desc":
        blocks.reverse()
    start, length = _number(call, "start", 0), _number(call, "length", 10)
    table = {"recordsTotal": len(blocks), "recordsFiltered": len(blocks)}
    draw = {"draw": call.args["draw"]} if "draw" in call.args else {}
    rows = [_cells(call.store, block) for block in blocks[start : start + length]]
    return json_reply({**draw, **table, "data": rows})


ROUTES = (Route("/datablock/datatable/", {"GET": datatable}),)
