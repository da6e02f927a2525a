"""Random requests, fitting and unfitting: the cloud never fails, and what must hold holds."""

from __future__ import annotations

import os
import random

import pytest

STEPS = int(os.environ.get("RANDOM_STEPS", "10000"))
SEEDS = os.environ.get("RANDOM_SEEDS", "1").split(",")


@pytest.fixture(scope="module")
def walks(request, describe):
    """Returns what makes a walk from a seed; its modules are beside, in a folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(request.path.parent)
        from walk.driver import Walk
        from walk.world import full_store

    store = full_store(describe())
    yield lambda seed: Walk(store, seed)
    store.close()


@pytest.mark.parametrize("seed", ["fixed", pytest.param(str(random.randrange(10**9)), id="fresh")])
def test_random_requests(walks, tmp_path, seed):
    """Whatever is asked, by whomever: never a 500, and what must hold holds."""
    statuses = walks(seed).run(400, tmp_path / "db")
    assert {200, 201, 204, 400, 401, 403, 404, 405} <= statuses.keys()


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_ten_thousand_requests(walks, tmp_path, seed):
    """The same for ten thousand steps of each seed (RANDOM_SEEDS, RANDOM_STEPS)."""
    statuses = walks(seed).run(STEPS, tmp_path / "db")
    assert sum(statuses.values()) == STEPS
