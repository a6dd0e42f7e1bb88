"""What the page about a fault drill says. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Fact:
    """One thing and what is known of it."""

    label: str
    value: str


@dataclass(frozen=True)
class GuaranteeLine:
    """One promise and what became of it."""

    guarantee: str
    #: A word of lib.drill.model.GuaranteeState.
    verdict: str
    text: str


@dataclass(frozen=True)
class DrillContext:
    """Everything on the page, in its order."""

    #: What the PDF says in place of a store.
    subject: str
    run_id: str
    #: The report date of the run that was broken.
    on: date
    zone: ZoneInfo
    began_at: datetime
    generated_at: datetime
    headline: str
    verdict: str
    figures: tuple[Fact, ...]
    broken: tuple[Fact, ...]
    guarantees: tuple[GuaranteeLine, ...]
    #: Which start, its exit code, how long it took.
    starts: tuple[tuple[str, str, str], ...]
    backup: tuple[Fact, ...]
