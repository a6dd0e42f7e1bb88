"""What a drill did and saw, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from lib.drill.backup import Backup
from lib.drill.job_process import JobEnding
from lib.drill.model import Guarantee, GuaranteeState, Judgement, Plan
from lib.errors import ExitCode

WHY_NOT_TRIED = "the backup could not be restored"


@dataclass
class RestoredBackup:
    """What the restore of the last backup led to."""

    backup: Backup
    #: What was wrong; empty if it is a database that the jobs can use.
    problems: list[str] = field(default_factory=list)
    took_s: float = 0.0
    #: Of the schema as it was in the backup; None: unknown, or never migrated.
    revision: str | None = None
    #: By table, after the revisions of this code were applied.
    rows: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Start:
    """One start of the daily job."""

    ending: JobEnding
    took_s: float


@dataclass
class DrillOutcome:
    """Everything that the page and the log say."""

    run_id: str
    plan: Plan
    #: The report date of the run that was broken.
    on: date
    began_at: datetime
    restored: RestoredBackup
    starts: list[Start] = field(default_factory=list)
    #: When the fault struck; None: it did not.
    struck_at: datetime | None = None
    #: From the strike to the end of the start that left nothing owed; None: not recovered.
    recovered_s: float | None = None
    judgements: list[Judgement] = field(default_factory=list)

    @property
    def held(self) -> int:
        """How many promises held."""
        return sum(one.verdict is GuaranteeState.HELD for one in self.judgements)

    @property
    def exit_code(self) -> ExitCode:
        """BUG if a promise is broken, TEMPORARY if the fault did not strike."""
        if any(one.verdict is GuaranteeState.BROKEN for one in self.judgements):
            return ExitCode.BUG

        return ExitCode.OK if self.struck_at is not None else ExitCode.TEMPORARY

    def leave_untried(self) -> None:
        """Judge every promise that was not judged as one that nobody tried."""
        judged = {one.guarantee for one in self.judgements}

        for guarantee in Guarantee:
            if guarantee not in judged:
                left = Judgement(guarantee, GuaranteeState.NOT_TRIED, WHY_NOT_TRIED)
                self.judgements.append(left)
