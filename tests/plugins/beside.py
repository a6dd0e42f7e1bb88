"""Which tests go to which of the processes that run them: one after the other to the next free one.

The marks of pytest-xdist (`--dist loadgroup`) are lost with this pytest, which builds a test's id anew.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/lib/reports/explain/test_combined.py",
    "tests/lib/reports/explain/test_daily.py",
    "tests/lib/reports/explain/test_period.py",
    "tests/lib/reports/render/test_chromium_engine.py",
    "tests/lib/reports/render/test_form_filling.py",
    "tests/lib/reports/test_statements.py",
    "tests/proofs/faults/proof_state.py",
    "tests/proofs/faults/proof_sweep.py",
    "tests/proofs/install/check_locks.py",
    "tests/proofs/install/check_tomorrow.py",
    "tests/proofs/privacy/proof_history.py",
}
"""Files of which each stays in one process, because what its tests share takes longer to make than they do."""


class Scheduling(LoadScopeScheduling):
    """Gives out files of TOGETHER whole and first, then test by test."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file in TOGETHER else nodeid


@pytest.hookimpl
def pytest_xdist_make_scheduler(config, log):
    return Scheduling(config, log)
