"""Small versions of `make test-load` and `make test-soak`: the same watch over fewer stores and runs."""

from __future__ import annotations

import pytest

from demo.portal.world import World
from lib.model import Bucket
from tests.proofs.load.morning import live_through
from tests.proofs.load.soak import WORLD, complaints, soak
from tests.proofs.load.stage import staged

STORES = 60
SESSIONS_LIMIT = 4
"""Of one run at the database (lesson 95)."""
RUNS = 6


@pytest.fixture
def stage(database, tmp_path):
    """Make a chain; `stage(world, report_stores)` is a context manager."""

    def make(world, report_stores):
        return staged(tmp_path, database, world, report_stores=report_stores)

    return make


def test_a_morning_of_many_stores_needs_few_sessions_and_leaves_only_what_is_kept(stage):
    with stage(World(STORES, scale=0.05), report_stores=2) as chain:
        chain.log_in_beforehand()
        morning = live_through(chain, "many-stores")
    assert (morning.code, morning.left) == (0, [])
    assert 1 <= morning.watch.sessions <= SESSIONS_LIMIT
    assert (morning.reports, morning.mails) == (3, 4), "a mail for each report, and the summary"
    assert (morning.rows["store_dashboard_summary"], morning.rows["ingest_counts"]) == (
        STORES,
        len(Bucket) * STORES,
    )
    assert morning.log_lines <= 50 + 6 * STORES, "a store costs a few lines"
    assert morning.longest_line_kib < 2
    assert morning.cpu_s > 0
    assert morning.portal_cpu_s > 0, "the simulator's cost is told apart"


def test_run_after_run_in_one_process_holds_the_same(stage):
    with stage(WORLD, report_stores=1) as chain:
        chain.log_in_beforehand()
        history = list(soak(chain, RUNS, draw_every=RUNS // 2))
        assert complaints(chain) == []
    assert {held.code for held in history} == {0}
    assert {held.countable for held in history[1:]} == {history[1].countable}
    assert (history[-1].temporary, history[-1].sessions) == (0, 0)
    assert history[-1].sessions_at_once <= SESSIONS_LIMIT
