"""Which sample of the fault sweep this test run tries; its head says so."""

from __future__ import annotations

import os

SEED = int(os.environ.get("FAULTS_SEED", "1"))
SAMPLE = {
    "daily": 2,
    "deadline": 1,
    "weekly": 1,
    "notify": 1,
    "returns": 1,
    "returned-mails": 1,
}
"""Points of each job and fault, unless FAULTS_SAMPLE says otherwise."""


def pytest_report_header():
    return f"faults: FAULTS_SEED={SEED}, FAULTS_SAMPLE={os.environ.get('FAULTS_SAMPLE', SAMPLE)}"


def sample(job: str) -> int:
    """Return how many points of each fault are tried."""
    return int(os.environ.get("FAULTS_SAMPLE", SAMPLE[job]))
