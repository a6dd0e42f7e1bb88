"""How reports that could not be made end their run."""

from datetime import UTC, date, datetime

import pytest

from lib.errors import ExitCode
from lib.model import Pipeline, RunRef, Status
from lib.pipelines.report_outcomes import draw
from lib.reports.build.make import ReportOutcome
from lib.run import Run


@pytest.mark.parametrize(
    ("needs_person", "code"), [(False, ExitCode.TEMPORARY), (True, ExitCode.CONFIGURATION)]
)
def test_what_running_again_cannot_mend_waits_for_a_person(needs_person, code):
    run = Run(
        RunRef(Pipeline.DAILY, "r1", "dev", date(2025, 11, 14), datetime(2025, 11, 15, tzinfo=UTC)),
        engine=None,
    )
    outcome = ReportOutcome("A668", Status.ERROR, None, "read-only", needs_person)

    assert draw(run, [outcome], 1) == ({}, {"A668": "read-only"})
    assert run.exit_code is code
