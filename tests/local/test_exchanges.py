"""The recorded exchanges of the real server, played against the embedded cloud.

What may still differ stands in `docs/fidelity.md`; the player and the comparison in `scripts/`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("werkzeug")

PROJECT = Path(__file__).parents[2]
EXCHANGES = PROJECT.parent / "shared" / "contract" / "exchanges"
FIDELITY = PROJECT / "docs" / "fidelity.md"
ROW = re.compile(r"\| (\w+) \| (\d+) \|.*\| \S.* \|")

pytestmark = pytest.mark.skipif(not EXCHANGES.is_dir(), reason="the recorded exchanges are absent")

sys.path.append(str(PROJECT / "scripts"))
from _exchanges import groups_in, read_seed, runs  # noqa: E402
from _replay import embedded_cloud, play_run  # noqa: E402


def listed_differences():
    """Return the group and order of each row of the table of remaining differences."""
    table = FIDELITY.read_text(encoding="utf-8").partition("## Remaining differences")[2]
    rows = map(ROW.fullmatch, table.splitlines())
    return {(row[1], int(row[2])) for row in rows if row}


@pytest.mark.parametrize("groups", runs(groups_in(EXCHANGES)), ids="+".join)
def test_answers_differ_only_where_the_document_says_so(groups):
    """The embedded cloud answers as the real server did, but for the listed differences."""
    with embedded_cloud(EXCHANGES) as (url, sign):
        results = play_run(EXCHANGES, groups, read_seed(EXCHANGES), url, sign)
    found = {(e.group, e.order): lines for r in results for e, lines in r.differing}
    listed = {key for key in listed_differences() if key[0] in groups}
    unlisted = [f"{key} {found[key]}" for key in sorted(found.keys() - listed)]
    assert not unlisted, "\n".join(unlisted)
    assert listed - found.keys() == set(), "listed, but they agree"
    assert [r.group for r in results if r.share < r.needed] == []
