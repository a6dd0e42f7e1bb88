"""The mail that brings a report: its subject, its preview and its lines, from frozen figures.

Pure. Without figures (a report of an earlier release, or one of a kind that keeps none) it says
what is attached, and nothing of its contents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.dates import month_of
from lib.domain import headline, period_headline
from lib.domain.pipelines import name_of
from lib.domain.stores import ALL
from lib.model import Pipeline
from lib.notify.model.panel import Block, BlockKind, Panel
from lib.notify.plan import daily_words, period_words
from lib.period_names import period_name


@dataclass(frozen=True)
class MailedReport:
    """The report that a mail is about."""

    pipeline_name: str
    #: The last day of its period.
    report_on: date
    store_code: str
    store_name: str
    #: `documents.figures_json`; None where nothing was kept.
    figures: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class OwnerMail:
    """What a template may use, and what a list of several periods says of this one."""

    #: `Riverside Colony, Sat 28 Nov: ₹8,924 (usual Sat ₹12,937), 24 orders undelivered`.
    headline: str
    #: The same without the store.
    line: str
    panel: Panel


def owner_mail(
    report: MailedReport,
    *,
    is_attached: bool,
    has_answer: bool,
) -> OwnerMail:
    """Return the mail about a report; `has_answer`: somebody reads answers to it (Reply-To)."""
    words = _words(report)
    period = period_name(report.pipeline_name, report.report_on)
    job = name_of(report.pipeline_name)

    line = f"{period}: {words.subject or f'{job} report'}"
    blocks = [
        Block(BlockKind.TITLE, report.store_name),
        Block(BlockKind.SUBTITLE, subtitle(report)),
        *words.blocks,
    ]

    if is_attached:
        blocks.append(Block(BlockKind.NOTE, f"The full {job} report is attached."))

    blocks += why_blocks(report, has_answer=has_answer)

    return OwnerMail(
        f"{report.store_name}, {line}",
        line,
        Panel(tuple(blocks), words.preview),
    )


@dataclass(frozen=True)
class _Words:
    """What the figures say; empty where there are none."""

    subject: str = ""
    preview: str = ""
    blocks: tuple[Block, ...] = ()


def facts_of(figures: Mapping[str, Any]) -> dict[str, str]:
    """Return each of the kept figures by its name, as a reader would be told it."""
    if daily := headline.from_json(figures):
        return daily_words.facts(daily)

    if period := period_headline.period_from_json(figures):
        return period_words.facts(period)

    if combined := period_headline.combined_from_json(figures):
        return period_words.combined_facts(combined)

    return {}


def _words(report: MailedReport) -> _Words:
    if daily := headline.from_json(report.figures):
        return _Words(
            daily_words.subject(daily),
            daily_words.preview(daily),
            tuple(daily_words.blocks(daily)),
        )

    if period := period_headline.period_from_json(report.figures):
        return _Words(
            period_words.subject(period),
            period_words.preview(period),
            tuple(period_words.blocks(period)),
        )

    if combined := period_headline.combined_from_json(report.figures):
        return _Words(
            period_words.combined_subject(combined),
            period_words.combined_preview(combined),
            tuple(period_words.combined_blocks(combined)),
        )

    return _Words()


def subtitle(report: MailedReport) -> str:
    """Return `Saturday 28 Nov`, `Week 16-22 Nov`, `November 2026`."""
    on = report.report_on

    match report.pipeline_name:
        case Pipeline.DAILY:
            return f"{on:%A} {on.day} {on:%b}"
        case Pipeline.MONTHLY:
            return f"{month_of(on).first:%B %Y}"
        case Pipeline.WEEKLY:
            return f"Week {period_name(report.pipeline_name, on)}"

    return period_name(report.pipeline_name, on)


def why_blocks(
    report: MailedReport,
    *,
    has_answer: bool,
) -> Iterator[Block]:
    """Yield the lines that say why one gets the mail, and how to end that."""
    about = "all stores together" if report.store_code == ALL else report.store_code
    text = f"You get this because the reports of {about} are mailed to this address."

    if has_answer:
        text = f"{text} Wrong person? Reply to this mail."

    yield Block(BlockKind.SMALL, text)
