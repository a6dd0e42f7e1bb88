"""A sample of the fault sweep for every `make test`; `make test-faults` tries all points of all jobs and faults.

FAULTS_SEED chooses other points (1 unless set), FAULTS_SAMPLE how many of each job and fault. Each failure names the
command that tries its point again.
"""

from __future__ import annotations

import os

import pytest

from tests.faults import sweep
from tests.faults.points import Arm, Door, Fault
from tests.faults.scene import scene

SEED = int(os.environ.get("FAULTS_SEED", "1"))
SAMPLE = {"daily": 3, "weekly": 1, "notify": 2}
"""Points of each fault, unless FAULTS_SAMPLE says otherwise."""


@pytest.fixture(scope="module")
def server():
    """A server that may be crashed, which the one of the other tests may not."""
    with sweep.stage() as own:
        yield own


@pytest.fixture(scope="module", params=SAMPLE)
def played(request, server, tmp_path_factory):
    """A case's scene, with the points of an undisturbed run and what that left behind."""
    with scene(request.param, *server, tmp_path_factory.mktemp(request.param)) as here:
        yield request.param, here, *sweep.expected(here)


@pytest.mark.parametrize("fault", Fault)
def test_one_fault_anywhere_changes_nothing_in_the_end(played, fault):
    job, here, points, undisturbed = played
    count = int(os.environ.get("FAULTS_SAMPLE", SAMPLE[job]))

    tally = sweep.sweep(here, points, undisturbed, fault, sweep.chosen(points, fault, count, SEED))

    told = {sweep.command(job, fault, number): trial.problems for number, trial in tally.broken.items()}
    assert told == {}, f"with FAULTS_SEED={SEED}: {tally}"


def test_a_browser_that_does_not_start_once_costs_a_start_and_nothing_else(server, tmp_path):
    with scene("login", *server, tmp_path) as here:
        points, undisturbed = sweep.expected(here)
        [launch] = [point for point in points if point.door is Door.BROWSER]
        for fault in (Fault.ERROR, Fault.SIGKILL, Fault.SIGTERM):
            assert sweep.attempt(here, Arm(fault, launch), undisturbed).problems == ()
