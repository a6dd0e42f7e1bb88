"""A sample of the fault sweep for every `make test`; `make test-faults` tries all points of all jobs and faults.

FAULTS_SEED chooses other points (1 unless set), FAULTS_SAMPLE how many of each job and fault; the head of the test run
says both. Each failure names the command that tries its point again.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache

import pytest

from tests.plugins.faults import SAMPLE, SEED, sample
from tests.proofs.faults import sweep
from tests.proofs.faults.counts import counts, said
from tests.proofs.faults.points import Arm, Door, Fault, Point
from tests.proofs.faults.scenario import is_possible, scene


@pytest.fixture(scope="module")
def server():
    """A server that may be crashed, which the one of the other tests may not."""
    with sweep.stage() as own:
        yield own


@pytest.fixture(scope="module")
def play(server, tmp_path_factory):
    """Set the scene of a job once.

    Return it with the points of an undisturbed run and what that left behind.
    """
    with ExitStack() as stack:

        @cache
        def played(job):
            if not is_possible(job):
                pytest.skip("dovecot is not installed here; Debian's package is dovecot-imapd")
            here = stack.enter_context(scene(job, *server, tmp_path_factory.mktemp(job)))
            return here, *sweep.expected(here)

        yield played


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("job", SAMPLE)
def test_one_fault_anywhere_changes_nothing_in_the_end(play, job, fault):
    here, points, undisturbed = play(job)

    tally = sweep.sweep(here, points, undisturbed, fault, count=sample(job), seed=SEED)

    said = {
        sweep.command(job, fault, number): trial.problems for number, trial in tally.broken.items()
    }
    assert said == {}, f"with FAULTS_SEED={SEED}: {tally}"


@pytest.mark.parametrize("job", SAMPLE)
def test_the_page_knows_how_many_points_there_are(play, job):
    """To a tenth: each statement more need not be written down; `--count` prints the rows."""
    here, points, _ = play(job)

    found = counts(here, points)

    assert found.points == pytest.approx(said(job), rel=0.1), f"the page lacks this row: {found}"


@pytest.mark.parametrize(
    ("fault", "door", "label", "time"),
    [
        pytest.param(
            Fault.ERROR,
            Door.FILE,
            "remove data_dir/A668-missed-leads.csv",
            1,
            id="an export stayed for ever",
        ),
        pytest.param(
            Fault.ERROR, Door.FILE, "fsync profiles_dir", 1, id="the morning ended with 78"
        ),
        pytest.param(
            Fault.DISK_FULL,
            Door.FILE,
            "open profiles_dir/.storage_state.json.part",
            1,
            id="and so it did without room",
        ),
        pytest.param(
            Fault.SIGKILL,
            Door.FILE,
            "rename profiles_dir/.storage_state.json.part",
            2,
            id="half a session stayed",
        ),
        pytest.param(
            Fault.ERROR,
            Door.SQL,
            "SELECT portal_headers.store_code, portal_headers.source, portal_headers.texts FROM portal_",
            1,
            id="headers were forgotten",
        ),
        pytest.param(
            Fault.ERROR,
            Door.FILE,
            "write data_dir/.A817-missed-leads.csv.part",
            1,
            id="it was called a bug",
        ),
    ],
)
def test_what_the_sweep_found_is_mended(play, fault, door, label, time):
    here, points, undisturbed = play("daily")
    point = Point(door, label, time)
    assert point in points

    assert sweep.attempt(here, Arm(fault, point), undisturbed).problems == ()


def test_an_answer_of_the_mail_server_is_written_down_although_the_database_stumbles(play):
    here, points, undisturbed = play("notify")
    settled = (
        "UPDATE notification_deliveries SET state=%(state)s, reason=%(reason)s, updated_at=now() WH"
    )
    [*_, last] = [
        point for point in points if point.label == settled
    ]  # the first are about what was planned before

    trial = sweep.attempt(here, Arm(Fault.ERROR, last), undisturbed)

    assert (trial.problems, trial.uncertain, trial.codes) == ((), 0, (0,))


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.SIGKILL, Fault.SIGTERM])
def test_a_browser_that_does_not_start_once_costs_a_start_and_nothing_else(play, fault):
    here, points, undisturbed = play("login")
    [launch] = [point for point in points if point.door is Door.BROWSER]

    assert sweep.attempt(here, Arm(fault, launch), undisturbed).problems == ()
