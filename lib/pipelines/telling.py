"""What became of a run's mails, in the run."""

from __future__ import annotations

from collections.abc import Sequence

from lib.model import Phase
from lib.notify import NotifyResult
from lib.run import Outcome, Run


def record(run: Run, result: NotifyResult) -> None:
    """Make each mail an outcome of the run, and each finding that somebody should read."""
    run.metrics["email"] = result.as_metrics()
    run.notes[Phase.NOTIFY] = result.message
    run.report(Phase.NOTIFY, result.findings)
    for mail in result.mails:
        run.record(Outcome(Phase.NOTIFY, mail.status, mail.name, mail.reason))


def nobody(runs: Sequence[Run], why: str = "--no-notify") -> None:
    """Say in the runs that no mail was to be sent; none is owed then."""
    for run in runs:
        run.metrics["email"] = {"status": "not sent", "message": why}
        run.notes[Phase.NOTIFY] = why
