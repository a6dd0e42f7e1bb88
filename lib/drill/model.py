"""A drill as values: which fault, where it strikes, and what became of each promise."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lib.model import Phase, Status

#: One log line of a job (docs/reference/contract.md#log-lines).
Event = dict[str, Any]


class Fault(StrEnum):
    """What is broken, by the name that `--fault` takes."""

    KILL = "kill"
    DATABASE = "database"
    DISK = "disk"
    PORTAL = "portal"
    MAIL = "mail"

    @property
    def text(self) -> str:
        """What is done to the run, for people."""
        return _TEXTS[self]


_TEXTS = {
    Fault.KILL: "the process of the run was killed (SIGKILL)",
    Fault.DATABASE: "every session at the database was ended, and new ones were refused",
    Fault.DISK: "the disk of the run's volumes was filled to the last byte",
    Fault.PORTAL: "the portal was out of reach: links were cut, new ones refused",
    Fault.MAIL: "the link to the mail server was cut after a mail's final dot",
}


@dataclass(frozen=True)
class Plan:
    """The one fault of a drill and the moment at which it strikes."""

    fault: Fault
    #: Chose fault and moment; the same seed chooses the same ones.
    seed: int
    #: Strikes behind the first log line of this phase; None: `nth` counts.
    phase: Phase | None = None
    #: Strikes at the so-manieth request (PORTAL) or mail (MAIL).
    nth: int = 0

    @property
    def moment(self) -> str:
        """When it strikes, for people."""
        if self.phase is not None:
            return f"behind the first log line of the phase {self.phase}"

        what = "mail" if self.fault is Fault.MAIL else "exchange with the portal"
        return f"at {what} {self.nth} of the run"


class GuaranteeState(StrEnum):
    """What became of a promise."""

    HELD = "Held"
    BROKEN = "Broken"
    #: Something before it failed, so that nobody can tell.
    NOT_TRIED = "Not tried"

    @property
    def status(self) -> Status:
        """What it means in the log."""
        return _STATUSES[self]


_STATUSES = {
    GuaranteeState.HELD: Status.OK,
    GuaranteeState.BROKEN: Status.ERROR,
    GuaranteeState.NOT_TRIED: Status.WARNING,
}


class Guarantee(StrEnum):
    """What is judged, in the words of docs/reference/promises.md."""

    RESTORED = "The last backup can be restored, and is a database that the jobs can use"
    ENDED = "The run that was broken says so, and ends as the scheduler expects"
    RECOVERED = "The ordinary retry finishes what was owed, and the day is closed once"
    MAILS = "No mail arrives twice and none is lost; one whose end nobody can know is named"
    ROWS = "The load accounting adds up, and the tables grew by what it says"
    FILES = "Each report is whole, and is the file that its row says"
    NOTHING_LEFT = "No process, lock or unfinished file is left behind"


@dataclass(frozen=True)
class Judgement:
    """What became of one promise, and what was seen."""

    guarantee: Guarantee
    verdict: GuaranteeState
    #: Figures if it held, else what was wrong; without anybody's data.
    text: str


def judged(guarantee: Guarantee, problems: list[str], seen: str) -> Judgement:
    """Return BROKEN with the problems, or HELD with what was seen if there are none."""
    if problems:
        return Judgement(guarantee, GuaranteeState.BROKEN, "; ".join(problems))

    return Judgement(guarantee, GuaranteeState.HELD, seen)
