"""What a replay compared, what is different, and what could not be compared. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from lib.dates import Period
from lib.domain.pipelines import PIPELINES
from lib.model import RunRef


@dataclass(frozen=True)
class StoredRun:
    """A run that has ended, as its row has it."""

    ref: RunRef
    #: `overall_status` of the row.
    status: str
    #: When the run, or the last report that it signed, was done; aware. What is stored later it did
    #: not know.
    known_until: datetime
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def period(self) -> Period:
        """Return the day, week or month that the run is about."""
        return PIPELINES[self.ref.pipeline].period_of(self.ref.report_on)

    @property
    def expected(self) -> tuple[str, ...]:
        """Return the stores that were to get a report; none where the row does not say."""
        stores = self.metrics.get("stores") or {}
        return tuple(self.metrics.get("stores_expected") or stores.get("expected") or ())

    @property
    def is_whole(self) -> bool:
        """Return True if every store that gets reports was chosen."""
        return self.metrics.get("may_close") is True


@dataclass(frozen=True)
class StoredReport:
    """A report that was there when the run ended, as its row of `documents` has it."""

    id: int
    #: `ALL` for the report of all stores.
    store_code: str
    #: The run that signs it: this one, or one before it of the same report date.
    signer: RunRef
    path: str | None
    checksum: str | None
    figures: Mapping[str, Any] | None
    made_at: datetime


@dataclass(frozen=True)
class StoredMail:
    """A mail as it is in the outbox. Equal where the readers would see the same."""

    profile: str
    #: Empty for a mail about the run.
    store_code: str
    #: What kind of mail it is: the report, a correction.
    kind: str
    subject: str
    body: str
    #: By mailbox, the list that it is on: to, cc, bcc.
    recipients: Mapping[str, str]
    #: The names that readers see.
    attachments: tuple[str, ...]
    problem: str | None
    dated_at: datetime = field(compare=False)
    #: It is about several periods: its text is not that of this run alone.
    is_digest: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """The mail as people know it: `store_daily_reports A668`."""
        return " ".join(filter(None, (self.profile, self.store_code, self.kind)))


@dataclass(frozen=True)
class ChangedUnit:
    """One thing that is not as it was."""

    #: What it is about: `A668`, `A668 missed_leads`, a mail's name.
    about: str
    #: What is different, line by line, without customers' data.
    lines: tuple[str, ...] = ()
    #: Lines that are, or may be, customers' data: shown only when asked for.
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class ComparedPart:
    """One of the four things that are compared."""

    name: str
    #: How many of what was compared: `3 reports`.
    compared: str = ""
    differences: tuple[ChangedUnit, ...] = ()
    #: Why something was not compared, a sentence each. It counts as neither equal nor different.
    not_compared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """Everything that a replay found."""

    run: StoredRun
    parts: tuple[ComparedPart, ...]
    #: What was stored after the run, or is read as it is now: a difference may come from it.
    remarks: tuple[str, ...] = ()
    #: Some report could not be made now; running again may make it.
    has_failed: bool = False

    @property
    def differences(self) -> int:
        """Return how many differences there are in all."""
        return sum(len(part.differences) for part in self.parts)

    @property
    def is_complete(self) -> bool:
        """Return True if nothing was left out."""
        return not any(part.not_compared for part in self.parts)


def days(found: Iterable[date]) -> str:
    """Return the days in order, as ISO dates."""
    return ", ".join(map(str, sorted(found)))
