"""The page about a drill, drawn as the reports are."""

from __future__ import annotations

from pathlib import Path

from lib import dates, formatting
from lib.config import Settings
from lib.drill import page_file
from lib.drill.model import GuaranteeState
from lib.pipelines.drill.outcome import DrillOutcome
from lib.plural import counted
from lib.reports.build import html, rendering
from lib.reports.documents import pdf_file
from lib.reports.drill.context import DrillContext, Fact, GuaranteeLine
from lib.reports.render.pdf_check import Expected

#: What the page says in place of a store.
SUBJECT = "DRILL"


def draw(settings: Settings, outcome: DrillOutcome) -> Path:
    """Draw the page, put it below REPORTS_ROOT, and return its absolute path.

    Raise PageFailed if it cannot be drawn, TemporaryError if there is no room for it.
    """
    context = context_of(settings, outcome)
    expected = Expected(SUBJECT, outcome.on.isoformat(), outcome.run_id, frozenset())

    with rendering.chosen(settings).pool(1) as (pool, _):
        drawn = pool.draw(html.drill_html(context, settings.pdf), expected)

    path = page_file.path(settings.volumes.reports_root, outcome.began_at)
    return pdf_file.store(drawn.content, path).path


def context_of(settings: Settings, outcome: DrillOutcome) -> DrillContext:
    """Return what the page says."""
    broken = sum(one.verdict is GuaranteeState.BROKEN for one in outcome.judgements)

    return DrillContext(
        subject=SUBJECT,
        run_id=outcome.run_id,
        on=outcome.on,
        zone=settings.zone,
        began_at=outcome.began_at,
        generated_at=dates.now(),
        headline=_headline(outcome, broken),
        verdict=GuaranteeState.BROKEN if broken else GuaranteeState.HELD,
        figures=(
            Fact("Time to recover", in_seconds(outcome.recovered_s)),
            Fact("Promises held", f"{outcome.held} of {len(outcome.judgements)}"),
            Fact("Starts of the job", str(len(outcome.starts))),
        ),
        broken=_what_was_broken(settings, outcome),
        guarantees=tuple(
            GuaranteeLine(one.guarantee, one.verdict, one.text) for one in outcome.judgements
        ),
        starts=_starts(outcome),
        backup=_backup(settings, outcome),
    )


def in_seconds(seconds: float | None) -> str:
    """Return a length of time for people; what is not known is said to be so."""
    if seconds is None:
        return "unknown"

    if seconds < 1:
        return "under 1 s"

    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _headline(outcome: DrillOutcome, broken: int) -> str:
    if broken:
        return f"{counted(broken, 'promise')} did not hold"

    if outcome.struck_at is None:
        return "The fault did not strike: nothing was tried"

    return "Every promise held"


def _what_was_broken(settings: Settings, outcome: DrillOutcome) -> tuple[Fact, ...]:
    plan, struck_at = outcome.plan, outcome.struck_at
    struck = "it did not strike"

    if struck_at is not None:
        at = struck_at.astimezone(settings.zone)
        struck = f"{formatting.day(at.date())}, {at:%H:%M:%S %Z}"

    return (
        Fact("Fault", plan.fault.text),
        Fact("Moment", plan.moment),
        Fact("Struck", struck),
        Fact("Chosen by", f"seed {plan.seed}"),
        Fact("Once more", f"{settings.command('drill')} --fault {plan.fault} --seed {plan.seed}"),
    )


def _starts(outcome: DrillOutcome) -> tuple[tuple[str, str, str], ...]:
    found = []

    for number, start in enumerate(outcome.starts, 1):
        what = "with the fault" if number == 1 else "as the scheduler would"
        found.append((f"{number}, {what}", str(start.ending.code), in_seconds(start.took_s)))

    return tuple(found)


def _backup(settings: Settings, outcome: DrillOutcome) -> tuple[Fact, ...]:
    restored = outcome.restored
    last = restored.backup
    age_h = (outcome.began_at - last.written_at).total_seconds() / 3600
    is_restored = bool(restored.rows)

    return (
        Fact("File", last.path.name),
        Fact(
            "Written",
            f"{formatting.day_and_time(last.written_at, settings.zone)}, {age_h:.0f} h before",
        ),
        Fact("Size", f"{last.size_bytes / 1e6:.1f} MB"),
        Fact("Revision", restored.revision or "unknown"),
        Fact(
            "Rows",
            formatting.count(sum(restored.rows.values())) if is_restored else "unknown",
        ),
        Fact("Restored in", in_seconds(restored.took_s) if is_restored else "not restored"),
    )
