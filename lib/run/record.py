"""A run while it goes on: the outcomes of its units of work, never a count of log lines.

Source: lesson 106.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Engine

from lib import log, terminal
from lib.errors import ExitCode, describe, exit_code
from lib.model import Finding, Phase, RunRef, Status

#: What running again cannot mend outranks what it can.
_SERIOUSNESS = [
    ExitCode.OK,
    ExitCode.TEMPORARY,
    ExitCode.USAGE,
    ExitCode.BUG,
    ExitCode.CONFIGURATION,
]


def most_serious(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the code that a scheduler must hear of first; `OK` when there are none."""
    return max(codes, key=_SERIOUSNESS.index, default=ExitCode.OK)


@dataclass(frozen=True)
class Outcome:
    """How one unit of work (a store, bucket, report or mail) ended."""

    phase: Phase
    status: Status
    #: The store, bucket or mail by name; empty for the phase as a whole.
    unit: str = ""
    #: In words, where the status is not `ok`. Safe to log and to mail.
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.unit}: {self.reason}" if self.unit else self.reason


@dataclass
class Run:
    """One execution of one pipeline for one report date.

    Grows while it runs; `lib.run.summary` words it.
    """

    ref: RunRef
    engine: Engine
    outcomes: list[Outcome] = field(default_factory=list)
    #: What the summary says in brackets behind a phase: `15/16 stores`.
    notes: dict[Phase, str] = field(default_factory=dict)
    #: Lines of the summary's data section.
    details: list[str] = field(default_factory=list)
    #: Plain JSON values: the pipeline's part of `metrics_json`.
    metrics: dict[str, Any] = field(default_factory=dict)
    #: The most serious ending of a unit so far; `ExitCode.TEMPORARY` as soon as something is owed.
    exit_code: ExitCode = ExitCode.OK
    #: The phase that an error left, if one did.
    failed_in: Phase | None = None
    #: Without an error this run leaves nothing to do for its report date.
    #:
    #: Source: docs/reference/contract.md#runs.
    may_close: bool = False
    #: Stores the run's row; called after each phase, so that a kill loses no finished phase.
    keep: Callable[[Run], None] = field(default=lambda _: None, repr=False)
    #: How long each phase that has ended took, in seconds.
    durations_s: dict[Phase, float] = field(default_factory=dict)
    #: Seconds of the parts of each phase that has not ended.
    _spent_s: dict[Phase, float] = field(default_factory=dict, repr=False)
    #: The part that goes on, and when it began on the monotonic clock.
    _at_work: tuple[Phase, float] | None = field(default=None, repr=False)

    @property
    def status(self) -> Status:
        """Return the worst status of the outcomes: what the run's row says."""
        statuses = [outcome.status for outcome in self.outcomes]
        return Status.worst(statuses)

    @contextmanager
    def phase(self, phase: Phase) -> Iterator[None]:
        """Do a phase, or what is left of it, to its end; one that records nothing counts as `ok`.

        The end of a phase is stored at once. The end of the report phase is stored later, in one
        transaction with the mails that the reports make owed.
        """
        with terminal.phase(phase), self.part(phase):
            yield

        self._end(phase)

    @contextmanager
    def part(self, phase: Phase) -> Iterator[None]:
        """Do a part of a phase that `phase` will end: mark log lines with it, and time it."""
        outer = self._at_work
        started = time.monotonic()
        self._at_work = (phase, started)

        with log.phase(phase):
            try:
                yield
            except Exception:
                self.failed_in = phase
                raise
            finally:
                # In this order: another thread that asks in between counts too little, not twice.
                self._at_work = outer
                self._spent_s[phase] = self._spent_s.get(phase, 0.0) + time.monotonic() - started

    def spent_s(self) -> dict[Phase, float]:
        """Return the seconds of each phase that has begun, up to now; any thread may ask."""
        spent = dict(self.durations_s)
        at_work = self._at_work

        for phase, seconds in dict(self._spent_s).items():
            spent[phase] = spent.get(phase, 0.0) + seconds

        if at_work is not None:
            phase, started = at_work
            spent[phase] = spent.get(phase, 0.0) + time.monotonic() - started

        return spent

    def _end(self, phase: Phase) -> None:
        with log.phase(phase):
            statuses = []

            for outcome in self.outcomes:
                if outcome.phase is phase:
                    statuses.append(outcome.status)

            if not statuses:
                self.record(Outcome(phase, Status.OK))

            spent_s = self._spent_s.pop(phase, 0.0)
            self.durations_s[phase] = self.durations_s.get(phase, 0.0) + spent_s

            log.phase_ended(
                Status.worst(statuses),
                self.notes.get(phase, ""),
                duration_ms=round(1000 * spent_s),
            )

            if phase is not Phase.REPORT:
                self.keep(self)

    def record(self, outcome: Outcome) -> None:
        """Keep the outcome of a unit; what is owed makes the run one to repeat."""
        self.outcomes.append(outcome)
        if outcome.status is Status.ERROR:
            self.ends_with(ExitCode.TEMPORARY)

    def ends_with(self, code: ExitCode) -> None:
        """Set the exit code to `code` unless it is more serious already."""
        self.exit_code = most_serious([self.exit_code, code])

    @contextmanager
    def unit(self, phase: Phase, name: str) -> Iterator[None]:
        """Isolate one unit of work: an error inside is recorded and logged, not raised.

        Source: lesson 34.
        """
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the isolation itself; a bug still ends as 1
            self.fail(phase, name, error)

    def fail(self, phase: Phase, unit: str, error: Exception) -> None:
        """Record and log that the unit failed with `error`.

        An error without an exit code of its own is a bug (exit 1).
        """
        self.record(Outcome(phase, Status.ERROR, unit, describe(error)))
        self.ends_with(exit_code(error))

        # The phase may be over by now: the line belongs to the phase that failed.
        with log.phase(phase):
            log.error(f"{unit or phase} failed", error=error)

    def report(self, phase: Phase, findings: Iterable[Finding]) -> None:
        """Log the findings; warnings and errors become outcomes, too."""
        for finding in findings:
            log.found(finding)
            if finding.severity is not Status.OK:
                parts = filter(None, (finding.store_code, finding.bucket))
                self.record(
                    Outcome(
                        phase,
                        finding.severity,
                        " ".join(parts),
                        finding.text,
                    )
                )
